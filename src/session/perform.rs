use super::cast::{Cast, Player};
use super::pump::{Finished, lost};
use super::walk::Session;
use crate::course::{Line, Step, When};
use crate::error::Error;
use crate::model::{Bytes, EventKind, Outcome, Side};
use crate::script::{Action, Destination, Payload, Switch};
use crate::stage::{Done, Op};

impl Session<'_> {
    /// The action of a line, its placeholders filled in.
    pub(super) fn action(&self, line: &Line) -> Result<Action, Error> {
        Action::parse(&self.vars.fill(&line.text))
            .map_err(|message| Error::Course(format!("line {}: {message}", line.line)))
    }

    /// What the built-in peer does around a step, if there is one.
    pub(super) fn script<'s>(&self, step: &'s Step, when: When, round: Option<u32>) -> &'s [Line] {
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
    pub(super) fn peer_lines(&mut self, lines: &[Line]) -> Result<Option<Finished>, Error> {
        for line in lines {
            if let Some(finished) = self.peer_line(line)? {
                return Ok(Some(finished));
            }
        }
        Ok(None)
    }

    /// Plays one line of the built-in peer.
    pub(super) fn peer_line(&mut self, line: &Line) -> Result<Option<Finished>, Error> {
        let peer = self.plan.info.lead.other().word();
        self.cast.enter(peer)?;
        let action = self.action(line)?;
        self.aside(peer, &action)
    }

    /// Has an actor do something that is no step: there is no pause before it.
    pub(super) fn aside(&mut self, who: &str, action: &Action) -> Result<Option<Finished>, Error> {
        let op = operation(&self.cast, who, action)?;
        let player = self.cast.get(who)?;
        let call = op.call(None, player.echo(&op));
        let pid = player.actor.pid();
        self.tell_of(who.into(), pid, EventKind::Enter(call))?;
        match self.peer_call(who, &op)? {
            Finished::Done(done) => self.returned(who, action, &op, &done)?,
            other => return Ok(Some(other)),
        }
        Ok(None)
    }

    /// Tells that a call returned, and keeps what it gave.
    pub(super) fn returned(
        &mut self,
        actor: &str,
        action: &Action,
        op: &Op,
        done: &Done,
    ) -> Result<(), Error> {
        self.tell_exit(actor, op, done)?;
        let player = self.cast.get_mut(actor)?;
        player.keep_received(op, done);
        player.keep_names(action, op, done);
        let names = matches!(op, Op::Bind { .. } | Op::Listen { .. });
        if names && actor == Side::Server.word() && done.outcome.errno().is_none() {
            self.learn_address()?;
        }
        if let (Op::Bind { addr, .. }, None) = (op, done.outcome.errno())
            && let Some(path) = addr.path()
        {
            // Where no keeper can be started, the file is removed at every end but
            // `kill -9`.
            let _ = self.keeper.keep_file(path.as_path());
        }
        if let Some(name) = action.creates_actor() {
            self.forked(actor, name, op, done)?;
        }
        if let (Some(name), Outcome::Value(_)) = (action.actor(), done.outcome) {
            self.cast.leave(name);
        }
        Ok(())
    }

    /// Lets the child of a fork enter, which returns a second time in it.
    fn forked(&mut self, parent: &str, name: &str, op: &Op, done: &Done) -> Result<(), Error> {
        let Some(mut child) = self.cast.get_mut(parent)?.actor.forked(name, done) else {
            return Ok(());
        };
        let done = child.answer().map_err(|error| lost(&mut child, error))?;
        self.cast.born(child, parent)?;
        self.tell_exit(name, op, &done)
    }

    fn tell_exit(&mut self, actor: &str, op: &Op, done: &Done) -> Result<(), Error> {
        let player = self.cast.get(actor)?;
        let exit = EventKind::Exit {
            call: op.call(Some(done), player.echo(op)),
            outcome: done.outcome,
            took: done.took(),
        };
        let pid = player.actor.pid();
        self.tell_of(actor.into(), pid, exit)
    }
}

impl Player {
    /// Remembers what a recv received, forgets it when the descriptor is closed.
    fn keep_received(&mut self, op: &Op, done: &Done) {
        let (Op::Recv { fd, .. } | Op::Recvfrom { fd, .. } | Op::Close { fd }) = op else {
            return;
        };
        if done.outcome.errno().is_some() {
            return;
        }
        if let Op::Recvfrom { .. } = op {
            self.actor.heard(*fd, done.address);
        }
        self.received.retain(|(known, _)| known != fd);
        if let Some(bytes) = &done.bytes {
            self.received.push((*fd, bytes.clone()));
        }
    }

