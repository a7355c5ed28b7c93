//! A copy of this process that does one thing and ends.

use std::io;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

use super::process::{exit_now, fork};

/// A copy of this process that does one thing. Dropping it ends it and waits until it
/// is gone.
pub(crate) struct Helper(Pid);

impl Helper {
    /// Does `task` in a new process, which exits with the status that it gives. Must be
    /// called while this process has one thread.
    pub(crate) fn start(task: impl FnOnce() -> i32) -> io::Result<Helper> {
        if let Some(pid) = fork()? {
            return Ok(Helper(pid));
        }
        // A panic must not unwind into what is the parent's to do.
        std::panic::set_hook(Box::new(|_| exit_now(1)));
        // Without the destructors, which are the parent's to run.
        exit_now(task())
    }
}

impl Drop for Helper {
    /// An error means that it is gone already.
    fn drop(&mut self) {
        let _ = kill_process(self.0, Signal::KILL);
        let _ = waitpid(Some(self.0), WaitOptions::empty());
    }
}
