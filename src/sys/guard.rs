use std::io;
use std::os::fd::RawFd;

use super::Modes;
use super::heir::{self, Heir};

/// A small process that outlives this one by a moment: if this one ends without
/// saying goodbye (`kill -9`), it gives the terminal its modes and its cursor
/// back. Nothing else could: SIGKILL runs no handler.
pub struct Guard {
    heir: Heir,
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
        let heir = Heir::start(|pipe| stand_guard(pipe, tty, &modes))?;
        let guard = Guard { heir };
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
        self.heir.say(word)
    }
}

impl Drop for Guard {
    /// Says goodbye; the heir is ended with it.
    fn drop(&mut self) {
        // A failure means the guard is dead already; there is nothing to do then.
        let _ = self.disarm();
    }
}

/// The child: reads words until the pipe closes, then restores if armed.
fn stand_guard(pipe: RawFd, tty: RawFd, modes: &Modes) {
    // SAFETY: integers only. SIGTTOU ignored lets a background process set
    // terminal modes (tcsetattr(3)).
    unsafe { libc::signal(libc::SIGTTOU, libc::SIG_IGN) };
    let mut armed = false;
    while let Some(word) = heir::next_word(pipe) {
        armed = word == ARMED;
    }
    if armed {
        // A terminal that is gone cannot be restored, and needs no restoring.
        let _ = modes.apply(tty);
        // SAFETY: a constant of the length passed.
        unsafe { libc::write(tty, SHOW_CURSOR.as_ptr().cast(), SHOW_CURSOR.len()) };
    }
}
