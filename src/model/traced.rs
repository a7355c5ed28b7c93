//! A traced program as a whole, and how much is told of it.

use super::words::words;
use super::{KernelRow, Status, Task};

/// What a traced program was.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traced {
    /// Its processes, in the order of their birth, and how each ended.
    pub processes: Vec<(Task, Option<Status>)>,
    /// How many sockets it has made or accepted.
    pub sockets: usize,
    /// How many calls were told.
    pub calls: usize,
    /// What the kernel still has of its connections.
    pub left: Vec<KernelRow>,
    /// The paths that its unix sockets were bound to and that still stand.
    pub paths: Vec<String>,
}

/// How much is told of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Everything the first time, later a line.
    FirstTime,
    /// A line.
    Brief,
    /// Everything.
    Full,
}

words! { Detail, word:
    FirstTime = "first-time",
    Brief = "brief",
    Full = "full",
}
