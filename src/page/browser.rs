//! One connection of a browser. It is never waited for: what it does not take stays here,
//! and while there is something left it is told nothing new.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use socket2::SockRef;

use super::request::{Request, request};

/// So long it may take to ask for something.
const ASKING: Duration = Duration::from_secs(10);
/// So long it may take to take what it is sent.
const TAKING: Duration = Duration::from_secs(30);
/// After so long in which nothing has changed it is sent an empty line: one that has
/// vanished does not acknowledge it.
const QUIET: Duration = Duration::from_secs(15);

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It has not asked for anything yet.
    Asks,
    /// It is told what changes, and knows all until that change.
    Looks { seen: u64 },
    /// It has everything when the rest is sent.
    Leaves,
}

/// One connection of a browser.
pub(super) struct Browser {
    stream: TcpStream,
    input: Vec<u8>,
    output: Vec<u8>,
    /// So much of the output is sent.
    sent: usize,
    stage: Stage,
    /// When it connected, or was sent something.
    since: Instant,
}

impl Browser {
    pub(super) fn new(stream: TcpStream) -> io::Result<Browser> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        SockRef::from(&stream).set_tcp_user_timeout(Some(TAKING))?;
        Ok(Browser {
            stream,
            input: Vec::new(),
            output: Vec::new(),
            sent: 0,
            stage: Stage::Asks,
            since: Instant::now(),
        })
    }

    /// What it is waited for.
    pub(super) fn interest(&self) -> PollFlags {
        if self.has_all() {
            PollFlags::IN
        } else {
            PollFlags::IN | PollFlags::OUT
        }
    }

    /// Has it asked for nothing yet?
    pub(super) fn asks(&self) -> bool {
        self.stage == Stage::Asks
    }

    /// Is it told what changes?
    pub(super) fn looks(&self) -> bool {
        matches!(self.stage, Stage::Looks { .. })
    }

    /// Was all sent that there is for it?
    pub(super) fn has_all(&self) -> bool {
        self.sent == self.output.len()
    }

    /// Takes what it has sent: what it asks for, if that is complete. An error: it is gone.
    pub(super) fn read(&mut self, token: &str) -> io::Result<Option<Request>> {
        let mut bytes = [0; 4096];
        loop {
            let count = match self.stream.read(&mut bytes) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error),
            };
            // Whoever was answered has nothing more to say.
            if !self.asks() {
                continue;
            }
            self.input.extend_from_slice(&bytes[..count]);
            if let Some(asked) = request(&self.input, token) {
                return Ok(Some(asked));
            }
        }
    }

    /// Answers it, and hangs up then.
    pub(super) fn answer(&mut self, bytes: &[u8]) {
        self.stage = Stage::Leaves;
        self.send(bytes);
    }

    /// From now on it is told what changes.
    pub(super) fn look(&mut self, head: &[u8]) {
        self.stage = Stage::Looks { seen: 0 };
        self.send(head);
    }

    /// Tells it what has changed until `change`, if it has all that it was told before;
    /// with `is_end` for the last time.
    pub(super) fn tell(&mut self, change: u64, is_end: bool, since: impl FnOnce(u64) -> String) {
        let Stage::Looks { seen } = self.stage else {
            return;
        };
        if !self.has_all() {
            return;
        }
        if seen < change {
            self.stage = Stage::Looks { seen: change };
            self.send(format!("data: {}\n\n", since(seen)).as_bytes());
        } else if self.since.elapsed() > QUIET {
            self.send(b":\n\n");
        }
        if is_end {
            self.answer(b"event: end\ndata:\n\n");
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        self.since = Instant::now();
        self.output.extend_from_slice(bytes);
    }

    /// Sends what it takes. An error: it is gone, or has all that it asked for.
    pub(super) fn write(&mut self) -> io::Result<()> {
        while !self.has_all() {
            match self.stream.write(&self.output[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        self.output.clear();
        self.sent = 0;
        match self.stage {
            Stage::Leaves => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Has it taken too long?
    pub(super) fn is_late(&self) -> bool {
        let limit = match self.stage {
            Stage::Asks => ASKING,
            _ if self.has_all() => return false,
            _ => TAKING,
        };
        self.since.elapsed() > limit
    }
}

impl AsFd for Browser {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
