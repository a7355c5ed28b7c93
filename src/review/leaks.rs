//! Sockets that are of no use any more, and stay.

use std::collections::BTreeMap;

use super::lines::ends;
use super::rule::Rule;
use super::tables::{Step, Tables};
use crate::model::{Found, Outcome};
use crate::words::say;

/// So many useless sockets are a habit.
const HABIT: usize = 3;

/// Looks for fd-leak.
#[derive(Default)]
pub(super) struct Leaks {
    /// Sockets with which nothing can be done any more, and the call that has said so.
    useless: BTreeMap<usize, String>,
}

impl Rule for Leaks {
    fn take(&mut self, step: &Step<'_>, _: &Tables) {
        let (Some((call, outcome)), Some(socket)) = (ends(step), step.socket) else {
            return;
        };
        let errno = outcome.errno().map(|errno| errno.0);
        let is_useless = match (step.does, errno) {
            ("connect", Some(libc::EINPROGRESS | libc::EALREADY | libc::EINTR | libc::EISCONN)) => {
                false
            }
            ("connect" | "bind", Some(_)) => true,
            ("recv" | "send", Some(libc::ECONNRESET | libc::EPIPE)) => true,
            _ => false,
        };
        if is_useless {
            self.useless.insert(socket, call.returned(outcome));
        } else if matches!(outcome, Outcome::Value(_)) && call.name() != "getsockopt" {
            self.useless.remove(&socket);
        }
    }

    fn found(&self, tables: &Tables) -> Vec<Found> {
        let mut processes = tables.everybody().into_iter();
        let found = processes.find_map(|pid| self.of(pid, tables));
        found.into_iter().collect()
    }
}

impl Leaks {
    /// What a process holds of them.
    fn of(&self, pid: u32, tables: &Tables) -> Option<Found> {
        let left = self.useless.iter();
        let left: Vec<(&usize, &String)> = left
            .filter(|(socket, _)| !tables.kept(pid, **socket).is_empty())
            .collect();
        if left.len() < HABIT {
            return None;
        }
        let mut evidence: Vec<String> = Vec::new();
        for (socket, line) in left.iter().take(2) {
            evidence.push(tables.sockets[**socket].made.clone());
            evidence.push((*line).clone());
        }
        evidence.push(say!("seen-leaks", count = left.len()));
        let id = "fd-leak";
        Some(Found { id, evidence })
    }
}
