//! What a program was found to do: goals that it meets or misses, and its faults.

use super::Side;

/// A goal of the course, held against a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judged {
    pub id: String,
    pub side: Side,
    pub title: String,
    pub points: u32,
    pub met: bool,
    /// What shows it: calls as strace prints them, states as the kernel shows them.
    pub evidence: Vec<String>,
    /// Where it is missed: what was waited for, and what came instead.
    pub instead: Vec<String>,
    /// Where it is missed: what it is about, and what to do; Markdown.
    pub about: String,
    pub hint: String,
    /// The chapter to read.
    pub read: String,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// A fault that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// One of [`FAULTS`].
    pub id: &'static str,
    /// The calls that show it.
    pub evidence: Vec<String>,
}

/// A fault in the course's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    pub id: String,
    pub title: String,
    pub means: String,
    pub advice: String,
    pub read: String,
    pub evidence: Vec<String>,
}

/// The faults that are recognised.
pub(crate) const FAULTS: &[&str] = &[
    "no-reuseaddr",
    "wrong-interface",
    "byte-order",
    "never-closed",
    "parent-keeps-connection",
    "child-keeps-listener",
    "zero-as-data",
    "partial-send",
    "one-recv-one-message",
    "nul-sent",
    "close-with-unread-data",
    "one-client-blocks-all",
    "death-by-sigpipe",
    "fd-leak",
    "busy-loop",
    "eintr-not-handled",
    "backlog-zero",
    "fork-without-wait",
];
