//! The director of a check: plays the other side for a program of the learner's, and
//! holds what it does against the goals of the course.

mod director;
mod judge;
mod log;
mod names;
mod output;
mod play;
mod stage;
mod tester;
mod why;

pub(crate) use director::{Check, Checked, Director};
pub(crate) use stage::Trouble;
