//! An actor as the controller sees it: its process, channel, sockets.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{getgid, getuid};

use super::channel::{Answer, Done, Inbox, Request, send};
use super::perform::ACTOR_COMMAND;
use crate::model::{Call, Cred, Makes, Outcome, SocketView};
use crate::observe;
use crate::script::Planned;
use crate::sys;

/// A process that makes system calls when the controller asks for them. Dropping it
/// ends the process and waits until it has ended; one that an actor has forked may
/// stay as a zombie until that actor waits for it or ends.
pub(crate) struct Actor {
    name: String,
    process: sys::Process,
    /// Its handle, if it is a child of ours. Only its parent can reap a process.
    child: Option<Child>,
    channel: UnixStream,
    inbox: Inbox,
    /// Open sockets by the script's names, oldest first.
    names: Vec<(String, i32)>,
    /// Descriptors that are no sockets, by their names.
    others: Vec<(String, i32)>,
    /// Our end of the channel to the child that a fork makes.
    forking: Option<UnixStream>,
    /// The call that it was sent into and has not answered, and when that was.
    calling: Option<(Instant, Call)>,
    has_exited: bool,
}

/// How long an actor may take to answer where it makes no call that blocks. Only one
/// that somebody stopped takes longer.
const ANSWER: Duration = Duration::from_secs(5);

/// How long a process may take to end after it was killed or has closed its channel.
const END: Duration = Duration::from_secs(5);

