//! The actors of a run, and what is known of each.

use std::io;
use std::net::SocketAddr;

use crate::error::Error;
use crate::model::{Address, Bytes, Cred, SocketView, Task, World};
use crate::script::{Names, Payload};
use crate::source::Actor;

/// An actor of a run, and what is known of it.
pub(crate) struct Watched {
    pub actor: Actor,
    pub task: Task,
    /// Every socket of it as it was last seen, by its name in the script.
    pub seen: Vec<(String, SocketView)>,
    /// What the last recv on each descriptor received.
    pub received: Vec<Received>,
    /// What the last send on each descriptor did not take.
    pub rests: Vec<(i32, Payload)>,
    /// The addresses that its sockets have connected from.
    pub clients: Vec<SocketAddr>,
}

/// What a recv received.
#[derive(Clone)]
pub(crate) struct Received {
    pub fd: i32,
    pub bytes: Bytes,
    /// Who sent it: `None` if the call did not ask, `Some(None)` if the sender has no
    /// address.
    pub sender: Option<Option<Address>>,
}

impl Watched {
    /// Nothing has been looked at yet.
    fn new(actor: Actor) -> Watched {
        Watched {
            task: Task::process(actor.pid(), actor.name()),
            seen: Vec::new(),
            received: Vec::new(),
            rests: Vec::new(),
            clients: Vec::new(),
            actor,
        }
    }

    /// What the actor sees of its sockets through its own fds. Only while it is
    /// in no call.
    pub(crate) fn views(&mut self) -> Result<Vec<SocketView>, Error> {
        // Who has exited has none, and is there to be looked at until it is reaped.
        if self.actor.has_exited() {
            return Ok(Vec::new());
        }
        let views = self.actor.look();
        views.map_err(|error| lost(&mut self.actor, error))
    }

    /// What the last send on `fd` did not take.
    pub(super) fn rest(&self, fd: i32) -> Option<&Payload> {
        let rest = self.rests.iter().find(|(known, _)| *known == fd)?;
        Some(&rest.1)
    }

    /// Keeps every socket as it was last seen, by its name.
    pub(crate) fn saw(&mut self, world: &World) {
        for (name, fd) in self.actor.sockets() {
            if let Some(view) = world.socket(*fd) {
                self.seen.retain(|(known, _)| known != name);
                self.seen.push((name.clone(), view.clone()));
            }
        }
    }
}

/// The actors of a run by name. The first is the lead: the one whose life is
/// walked. Dropping them ends their processes.
pub(crate) struct Actors {
    all: Vec<Watched>,
}

impl Actors {
    pub(crate) fn new(lead: Actor) -> Actors {
        Actors {
            all: vec![Watched::new(lead)],
        }
    }

    /// Adds an actor.
    pub(crate) fn join(&mut self, actor: Actor) {
        self.all.push(Watched::new(actor));
    }

    /// Ends every process.
    pub(crate) fn end(&mut self) {
        // Children first: only their parents can reap them.
        while self.all.pop().is_some() {}
    }

    /// Adds the child that `parent` has forked: it knows what its parent knew.
    pub(crate) fn born(&mut self, child: Actor, parent: &str) -> Result<(), Error> {
        let parent = self.get(parent)?;
        let (seen, received) = (parent.seen.clone(), parent.received.clone());
        let name = child.name().to_string();
        // An earlier child of that name may have exited; nobody can name it any more.
        self.leave(&name);
        self.join(child);
        let player = self.get_mut(&name)?;
        (player.seen, player.received) = (seen, received);
        Ok(())
    }

    /// Takes an actor out: its process has ended, or does now.
    pub(crate) fn leave(&mut self, name: &str) {
        self.all.retain(|player| player.actor.name() != name);
    }

    /// The actor of that name.
    pub(crate) fn find(&self, name: &str) -> Option<&Watched> {
        self.all.iter().find(|player| player.actor.name() == name)
    }

    /// The actor of that name, which a script wants to act.
    pub(crate) fn get(&self, name: &str) -> Result<&Watched, Error> {
        self.find(name).ok_or_else(|| missing(name))
    }

    /// The same, to act.
    pub(crate) fn get_mut(&mut self, name: &str) -> Result<&mut Watched, Error> {
        self.all
            .iter_mut()
            .find(|player| player.actor.name() == name)
            .ok_or_else(|| missing(name))
    }

    /// Everybody, the lead first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Watched> {
        self.all.iter()
    }

    /// Everybody's name.
    pub(crate) fn names(&self) -> Vec<String> {
        let names = self.all.iter().map(|player| player.actor.name());
        names.map(str::to_string).collect()
    }

    /// Everybody's process id.
    pub(crate) fn pids(&self) -> Vec<u32> {
        self.all.iter().map(|player| player.task.pid).collect()
    }

    /// Starts the process of an actor.
    pub(crate) fn start(name: &str) -> Result<Actor, Error> {
        let doing = format!("starting the process of the {name}");
        Actor::spawn(name).map_err(Error::system(doing))
    }
}

/// What the names of a line stand for, where `player` performs it.
pub(super) struct InScript<'a> {
    pub actors: &'a Actors,
    pub actor: &'a Watched,
}

impl InScript<'_> {
    fn last_received(&self, fd: i32) -> Option<&Received> {
        self.actor.received.iter().find(|known| known.fd == fd)
    }
}

impl Names for InScript<'_> {
    fn fd(&self, socket: &str) -> Option<i32> {
        // A number stands for itself.
        self.actor.actor.fd(socket).or_else(|| socket.parse().ok())
    }

    fn cred(&self) -> Cred {
        self.actor.actor.cred()
    }

    fn pid(&self, actor: &str) -> Option<u32> {
        Some(self.actors.find(actor)?.actor.pid())
    }

    fn sender(&self, fd: i32) -> Option<Option<Address>> {
        self.last_received(fd)?.sender
    }

    fn received(&self, fd: i32) -> Option<Bytes> {
        Some(self.last_received(fd)?.bytes.clone())
    }

    fn rest(&self, fd: i32) -> Option<Payload> {
        self.actor.rest(fd).cloned()
    }
}

fn missing(name: &str) -> Error {
    Error::Course(format!("there is no actor '{name}' yet"))
}

/// What an error of an actor's channel means.
pub(super) fn lost(actor: &mut Actor, error: io::Error) -> Error {
    if !Actor::is_end(&error) {
        return Error::system(format!("directing the {} process", actor.name()))(error);
    }
    Error::ActorGone {
        actor: actor.name().into(),
        signal: actor.ended_by().ok().flatten(),
    }
}
