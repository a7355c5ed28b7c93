//! The states that each socket of a run was seen in, one after the other.

use std::collections::HashMap;
use std::rc::Rc;

use super::machine::Shape;
use crate::model::{
    Address, Fact, KernelRow, Look, Relation, SocketView, Subject, Task, TcpState, plain,
};

/// At which side of a picture something stands: left whose life is walked or who is
/// traced, right the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Left,
    Right,
}

impl Place {
    /// The other side.
    pub(crate) fn other(self) -> Place {
        match self {
            Place::Left => Place::Right,
            Place::Right => Place::Left,
        }
    }
}

/// A state that a socket was in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Passed {
    pub state: TcpState,
    /// The kernel showed it; if not, it lies between two that it did.
    pub seen: bool,
    /// The event that showed it.
    pub seq: u64,
}

/// What became of a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub place: Place,
    /// `server fd 4`
    pub name: String,
    pub shape: Shape,
    pub way: Vec<Passed>,
    /// The kernel has it no more.
    pub is_gone: bool,
    local: Option<Address>,
    peer: Option<Address>,
    /// Whoever holds it, and by which descriptor, as it was seen last.
    pub(super) held: Option<(u32, i32)>,
}

impl Life {
    /// The state that it was seen in last.
    pub(crate) fn now(&self) -> Option<TcpState> {
        self.way.last().map(|passed| passed.state)
    }

    /// Was it in that state?
    pub(crate) fn passed(&self, state: TcpState) -> bool {
        self.way.iter().any(|passed| passed.state == state)
    }

    fn pair(&self) -> Option<Pair> {
        pair(self.local, self.peer)
    }
}

/// The addresses of both ends, which name a TCP connection's end.
type Pair = (std::net::SocketAddr, std::net::SocketAddr);

fn pair(local: Option<Address>, peer: Option<Address>) -> Option<Pair> {
    let (local, peer) = (plain(local?.inet()?), plain(peer?.inet()?));
    (peer.port() != 0).then_some((local, peer))
}

/// Every socket that was seen.
#[derive(Debug, Default)]
pub(crate) struct Lives {
    all: Vec<Life>,
    by_cookie: HashMap<u64, usize>,
    by_pair: HashMap<Pair, usize>,
    by_fd: HashMap<(u32, i32), usize>,
    /// The names of processes of the run: the kernel knows them by others.
    names: HashMap<u32, Rc<str>>,
}

/// A socket as a look shows it.
struct Sighted {
    cookie: u64,
    place: Place,
    /// `None` where it has one already that tells more.
    name: Option<String>,
    shape: Option<Shape>,
    state: TcpState,
    local: Option<Address>,
    peer: Option<Address>,
    held: Option<(u32, i32)>,
}

impl Lives {
    /// A process of the run has that name.
    pub(super) fn name(&mut self, who: &Task) {
        let name = || Rc::clone(&who.name);
        self.names.entry(who.pid).or_insert_with(name);
    }

    /// All of them, in the order in which they were seen first.
    pub(crate) fn all(&self) -> &[Life] {
        &self.all
    }

    /// The socket of that process at that descriptor.
    pub(super) fn at(&self, pid: u32, fd: i32) -> Option<&Life> {
        self.by_fd.get(&(pid, fd)).map(|at| &self.all[*at])
    }

    /// Takes in a look of someone who stands at `place`: which of the sockets have another
    /// state than before, or are gone.
    pub(super) fn take(&mut self, who: &Task, place: Place, look: &Look, seq: u64) -> Vec<usize> {
        let seen = &look.seen;
        let mut changed = Vec::new();
        let shape = seen.sockets.iter().find_map(Shape::of);
        let sockets = seen.sockets.iter();
        let sockets = sockets.filter_map(|socket| self.socket(who, place, socket));
        let rows = seen.rows().iter();
        let rows = rows.map(|row| self.row(place, shape, row));
        let sighted: Vec<Sighted> = sockets.chain(rows).collect();
        for one in sighted {
            changed.extend(self.sight(one, seq));
        }
        for change in look.changes.iter().filter(|it| it.field == "state") {
            if change.to == Fact::None {
                changed.extend(self.leave(who, &change.subject, look, seq));
            }
        }
        changed
    }

    fn socket(&self, who: &Task, place: Place, socket: &SocketView) -> Option<Sighted> {
        let cookie = *socket.cookie.value()?;
        // What was inherited keeps its first name.
        let known = self.by_cookie.get(&cookie).map(|at| &self.all[*at]);
        let is_new = known.is_none_or(|life| life.held.is_none());
        Some(Sighted {
            cookie,
            place: known.map_or(place, |life| life.place),
            name: is_new.then(|| format!("{} fd {}", who.name, socket.fd)),
            shape: Shape::of(socket),
            state: *socket.state.value()?,
            local: socket.local.value().copied(),
            peer: socket.peer.value().copied(),
            held: Some((who.pid, socket.fd)),
        })
    }

    /// A row of the kernel's tables as one at `place` sees it.
    fn row(&self, place: Place, shape: Option<Shape>, row: &KernelRow) -> Sighted {
        let (place, what) = match row.relation {
            // Of unix sockets it is the socket of who has called.
            Relation::Queued if row.local.unix().is_some() => (place.other(), "who calls"),
            Relation::Queued | Relation::HalfOpen => (place, "in the queue"),
            Relation::Left => (place, "left"),
            Relation::Connecting => (place.other(), "who calls"),
            Relation::Peer => (place.other(), "the other end"),
        };
        let owner = row.owner.value().filter(|_| place_is_others(row.relation));
        let name = owner.map(|owner| match self.names.get(&owner.pid) {
            Some(name) => name.to_string(),
            None => format!("{}, pid {}", owner.name, owner.pid),
        });
        let known = self.by_cookie.get(&row.cookie);
        let is_held = known.is_some_and(|at| self.all[*at].held.is_some());
        let what = known.is_none().then(|| what.to_string());
        Sighted {
            cookie: row.cookie,
            place: known.map_or(place, |at| self.all[*at].place),
            name: name.filter(|_| !is_held).or(what),
            shape,
            state: row.state,
            local: Some(row.local),
            peer: Some(row.remote),
            held: None,
        }
    }

