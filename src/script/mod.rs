//! The language of the course: one line is one action or one expectation.
//!
//! Chapters, and whatever else plays system calls, speak it: one parser.

mod action;
mod expect;
mod text;
mod vars;

pub use action::{Action, Payload, ShutdownHow, SocketOption, Switch};
pub use expect::{Expectation, Facet, Name, Predicate};
pub use vars::Vars;
