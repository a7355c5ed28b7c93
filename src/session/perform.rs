use super::pump::Finished;
use super::walk::{CLIENT, Session};
use crate::course::{Line, Step, When};
use crate::error::Error;
use crate::model::{Bytes, EventKind, Outcome};
use crate::script::{Action, Payload, Switch};
use crate::stage::{Actor, Done, Op};

impl Session<'_> {
    /// The action of a line, its placeholders filled in.
    pub(super) fn action(&self, line: &Line) -> Result<Action, Error> {
        Action::parse(&self.vars.fill(&line.text))
            .map_err(|message| Error::Course(format!("line {}: {message}", line.line)))
    }

    /// What the built-in client does around a step, if there is one.
    pub(super) fn script<'s>(&self, step: &'s Step, when: When, round: Option<u32>) -> &'s [Line] {
        if !self.plan.info.builtin_peer {
            return &[];
        }
        let nth = round.map_or(0, |round| round as usize - 1);
        step.peer
            .iter()
            .filter(|peer| peer.when == when)
            .nth(nth)
            .map_or(&[], |peer| &peer.actions)
    }

    /// Plays lines of the built-in client one after the other. `Some` if the run
    /// cannot go on.
    pub(super) fn client_lines(&mut self, lines: &[Line]) -> Result<Option<Finished>, Error> {
        for line in lines {
            if let Some(finished) = self.client_line(line)? {
                return Ok(Some(finished));
            }
        }
        Ok(None)
    }

    /// Plays one line of the built-in client.
    pub(super) fn client_line(&mut self, line: &Line) -> Result<Option<Finished>, Error> {
        let mut client = match self.client.take() {
            Some(client) => client,
            None => {
                let client =
                    Actor::spawn(CLIENT).map_err(Error::system("starting the built-in client"))?;
                self.observer.expect_owner(client.pid());
                client
            }
        };
        let action = self.action(line)?;
        let op = operation(&client, &action)?;
        let call = op.call(None, self.echo(CLIENT, &op));
        let pid = client.pid();
        self.tell_of(CLIENT.into(), pid, EventKind::Enter(call))?;
        let (actor, finished) = self.client_call(client, &op)?;
        client = actor;
        let Finished::Done(done) = finished else {
            self.client = Some(client);
            return Ok(Some(finished));
        };
        self.tell_exit(CLIENT, pid, &op, &done)?;
        self.keep_received(CLIENT, &op, &done);
        keep_names(&mut client, &action, &op, &done);
        self.client = Some(client);
        Ok(None)
    }

    /// Tells that a call returned.
    pub(super) fn tell_exit(
        &mut self,
        actor: &str,
        pid: u32,
        op: &Op,
        done: &Done,
    ) -> Result<(), Error> {
        let call = op.call(Some(done), self.echo(actor, op));
        self.tell_of(
            actor.into(),
            pid,
            EventKind::Exit {
                call,
                outcome: done.outcome,
                took: std::time::Duration::from_nanos(done.took_ns),
            },
        )
    }

    /// Remembers what a recv received, forgets it when the descriptor is closed.
    pub(super) fn keep_received(&mut self, actor: &str, op: &Op, done: &Done) {
        let (Op::Recv { fd, .. } | Op::Close { fd }) = op else {
            return;
        };
        if done.outcome.errno().is_some() {
            return;
        }
        self.received
            .retain(|(name, known, _)| name != actor || known != fd);
        if let Some(bytes) = &done.bytes {
            self.received.push((actor.into(), *fd, bytes.clone()));
        }
    }

    /// What a send of received bytes would send.
    pub(super) fn echo(&self, actor: &str, op: &Op) -> Option<&Bytes> {
        let Op::Send { fd, data: None } = op else {
            return None;
        };
        self.received
            .iter()
            .find(|(name, known, _)| name == actor && known == fd)
            .map(|(_, _, bytes)| bytes)
    }
}

/// Gives a new descriptor its name, and takes it back from a closed one.
pub(super) fn keep_names(actor: &mut Actor, action: &Action, op: &Op, done: &Done) {
    let Outcome::Value(value) = done.outcome else {
        return;
    };
    match (op, action.creates(), i32::try_from(value)) {
        (Op::Close { fd }, _, _) => actor.closed(*fd),
        (_, Some(name), Ok(fd)) => actor.named(name, fd),
        _ => {}
    }
}

/// An action with its names turned into the actor's descriptors.
pub(super) fn operation(actor: &Actor, action: &Action) -> Result<Op, Error> {
    let fd = || {
        actor.fd(action.socket()).ok_or_else(|| {
            Error::Course(format!(
                "the {} has no open socket '{}'",
                actor.name(),
                action.socket()
            ))
        })
    };
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
            addr: crate::model::Address::reachable(*addr),
        },
        Action::Recv { max, .. } => Op::Recv {
            fd: fd()?,
            max: *max,
        },
        Action::Send { .. } => Op::Send {
            fd: fd()?,
            data: match action.payload() {
                Some(Payload::Bytes(bytes)) => Some(bytes),
                _ => None,
            },
        },
        Action::Shutdown { how, .. } => Op::Shutdown {
            fd: fd()?,
            how: *how,
        },
        Action::Close { .. } => Op::Close { fd: fd()? },
    })
}
