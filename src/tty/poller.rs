//! Waiting for descriptors and signals together.

use std::io::{self, IsTerminal};
use std::os::fd::{AsRawFd, RawFd};
use std::rc::Rc;
use std::time::Duration;

use crate::sys::{self, Signals};

/// Waits for descriptors and signals together.
pub(crate) struct Poller {
    signals: Rc<Signals>,
    /// Stdout is no terminal: whoever reads it may go away. A terminal that goes away
    /// sends SIGHUP.
    piped: bool,
}

/// Why a wait ended.
pub(crate) enum Woken {
    /// A descriptor is readable, or the time is over. Says for each descriptor, in
    /// their order, whether it is readable.
    Ready(Vec<bool>),
    /// A signal that asks to end.
    Interrupted(i32),
    /// Ctrl-Z: the caller puts the terminal in order and stops.
    Stop,
}

impl Poller {
    /// Waits for these signals, too.
    pub(crate) fn new(signals: Rc<Signals>) -> Poller {
        Poller {
            signals,
            piped: !io::stdout().is_terminal(),
        }
    }

    /// Waits for `fds`, a signal, or the end of `timeout`. If nobody reads stdout any
    /// more the error is EPIPE, as a write would give it.
    pub(crate) fn wait(&self, fds: &[RawFd], timeout: Option<Duration>) -> io::Result<Woken> {
        let mut all = fds.to_vec();
        all.push(self.signals.as_raw_fd());
        let at_once = self.signals.has_kept().then_some(Duration::ZERO);
        let mut ready = sys::wait(&all, at_once.or(timeout))?;
        if self.piped && sys::reader_is_gone(libc::STDOUT_FILENO) {
            return Err(io::Error::from_raw_os_error(libc::EPIPE));
        }
        ready.pop();
        match self.signals.take() {
            Some(libc::SIGTSTP) => Ok(Woken::Stop),
            // Being continued asks for nothing.
            Some(libc::SIGCONT) | None => Ok(Woken::Ready(ready)),
            Some(signal) => Ok(Woken::Interrupted(signal)),
        }
    }
}
