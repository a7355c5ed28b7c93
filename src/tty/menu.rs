//! A menu by the arrow keys.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;

use console::Term;
use dialoguer::Select;
use dialoguer::theme::Theme;

use super::input::is_hang_up;
use super::numbered_list;
use super::paint::Colour;
use super::poller::Poller;
use super::screen::Screen;
use crate::render::{Block, clean};
use crate::run::Wake;
use crate::sys::{CaughtSignals, Keeper, Modes};

/// The library's plain theme, except that no colon follows a question mark.
struct PlainTheme;

impl Theme for PlainTheme {
    fn format_select_prompt(&self, f: &mut dyn fmt::Write, prompt: &str) -> fmt::Result {
        let colon = if prompt.ends_with('?') { "" } else { ":" };
        write!(f, "{prompt}{colon}")
    }
}

/// Lets the learner pick one of `labels` outside of a run; with `plain`, from a
/// numbered list. `None` means that the learner leaves.
pub fn pick(question: &str, labels: &[&str], plain: bool) -> io::Result<Wake<Option<usize>>> {
    let poller = Poller::new()?;
    if plain {
        let mut tty = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        let print = |blocks: &[Block]| {
            let mut screen = Screen::stdout(Colour::Never, false, None);
            screen.print(blocks)
        };
        return numbered_list::select(&poller, &mut tty, question, labels, "leaves", print);
    }
    let original = Modes::of(0)?;
    let keeper = Keeper::default();
    keeper.keep_terminal(original)?;
    // Between two keys the library restores the modes that it found; those must not
    // echo.
    original.cbreak().apply(0)?;
    let question = format!("{question} (arrows and Enter; q leaves)");
    let picked = select(&poller, &question, labels);
    match original.apply(0) {
        // A terminal that is gone has no modes.
        Err(error) if picked.is_ok() && !is_hang_up(&error) => Err(error),
        _ => picked,
    }
}

/// Lets the learner pick one of `labels`; the terminal must be in a keeper's care. The
/// library leaves the cursor hidden when it is interrupted, so it is shown again here.
pub fn select(poller: &Poller, question: &str, labels: &[&str]) -> io::Result<Wake<Option<usize>>> {
    let term = Term::stderr();
    let signals = CaughtSignals::start()?;
    // The library cannot rewrite an item that wraps. The theme puts two columns in front.
    let room = usize::from(term.size().1).saturating_sub(3);
    let labels: Vec<_> = labels
        .iter()
        .map(|label| console::truncate_str(&clean(label), room, "...").into_owned())
        .collect();
    let answer = Select::with_theme(&PlainTheme)
        .with_prompt(in_lines(&clean(question), room))
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
        // The signal came together with the last key.
        (Ok(_), Some(signal)) => return Ok(Wake::Interrupted(signal)),
        (Err(error), _) => error,
    };
    // A terminal that is gone shows no cursor.
    let _ = term.show_cursor();
    if error.kind() != io::ErrorKind::Interrupted {
        // The terminal is gone.
        return Ok(Wake::Interrupted(libc::SIGHUP));
    }
    // Another of the watched signals, which are blocked.
    let pending = poller.signals.take();
    match caught.or(pending) {
        Some(libc::SIGCONT | libc::SIGTSTP) | None => Ok(Wake::Look),
        Some(signal) => Ok(Wake::Interrupted(signal)),
    }
}

/// Breaks a question into lines of at most `room` columns. The library erases as many
/// lines as it wrote, and does not count those that the terminal wraps.
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
