//! The two ends of a conversation.

use serde::Deserialize;

use super::words::words;

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

// The names of their actors in the script.
words! { Side, word:
    Server = "server",
    Client = "client",
}