    /// One more look at a socket: its number, if it has another state.
    fn sight(&mut self, it: Sighted, seq: u64) -> Option<usize> {
        let pair = pair(it.local, it.peer);
        let by_pair = || self.by_pair.get(&pair?);
        let at = self.by_cookie.get(&it.cookie).or_else(by_pair).copied();
        // The same addresses again are another connection.
        let at = at.filter(|at| !self.all[*at].is_gone);
        let at = at.unwrap_or_else(|| self.begin(&it, seq));
        if it.cookie != 0 {
            self.by_cookie.insert(it.cookie, at);
        }
        if let Some(pair) = pair {
            self.by_pair.insert(pair, at);
        }
        if let Some(held) = it.held {
            self.by_fd.insert(held, at);
        }
        let life = &mut self.all[at];
        life.held = it.held.or(life.held);
        life.name = it.name.unwrap_or_else(|| std::mem::take(&mut life.name));
        (life.local, life.peer) = (it.local.or(life.local), it.peer.or(life.peer));
        let news = life.go(it.state, seq).then_some(at);
        self.part(at);
        news
    }

    fn begin(&mut self, it: &Sighted, seq: u64) -> usize {
        let shape = it.shape.unwrap_or(Shape::Tcp);
        let mut life = Life {
            place: it.place,
            name: it.name.clone().unwrap_or_default(),
            shape,
            way: Vec::new(),
            is_gone: false,
            local: it.local,
            peer: it.peer,
            held: None,
        };
        let begun = match it.state {
            TcpState::Closed | TcpState::Listen | TcpState::SynSent => None,
            _ if shape != Shape::Tcp => None,
            _ => self.opened(&life),
        };
        let first = |state| Passed {
            state,
            seen: false,
            seq,
        };
        // A socket that was accepted, or the other end of one.
        life.way
            .extend(begun.filter(|it_is| *it_is != it.state).map(first));
        self.all.push(life);
        self.all.len() - 1
    }

    /// How a connection was opened, where that is known: by a listener of this side, or by
    /// calling one of the other.
    fn opened(&self, new: &Life) -> Option<TcpState> {
        let listens = |place: Place, at: Option<Address>| {
            let port = at.and_then(Address::port);
            let mut all = self.all.iter();
            all.any(|life| {
                let local = life.local.and_then(Address::inet);
                let is_there = life.place == place && life.passed(TcpState::Listen);
                is_there && local.map(|addr| addr.port()) == port
            })
        };
        let other = new
            .pair()
            .and_then(|(local, peer)| self.by_pair.get(&(peer, local)));
        let calls = other.is_some_and(|at| self.all[*at].passed(TcpState::SynSent));
        if calls || listens(new.place, new.local) {
            Some(TcpState::SynReceived)
        } else if listens(new.place.other(), new.peer) {
            Some(TcpState::Closed)
        } else {
            None
        }
    }

    /// Of two ends that one program holds, the one that has called stands at the right.
    fn part(&mut self, at: usize) {
        let life = &self.all[at];
        let Some((local, peer)) = life.pair() else {
            return;
        };
        let other = self.by_pair.get(&(peer, local)).map(|at| &self.all[*at]);
        if other.is_some_and(|other| other.place == life.place) && life.passed(TcpState::SynSent) {
            self.all[at].place = life.place.other();
        }
    }

    /// The look shows that something is gone.
    fn leave(&mut self, who: &Task, what: &Subject, look: &Look, seq: u64) -> Option<usize> {
        let at = match what {
            Subject::Socket { fd, cookie } => {
                let held = self.by_fd.remove(&(who.pid, *fd));
                cookie
                    .and_then(|it| self.by_cookie.get(&it).copied())
                    .or(held)
            }
            Subject::Row { local, remote, .. } => {
                let pair = (plain(local.parse().ok()?), plain(remote.parse().ok()?));
                self.by_pair.get(&pair).copied()
            }
            Subject::Path(_) => None,
        }?;
        let life = &mut self.all[at];
        let stays = |row: &KernelRow| {
            let row = pair(Some(row.local), Some(row.remote));
            row.is_some() && row == life.pair()
        };
        // Another descriptor, or the kernel, has it still.
        let is_held = self.by_fd.values().any(|held| *held == at);
        if life.is_gone || is_held || look.seen.rows().iter().any(stays) {
            return None;
        }
        life.is_gone = true;
        if life.shape == Shape::Tcp {
            life.go(TcpState::Closed, seq);
        }
        Some(at)
    }
}

impl Life {
    /// It is in that state now: is that news?
    fn go(&mut self, state: TcpState, seq: u64) -> bool {
        let Some(last) = self.now() else {
            self.way.push(Passed {
                state,
                seen: true,
                seq,
            });
            return true;
        };
        if last == state {
            return false;
        }
        // How a connection has ended that is gone, nobody has seen.
        if state != TcpState::Closed {
            let between = self.shape.between(last, state).into_iter();
            self.way.extend(between.map(|state| Passed {
                state,
                seen: false,
                seq,
            }));
        }
        self.way.push(Passed {
            state,
            seen: true,
            seq,
        });
        true
    }
}

/// Does a row of that relation stand at the other side?
fn place_is_others(relation: Relation) -> bool {
    matches!(relation, Relation::Peer | Relation::Connecting)
}
