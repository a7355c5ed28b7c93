//! Where the learner is asked, and which signals are heeded meanwhile.

use std::cell::RefCell;
use std::rc::Rc;

use super::print::looks;
use crate::cli::Options;
use crate::error::Error;
use crate::sys::Signals;
use crate::tty::{Screen, Shared};

/// The signals that end or stop a run.
pub(super) fn watched() -> Result<Rc<Signals>, Error> {
    let signals = Signals::watch().map_err(Error::system("watching for signals"))?;
    Ok(Rc::new(signals))
}

pub(super) fn shared(screen: Screen) -> Shared {
    Rc::new(RefCell::new(screen))
}

/// Where the learner is asked: where the lesson is told, if a person reads that.
pub(super) fn asking(
    told: &Shared,
    options: &Options,
    signals: &Rc<Signals>,
) -> Result<Shared, Error> {
    if told.borrow().is_terminal() && !options.json_only() {
        return Ok(told.clone());
    }
    let screen = Screen::stderr(looks(options), Some(signals.clone()));
    screen
        .map(shared)
        .map_err(Error::output("asking on stderr"))
}
