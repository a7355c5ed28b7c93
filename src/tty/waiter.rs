use std::io::{self, IsTerminal};
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use crate::sys::{self, Signals};

/// Waits for descriptors and signals together.
pub struct Waiter {
    pub signals: Signals,
    /// Somebody reads our output who may leave.
    piped: bool,
}

/// Why a wait ended.
pub enum Woken {
    /// Some descriptor is readable (which ones, in their order), or time is over.
    Ready(Vec<bool>),
    /// A signal that asks to end.
    Interrupted(i32),
    /// Ctrl-Z: the one who waits puts things in order and stops.
    Stop,
}

impl Waiter {
    /// Begins to watch signals.
    pub fn new() -> io::Result<Waiter> {
        Ok(Waiter {
            signals: Signals::watch()?,
            // A terminal that is gone says so by SIGHUP.
            piped: !io::stdout().is_terminal(),
        })
    }

    /// Waits for `fds`, a signal, or the end of `timeout`. An output that nobody
    /// reads any more is EPIPE, as if it had been written to.
    pub fn wait(&self, fds: &[RawFd], timeout: Option<Duration>) -> io::Result<Woken> {
        let mut all = fds.to_vec();
        all.push(self.signals.as_raw_fd());
        let mut ready = sys::wait(&all, timeout)?;
        if self.piped && sys::reader_is_gone(libc::STDOUT_FILENO) {
            return Err(io::Error::from_raw_os_error(libc::EPIPE));
        }
        if ready.pop() == Some(true) {
            match self.signals.take() {
                Some(libc::SIGTSTP) => return Ok(Woken::Stop),
                // Being continued asks for nothing.
                Some(libc::SIGCONT) | None => {}
                Some(signal) => return Ok(Woken::Interrupted(signal)),
            }
        }
        Ok(Woken::Ready(ready))
    }
}
