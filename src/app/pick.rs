//! A choice outside of a run.

use super::print::screen;
use super::terminal::{asking, shared, watched};
use crate::cli::Options;
use crate::error::Error;
use crate::run::{Choice, Menu, Wake};
use crate::tty;

/// Asks outside of a run for one of these. `None` means that the learner leaves.
pub(super) fn pick(
    options: &Options,
    question: &str,
    labels: impl IntoIterator<Item = String>,
) -> Result<Option<usize>, Error> {
    let labels = labels.into_iter().enumerate();
    let choices = labels.map(|(at, label)| (Choice::Answer(at), label));
    let menu = Menu::new(question, choices.collect());
    let signals = watched()?;
    let told = shared(screen(options, Some(signals.clone()))?);
    let asking = asking(&told, options, &signals)?;
    let picked = tty::pick(menu, signals, asking).map_err(Error::output("asking at the terminal"));
    match picked? {
        Wake::Key(Choice::Answer(at)) => Ok(Some(at)),
        Wake::Interrupted(signal) => Err(Error::interrupted(signal)),
        _ => Ok(None),
    }
}
