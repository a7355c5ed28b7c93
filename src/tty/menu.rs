use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;

use console::Term;
use dialoguer::Select;
use dialoguer::theme::Theme;

use super::numbered;
use super::paint::Colour;
use super::screen::Screen;
use super::waiter::Waiter;
use crate::render::Block;
use crate::session::Wake;
use crate::sys::{CaughtSignals, Keeper, Modes};

/// The library's plain look, which puts a colon behind whatever is asked: not behind
/// a question mark here.
struct Asking;

impl Theme for Asking {
    fn format_select_prompt(&self, f: &mut dyn fmt::Write, prompt: &str) -> fmt::Result {
        match prompt.ends_with('?') {
            true => write!(f, "{prompt}"),
            false => write!(f, "{prompt}:"),
        }
    }
}

/// Lets the learner pick one of `labels` outside of a run, from a numbered list if
/// it is to be `plain`. `None` is leaving.
pub fn pick(question: &str, labels: &[&str], plain: bool) -> io::Result<Wake<Option<usize>>> {
    let waiter = Waiter::new()?;
    if plain {
        let mut tty = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        let print = |blocks: &[Block]| {
            let mut screen = Screen::stdout(Colour::Never, false, None);
            screen.print(blocks)
        };
        return numbered::choose(&waiter, &mut tty, question, labels, "leaves", print);
    }
    let original = Modes::of(0)?;
    let keeper = Keeper::default();
    keeper.keep_terminal(original)?;
    // Between two keys the library leaves the terminal as it was, echo and all.
    original.cbreak().apply(0)?;
    let question = format!("{question} (arrows and Enter; q leaves)");
    let picked = choose(&waiter, &question, labels);
    match original.apply(0) {
        // A terminal that is gone has no modes.
        Err(error) if picked.is_ok() && error.raw_os_error() != Some(libc::EIO) => Err(error),
        _ => picked,
    }
}

/// Lets the learner pick one of `labels`; the terminal must be in a keeper's care. The
/// library hides the cursor and, when it is interrupted, leaves it hidden: it is
/// shown again here.
pub fn choose(waiter: &Waiter, question: &str, labels: &[&str]) -> io::Result<Wake<Option<usize>>> {
    let term = Term::stderr();
    let signals = CaughtSignals::start()?;
    // A wrapped item could not be rewritten. The theme puts two columns in front.
    let room = usize::from(term.size().1).saturating_sub(3);
    let labels: Vec<_> = labels
        .iter()
        .map(|label| console::truncate_str(label, room, "..."))
        .collect();
    let answer = Select::with_theme(&Asking)
        .with_prompt(in_lines(question, room))
        .items(&labels)
        .default(0)
        // More than fits is shown in pages.
        .max_length(usize::from(term.size().0).saturating_sub(4).max(3))
        .report(false)
        .interact_on_opt(&term);
    let caught = signals.take();
    drop(signals);
    let dialoguer::Error::IO(error) = match (answer, caught) {
        (Ok(picked), None) => return Ok(Wake::Key(picked)),
        // It came together with the last key.
        (Ok(_), Some(signal)) => return Ok(Wake::Interrupted(signal)),
        (Err(error), _) => error,
    };
    // A terminal that is gone shows no cursor.
    let _ = term.show_cursor();
    if error.kind() != io::ErrorKind::Interrupted {
        // The terminal is gone.
        return Ok(Wake::Interrupted(libc::SIGHUP));
    }
    // What came as one of the signals that are not caught.
    let pending = waiter.signals.take();
    match caught.or(pending) {
        Some(libc::SIGCONT | libc::SIGTSTP) | None => Ok(Wake::Look),
        Some(signal) => Ok(Wake::Interrupted(signal)),
    }
}

/// A question broken into lines of so many columns: the library takes away the lines
/// it has written, not those that the terminal makes of them.
fn in_lines(question: &str, room: usize) -> String {
    let mut text = String::new();
    let mut used = 0;
    for word in question.split(' ') {
        let width = console::measure_text_width(word);
        if used > 0 && used + 1 + width > room {
            text.push('\n');
            used = 0;
        } else if used > 0 {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += width;
    }
    text
}

#[test]
fn a_long_question_is_broken_between_words() {
    assert_eq!(in_lines("What will it be?", 20), "What will it be?");
    assert_eq!(in_lines("What will it be?", 10), "What will\nit be?");
    assert_eq!(in_lines("What?", 3), "What?");
}
