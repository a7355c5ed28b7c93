//! How a server is named: its address, its options, its queue.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;

use super::lines::ends;
use super::rule::Rule;
use super::tables::{Step, Tables};
use crate::model::{Address, Call, Found, Outcome, Param, plain};
use crate::words::say;

/// The address at which a program is to serve, or that it is to call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub address: Address,
    /// Any other is wrong: it was given for this run.
    pub is_given: bool,
}

/// Looks for no-reuseaddr, wrong-interface, byte-order and backlog-zero.
#[derive(Default)]
pub(super) struct Naming {
    asked: Option<Asked>,
    /// Sockets that may share the port of what is left of others.
    reusing: HashSet<usize>,
    /// Binds to a port that was chosen, without that.
    plain: HashMap<usize, String>,
    /// Every bind that succeeded.
    binds: HashMap<usize, String>,
    /// The listeners, in order: their binds, and whether those who call the address that
    /// was given reach them.
    listeners: Vec<(String, bool)>,
    found: Vec<Found>,
}

impl Naming {
    pub(super) fn new(asked: Option<Asked>) -> Naming {
        Naming {
            asked,
            ..Naming::default()
        }
    }

    fn tell(&mut self, id: &'static str, evidence: Vec<String>) {
        if self.found.iter().all(|found| found.id != id) {
            self.found.push(Found { id, evidence });
        }
    }

    fn listens(&mut self, socket: usize, line: String, backlog: Option<i64>, tables: &Tables) {
        let known = &tables.sockets[socket];
        // A client of a unix socket waits, or is refused: no SYN is dropped.
        if backlog == Some(0) && known.is_inet {
            self.tell("backlog-zero", vec![line.clone()]);
        }
        if let Some(bind) = self.plain.get(&socket).cloned() {
            self.tell("no-reuseaddr", vec![known.made.clone(), bind, line.clone()]);
        }
        if let Some(served) = known.bound.and_then(Address::inet)
            && let Some(wanted) = self.given()
        {
            let everywhere = served.ip().is_unspecified();
            let there = everywhere || plain(served).ip() == plain(wanted).ip();
            let is_right = there && (served.port() == wanted.port() || wanted.port() == 0);
            let bind = self.binds.get(&socket).cloned().unwrap_or_default();
            self.listeners.push((bind, is_right));
        }
    }

    /// The address that was given for this run.
    fn given(&self) -> Option<SocketAddr> {
        let given = self.asked.filter(|asked| asked.is_given)?;
        given.address.inet()
    }

    /// The port of a bind or a connect may be the right one with its bytes swapped.
    fn names(&mut self, call: &Call, line: String) {
        let named = call.address().and_then(Address::port);
        let wanted = self.asked.and_then(|asked| asked.address.port());
        if let (Some(named), Some(wanted)) = (named, wanted)
            && named != wanted
            && named.swap_bytes() == wanted
        {
            let swapped = say!("seen-swapped", port = named, wanted = wanted);
            self.tell("byte-order", vec![line, swapped]);
        }
    }
}

impl Rule for Naming {
    fn take(&mut self, step: &Step<'_>, tables: &Tables) {
        let (Some((call, outcome)), Some(socket)) = (ends(step), step.socket) else {
            return;
        };
        let known = &tables.sockets[socket];
        let line = || call.returned(outcome);
        if matches!(call.name(), "bind" | "connect") {
            self.names(call, line());
        }
        match (call.name(), outcome) {
            ("setsockopt", Outcome::Value(_)) => {
                let option = call.number(Param::Option);
                let reuses = [libc::SO_REUSEADDR, libc::SO_REUSEPORT].map(i64::from);
                if call.number(Param::Level) == Some(libc::SOL_SOCKET.into())
                    && option.is_some_and(|option| reuses.contains(&option))
                    && call.number(Param::Value) != Some(0)
                {
                    self.reusing.insert(socket);
                }
            }
            ("bind", Outcome::Value(_)) => {
                let port = call.address().and_then(Address::port);
                let is_chosen = port.is_some_and(|port| port != 0) && known.is_stream;
                if is_chosen && !self.reusing.contains(&socket) {
                    self.plain.insert(socket, line());
                }
                self.binds.insert(socket, line());
            }
            ("bind", Outcome::Failed(errno)) if errno.0 == libc::EADDRNOTAVAIL => {
                self.tell("wrong-interface", vec![line()]);
            }
            ("listen", Outcome::Value(_)) => {
                self.listens(socket, line(), call.number(Param::Backlog), tables);
            }
            _ => {}
        }
    }

    fn found(&self, _: &Tables) -> Vec<Found> {
        let mut all = self.found.clone();
        // One that serves something else beside the right one is no fault.
        let nobody = self.listeners.iter().all(|(_, is_right)| !is_right);
        if let (Some((bind, _)), Some(wanted), true) =
            (self.listeners.first(), self.given(), nobody)
        {
            let wanted = say!("seen-wanted", address = wanted);
            all.push(Found {
                id: "wrong-interface",
                evidence: vec![bind.clone(), wanted],
            });
        }
        all
    }
}
