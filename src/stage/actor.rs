use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::channel::{Answer, Inbox, Request, send};
use super::op::{Done, Op};
use super::perform::ACTOR_COMMAND;
use crate::model::SocketView;
use crate::sys;

/// A process that performs, as the controller holds it. Dropping it ends the
/// process and waits until it is gone.
pub struct Actor {
    name: String,
    child: Child,
    channel: UnixStream,
    inbox: Inbox,
    /// Open sockets by the script's names, oldest first.
    names: Vec<(String, i32)>,
}

/// How long a look may take. It makes no call that blocks, so only an actor
/// that somebody stopped takes longer.
const LOOK: Duration = Duration::from_secs(5);

impl Actor {
    /// Starts the process. Its fds 0 and 1 are the channel, 2 is ours.
    pub fn spawn(name: &str) -> io::Result<Actor> {
        let (channel, theirs) = UnixStream::pair()?;
        let output = OwnedFd::from(theirs.try_clone()?);
        let child = Command::new("/proc/self/exe")
            .args([ACTOR_COMMAND, name, &std::process::id().to_string()])
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::from(output))
            .spawn()?;
        Ok(Actor {
            name: name.into(),
            child,
            channel,
            inbox: Inbox::default(),
            names: Vec::new(),
        })
    }

    /// The actor's name in the script.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The descriptor of the socket called `name`.
    pub fn fd(&self, name: &str) -> Option<i32> {
        self.names
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, fd)| *fd)
    }

    /// Its open sockets: names and descriptors, oldest first.
    pub fn sockets(&self) -> &[(String, i32)] {
        &self.names
    }

    /// Calls the descriptor `fd` by `name` from now on.
    pub fn named(&mut self, name: &str, fd: i32) {
        self.names.push((name.into(), fd));
    }

    /// Forgets a descriptor that was closed.
    pub fn closed(&mut self, fd: i32) {
        self.names.retain(|(_, known)| *known != fd);
    }

    /// Sends it into a call. The answer comes later, by [`Actor::reply`].
    pub fn start(&mut self, op: &Op) -> io::Result<()> {
        send(&mut &self.channel, &Request::Perform(op.clone()))
    }

    /// Does this error of the channel mean that the process has ended?
    pub fn is_end(error: &io::Error) -> bool {
        matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::ConnectionReset
        )
    }

    /// Waits for the end of the process, when the channel says it has come, and
    /// says by what signal, if by one.
    pub fn ended_by(&mut self) -> io::Result<Option<i32>> {
        Ok(self.child.wait()?.signal())
    }

    /// Takes what has arrived; `None` while the call lasts. Never waits: call it
    /// when the channel ([`AsRawFd`]) is readable.
    pub fn reply(&mut self) -> io::Result<Option<Done>> {
        loop {
            match self.take()? {
                Some(Answer::Done(done)) => return Ok(Some(done)),
                Some(Answer::Views(_)) => {
                    return Err(io::Error::other("an answer nobody asked for"));
                }
                None if sys::wait(&[self.channel.as_raw_fd()], Some(Duration::ZERO))?[0] => {
                    self.fill()?;
                }
                None => return Ok(None),
            }
        }
    }

    /// Has it look at its own sockets. Only while it is in no call. An actor that
    /// has just been started answers when its fd table is in order.
    pub fn look(&mut self) -> io::Result<Vec<SocketView>> {
        let fds: Vec<i32> = self.names.iter().map(|(_, fd)| *fd).collect();
        send(&mut &self.channel, &Request::Look(fds))?;
        loop {
            match self.take()? {
                Some(Answer::Views(views)) => return Ok(views),
                Some(Answer::Done(_)) => {
                    return Err(io::Error::other("an answer nobody asked for"));
                }
                None if sys::wait(&[self.channel.as_raw_fd()], Some(LOOK))?[0] => self.fill()?,
                None => {
                    return Err(io::Error::other(
                        "the actor does not answer: is it stopped?",
                    ));
                }
            }
        }
    }

    fn take(&mut self) -> io::Result<Option<Answer>> {
        self.inbox.next()
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut channel = &self.channel;
        self.inbox.fill(|buffer| channel.read(buffer))
    }
}

impl AsRawFd for Actor {
    fn as_raw_fd(&self) -> RawFd {
        self.channel.as_raw_fd()
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        // It may be asleep in a call that never returns; SIGKILL ends that too,
        // and the kernel closes its sockets. An error means it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
