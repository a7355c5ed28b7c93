//! Has an actor make a call, and keeps what it gave.

use super::actors::{Actors, InScript, Received, Watched, lost};
use super::run::Run;
use crate::error::Error;
use crate::model::{Address, Arg, Call, Errno, MachineEvent, Outcome, Param, Side, Task};
use crate::observe::open_sockets;
use crate::script::{Action, Planned, Scripted};
use crate::source::Done;

impl Run<'_> {
    /// The call that an actor makes of a line, its names and placeholders resolved.
    pub(crate) fn planned(&self, actor: &str, line: &Scripted) -> Result<Planned, Error> {
        let wrong = |message| {
            let at = line.at.line;
            Error::Course(format!("line {at}: the {actor}: {message}"))
        };
        let planned = self.resolved(actor, &line.action)?.map_err(wrong)?;
        match line.action.reaches(&self.vars()) {
            Some(what) if self.confined => Err(wrong(format!(
                "{what} is not the walk's own: only with --trust-course"
            ))),
            _ => Ok(planned),
        }
    }

    /// The call itself; or what is not there.
    pub(super) fn resolved(
        &self,
        actor: &str,
        action: &Action,
    ) -> Result<Result<Planned, String>, Error> {
        let names = InScript {
            actors: &self.actors,
            actor: self.actors.get(actor)?,
        };
        Ok(action.call(&names, &self.vars()))
    }

    /// Has an actor play lines one after the other, without a pause.
    pub(crate) fn play(&mut self, who: &str, lines: &[Scripted]) -> Result<(), Error> {
        for line in lines {
            self.enter(who)?;
            let planned = self.planned(who, line)?;
            self.aside(who, &line.action, &planned)?;
        }
        Ok(())
    }

    /// Starts the process of an actor that is not there yet.
    pub(crate) fn enter(&mut self, name: &str) -> Result<(), Error> {
        if self.actors.find(name).is_none() {
            self.actors.join(Actors::start(name)?);
            self.tell_born(name, None)?;
        }
        Ok(())
    }

    fn tell_born(&mut self, name: &str, by: Option<u32>) -> Result<(), Error> {
        let task = self.actors.get(name)?.task.clone();
        self.tell_of(&task, MachineEvent::Born { by })
    }

    /// Has an actor do something that is no step: there is no pause before it.
    fn aside(&mut self, who: &str, action: &Action, planned: &Planned) -> Result<(), Error> {
        let task = self.actors.get(who)?.task.clone();
        let own = std::mem::replace(&mut self.scope.own, false);
        self.tell_of(&task, MachineEvent::Enter(planned.call.clone()))?;
        let done = loop {
            let done = self.peer_call(who, planned)?;
            if !self.left_aside(who, action, &done)? {
                break done;
            }
        };
        self.tell_strangers()?;
        self.returned(who, action, &done)?;
        self.scope.own = own;
        match no_connection(&done) {
            None => Ok(()),
            Some(errno) => Err(Error::NoConnection {
                who: who.into(),
                call: Box::new(done.call),
                errno,
            }),
        }
    }

    /// Tells that a call returned, and keeps what it gave.
    pub(crate) fn returned(
        &mut self,
        actor: &str,
        action: &Action,
        done: &Done,
    ) -> Result<(), Error> {
        let watched = self.actors.get_mut(actor)?;
        let task = watched.task.clone();
        watched.keep_received(done);
        watched.keep_rest(action, done);
        watched.keep_names(action, done);
        self.tell_exit(&task, done)?;
        let call = &done.call;
        if call.name() == "connect" && no_connection(done).is_none() {
            self.keep_client(actor, done)?;
        }
        if done.outcome.errno().is_none() {
            let names = matches!(call.name(), "bind" | "listen");
            if names && actor == Side::Server.word() {
                self.learn_address()?;
            }
            if names {
                self.learn_ports(actor)?;
            }
            if call.name() == "bind"
                && let Some(path) = call.address().and_then(Address::path)
            {
                // Where no keeper can be started, the file is removed at every end but
                // `kill -9`.
                let _ = self.keeper.keep_file(path.as_path());
            }
        }
        if let Some(name) = action.creates_actor() {
            self.forked(actor, name, done)?;
        }
        if let (Some(name), "wait4", Outcome::Value(_)) =
            (action.actor(), call.name(), done.outcome)
        {
            self.gone(name)?;
        }
        Ok(())
    }

    /// Lets the child of a fork enter, which returns a second time in it.
    fn forked(&mut self, parent: &str, name: &str, done: &Done) -> Result<(), Error> {
        let Some(mut child) = self.actors.get_mut(parent)?.actor.forked(name, done) else {
            return Ok(());
        };
        let done = child.answer().map_err(|error| lost(&mut child, error))?;
        let by = self.actors.get(parent)?.task.pid;
        self.actors.born(child, parent)?;
        // What returns in the child is no step's own call.
        self.scope.own = false;
        self.tell_born(name, Some(by))?;
        let task = self.actors.get(name)?.task.clone();
        self.tell_exit(&task, &done)
    }

    /// The process of that actor has been waited for.
    fn gone(&mut self, name: &str) -> Result<(), Error> {
        let Some(watched) = self.actors.find(name) else {
            return Ok(());
        };
        let task = watched.task.clone();
        self.actors.leave(name);
        self.scene.forget(task.pid);
        self.tell_of(&task, MachineEvent::Gone(None))
    }

    fn tell_exit(&mut self, who: &Task, done: &Done) -> Result<(), Error> {
        let exit = MachineEvent::Exit {
            call: done.call.clone(),
            outcome: done.outcome,
            took: done.took,
        };
        self.tell_of(who, exit)
    }
}

