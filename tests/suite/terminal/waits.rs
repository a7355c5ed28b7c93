//! Waiting for what a terminal shows next, and the usual answers to it.

use super::pty::Terminal;
use super::view::View;
use crate::support::state;

pub const DOWN: &str = "\x1b[B";
pub const UP: &str = "\x1b[A";
/// The first choice of the question of `setsockopt`.
const FLAG: &str = "a flag of this socket, nothing else";
/// The last choice of every question.
pub const SKIP: &str = "skip this question";

impl Terminal {
    /// Waits until `text` stands there that many times.
    pub fn wait_count(&mut self, text: &str, count: usize) -> View {
        self.wait(&format!("{count} times {text:?}"), |view| {
            view.count(text) >= count
        })
    }

    /// Waits for the prompt of a pause.
    pub fn wait_pause(&mut self) -> View {
        self.wait("a pause", View::at_pause)
    }

    /// Waits for the pause before a call, as the field `next` has it.
    pub fn wait_next(&mut self, call: &str) -> View {
        let wanted = format!("  next    {call}");
        self.wait(&format!("the pause before {call}"), |view| {
            view.at_pause()
                && view
                    .last("  next ")
                    .is_some_and(|line| line.starts_with(&wanted))
        })
    }

    /// Waits for a whole menu whose chosen item contains `item`.
    pub fn wait_menu(&mut self, item: &str) -> View {
        self.wait(&format!("a menu at {item:?}"), |view| {
            view.chosen().is_some_and(|chosen| chosen.contains(item))
        })
    }

    /// Waits for the pause before `setsockopt`; the question about it is skipped where
    /// one is asked.
    pub fn wait_setsockopt(&mut self) -> View {
        let asks = |view: &View| view.at_menu() && view.has(FLAG);
        let view = self.wait("setsockopt", |view| {
            asks(view) || (view.at_pause() && view.has("  next    setsockopt(3,"))
        });
        if asks(&view) {
            self.skip(FLAG);
        }
        self.wait_next("setsockopt(3,")
    }

    /// Waits for the next pause or menu, after so many calls were made.
    pub fn wait_stop(&mut self, made: usize) -> View {
        self.wait("the next stop", |view| {
            view.made() == made && (view.at_pause() || view.at_menu() || view.at_list())
        })
    }

    /// Waits for the line that says a call sleeps, where the cursor is.
    pub fn wait_blocked(&mut self, call: &str) {
        let start = format!("{call} sleeps");
        self.wait(&start, |view| {
            view.cursor_row().trim_start().starts_with(&start)
        });
    }

    /// Waits until the server sleeps where no line is rewritten: the hint tells it once,
    /// and /proc says the same.
    pub fn wait_blocked_in_lines(&mut self) {
        let view = self.wait("the hint", |view| view.has("  asleep "));
        let server = view.server();
        self.wait_until("it sleeps", || state(server) == Some('S'));
    }

    /// Waits for a question by its first choice: none is made yet.
    pub fn wait_question(&mut self, first: &str) -> View {
        self.wait(&format!("the question with {first:?}"), |view| {
            let is_first = |row: &String| row.starts_with(&format!("    1  {first}"));
            view.chosen() == Some(SKIP) && view.rows.iter().any(is_first)
        })
    }

    /// Picks the nth choice of a question, from 0: the one after the last is the first.
    pub fn pick(&mut self, nth: usize) {
        self.send(&DOWN.repeat(nth + 1));
        self.send("\r");
    }

    /// Skips the question that begins so.
    pub fn skip(&mut self, first: &str) {
        self.wait_question(first);
        self.send("s");
        self.wait("the question to go", |view| !view.at_menu());
    }

    /// Looks closer with the key `i`.
    pub fn inspect(&mut self) -> View {
        self.send("i");
        self.wait_inspection()
    }

    /// Waits for a closer look, and the pause below it.
    pub fn wait_inspection(&mut self) -> View {
        self.wait("the inspection", |view| {
            view.has("  process ") && view.at_pause()
        })
    }

    /// Leaves with `q`: a success, and the terminal is as it was.
    #[track_caller]
    pub fn leave(&mut self) {
        let in_lines = self.view().at_list();
        self.send(if in_lines { "q\r" } else { "q" });
        assert_eq!(self.wait_exit(), 0, "{}", self.view().show());
        self.assert_restored();
    }
}
