//! What a run was asked to do.

use std::time::Duration;

use super::{Address, Detail, Side};

/// What a run was asked to do.
#[derive(Clone, Debug)]
pub(crate) struct RunInfo {
    pub version: String,
    /// The running kernel's release: uname(2).
    pub kernel: String,
    pub argv: Vec<String>,
    /// The local time of day when it began.
    pub began: Duration,
    pub kind: RunKind,
    /// What is walked; `None` where a program is traced.
    pub walk: Option<WalkInfo>,
}

/// What kind of run it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RunKind {
    /// Chapters of the track of that id.
    Lesson { track: String },
    /// Free play, or a script, beside that track.
    Shell { track: String },
    /// A program is traced, and so much is told of it.
    Trace(Detail),
    /// A program is held against goals.
    Check,
}

/// What a walk was asked to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WalkInfo {
    /// The address asked for.
    pub addr: Address,
    /// Whose life is walked.
    pub lead: Side,
    /// Whether a built-in actor plays the peer.
    pub builtin_peer: bool,
}