    /// What a send of received bytes would send.
    pub(super) fn echo(&self, op: &Op) -> Option<&Bytes> {
        let Op::Send { fd, data: None, .. } = op else {
            return None;
        };
        self.received
            .iter()
            .find(|(known, _)| known == fd)
            .map(|(_, bytes)| bytes)
    }

    /// Gives a new descriptor its name, and takes it back from a closed one.
    fn keep_names(&mut self, action: &Action, op: &Op, done: &Done) {
        let Outcome::Value(value) = done.outcome else {
            return;
        };
        match (op, action.creates(), i32::try_from(value)) {
            (Op::Close { fd }, _, _) => self.actor.closed(*fd),
            (_, Some(name), Ok(fd)) => self.actor.named(name, fd),
            _ => {}
        }
    }
}

/// An action with its names turned into the actor's descriptors.
pub(super) fn operation(cast: &Cast, actor: &str, action: &Action) -> Result<Op, Error> {
    let actor = &cast.get(actor)?.actor;
    let named = |name: &str| {
        actor.fd(name).ok_or_else(|| {
            Error::Course(format!("the {} has no open socket '{name}'", actor.name()))
        })
    };
    let fd = || named(action.socket().unwrap_or_default());
    Ok(match action {
        Action::Socket { domain, kind, .. } => Op::Socket {
            domain: (*domain).into(),
            kind: (*kind).into(),
        },
        Action::Setsockopt { option, value, .. } => Op::Setsockopt {
            fd: fd()?,
            option: *option,
            on: *value == Switch::On,
        },
        Action::Bind { addr, .. } => Op::Bind {
            fd: fd()?,
            addr: *addr,
        },
        Action::Listen { backlog, .. } => Op::Listen {
            fd: fd()?,
            backlog: *backlog,
        },
        Action::Accept { .. } => Op::Accept { fd: fd()? },
        Action::Connect { addr, .. } => Op::Connect {
            fd: fd()?,
            addr: addr.reached(),
        },
        Action::Recv { max, .. } => Op::Recv {
            fd: fd()?,
            max: *max,
        },
        Action::Send { .. } => match action.payload() {
            Some(Payload::Zeros(len)) => Op::Zeros { fd: fd()?, len },
            payload => Op::Send {
                fd: fd()?,
                to: None,
                data: bytes(payload),
            },
        },
        Action::Recvfrom { max, .. } => Op::Recvfrom {
            fd: fd()?,
            max: *max,
        },
        Action::Sendto { socket, to, .. } => Op::Send {
            fd: fd()?,
            to: match to {
                Destination::Address(addr) => Some(addr.reached()),
                Destination::Sender => actor.sender(fd()?).ok_or_else(|| {
                    Error::Course(format!(
                        "nothing was received on '{socket}' that has a sender: a recvfrom comes first"
                    ))
                })?,
            },
            data: bytes(action.payload()),
        },
        Action::Getsockopt { option, .. } => Op::Getsockopt {
            fd: fd()?,
            option: *option,
        },
        Action::Unlink { path } => Op::Unlink { path: path.clone() },
        Action::Shutdown { how, .. } => Op::Shutdown {
            fd: fd()?,
            how: *how,
        },
        Action::Close { .. } => Op::Close { fd: fd()? },
        Action::Nonblock { value, .. } => Op::Nonblock {
            fd: fd()?,
            on: *value == Switch::On,
        },
        Action::Poll { sockets, timeout } => Op::Poll {
            fds: sockets
                .iter()
                .map(|name| named(name))
                .collect::<Result<_, _>>()?,
            timeout_ms: *timeout,
        },
        Action::Fork { .. } => Op::Fork,
        Action::Exit { code } => Op::Exit {
            code: (*code).into(),
        },
        Action::Wait { actor: child } => Op::Wait {
            pid: cast.get(child)?.actor.pid().cast_signed(),
        },
    })
}

/// The bytes of a payload; `None` for what was received, which the actor has.
fn bytes(payload: Option<Payload>) -> Option<Vec<u8>> {
    match payload {
        Some(Payload::Bytes(bytes)) => Some(bytes),
        _ => None,
    }
}
