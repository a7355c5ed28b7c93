use std::io;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
use std::time::Duration;

/// Makes a copy of this process: fork(2). `None` in the child, the child's
/// process id in the parent.
///
/// Must be called while this process has one thread: the copy has only the
/// calling one, and whatever lock another holds stays held in it for ever.
pub fn fork() -> io::Result<Option<u32>> {
    // SAFETY: no process of socklab has a second thread, so the child is a whole
    // copy in which everything may be called that may be called here. The handlers
    // of pthread_atfork(3) are the C library's own.
    match super::check(unsafe { libc::fork() })? {
        0 => Ok(None),
        pid => Ok(Some(pid.cast_unsigned())),
    }
}

/// Ends this process at once, without destructors, which would close its
/// descriptors one by one before: _exit(2), which is the call exit_group(2).
pub fn exit_now(code: i32) -> ! {
    // SAFETY: takes an integer and does not return.
    unsafe { libc::_exit(code) }
}

/// Waits until the child `pid` has ended and takes its status: wait4(2) without
/// options. Gives the process id it returned and the status as wait(2) encodes it.
pub fn wait_for(pid: i32) -> io::Result<(i32, i32)> {
    let mut status = 0;
    // SAFETY: `status` is a live int, and no resource usage is asked for.
    let ended = super::check(unsafe { libc::wait4(pid, &mut status, 0, std::ptr::null_mut()) })?;
    Ok((ended, status))
}

/// Makes `fd` this process's descriptors 0 and 1, and gives its number back.
pub fn as_stdio(fd: OwnedFd) -> io::Result<()> {
    // SAFETY: nobody owns 0 and 1 in the sense of closing them: std opens its
    // handles for each use by number, and means whatever is there.
    super::check(unsafe { libc::dup2(fd.as_raw_fd(), 0) })?;
    // SAFETY: as above.
    super::check(unsafe { libc::dup2(fd.as_raw_fd(), 1) })?;
    put_away(fd);
    Ok(())
}

/// Closes a descriptor that is none of the lesson's, by close_range(2): a trace
/// of the process shows a close(2) for the lesson's alone. Before Linux 5.9 it
/// is close(2) after all.
pub fn put_away(fd: OwnedFd) {
    let number = fd.as_raw_fd().cast_unsigned();
    if super::close_range(number, number).is_ok() {
        // Closed already: the owner must not do it again.
        let _ = fd.into_raw_fd();
    }
}

/// A process that may be somebody else's child, so that only that one may wait
/// for it. Held by a descriptor, which goes on to mean this process when it has
/// ended and its number is another's: pidfd_open(2), Linux 5.3.
pub struct Process {
    pid: u32,
    fd: Option<OwnedFd>,
}

impl Process {
    /// The process that has that number now. Where there is no pidfd_open, it is
    /// held by its number.
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

    /// Kills it: pidfd_send_signal(2), or kill(2).
    pub fn kill(&self) -> io::Result<()> {
        let null = std::ptr::null::<libc::siginfo_t>();
        let result = match &self.fd {
            // SAFETY: integers, and null for the details of the signal.
            Some(fd) => unsafe {
                let call = libc::SYS_pidfd_send_signal;
                libc::syscall(call, fd.as_raw_fd(), libc::SIGKILL, null, 0) as libc::c_int
            },
            // SAFETY: two integers; a number above i32 is no process's.
            None => unsafe { libc::kill(self.pid.cast_signed(), libc::SIGKILL) },
        };
        super::check(result).map(|_| ())
    }

    /// Waits until it has ended; it may stay as a zombie. Says whether that has
    /// been seen within `timeout`: without a pidfd it cannot be.
    pub fn wait_end(&self, timeout: Duration) -> io::Result<bool> {
        match &self.fd {
            Some(fd) => Ok(super::wait(&[fd.as_raw_fd()], Some(timeout))?[0]),
            None => Ok(false),
        }
    }
}
