//! What a learner has done: chapters finished, beliefs met, missed and put right.
//!
//! A file in the XDG state directory, one event a line, only ever appended to: no
//! run waits for another or undoes what another kept, and reading writes nothing.
//! Nothing here stops a lesson: what cannot be read or written is said, and the run
//! goes on without it.

mod file;
mod journal;
mod line;
mod store;
mod trouble;
mod types;

pub(crate) use journal::Journal;
pub(crate) use store::{Loaded, Store, seconds};
pub(crate) use types::{Belief, Finished, Grade, Progress};
