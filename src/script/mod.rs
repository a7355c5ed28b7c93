//! The language of the course: one line is one action or one expectation.
//!
//! Chapters, and whatever else plays system calls, speak it: one parser.

mod action;
mod constants;
mod expect;
mod given;
mod known;
mod line;
mod option;
mod reach;
mod source;
mod text;
mod usage;
mod vars;
mod verbs;
mod verdict;

pub use action::{Action, Names, Payload, Planned};
pub use expect::Predicate;
pub use known::known;
pub use option::shown as option_shown;
pub use source::{Expectation, Line, Scripted};
pub use usage::{missing, next_words, verbs};
pub use vars::{Vars, fill, strange_placeholder};
pub use verbs::Verb;
pub use verdict::{Made, Seen, Traced, Verdict, verdict};
