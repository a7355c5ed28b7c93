//! How a server is named: its address, its options, its queue.

use std::collections::{HashMap, HashSet};

use super::lines::ends;
use super::rule::Rule;
use super::tables::{Step, Tables};
use crate::model::{Address, Found, Outcome, Param};
use crate::words::say;

/// Looks for no-reuseaddr, wrong-interface and backlog-zero.
#[derive(Default)]
pub(super) struct Naming {
    /// Where the server is to serve.
    expected: Option<Address>,
    /// Sockets that may share the port of what is left of others.
    reusing: HashSet<usize>,
    /// Binds to a port that was chosen, without that.
    plain: HashMap<usize, String>,
    /// Every bind that succeeded.
    binds: HashMap<usize, String>,
    found: Vec<Found>,
}

impl Naming {
    pub(super) fn new(expected: Option<Address>) -> Naming {
        Naming {
            expected,
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
        let served = known.bound.and_then(Address::inet);
        let wanted = self.expected.and_then(Address::inet);
        if let (Some(served), Some(wanted)) = (served, wanted) {
            let everywhere = served.ip().is_unspecified();
            let there = everywhere || served.ip() == wanted.ip();
            if !there || served.port() != wanted.port() && wanted.port() != 0 {
                let bind = self.binds.get(&socket).cloned().unwrap_or_default();
                self.tell(
                    "wrong-interface",
                    vec![bind, say!("seen-wanted", address = wanted)],
                );
            }
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
                let port = call
                    .address()
                    .and_then(Address::inet)
                    .map(|addr| addr.port());
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
        self.found.clone()
    }
}
