use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// A small process that outlives this one by a moment, to put in order what this
/// one cannot if it is killed: SIGKILL runs no handler. It learns of the end by a
/// pipe that closes then. Dropping it ends it.
pub struct Heir {
    pid: libc::pid_t,
    pipe: OwnedFd,
}

impl Heir {
    /// Starts it. `life` is run in the new process with the end of the pipe that it
    /// reads words from ([`next_word`]); it may call only what is
    /// async-signal-safe, and after it the process ends.
    ///
    /// Must be called while this process has one thread.
    pub fn start(life: impl FnOnce(RawFd)) -> io::Result<Heir> {
        let mut ends = [0; 2];
        // SAFETY: `ends` has room for the two descriptors.
        super::check(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) })?;
        // SAFETY: both descriptors are new and nobody else's.
        let (reader, pipe) =
            unsafe { (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) };
        // SAFETY: one thread, so the child is a whole copy; it calls only
        // async-signal-safe functions and never leaves this block.
        let pid = super::check(unsafe { libc::fork() })?;
        if pid == 0 {
            stand_apart(reader.as_raw_fd());
            life(PIPE);
            // SAFETY: ends the child at once, without running the parent's
            // destructors.
            unsafe { libc::_exit(0) };
        }
        Ok(Heir { pid, pipe })
    }

    /// Tells it one word.
    pub fn say(&self, word: u8) -> io::Result<()> {
        // SAFETY: one byte from a live variable.
        let written = unsafe { libc::write(self.pipe.as_raw_fd(), (&raw const word).cast(), 1) };
        if written == 1 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }
}

impl Drop for Heir {
    /// Ends it and waits until it is gone.
    fn drop(&mut self) {
        // SAFETY: kill and waitpid on our own child, which nobody else waits for,
        // so its pid cannot have been given to another process.
        unsafe {
            libc::kill(self.pid, libc::SIGKILL);
            libc::waitpid(self.pid, std::ptr::null_mut(), 0);
        }
    }
}

/// Where the pipe is in the new process.
const PIPE: RawFd = 3;

/// Makes the new process a process of its own.
fn stand_apart(pipe: RawFd) {
    // SAFETY: async-signal-safe calls with integers only. A group of its own keeps
    // the terminal's keys away. The pipe moves to 3 and all above is closed: a kept
    // copy of an actor's channel or of the pipe's other end would hide the death of
    // this child's parent.
    unsafe {
        libc::setpgid(0, 0);
        libc::dup2(pipe, PIPE);
        libc::syscall(libc::SYS_close_range, 4u32, u32::MAX, 0u32);
        for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGTERM] {
            libc::signal(signal, libc::SIG_IGN);
        }
    }
}

/// The next word from the other end, `None` when that is gone. Async-signal-safe.
pub fn next_word(pipe: RawFd) -> Option<u8> {
    loop {
        let mut word = 0u8;
        // SAFETY: one byte into a live variable.
        match unsafe { libc::read(pipe, (&raw mut word).cast(), 1) } {
            1 => return Some(word),
            // SAFETY: errno of the call just made.
            -1 if unsafe { *libc::__errno_location() } == libc::EINTR => {}
            _ => return None,
        }
    }
}
