use std::io;

use console::Term;
use dialoguer::Select;
use dialoguer::theme::SimpleTheme;

use super::waiter::Waiter;
use crate::session::Wake;
use crate::sys::{Guard, Modes, Noting};

/// Lets the learner pick one of `labels` outside of a run. `None` is leaving.
pub fn pick(question: &str, labels: &[&str]) -> io::Result<Wake<Option<usize>>> {
    let waiter = Waiter::new()?;
    let _guard = Guard::start(0, Modes::of(0)?)?;
    choose(&waiter, question, labels)
}

/// Lets the learner pick one of `labels`; the terminal must be guarded. The
/// library hides the cursor and, when it is interrupted, leaves it hidden: it is
/// shown again here.
pub fn choose(waiter: &Waiter, question: &str, labels: &[&str]) -> io::Result<Wake<Option<usize>>> {
    let term = Term::stderr();
    let noting = Noting::start()?;
    // A wrapped item could not be rewritten. The theme puts two columns in front.
    let room = usize::from(term.size().1).saturating_sub(3);
    let labels: Vec<_> = labels
        .iter()
        .map(|label| console::truncate_str(label, room, "..."))
        .collect();
    let answer = Select::with_theme(&SimpleTheme)
        .with_prompt(question)
        .items(&labels)
        .default(0)
        .report(false)
        .interact_on_opt(&term);
    let noted = noting.noted();
    drop(noting);
    let dialoguer::Error::IO(error) = match answer {
        Ok(picked) => return Ok(Wake::Key(picked)),
        Err(error) => error,
    };
    // A terminal that is gone shows no cursor.
    let _ = term.show_cursor();
    if error.kind() != io::ErrorKind::Interrupted {
        // The terminal is gone.
        return Ok(Wake::Interrupted(libc::SIGHUP));
    }
    // On any interruption the library raises SIGINT, which is blocked here and
    // waits: take it, but believe the signal that was noted.
    let pending = waiter.signals.take();
    match noted.or(pending) {
        Some(libc::SIGCONT | libc::SIGTSTP) | None => Ok(Wake::Look),
        Some(signal) => Ok(Wake::Interrupted(signal)),
    }
}
