use std::io;

use super::pump::lost;
use crate::error::Error;
use crate::model::{Address, Bytes, Call, SocketView, World};
use crate::observe::Observer;
use crate::script::Names;
use crate::stage::Actor;

/// An actor of a run, and what is known of it.
pub(super) struct Player {
    pub actor: Actor,
    pub observer: Observer,
    /// The last look at it.
    pub world: World,
    /// Every socket of it as it was last seen, by its name in the script.
    pub seen: Vec<(String, SocketView)>,
    /// What the last recv on each descriptor received.
    pub received: Vec<Received>,
}

/// What a recv received.
#[derive(Clone)]
pub(super) struct Received {
    pub fd: i32,
    pub bytes: Bytes,
    /// Who sent it: `None` if the call did not ask, `Some(None)` if the sender has no
    /// address.
    pub sender: Option<Option<Address>>,
}

impl Player {
    /// Nothing has been looked at yet. `kernel` is the release uname(2) gives.
    pub fn new(actor: Actor, kernel: &str) -> Player {
        let mut observer = Observer::new(kernel);
        observer.expect_owner(actor.pid());
        Player {
            observer,
            world: World::unseen(actor.pid()),
            seen: Vec::new(),
            received: Vec::new(),
            actor,
        }
    }

    /// What the actor sees of its sockets through its own fds. Only while it is
    /// in no call.
    pub fn views(&mut self) -> Result<Vec<SocketView>, Error> {
        // Who has exited has none, and is there to be looked at until it is reaped.
        if self.actor.has_exited() {
            return Ok(Vec::new());
        }
        self.actor
            .look()
            .map_err(|error| lost(&mut self.actor, error))
    }

    /// Looks and keeps what was seen; it is not told.
    pub fn refresh(&mut self) -> Result<(), Error> {
        let views = self.views()?;
        let world = self.observer.look(self.actor.pid(), views);
        self.saw(&world);
        Ok(())
    }

    /// Looks from outside, while it sleeps in a call.
    pub fn look_outside(&mut self) -> World {
        self.observer.look_outside(self.actor.pid(), &self.world)
    }

    /// Before a connect: its socket is told from others by what it is about to do.
    pub fn expect_connect(&mut self, call: &Call) {
        if call.name() == "connect"
            && let Some(remote) = call.address().and_then(Address::inet)
            && let Some(view) = call.fd().and_then(|fd| self.world.socket(fd))
            && let Some(&cookie) = view.cookie.value()
        {
            self.observer.expect_connect(cookie, remote);
        }
    }

    /// Keeps what was seen.
    pub fn saw(&mut self, world: &World) {
        for (name, fd) in self.actor.sockets() {
            if let Some(view) = world.socket(*fd) {
                self.seen.retain(|(known, _)| known != name);
                self.seen.push((name.clone(), view.clone()));
            }
        }
        self.world = world.clone();
    }

    /// The open socket of that name, as last looked at.
    pub fn open(&self, name: &str) -> Option<&SocketView> {
        self.world.socket(self.actor.fd(name)?)
    }

    /// The socket of that name as it was when last open.
    pub fn last_seen(&self, name: &str) -> Option<&SocketView> {
        let (_, view) = self.seen.iter().find(|(known, _)| known == name)?;
        Some(view)
    }
}

/// The actors of a run by name. The first is the lead: the one whose life is
/// walked. Dropping the cast ends their processes.
pub(super) struct Cast {
    players: Vec<Player>,
    kernel: String,
}

impl Cast {
    pub fn new(lead: Actor, kernel: &str) -> Cast {
        let mut cast = Cast {
            players: Vec::new(),
            kernel: kernel.into(),
        };
        cast.join(lead);
        cast
    }

    /// Adds an actor. Who holds a socket is looked for among all of them first.
    pub fn join(&mut self, actor: Actor) {
        let mut player = Player::new(actor, &self.kernel);
        for other in &mut self.players {
            other.observer.expect_owner(player.actor.pid());
            player.observer.expect_owner(other.actor.pid());
        }
        self.players.push(player);
    }

    /// Ends every process.
    pub fn end(&mut self) {
        // Children first: only their parents can reap them.
        while self.players.pop().is_some() {}
    }

    /// Adds the child that `parent` has forked: it knows what its parent knew.
    pub fn born(&mut self, child: Actor, parent: &str) -> Result<(), Error> {
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
    pub fn leave(&mut self, name: &str) {
        self.players.retain(|player| player.actor.name() != name);
    }

    /// The one whose life is walked.
    pub fn lead(&self) -> &Player {
        &self.players[0]
    }

    /// The actor of that name.
    pub fn find(&self, name: &str) -> Option<&Player> {
        self.players
            .iter()
            .find(|player| player.actor.name() == name)
    }

    /// The actor of that name, which a script wants to act.
    pub fn get(&self, name: &str) -> Result<&Player, Error> {
        self.find(name).ok_or_else(|| missing(name))
    }

    /// The same, to act.
    pub fn get_mut(&mut self, name: &str) -> Result<&mut Player, Error> {
        self.players
            .iter_mut()
            .find(|player| player.actor.name() == name)
            .ok_or_else(|| missing(name))
    }

    /// Everybody's name.
    pub fn names(&self) -> Vec<String> {
        let names = self.players.iter().map(|player| player.actor.name());
        names.map(str::to_string).collect()
    }

    /// Starts the process of an actor that is not there yet.
    pub fn enter(&mut self, name: &str) -> Result<(), Error> {
        if self.find(name).is_none() {
            let start = |error: io::Error| {
                Error::system(format!("starting the process of the {name}"))(error)
            };
            self.join(Actor::spawn(name).map_err(start)?);
        }
        Ok(())
    }
}

/// What the names of a line stand for, where `player` performs it.
pub(super) struct Known<'a> {
    pub cast: &'a Cast,
    pub player: &'a Player,
}

impl Known<'_> {
    fn last_received(&self, fd: i32) -> Option<&Received> {
        self.player.received.iter().find(|known| known.fd == fd)
    }
}

impl Names for Known<'_> {
    fn fd(&self, socket: &str) -> Option<i32> {
        self.player.actor.fd(socket)
    }

    fn pid(&self, actor: &str) -> Option<u32> {
        Some(self.cast.find(actor)?.actor.pid())
    }

    fn sender(&self, fd: i32) -> Option<Option<Address>> {
        self.last_received(fd)?.sender
    }

    fn received(&self, fd: i32) -> Option<Bytes> {
        Some(self.last_received(fd)?.bytes.clone())
    }
}

fn missing(name: &str) -> Error {
    Error::Course(format!("there is no actor '{name}' yet"))
}