impl Watched {
    /// Remembers what a recv received, forgets it when the descriptor is closed.
    fn keep_received(&mut self, done: &Done) {
        let Done { call, outcome, .. } = done;
        let (Some(fd), Outcome::Value(_)) = (call.fd(), outcome) else {
            return;
        };
        if call.syscall.does() == "recv"
            && let Some(bytes) = call.bytes()
        {
            self.received.retain(|known| known.fd != fd);
            let asked = call.address().is_some()
                || call
                    .arg(Param::AddressOut)
                    .is_some_and(|it| *it != Arg::Null);
            self.received.push(Received {
                fd,
                bytes: bytes.clone(),
                sender: asked.then(|| call.address()),
            });
        }
        if is_close(call) {
            self.received.retain(|known| known.fd != fd);
        }
    }

    /// Remembers what a send did not take.
    fn keep_rest(&mut self, action: &Action, done: &Done) {
        let Done { call, outcome, .. } = done;
        let (Some(fd), Some(Arg::Bytes(offered)), Outcome::Value(taken)) =
            (call.fd(), call.arg(Param::Bytes), outcome)
        else {
            return;
        };
        let rest = action.rest(offered, *taken as usize, self.rest(fd));
        self.rests.retain(|(known, _)| *known != fd);
        self.rests.extend(rest.map(|rest| (fd, rest)));
    }

    /// Gives a new descriptor its name, and takes it back from a closed one.
    fn keep_names(&mut self, action: &Action, done: &Done) {
        let Outcome::Value(value) = done.outcome else {
            return;
        };
        let call = &done.call;
        if is_close(call) {
            return self.actor.closed(call.fd().unwrap_or(-1));
        }
        let made = match call.arg(Param::Pair).or(call.arg(Param::MessageOut)) {
            Some(Arg::Pair(one, other)) => vec![*one, *other],
            Some(Arg::Parts { fds, .. }) => fds.clone(),
            _ => i32::try_from(value).into_iter().collect(),
        };
        let is_other = |fd: &i32| match call.name() {
            "epoll_create1" | "openat" => true,
            "recvmsg" | "dup" | "dup2" | "dup3" => !open_sockets(self.task.pid).contains(fd),
            _ => false,
        };
        for (name, fd) in action.creates().iter().zip(made) {
            // Of dup2(2): what had that number is closed.
            self.actor.closed(fd);
            if is_other(&fd) {
                self.actor.named_other(name, fd);
            } else {
                self.actor.named(name, fd);
            }
        }
    }
}

/// Why a connect has failed for good. A non-blocking one may only not be done yet.
fn no_connection(done: &Done) -> Option<Errno> {
    let errno = done.outcome.errno()?;
    let under_way = matches!(errno.0, libc::EAGAIN | libc::EINPROGRESS);
    (done.call.name() == "connect" && !under_way).then_some(errno)
}

fn is_close(call: &Call) -> bool {
    call.name() == "close"
}
