//! The control channel: one JSON line a message, over a socket pair.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use super::done::Done;
use crate::model::SocketView;
use crate::script::Planned;
use crate::sys;

/// What the controller asks of an actor.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// Make one system call.
    Perform(Planned),
    /// Look at these descriptors.
    Look(Vec<i32>),
}

/// What an actor answers.
#[derive(Debug, Serialize, Deserialize)]
pub enum Answer {
    Done(Done),
    Views(Vec<SocketView>),
}

/// Writes one message.
pub fn send<T: Serialize>(to: &mut impl Write, message: &T) -> io::Result<()> {
    to.write_all(&line_of(message)?)?;
    to.flush()
}

/// Writes one message, and passes a descriptor along with it.
pub fn send_along<T: Serialize>(
    mut to: &UnixStream,
    message: &T,
    passed: BorrowedFd<'_>,
) -> io::Result<()> {
    let line = line_of(message)?;
    let sent = sys::send_with_fd(to.as_fd(), &line, passed)?;
    to.write_all(&line[sent..])
}

fn line_of<T: Serialize>(message: &T) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(line)
}

/// Collects the bytes that arrive, and takes whole messages from them.
#[derive(Default)]
pub struct Inbox {
    bytes: Vec<u8>,
}

impl Inbox {
    /// Adds what `read` gives. The end of the channel is `UnexpectedEof`.
    pub fn fill(&mut self, read: impl FnOnce(&mut [u8]) -> io::Result<usize>) -> io::Result<()> {
        let old = self.bytes.len();
        self.bytes.resize(old + 16 * 1024, 0);
        let count = read(&mut self.bytes[old..]);
        self.bytes.truncate(old + *count.as_ref().unwrap_or(&0));
        if count? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// The next whole message.
    pub fn next<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        let Some(end) = self.bytes.iter().position(|&byte| byte == b'\n') else {
            return Ok(None);
        };
        let line: Vec<u8> = self.bytes.drain(..=end).collect();
        Ok(Some(serde_json::from_slice(&line)?))
    }
}
