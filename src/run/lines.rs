//! Where the lines of a shell come from: a person who types them, a file, a pipe.

use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

/// Gives lines.
pub(crate) trait Lines {
    /// Is there somebody who types them?
    fn is_attended(&self) -> bool;

    /// Does a line stand on the screen when it was taken?
    fn echoes(&self) -> bool;

    /// Waits for the next line, for one of `fds`, and no longer than `timeout`.
    fn next(
        &mut self,
        ask: &Ask<'_>,
        fds: &[RawFd],
        timeout: Option<Duration>,
    ) -> io::Result<Typed>;
}

/// What stands where a line is typed.
pub(crate) struct Ask<'a> {
    /// Whose line it is.
    pub prompt: &'a str,
    /// What the calls that sleep do, a line each.
    pub jobs: &'a [String],
    /// The words that could go on what stands before the cursor.
    pub words: &'a dyn Fn(&str) -> Vec<String>,
    /// What is still missing behind what was typed.
    pub missing: &'a dyn Fn(&str) -> String,
}

/// What has ended a wait for a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    Line(String),
    /// There are no more.
    End,
    /// Ctrl-C: whatever is under way is to be interrupted.
    Interrupt,
    /// A signal asks to end.
    Signal(i32),
    /// A descriptor is readable, or the time is over.
    Look,
}
