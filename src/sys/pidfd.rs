//! A process held by a descriptor: pidfd_open(2), Linux 5.3; pidfd_getfd(2), Linux 5.6.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::Duration;

use super::check::check;
use super::poll::wait;

/// A process, which may be the child of another than this one: then only that one
/// can wait for it. The descriptor goes on to mean this process when it has ended
/// and its number has gone to another.
pub struct Process {
    pid: u32,
    /// `None` before Linux 5.3: then the number has to do.
    fd: Option<OwnedFd>,
}

impl Process {
    /// The process that has this number now.
    pub fn of(pid: u32) -> Process {
        // SAFETY: two integers; the descriptor is new, close-on-exec, and nobody
        // else's.
        let fd = unsafe {
            let fd = libc::syscall(libc::SYS_pidfd_open, pid, 0);
            (fd >= 0).then(|| OwnedFd::from_raw_fd(fd as i32))
        };
        Process { pid, fd }
    }

    /// Its number.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Kills it.
    pub fn kill(&self) -> io::Result<()> {
        self.signal(libc::SIGKILL)
    }

    /// Sends it a signal: pidfd_send_signal(2), or kill(2).
    pub fn signal(&self, signal: i32) -> io::Result<()> {
        let Some(fd) = &self.fd else {
            // A negative number would mean a process group.
            let pid = i32::try_from(self.pid).map_err(io::Error::other)?;
            // SAFETY: two integers, no memory.
            return check(unsafe { libc::kill(pid, signal) }).map(drop);
        };
        let (call, fd) = (libc::SYS_pidfd_send_signal, fd.as_raw_fd());
        let no_details = std::ptr::null::<libc::siginfo_t>();
        // SAFETY: integers, and null for the details of the signal.
        check(unsafe { libc::syscall(call, fd, signal, no_details, 0) }).map(drop)
    }

    /// A duplicate in this process of its descriptor `fd`: pidfd_getfd(2). It keeps the
    /// file open: drop it before the process goes on. The kernel allows it to whoever
    /// may trace the process; the error EBADF says that `fd` is not open there.
    pub fn duplicate(&self, fd: i32) -> io::Result<OwnedFd> {
        let Some(process) = &self.fd else {
            return Err(io::Error::from_raw_os_error(libc::ENOSYS));
        };
        let (call, process) = (libc::SYS_pidfd_getfd, process.as_raw_fd());
        // SAFETY: three integers; the descriptor is new, close-on-exec, and nobody
        // else's.
        unsafe {
            let fd = check(libc::syscall(call, process, fd, 0))?;
            Ok(OwnedFd::from_raw_fd(fd as i32))
        }
    }

    /// Waits at most `timeout` until it has ended, and says whether it has. Without
    /// a descriptor that cannot be seen. It may stay as a zombie.
    pub fn wait_end(&self, timeout: Duration) -> io::Result<bool> {
        match &self.fd {
            Some(fd) => Ok(wait(&[fd.as_raw_fd()], Some(timeout))?[0]),
            None => Ok(false),
        }
    }
}
