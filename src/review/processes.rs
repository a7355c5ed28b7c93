//! What forked processes share and do not give up, and whether somebody waits for them.

use std::collections::{BTreeMap, HashSet};

use super::lines::{begins, by, ends};
use super::tables::{Role, Step, Tables};
use crate::model::{Found, MachineEvent, Outcome, What};
use crate::words::say;

/// Looks for parent-keeps-connection, child-keeps-listener and fork-without-wait.
#[derive(Default)]
pub(super) struct Processes {
    children: BTreeMap<u32, Child>,
    /// Processes that have waited for some child.
    waiting: HashSet<u32>,
    ended: HashSet<u32>,
}

/// A process that another one has forked.
struct Child {
    parent: u32,
    /// The call that made it.
    fork: String,
    /// The sockets that it had from the beginning.
    inherited: Vec<usize>,
    /// The first of these connections that it has served, and the call.
    served: Option<(usize, String)>,
    /// The parent has gone on to that call while it held the connection.
    kept: BTreeMap<usize, String>,
    /// It has closed the listener, or accepts itself.
    is_excused: bool,
    is_waited_for: bool,
}

impl Processes {
    pub(super) fn take(&mut self, step: &Step<'_>, tables: &Tables) {
        let (pid, tid) = (step.event.who.pid, step.event.who.tid);
        match &step.event.what {
            What::Machine(MachineEvent::Born { by: Some(parent) }) if pid == tid => {
                self.children.insert(
                    pid,
                    Child {
                        parent: *parent,
                        fork: format!("fork() = {pid}"),
                        inherited: tables.of(pid),
                        served: None,
                        kept: BTreeMap::new(),
                        is_excused: false,
                        is_waited_for: false,
                    },
                );
            }
            What::Machine(MachineEvent::Exec { .. }) => {
                if let Some(child) = self.children.get_mut(&pid) {
                    let is_listener = |it: &usize| tables.sockets[*it].role == Role::Listener;
                    let mut inherited = child.inherited.iter().filter(|it| is_listener(it));
                    child.is_excused |= !inherited.any(|it| tables.holds(pid, *it));
                }
            }
            What::Machine(MachineEvent::Gone(_)) if pid == tid => {
                self.ended.insert(pid);
            }
            _ => {}
        }
        self.begins(step, tables);
        self.ends(step);
    }

    fn begins(&mut self, step: &Step<'_>, tables: &Tables) {
        let Some(call) = begins(step) else { return };
        let pid = step.event.who.pid;
        let does = step.does;
        if let (Some(child), Some(socket)) = (self.children.get_mut(&pid), step.socket) {
            let is_listener = tables.sockets[socket].role == Role::Listener;
            child.is_excused |= is_listener && matches!(does, "close" | "accept" | "dup2");
        }
        if does != "accept" {
            return;
        }
        for child in self.children.values_mut().filter(|it| it.parent == pid) {
            for socket in &child.inherited {
                let is_connection = matches!(tables.sockets[*socket].role, Role::Accepted(_));
                if is_connection && tables.holds(pid, *socket) {
                    child.kept.entry(*socket).or_insert_with(|| call.strace());
                }
            }
        }
    }

    fn ends(&mut self, step: &Step<'_>) {
        let Some((call, outcome)) = ends(step) else {
            return;
        };
        let pid = step.event.who.pid;
        let does = step.does;
        if let (Some(child), Some(socket)) = (self.children.get_mut(&pid), step.socket)
            && matches!(does, "recv" | "send")
            && child.inherited.contains(&socket)
        {
            child
                .served
                .get_or_insert_with(|| (socket, call.returned(outcome)));
        }
        if let Outcome::Value(value) = outcome {
            let other = u32::try_from(value).ok();
            match does {
                "fork" => {
                    if let Some(child) = other.and_then(|pid| self.children.get_mut(&pid)) {
                        child.fork = call.textbook() + &format!(" = {value}");
                    }
                }
                "wait4" => {
                    if let Some(child) = other.and_then(|pid| self.children.get_mut(&pid)) {
                        child.is_waited_for = true;
                    }
                }
                _ => {}
            }
        }
        if does == "wait4" {
            self.waiting.insert(pid);
        }
    }

    /// Children that have ended, whose parents live and never wait. Of a parent that has
    /// ended itself, another process takes over that duty.
    pub(super) fn unwaited(&self) -> Vec<u32> {
        let children = self.children.iter();
        children
            .filter(|(pid, it)| self.ended.contains(pid) && !it.is_waited_for)
            .filter(|(_, it)| !self.ended.contains(&it.parent))
            .filter(|(_, it)| !self.waiting.contains(&it.parent))
            .map(|(pid, _)| *pid)
            .collect()
    }

    pub(super) fn zombies(&self, zombies: &[u32]) -> Option<Found> {
        let is_unwaited = |pid: &&u32| {
            let child = self.children.get(pid);
            child.is_some_and(|it| !it.is_waited_for && !self.waiting.contains(&it.parent))
        };
        let pid = *zombies.iter().find(is_unwaited)?;
        let child = self.children.get(&pid)?;
        Some(Found {
            id: "fork-without-wait",
            evidence: vec![by(child.parent, &child.fork), by(pid, &say!("seen-zombie"))],
        })
    }

    pub(super) fn found(&self, tables: &Tables) -> Vec<Found> {
        let mut all = Vec::new();
        for (pid, child) in &self.children {
            let Some((served, line)) = &child.served else {
                continue;
            };
            let made = &tables.sockets[*served].made;
            // A parent that closes it when the child has done needs no close before.
            let is_over = self.ended.contains(pid) || !tables.holds(*pid, *served);
            let is_kept = is_over && !tables.kept(child.parent, *served).is_empty();
            if let Some(accept) = child.kept.get(served).filter(|_| is_kept) {
                let evidence = vec![
                    by(child.parent, made),
                    by(child.parent, &child.fork),
                    by(*pid, line),
                    by(child.parent, &say!("seen-no-close", line = accept)),
                ];
                let id = "parent-keeps-connection";
                all.push(Found { id, evidence });
            }
            let mut inherited = child.inherited.iter();
            let listener = inherited.find(|it| tables.sockets[**it].role == Role::Listener);
            if let Some(listener) = listener.filter(|_| !child.is_excused) {
                let listener = &tables.sockets[*listener].made;
                let evidence = vec![
                    by(child.parent, listener),
                    by(child.parent, &child.fork),
                    by(*pid, &say!("seen-listener-open", line = line)),
                ];
                let id = "child-keeps-listener";
                all.push(Found { id, evidence });
            }
        }
        all
    }
}
