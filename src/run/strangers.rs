//! Connections that none of the run's own actors has made, where they play the clients.

use std::net::SocketAddr;

use super::actors::{Watched, lost};
use super::run::Run;
use crate::error::Error;
use crate::model::{
    Address, KernelRow, MachineEvent, Moment, Outcome, Relation, RunEvent, Side, World, plain,
};
use crate::script::{Action, Line, Planned, Scripted};
use crate::source::Done;

impl Run<'_> {
    /// Are both ends actors of the run, so that nobody else has a part in it?
    fn plays_clients(&self) -> bool {
        self.scope.builtin_peer
    }

    /// Keeps the address of a client that `who` has connected, as its own socket has it.
    pub(super) fn keep_client(&mut self, who: &str, done: &Done) -> Result<(), Error> {
        if self.plays_clients() {
            let watched = self.actors.get_mut(who)?;
            let views = watched.views()?;
            let view = views.iter().find(|view| Some(view.fd) == done.call.fd());
            let local = view.and_then(|view| view.local.value()?.inet());
            watched.clients.extend(local.map(plain));
        }
        Ok(())
    }

    fn is_client(&self, addr: SocketAddr) -> bool {
        let mut actors = self.actors.iter();
        actors.any(|watched| watched.clients.contains(&plain(addr)))
    }

    fn is_actor(&self, pid: u32) -> bool {
        self.actors.iter().any(|watched| watched.task.pid == pid)
    }

    /// Who it is that `who` has accepted, if that is no client of the run's own. Unix clients mostly have no address, but the kernel knows their process.
    fn stranger(&mut self, who: &str, done: &Done) -> Result<Option<Address>, Error> {
        let Outcome::Value(fd) = done.outcome else {
            return Ok(None);
        };
        if !self.plays_clients() || done.call.name() != "accept" {
            return Ok(None);
        }
        let from = done.call.address();
        let own = match from {
            Some(Address::Inet(addr)) => self.is_client(addr),
            Some(Address::Unix(_)) => {
                let watched = self.actors.get_mut(who)?;
                // It is looked at by a name, which it does not have yet.
                watched.actor.named("accepted", fd as i32);
                let views = watched.views()?;
                watched.actor.closed(fd as i32);
                let view = views.iter().find(|view| i64::from(view.fd) == fd);
                let cred = view.and_then(|view| view.cred.value());
                cred.is_none_or(|cred| self.is_actor(cred.pid))
            }
            _ => true,
        };
        Ok(from.filter(|_| !own))
    }

    /// Hangs up on a stranger that `who` has accepted. True if it was one: then the call
    /// is made once more.
    pub(crate) fn left_aside(
        &mut self,
        who: &str,
        action: &Action,
        done: &Done,
    ) -> Result<bool, Error> {
        let Some(from) = self.stranger(who, done)? else {
            return Ok(false);
        };
        self.aside_of_lesson(|run| {
            run.returned(who, action, done)?;
            run.hang_up(
                who,
                action.creates().first().map_or("", String::as_str),
                from,
            )
        })?;
        Ok(true)
    }

    /// Takes the strangers out of the server's queue that were in it at the last look,
    /// `queued` of them, so that a client of the run that waits gets in. The queue gives
    /// them in order: with a client of the run in it, nobody is taken out.
    pub(super) fn make_room(&mut self, queued: &mut usize) -> Result<(), Error> {
        let server = Side::Server.word();
        let is_free = |watched: &Watched| !watched.actor.is_in_call();
        if !self.plays_clients() || !self.actors.find(server).is_some_and(is_free) {
            return Ok(());
        }
        if self.seen_of(server).is_err() {
            self.aside_of_lesson(|run| run.look_at(server, Moment::Checked))?;
        }
        let Some(listener) = self.only_listener(server) else {
            return Ok(());
        };
        self.aside_of_lesson(|run| {
            for _ in 0..std::mem::take(queued) {
                let line = format!("accept {listener} as stranger");
                let done = run.at_once(server, action(&line)?)?;
                if let (Some(from), Outcome::Value(_)) = (done.call.address(), done.outcome) {
                    run.hang_up(server, "stranger", from)?;
                }
            }
            run.look_at(server, Moment::Checked)
        })?;
        let world = self.seen_of(server)?;
        let is_queued = |row: &&KernelRow| row.relation == Relation::Queued;
        let rows: Vec<&KernelRow> = world.rows().iter().filter(is_queued).collect();
        if rows.iter().all(|row| self.is_strangers(row)) {
            *queued = rows.len();
        }
        Ok(())
    }

    /// The name of the one socket of `who` that listens.
    fn only_listener(&self, who: &str) -> Option<String> {
        let world = self.seen_of(who).ok()?;
        let mut listening = world.sockets.iter().filter(|socket| socket.is_listening());
        let (listener, None) = (listening.next()?, listening.next()) else {
            return None;
        };
        let sockets = self.actors.find(who)?.actor.sockets();
        let (name, _) = sockets.iter().find(|(_, fd)| *fd == listener.fd)?;
        Some(name.clone())
    }

    /// Is it the row of a client that waits, and of no actor of the run?
    fn is_strangers(&self, row: &KernelRow) -> bool {
        let client = match row.relation {
            Relation::Queued | Relation::HalfOpen => row.remote,
            Relation::Connecting => row.local,
            Relation::Peer | Relation::Left => return false,
        };
        match (client, row.owner.value()) {
            (Address::Inet(addr), _) => !self.is_client(addr),
            (_, owner) => owner.is_some_and(|owner| !self.is_actor(owner.pid)),
        }
    }

    /// What was seen, without the strangers that wait. Where the learner connects, they
    /// are whom the lesson is about.
    pub(crate) fn without_strangers(&self, world: &World) -> World {
        let keep = |row: &&KernelRow| !self.plays_clients() || !self.is_strangers(row);
        let rows = |rows: &Vec<KernelRow>| rows.iter().filter(keep).cloned().collect();
        World {
            others: world.others.as_ref().map(rows),
            ..world.clone()
        }
    }

    fn hang_up(&mut self, who: &str, name: &str, from: Address) -> Result<(), Error> {
        self.at_once(who, action(&format!("close {name}"))?)?;
        self.strangers.get_or_insert((from, 0)).1 += 1;
        Ok(())
    }

    /// Tells who was left aside, if anybody.
    pub(crate) fn tell_strangers(&mut self) -> Result<(), Error> {
        match self.strangers.take() {
            Some((first, count)) => self.tell(RunEvent::Strangers { first, count }),
            None => Ok(()),
        }
    }

    /// What happens in `part` is no part of the lesson.
    fn aside_of_lesson(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let own = std::mem::replace(&mut self.scope.own, false);
        self.scope.aside = true;
        part(self)?;
        self.scope.aside = false;
        self.scope.own = own;
        Ok(())
    }

    /// Has `who`, who is in no call, make one that does not block.
    pub(crate) fn at_once(&mut self, who: &str, action: Action) -> Result<Done, Error> {
        let at = Line::default();
        let line = Scripted { action, at };
        let planned: Planned = self.planned(who, &line)?;
        let task = self.actors.get(who)?.task.clone();
        self.tell_of(&task, MachineEvent::Enter(planned.call.clone()))?;
        let actor = &mut self.actors.get_mut(who)?.actor;
        let done = actor.start(&planned).and_then(|()| actor.answer());
        let done = done.map_err(|error| lost(actor, error))?;
        self.returned(who, &line.action, &done)?;
        Ok(done)
    }
}

fn action(line: &str) -> Result<Action, Error> {
    Action::parse(line).map_err(Error::Course)
}
