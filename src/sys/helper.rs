//! A copy of this process that does one thing and ends.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::io::retry_on_intr;
use rustix::process::{Pid, Signal, WaitOptions, kill_process, setpgid, waitpid};

use super::fds::close_range;
use super::process::{exit_now, fork};
use super::signals::ignore;

/// A copy of this process that does one thing. Dropping it ends it and waits until it
/// is gone.
pub(crate) struct Helper(Pid);

impl Helper {
    /// Does `task` in a new process, which exits with the status that it gives. Must be
    /// called while this process has one thread.
    pub(crate) fn start(task: impl FnOnce() -> i32) -> io::Result<Helper> {
        Ok(Helper(copy(task)?))
    }

    /// Leaves it to another copy of this process: it is not ended here.
    pub(crate) fn leave(self) {
        std::mem::forget(self);
    }

    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.0.as_raw_pid().cast_unsigned()
    }
}

/// Cuts this copy off from its parent's keys, and from its descriptors but the standard
/// ones and `kept`.
pub(crate) fn cut_off(kept: &[BorrowedFd<'_>]) {
    // Ctrl-C is for the parent's process group. With SIGTTOU ignored a process in
    // the background may set the terminal's modes: tcsetattr(3).
    let _ = setpgid(None, None);
    ignore(&[libc::SIGHUP, libc::SIGINT, libc::SIGTERM, libc::SIGTTOU]);
    let mut kept: Vec<u32> = kept.iter().map(|fd| fd.as_raw_fd() as u32).collect();
    kept.sort_unstable();
    // A copy of a lock, an actor's channel or another helper's pipe would hide the
    // parent's end from others. Before Linux 5.9 the copies stay.
    let mut from = libc::STDERR_FILENO as u32 + 1;
    for fd in kept {
        let _ = close_range(from, fd.wrapping_sub(1));
        from = fd + 1;
    }
    let _ = close_range(from, u32::MAX);
}

/// Does `task` in a new process and waits until that has ended: what it has set for itself
/// ends with it. Must be called while this process has one thread.
pub(crate) fn in_copy(task: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let errno = |error: io::Error| error.raw_os_error().unwrap_or(libc::EIO);
    let pid = copy(|| task().map_or_else(errno, |()| 0))?;
    let ended = retry_on_intr(|| waitpid(Some(pid), WaitOptions::empty()))?;
    match ended.and_then(|(_, status)| status.exit_status()) {
        Some(0) => Ok(()),
        Some(errno) => Err(io::Error::from_raw_os_error(errno)),
        None => Err(io::Error::other("the kernel ended the process that tried")),
    }
}

/// A new process that does `task` and exits with the status that it gives.
fn copy(task: impl FnOnce() -> i32) -> io::Result<Pid> {
    if let Some(pid) = fork()? {
        return Ok(pid);
    }
    // A panic must not unwind into what is the parent's to do.
    std::panic::set_hook(Box::new(|_| exit_now(1)));
    // Without the destructors, which are the parent's to run.
    exit_now(task())
}

impl Drop for Helper {
    /// An error means that it is gone already.
    fn drop(&mut self) {
        let _ = kill_process(self.0, Signal::KILL);
        let _ = waitpid(Some(self.0), WaitOptions::empty());
    }
}
