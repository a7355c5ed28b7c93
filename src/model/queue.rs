//! The accept queue of a listener.

use serde::{Deserialize, Serialize};

/// A listener's queue of finished connections that nobody accepted yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AcceptQueue {
    /// Connections waiting.
    pub len: u32,
    /// The limit that `listen` set (the kernel lets one more in, of TCP and unix
    /// connections alike).
    pub max: u32,
}

impl AcceptQueue {
    /// Is it longer than its limit? Linux compares before it adds one.
    pub(crate) fn is_over(self) -> bool {
        self.len > self.max
    }
}

impl std::fmt::Display for AcceptQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.len, self.max)
    }
}
