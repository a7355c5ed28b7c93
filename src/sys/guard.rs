use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use super::Modes;

/// A small process that outlives this one by a moment: if this one ends without
/// saying goodbye (`kill -9`), it gives the terminal its modes and its cursor
/// back. Nothing else could: SIGKILL runs no handler.
pub struct Guard {
    pid: libc::pid_t,
    pipe: OwnedFd,
}

/// The words on the pipe: one byte each.
const ARMED: u8 = b'a';
const DISARMED: u8 = b'd';

/// DECTCEM: show the cursor (VT220).
const SHOW_CURSOR: &[u8] = b"\x1b[?25h";

impl Guard {
    /// Starts guarding the terminal at `tty` (0, 1 or 2), whose modes should be
    /// `modes`.
    ///
    /// Must be called while this process has one thread.
    pub fn start(tty: RawFd, modes: Modes) -> io::Result<Guard> {
        let mut ends = [0; 2];
        // SAFETY: `ends` has room for the two descriptors.
        super::check(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) })?;
        // SAFETY: both descriptors are new and nobody else's.
        let (reader, pipe) =
            unsafe { (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) };
        // SAFETY: one thread, so the child is a whole copy; it calls only
        // async-signal-safe functions and never returns from `stand_guard`.
        let pid = super::check(unsafe { libc::fork() })?;
        if pid == 0 {
            stand_guard(reader.as_raw_fd(), tty, &modes);
        }
        let guard = Guard { pid, pipe };
        guard.say(ARMED)?;
        Ok(guard)
    }

    /// The terminal is somebody else's for a while (Ctrl-Z): leave it alone.
    pub fn disarm(&self) -> io::Result<()> {
        self.say(DISARMED)
    }

    /// The terminal is ours again.
    pub fn arm(&self) -> io::Result<()> {
        self.say(ARMED)
    }

    fn say(&self, word: u8) -> io::Result<()> {
        // SAFETY: one byte from a live variable.
        let written = unsafe { libc::write(self.pipe.as_raw_fd(), (&raw const word).cast(), 1) };
        if written == 1 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }
}

impl Drop for Guard {
    /// Says goodbye and waits until the process is gone.
    fn drop(&mut self) {
        // A failure means the guard is dead already; there is nothing to do then.
        let _ = self.disarm();
        // SAFETY: kill and waitpid on our own child, which nobody else waits for,
        // so its pid cannot have been given to another process.
        unsafe {
            libc::kill(self.pid, libc::SIGKILL);
            libc::waitpid(self.pid, std::ptr::null_mut(), 0);
        }
    }
}

/// The child: reads words until the pipe closes, then restores if armed.
fn stand_guard(pipe: RawFd, tty: RawFd, modes: &Modes) -> ! {
    // SAFETY: async-signal-safe calls with integers only. A group of its own
    // keeps the terminal's keys away; SIGTTOU ignored lets a background process
    // set terminal modes (tcsetattr(3)). The pipe moves to 3 and all above is
    // closed: a kept copy of an actor's channel or of the pipe's other end would
    // hide the death of this child's parent.
    unsafe {
        libc::setpgid(0, 0);
        libc::dup2(pipe, 3);
        libc::syscall(libc::SYS_close_range, 4u32, u32::MAX, 0u32);
        for signal in [libc::SIGTTOU, libc::SIGHUP, libc::SIGINT, libc::SIGTERM] {
            libc::signal(signal, libc::SIG_IGN);
        }
    }
    let mut armed = false;
    loop {
        let mut word = 0u8;
        // SAFETY: one byte into a live variable.
        let read = unsafe { libc::read(3, (&raw mut word).cast(), 1) };
        match read {
            1 => armed = word == ARMED,
            // SAFETY: errno of the call just made.
            -1 if unsafe { *libc::__errno_location() } == libc::EINTR => {}
            _ => break,
        }
    }
    if armed {
        // A terminal that is gone cannot be restored, and needs no restoring.
        let _ = modes.apply(tty);
        // SAFETY: a constant of the length passed.
        unsafe { libc::write(tty, SHOW_CURSOR.as_ptr().cast(), SHOW_CURSOR.len()) };
    }
    // SAFETY: ends the child at once, without running the parent's destructors.
    unsafe { libc::_exit(0) }
}