impl Actor {
    /// Starts the process. Its fds 0 and 1 are the channel, 2 is ours.
    pub(crate) fn spawn(name: &str) -> io::Result<Actor> {
        let (channel, theirs) = UnixStream::pair()?;
        let output = OwnedFd::from(theirs.try_clone()?);
        let child = Command::new("/proc/self/exe")
            .args([ACTOR_COMMAND, name, &std::process::id().to_string()])
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::from(output))
            .spawn()?;
        let mut actor = Actor::new(name, sys::Process::of(child.id()), channel);
        actor.child = Some(child);
        Ok(actor)
    }

    fn new(name: &str, process: sys::Process, channel: UnixStream) -> Actor {
        Actor {
            name: name.into(),
            process,
            child: None,
            channel,
            inbox: Inbox::default(),
            names: Vec::new(),
            others: Vec::new(),
            forking: None,
            calling: None,
            has_exited: false,
        }
    }

    /// The actor's name in the script.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its process.
    pub(crate) fn process(&self) -> &sys::Process {
        &self.process
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Who it is to the kernel: it runs as the same user as we do.
    pub(crate) fn cred(&self) -> Cred {
        Cred {
            pid: self.pid(),
            uid: getuid().as_raw(),
            gid: getgid().as_raw(),
        }
    }

    /// True when it has ended by a call of its own (exit). Then it answers nothing any
    /// more; its process is a zombie, or gone.
    pub(crate) fn has_exited(&self) -> bool {
        self.has_exited
    }

    /// The descriptor of the socket called `name`.
    pub(crate) fn fd(&self, name: &str) -> Option<i32> {
        let mut latest = self.names.iter().chain(&self.others).rev();
        latest.find(|(known, _)| known == name).map(|(_, fd)| *fd)
    }

    /// Was it sent into a call from which it has not returned?
    pub(crate) fn is_in_call(&self) -> bool {
        self.calling.is_some()
    }

    /// Its open sockets: names and descriptors, oldest first.
    pub(crate) fn sockets(&self) -> &[(String, i32)] {
        &self.names
    }

    /// Gives the descriptor `fd` a name of the script.
    pub(crate) fn named(&mut self, name: &str, fd: i32) {
        self.names.push((name.into(), fd));
    }

    /// The same for one that is no socket, and is not looked at.
    pub(crate) fn named_other(&mut self, name: &str, fd: i32) {
        self.others.push((name.into(), fd));
    }

    /// Forgets a descriptor that was closed.
    pub(crate) fn closed(&mut self, fd: i32) {
        self.names.retain(|(_, known)| *known != fd);
        self.others.retain(|(_, known)| *known != fd);
    }

    /// Sends it into a call. The answer comes later, by [`Actor::reply`]. An exit is
    /// answered by the end of the process, as [`Outcome::Never`].
    pub(crate) fn start(&mut self, planned: &Planned) -> io::Result<()> {
        self.calling = Some((Instant::now(), planned.call.clone()));
        let forks = planned.call.syscall.makes == Makes::Process;
        let (ours, theirs) = forks.then(UnixStream::pair).transpose()?.unzip();
        // A child of an earlier fork that nobody took over ends with its channel.
        self.forking = ours;
        let request = Request::Perform(planned.clone());
        send(&self.channel, &request, theirs.as_ref().map(AsFd::as_fd))
    }

    /// The child that a fork has made: an actor that has the same sockets under
    /// the same names. `done` is the parent's answer; gives `None` if the fork
    /// failed. The child's answer to the fork, 0, comes by [`Actor::answer`] of the
    /// child.
    pub(crate) fn forked(&mut self, name: &str, done: &Done) -> Option<Actor> {
        let channel = self.forking.take()?;
        let Outcome::Value(pid) = done.outcome else {
            return None;
        };
        // Only this actor can reap the child, and it is in no call. So the number
        // still means the child, even if that has ended already.
        let process = sys::Process::of(u32::try_from(pid).ok()?);
        let mut child = Actor::new(name, process, channel);
        child.names.clone_from(&self.names);
        child.others.clone_from(&self.others);
        Some(child)
    }

    /// True when this error of the channel means that the process has ended.
    pub(crate) fn is_end(error: &io::Error) -> bool {
        matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::ConnectionReset
        )
    }

    /// Waits for the end of the process, which the channel has announced. Gives the
    /// signal that ended it, if one did.
    pub(crate) fn ended_by(&mut self) -> io::Result<Option<i32>> {
        if let Some(child) = &mut self.child {
            return Ok(child.wait()?.signal());
        }
        self.process.wait_end(END)?;
        let status = observe::zombie(self.pid());
        Ok(status.and_then(|status| status.signal()))
    }

    /// What stands for the answer to an exit: the end of the channel.
    fn exited(&mut self, since: Instant, call: Call) -> io::Result<Done> {
        // The channel is closed before the process has ended.
        if self.ended_by()?.is_some() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.has_exited = true;
        self.names.clear();
        self.others.clear();
        let (outcome, took) = (Outcome::Never, since.elapsed());
        Ok(Done {
            call,
            outcome,
            took,
        })
    }

    /// Takes what has arrived; `None` while the call lasts. Never waits: call it
    /// when the channel ([`AsRawFd`]) is readable.
    pub(crate) fn reply(&mut self) -> io::Result<Option<Done>> {
        let answer = self.take()?;
        answer.map(|answer| self.done(answer)).transpose()
    }

    /// Waits for the answer to a call that does not block.
    pub(crate) fn answer(&mut self) -> io::Result<Done> {
        let answer = self.wait()?;
        self.done(answer)
    }

    fn done(&mut self, answer: Answer) -> io::Result<Done> {
        let Answer::Done(done) = answer else {
            return Err(unasked());
        };
        self.calling = None;
        Ok(done)
    }

    /// Has it look at its own sockets, which it can only while it is in no call. An
    /// actor that has just been started answers when its fd table is in order.
    pub(crate) fn look(&mut self) -> io::Result<Vec<SocketView>> {
        let fds = self.names.iter().map(|(_, fd)| *fd).collect();
        send(&self.channel, &Request::Look(fds), None)?;
        match self.wait()? {
            Answer::Views(views) => Ok(views),
            Answer::Done(_) => Err(unasked()),
        }
    }

    /// Waits for an answer that does not take long.
    fn wait(&mut self) -> io::Result<Answer> {
        loop {
            match self.take()? {
                Some(answer) => return Ok(answer),
                None if self.is_readable(ANSWER)? => {}
                None => {
                    let why = "the actor does not answer: is it stopped?";
                    return Err(io::Error::other(why));
                }
            }
        }
    }

    /// The next answer, if it has arrived. Never waits.
    fn take(&mut self) -> io::Result<Option<Answer>> {
        loop {
            let answer = self.inbox.next()?;
            if answer.is_some() || !self.is_readable(Duration::ZERO)? {
                return Ok(answer);
            }
            match self.inbox.fill(&self.channel) {
                Err(error) if Actor::is_end(&error) => {
                    let exit = self.calling.take_if(|(_, call)| call.book_name() == "exit");
                    let (since, call) = exit.ok_or(error)?;
                    return Ok(Some(Answer::Done(self.exited(since, call)?)));
                }
                filled => filled.map(drop)?,
            }
        }
    }

    fn is_readable(&self, timeout: Duration) -> io::Result<bool> {
        Ok(sys::wait(&[self.channel.as_raw_fd()], Some(timeout))?[0])
    }

    /// True when the process has closed its end of the channel, as it does when it
    /// ends; waits at most `timeout` for it.
    fn is_closed(&mut self, timeout: Duration) -> bool {
        let began = Instant::now();
        loop {
            match self.is_readable(timeout.saturating_sub(began.elapsed())) {
                Ok(true) if self.inbox.fill(&self.channel).is_ok() => {}
                Ok(readable) => return readable,
                Err(_) => return false,
            }
        }
    }
}

fn unasked() -> io::Error {
    io::Error::other("an answer nobody asked for")
}

impl AsRawFd for Actor {
    fn as_raw_fd(&self) -> RawFd {
        self.channel.as_raw_fd()
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        // SIGKILL ends a process that is stopped or sleeps in a call, too, and the
        // kernel closes its sockets. An error means that it is gone already.
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
            return;
        }
        // Without a pidfd, the number of one that has ended may mean another by now.
        let closed = self.is_closed(Duration::ZERO);
        if !closed {
            let _ = self.process.kill();
        }
        // Without a pidfd only the end of the channel can be seen, which comes a
        // moment before that of the process.
        if !self.process.wait_end(END).unwrap_or(false) && !closed {
            self.is_closed(END);
        }
    }
}
