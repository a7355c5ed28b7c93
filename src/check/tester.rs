//! The tester: a process that plays the other side for real.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use socket2::SockRef;

use super::log::Log;
use crate::error::Error;
use crate::model::{Address, Arg, Bytes, Cred, MachineEvent, Outcome, SocketView};
use crate::script::{Action, Made, Names, Payload, Planned, Scripted, Vars};
use crate::source::{Actor, Done};
use crate::sys;

/// How long the tester may take to end when it is killed.
const END: Duration = Duration::from_secs(5);

/// The other side of a program that is checked.
pub(super) struct Tester {
    actor: Actor,
    /// Its sockets by their names, each as it was when it last had another end.
    pub seen: Vec<(String, SocketView)>,
    /// What was received last on each descriptor.
    received: HashMap<i32, Bytes>,
    /// Its last call.
    pub made: Option<Made>,
    /// The same as strace prints it.
    pub said: String,
}

impl Tester {
    pub(super) fn enter(name: &str, log: &mut Log) -> Result<Tester, Error> {
        let actor = Actor::spawn(name).map_err(Error::system("starting the tester"))?;
        log.tester(actor.pid(), MachineEvent::Born { by: None })?;
        Ok(Tester {
            actor,
            seen: Vec::new(),
            received: HashMap::new(),
            made: None,
            said: String::new(),
        })
    }

    /// To wait for while it is in a call.
    pub(super) fn fd(&self) -> Option<RawFd> {
        self.actor.is_in_call().then(|| self.actor.as_raw_fd())
    }

    /// The call that a line makes. Only with `trusts` may it be about anything.
    pub(super) fn planned(
        &self,
        line: &Scripted,
        vars: &Vars,
        trusts: bool,
    ) -> Result<Planned, Error> {
        let at = line.at.line;
        let wrong = |message: String| Error::Course(format!("line {at} of a goal: {message}"));
        match line.action.reaches(vars) {
            Some(what) if !trusts => {
                return Err(wrong(format!(
                    "{what} is elsewhere: only with --trust-course"
                )));
            }
            _ => {}
        }
        line.action.call(self, vars).map_err(wrong)
    }

    pub(super) fn start(&mut self, planned: &Planned, log: &mut Log) -> Result<(), Error> {
        log.tester(self.actor.pid(), MachineEvent::Enter(planned.call.clone()))?;
        let started = self.actor.start(planned);
        started.map_err(Error::system("directing the tester"))
    }

    /// Waits at most so long for its call to return.
    pub(super) fn wait(&self, limit: Duration) -> Result<(), Error> {
        let waited = sys::wait(&[self.actor.as_raw_fd()], Some(limit));
        waited
            .map(drop)
            .map_err(Error::system("waiting for the tester"))
    }

    /// What its call has come to, once it has returned.
    pub(super) fn reply(&mut self, action: &Action, log: &mut Log) -> Result<Option<Done>, Error> {
        let lost = Error::system("directing the tester");
        let reply = self.actor.reply().map_err(lost)?;
        if let Some(done) = &reply {
            let exit = MachineEvent::Exit {
                call: done.call.clone(),
                outcome: done.outcome,
                took: done.took,
            };
            log.tester(self.actor.pid(), exit)?;
            let kept = self.keep(action, done);
            let views = kept.map_err(Error::system("looking at the tester's sockets"))?;
            log.learn(&views)?;
        }
        Ok(reply)
    }

    /// Keeps what a call gave, and looks at the sockets after it.
    fn keep(&mut self, action: &Action, done: &Done) -> io::Result<Vec<SocketView>> {
        let Done {
            call,
            outcome,
            took,
        } = done;
        if let Outcome::Value(value) = outcome {
            if let [name] = action.creates() {
                self.actor.named(name, *value as i32);
            }
            if let (Some(Arg::Fd(fd)), Some(bytes)) = (call.args.first(), call.bytes()) {
                self.received.insert(*fd, bytes.clone());
            }
            if call.name() == "close"
                && let Some(fd) = call.fd()
            {
                self.actor.closed(fd);
            }
        }
        self.made = Some(Made {
            outcome: *outcome,
            told: call.returned(*outcome),
            offered: call.offered(),
            took: *took,
            cpu_ms: (None, None),
        });
        self.said = call.returned(*outcome);
        self.look()
    }

    fn look(&mut self) -> io::Result<Vec<SocketView>> {
        let views = self.actor.look()?;
        for (name, fd) in self.actor.sockets() {
            let view = views.iter().find(|view| view.fd == *fd);
            let mut known = self.seen.iter();
            let had_peer = known.any(|(known, view)| known == name && view.peer.value().is_some());
            // A connection that has ended tells no other end: what it told is kept.
            let is_better = |view: &&SocketView| !had_peer || view.peer.value().is_some();
            if let Some(view) = view.filter(is_better) {
                self.seen.retain(|(known, _)| known != name);
                self.seen.push((name.clone(), view.clone()));
            }
        }
        Ok(views)
    }

    /// The address that its socket of that name has.
    pub(super) fn address(&self, name: &str) -> Option<Address> {
        let (_, view) = self.seen.iter().find(|(known, _)| known == name)?;
        view.local.value().copied()
    }

    /// Leaves: every connection of its own is reset, so that none of them keeps the
    /// program's port in TIME-WAIT when it is started again. It is dead then.
    pub(super) fn leave(&mut self, log: &mut Log) -> Result<(), Error> {
        for (_, fd) in self.actor.sockets() {
            if let Ok(socket) = self.actor.process().duplicate(*fd) {
                // A listener and a socket of the unix domain have none.
                let _ = SockRef::from(&socket).set_linger(Some(Duration::ZERO));
            }
        }
        let process = self.actor.process();
        let ended = process.kill().and_then(|()| process.wait_end(END));
        ended.map_err(Error::system("ending the tester"))?;
        log.tester(self.actor.pid(), MachineEvent::Gone(None))
    }
}

impl Names for Tester {
    fn fd(&self, socket: &str) -> Option<i32> {
        self.actor.fd(socket)
    }

    fn cred(&self) -> Cred {
        self.actor.cred()
    }

    fn pid(&self, _: &str) -> Option<u32> {
        None
    }

    fn sender(&self, _: i32) -> Option<Option<Address>> {
        None
    }

    fn received(&self, fd: i32) -> Option<Bytes> {
        self.received.get(&fd).cloned()
    }

    fn rest(&self, _: i32) -> Option<Payload> {
        None
    }
}
