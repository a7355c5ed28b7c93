//! A fact in words, and whose facts are told.

use crate::model::{Address, Domain, Fact, SocketView};

/// Whose facts are shown, and what the other end is called.
#[derive(Clone, Copy)]
pub struct Who<'a> {
    pub actor: &'a str,
    /// Which end of the connections is told: what no process holds any more has this
    /// name, whoever closed it.
    pub side: &'a str,
    /// `None`: by the program that holds it.
    pub peer: Option<&'a str>,
}

/// Is it of AF_UNIX?
pub fn is_unix(socket: &SocketView) -> bool {
    socket.domain.value() == Some(&Domain::Unix)
}

/// A fact, a dash where there is no such thing, or that it is not available and why.
pub fn or_why<T>(fact: &Fact<T>, show: impl Fn(&T) -> String) -> String {
    match fact {
        Fact::Seen(value, _) => show(value),
        Fact::None => "—".into(),
        Fact::Unknown(why) => format!("not available ({why})"),
    }
}

/// An address, or that there is none, or why it is not known.
pub fn address(fact: &Fact<Address>) -> String {
    or_why(fact, Address::to_string)
}
