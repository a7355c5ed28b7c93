//! A fact in words, and whose facts are told.

use crate::model::Fact;

/// Whose facts are shown, and what the other end is called.
#[derive(Clone, Copy)]
pub(super) struct Who<'a> {
    pub actor: &'a str,
    /// Which end of the connections is told: what no process holds any more has this
    /// name, whoever closed it.
    pub side: &'a str,
    /// `None`: by the program that holds it.
    pub peer: Option<&'a str>,
}

/// A fact as it is shown.
pub(super) fn or_why<T>(fact: &Fact<T>, show: impl Fn(&T) -> String) -> String {
    fact.as_ref().map(show).to_string()
}
