//! Where a line of the script stands.

use super::action::Action;

/// A line of the script and where it stands in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub text: String,
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
}

/// An action and where it stands in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scripted {
    pub action: Action,
    pub at: Line,
}
