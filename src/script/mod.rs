//! The language of the course: one line is one action or one expectation.
//!
//! Chapters, and whatever else plays system calls, speak it: one parser.

mod action;
mod args;
mod constants;
mod evidence;
mod exclude;
mod expect;
mod given;
mod known;
mod left;
mod line;
mod message;
mod option;
mod reach;
mod sockopt;
mod source;
mod text;
mod usage;
mod vars;
mod verbs;
mod verdict;
mod want;

pub(crate) use action::{Action, Names, Payload, Planned};
pub(crate) use evidence::evidence;
pub(crate) use expect::Predicate;
pub(crate) use known::known;
pub(crate) use message::{control, control_room};
pub(crate) use option::shown as option_shown;
pub(crate) use source::{Expectation, Line, Scripted};
pub(crate) use usage::{missing, next_words, verbs};
pub(crate) use vars::{Vars, placeholders, strange_placeholder};
pub(crate) use verbs::Verb;
pub(crate) use verdict::{Made, Seen, Traced, Verdict, verdict};
