//! The control channel: one JSON line a message, over a socket pair.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::cmsg_space;
use rustix::io::retry_on_intr;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::model::{Call, Outcome, SocketView};
use crate::script::Planned;

/// What the controller asks of an actor.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// Make one system call.
    Perform(Planned),
    /// Look at these descriptors.
    Look(Vec<i32>),
}

/// What an actor answers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    Done(Done),
    Views(Vec<SocketView>),
}

/// A call that was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Done {
    /// With everything that the kernel has filled in.
    pub call: Call,
    pub outcome: Outcome,
    /// How long the call lasted, by CLOCK_MONOTONIC.
    pub took: Duration,
}

/// Writes one message, and passes a descriptor along with its first bytes, if there
/// is one to pass: sendmsg(2), SCM_RIGHTS of unix(7).
pub(super) fn send<T: Serialize>(
    to: impl AsFd,
    message: &T,
    passed: Option<BorrowedFd<'_>>,
) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if passed.is_some() {
        control.push(SendAncillaryMessage::ScmRights(passed.as_slice()));
    }
    let mut left = line.as_slice();
    while !left.is_empty() {
        let part = [IoSlice::new(left)];
        let sent = retry_on_intr(|| sendmsg(&to, &part, &mut control, SendFlags::NOSIGNAL))?;
        left = &left[sent..];
        control.clear();
    }
    Ok(())
}

/// Collects the bytes that arrive, and takes whole messages from them.
#[derive(Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
}

impl Inbox {
    /// Waits for bytes, and gives the descriptor that came with them, if one did. It has
    /// the lowest free number. The end of the channel is `UnexpectedEof`.
    pub(super) fn fill(&mut self, from: impl AsFd) -> io::Result<Option<OwnedFd>> {
        let mut bytes = vec![0; 16 * 1024];
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut part = [IoSliceMut::new(&mut bytes)];
        let count =
            retry_on_intr(|| recvmsg(&from, &mut part, &mut control, RecvFlags::CMSG_CLOEXEC))?
                .bytes;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.bytes.extend(&bytes[..count]);
        Ok(control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
            _ => None,
        }))
    }

    /// The next whole message.
    pub(super) fn next<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        let Some(end) = self.bytes.iter().position(|&byte| byte == b'\n') else {
            return Ok(None);
        };
        let line: Vec<u8> = self.bytes.drain(..=end).collect();
        Ok(Some(serde_json::from_slice(&line)?))
    }
}
