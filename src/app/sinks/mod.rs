//! Where the events of a run go: one file for each kind of sink.

mod files;
mod lesson;
mod lines;
mod packets;
mod report;
mod screen;

pub(super) use self::files::{Files, create};
pub(super) use self::lesson::{LastFailure, Progressing, Unmet};
pub(super) use self::lines::JsonLines;
pub(super) use self::screen::{Printing, Told};
