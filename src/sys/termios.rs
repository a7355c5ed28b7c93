//! The modes of a terminal, and what was typed at it.

use std::io;
use std::os::fd::RawFd;

use super::check::check;

/// The modes of a terminal: termios(3).
#[derive(Clone, Copy)]
pub struct Modes(libc::termios);

impl Modes {
    /// The modes of the terminal at `fd` now.
    pub fn of(fd: RawFd) -> io::Result<Modes> {
        // SAFETY: termios is plain data, for which zero is a valid value.
        let mut modes: libc::termios = unsafe { std::mem::zeroed() };
        // SAFETY: `modes` is live and filled in by the call.
        check(unsafe { libc::tcgetattr(fd, &mut modes) })?;
        Ok(Modes(modes))
    }

    /// These modes, but with keys delivered one by one and not echoed: the cbreak
    /// mode of curses. Ctrl-C and Ctrl-Z still send their signals; Ctrl-D arrives as
    /// the byte 4.
    pub fn cbreak(self) -> Modes {
        let mut modes = self.0;
        modes.c_lflag &= !(libc::ICANON | libc::ECHO);
        modes.c_cc[libc::VMIN] = 1;
        modes.c_cc[libc::VTIME] = 0;
        Modes(modes)
    }

    /// Gives the terminal at `fd` these modes.
    pub fn apply(&self, fd: RawFd) -> io::Result<()> {
        // At once: to wait for what was written (TCSADRAIN) could take for ever, and
        // none of these modes is one of output.
        // SAFETY: the termios came from tcgetattr.
        check(unsafe { libc::tcsetattr(fd, libc::TCSANOW, &self.0) })?;
        Ok(())
    }
}

/// Discards what was typed at the terminal `fd` and not read yet: tcflush(3).
pub fn discard_typed(fd: RawFd) -> io::Result<()> {
    // SAFETY: two integers, no memory.
    check(unsafe { libc::tcflush(fd, libc::TCIFLUSH) })?;
    Ok(())
}
