//! Where a line of the script stands.

use super::action::Action;
use super::expect::Predicate;

/// A line of the script and where it stands in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub text: String,
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
}

/// An action and where it stands in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scripted {
    pub action: Action,
    pub at: Line,
}

impl Scripted {
    /// The error is the line, and what is wrong with it.
    pub(crate) fn parse(at: Line) -> Result<Scripted, (Line, String)> {
        match Action::parse(&at.text) {
            Ok(action) => Ok(Scripted { action, at }),
            Err(message) => Err((at, message)),
        }
    }
}

/// What the kernel must show, and where that stands in its file.
#[derive(Clone, Debug)]
pub(crate) struct Expectation {
    pub predicate: Predicate,
    pub at: Line,
}

impl Expectation {
    /// The error is the line, and what is wrong with it.
    pub(crate) fn parse(at: Line) -> Result<Expectation, (Line, String)> {
        match Predicate::parse(&at.text) {
            Ok(predicate) => Ok(Expectation { predicate, at }),
            Err(message) => Err((at, message)),
        }
    }
}
