//! The language of the course: one line is one action or one expectation.
//!
//! Chapters, and whatever else plays system calls, speak it: one parser.

mod action;
mod expect;
mod line;
mod text;
mod vars;
mod words;

pub use action::{Action, Payload};
pub use expect::{Expectation, Facet, Name, Predicate};
pub use vars::Vars;
pub use words::{Destination, DomainWord, KindWord, ReadOption, ShutdownHow, SocketOption, Switch};
