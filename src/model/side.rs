//! The two ends of a conversation.

use serde::Deserialize;

/// The two ends of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    Server,
    Client,
}

impl Side {
    /// Both of them.
    pub(crate) const BOTH: [Side; 2] = [Side::Server, Side::Client];

    /// The name of its actor in the script.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Side::Server => "server",
            Side::Client => "client",
        }
    }

    /// The other end.
    pub(crate) fn other(self) -> Side {
        match self {
            Side::Server => Side::Client,
            Side::Client => Side::Server,
        }
    }

    /// The side of an actor where this one's life is walked: that of whoever its script
    /// has forked, too.
    pub(crate) fn of(self, actor: &str) -> Side {
        let other = self.other();
        if actor == other.word() { other } else { self }
    }
}
