//! Has an actor make a call, and keeps what it gave.

use super::cast::{Known, Player, Received};
use super::pump::{Finished, lost};
use super::walk::Session;
use crate::course::{Scripted, Step, When};
use crate::error::Error;
use crate::model::{Address, Arg, Call, EventKind, Makes, Outcome, Param, Side};
use crate::script::{Action, Planned};
use crate::stage::Done;

impl Session<'_> {
    /// The call that an actor makes of a line, its names and placeholders resolved.
    pub(super) fn planned(&self, actor: &str, line: &Scripted) -> Result<Planned, Error> {
        let player = self.cast.get(actor)?;
        let names = Known {
            cast: &self.cast,
            player,
        };
        let planned = line.action.call(&names, &self.vars);
        planned.map_err(|message| {
            Error::Course(format!("line {}: the {actor}: {message}", line.at.line))
        })
    }

    /// What the built-in peer does around a step, if there is one.
    pub(super) fn script<'s>(
        &self,
        step: &'s Step,
        when: When,
        round: Option<u32>,
    ) -> &'s [Scripted] {
        if !self.builtin_peer {
            return &[];
        }
        let nth = round.map_or(0, |round| round as usize - 1);
        step.peer
            .iter()
            .filter(|peer| peer.when == when)
            .nth(nth)
            .map_or(&[], |peer| &peer.actions)
    }

    /// Plays lines of the built-in peer one after the other. `Some` if the run
    /// cannot go on.
    pub(super) fn peer_lines(&mut self, lines: &[Scripted]) -> Result<Option<Finished>, Error> {
        for line in lines {
            if let Some(finished) = self.peer_line(line)? {
                return Ok(Some(finished));
            }
        }
        Ok(None)
    }

    /// Plays one line of the built-in peer.
    pub(super) fn peer_line(&mut self, line: &Scripted) -> Result<Option<Finished>, Error> {
        let peer = self.plan.info.lead.other().word();
        self.cast.enter(peer)?;
        let planned = self.planned(peer, line)?;
        self.aside(peer, &line.action, &planned)
    }

    /// Has an actor do something that is no step: there is no pause before it.
    pub(super) fn aside(
        &mut self,
        who: &str,
        action: &Action,
        planned: &Planned,
    ) -> Result<Option<Finished>, Error> {
        let pid = self.cast.get(who)?.actor.pid();
        self.tell_of(who.into(), pid, EventKind::Enter(planned.call.clone()))?;
        match self.peer_call(who, planned)? {
            Finished::Done(done) => self.returned(who, action, &done)?,
            other => return Ok(Some(other)),
        }
        Ok(None)
    }

    /// Tells that a call returned, and keeps what it gave.
    pub(super) fn returned(
        &mut self,
        actor: &str,
        action: &Action,
        done: &Done,
    ) -> Result<(), Error> {
        self.tell_exit(actor, done)?;
        let player = self.cast.get_mut(actor)?;
        player.keep_received(done);
        player.keep_names(action, done);
        let call = &done.call;
        if done.outcome.errno().is_none() {
            let names = matches!(call.name(), "bind" | "listen");
            if names && actor == Side::Server.word() {
                self.learn_address()?;
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
        if let (Some(name), Outcome::Value(_)) = (action.actor(), done.outcome) {
            self.cast.leave(name);
        }
        Ok(())
    }

    /// Lets the child of a fork enter, which returns a second time in it.
    fn forked(&mut self, parent: &str, name: &str, done: &Done) -> Result<(), Error> {
        let Some(mut child) = self.cast.get_mut(parent)?.actor.forked(name, done) else {
            return Ok(());
        };
        let done = child.answer().map_err(|error| lost(&mut child, error))?;
        self.cast.born(child, parent)?;
        self.tell_exit(name, &done)
    }

    fn tell_exit(&mut self, actor: &str, done: &Done) -> Result<(), Error> {
        let exit = EventKind::Exit {
            call: done.call.clone(),
            outcome: done.outcome,
            took: done.took(),
        };
        let pid = self.cast.get(actor)?.actor.pid();
        self.tell_of(actor.into(), pid, exit)
    }
}

impl Player {
    /// Remembers what a recv received, forgets it when the descriptor is closed.
    fn keep_received(&mut self, done: &Done) {
        let Done { call, outcome, .. } = done;
        let (Some(fd), Outcome::Value(_)) = (call.fd(), outcome) else {
            return;
        };
        if let Some(Arg::Bytes(bytes)) = call.arg(Param::BytesOut) {
            self.received.retain(|known| known.fd != fd);
            let asked = call.arg(Param::AddressOut) != Some(&Arg::Null);
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

    /// Gives a new descriptor its name, and takes it back from a closed one.
    fn keep_names(&mut self, action: &Action, done: &Done) {
        let Outcome::Value(value) = done.outcome else {
            return;
        };
        let call = &done.call;
        match (call.syscall.makes, action.creates(), i32::try_from(value)) {
            (Makes::Descriptor, Some(name), Ok(fd)) => self.actor.named(name, fd),
            _ if is_close(call) => self.actor.closed(call.fd().unwrap_or(-1)),
            _ => {}
        }
    }
}

fn is_close(call: &Call) -> bool {
    call.name() == "close"
}
