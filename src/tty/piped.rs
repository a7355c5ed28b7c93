//! Lines that are read from a file, a pipe, or a terminal on which nothing is rewritten.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use super::poller::{Poller, Woken};
use super::screen::Shared;
use crate::render::label;
use crate::run::{Ask, Lines, Typed};
use crate::sys::{self, Signals};
use std::rc::Rc;

/// Reads lines as they come.
pub(crate) struct Piped {
    from: File,
    poller: Poller,
    bytes: Vec<u8>,
    /// So much of `bytes` was given.
    given: usize,
    ended: bool,
    /// Where a person is prompted; nobody is, elsewhere.
    prompted: Option<Shared>,
}

/// So much is read at once, in bytes.
const CHUNK: usize = 64 << 10;
/// The longest line, in bytes.
const LONGEST: usize = 1 << 20;

impl Piped {
    /// Lines of that file.
    pub(crate) fn new(from: File, signals: Rc<Signals>, prompted: Option<Shared>) -> Piped {
        Piped {
            from,
            poller: Poller::new(signals),
            bytes: Vec::new(),
            given: 0,
            ended: false,
            prompted,
        }
    }

    /// The next whole line; at the end, what is left.
    fn line(&mut self) -> Option<String> {
        let rest = &self.bytes[self.given..];
        let end = rest.iter().position(|&byte| byte == b'\n');
        let end = match end {
            Some(end) => end,
            None if self.ended && !rest.is_empty() || rest.len() > LONGEST => rest.len(),
            None => return None,
        };
        let line = String::from_utf8_lossy(&rest[..end]).into_owned();
        self.given = (self.given + end + 1).min(self.bytes.len());
        Some(line)
    }

    fn read(&mut self) -> io::Result<()> {
        self.bytes.drain(..self.given);
        self.given = 0;
        let mut chunk = vec![0; CHUNK];
        let count = self.from.read(&mut chunk)?;
        self.bytes.extend(&chunk[..count]);
        self.ended |= count == 0;
        Ok(())
    }
}

impl Lines for Piped {
    fn is_attended(&self) -> bool {
        self.prompted.is_some()
    }

    fn echoes(&self) -> bool {
        self.prompted.is_some()
    }

    fn next(
        &mut self,
        ask: &Ask<'_>,
        fds: &[RawFd],
        timeout: Option<Duration>,
    ) -> io::Result<Typed> {
        if let Some(screen) = &self.prompted {
            let prompt = vec![label(ask.prompt.trim_end())];
            screen.borrow_mut().prompt(&prompt)?;
        }
        let ready = self.bytes.len() > self.given || self.ended;
        let timeout = if ready { Some(Duration::ZERO) } else { timeout };
        let mut all = vec![self.from.as_raw_fd()];
        all.extend(fds);
        match self.poller.wait(&all, timeout)? {
            Woken::Interrupted(libc::SIGINT) if self.is_attended() => return Ok(Typed::Interrupt),
            Woken::Interrupted(signal) => return Ok(Typed::Signal(signal)),
            Woken::Stop => sys::stop_self(),
            Woken::Ready(ready) => {
                if let Some(line) = self.line() {
                    return Ok(Typed::Line(line));
                }
                if self.ended {
                    return Ok(Typed::End);
                }
                if ready[0] {
                    self.read()?;
                }
            }
        }
        Ok(self.line().map_or(Typed::Look, Typed::Line))
    }
}
