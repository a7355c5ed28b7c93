//! How connections end: seen or not, closed or not, and with what still unread.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::lines::{asked, begins, ends};
use super::rule::Rule;
use super::tables::{Step, Tables};
use crate::model::{Found, MachineEvent, Outcome, Status, What};
use crate::words::say;

/// So many times 0 is no accident: a library may look twice.
const TOO_OFTEN: u32 = 4;

/// Looks for never-closed, zero-as-data, close-with-unread-data and death-by-sigpipe.
#[derive(Default)]
pub(super) struct Ends {
    /// Connections of which the end was received.
    ended: HashMap<usize, Ended>,
    /// The last send of each thread that has failed.
    sends: HashMap<u32, String>,
    /// Connections that did not take all that was sent: there is more to do.
    full: HashSet<usize>,
    found: Vec<Found>,
}

/// A connection of which the other side was received to have closed.
struct Ended {
    /// The recv that returned 0 first, and how often one did.
    line: String,
    zeros: u32,
    /// The thread that has received it.
    tid: u32,
    pid: u32,
    /// That thread waits for something else.
    is_left: bool,
    /// It has ended: what it left open, its process keeps.
    is_orphaned: bool,
}

impl Ends {
    fn tell(&mut self, id: &'static str, evidence: Vec<String>) {
        if self.found.iter().all(|found| found.id != id) {
            self.found.push(Found { id, evidence });
        }
    }

    /// A recv has returned 0.
    fn zero(&mut self, step: &Step<'_>, socket: usize, line: String, tables: &Tables) {
        let (pid, tid) = (step.event.who.pid, step.event.who.tid);
        let ended = self.ended.entry(socket).or_insert_with(|| Ended {
            line: line.clone(),
            zeros: 0,
            tid,
            pid,
            is_left: false,
            is_orphaned: false,
        });
        ended.zeros += 1;
        ended.is_left = false;
        if ended.zeros == TOO_OFTEN {
            let made = tables.sockets[socket].made.clone();
            let evidence = vec![
                made,
                ended.line.clone(),
                say!("seen-times", line = line, count = TOO_OFTEN),
            ];
            self.tell("zero-as-data", evidence);
        }
    }

    /// A process is about to give up its last descriptor of a connection.
    fn gives_up(&mut self, socket: usize, line: &str, tables: &Tables) {
        let known = &tables.sockets[socket];
        let unread = known
            .view
            .as_ref()
            .and_then(|view| view.recv_q.value().copied());
        if let Some(unread @ 1..) = unread
            && known.is_connection()
            && known.is_stream
            && !self.ended.contains_key(&socket)
        {
            let evidence = vec![
                known.made.clone(),
                say!("seen-unread", count = unread),
                line.into(),
            ];
            self.tell("close-with-unread-data", evidence);
        }
    }

    /// A thread, or a process, has ended.
    fn goes(&mut self, pid: u32, tid: u32, status: Option<Status>) {
        if pid != tid {
            let its = self.ended.values_mut().filter(|it| it.tid == tid);
            its.for_each(|ended| ended.is_orphaned = true);
        }
        let is_sigpipe = status.is_some_and(|status| status.signal() == Some(libc::SIGPIPE));
        if let Some(send) = self.sends.get(&tid).filter(|_| is_sigpipe).cloned() {
            self.tell("death-by-sigpipe", vec![send, say!("seen-sigpipe")]);
        }
    }
}

impl Rule for Ends {
    fn take(&mut self, step: &Step<'_>, tables: &Tables) {
        let (pid, tid) = (step.event.who.pid, step.event.who.tid);
        if let Some(call) = begins(step) {
            for (socket, ended) in self.ended.iter_mut().filter(|(_, it)| it.tid == tid) {
                ended.is_left = call.syscall.blocks && step.socket != Some(*socket);
            }
            match (call.name(), step.socket) {
                ("close", Some(socket)) if tables.is_given_up(socket) => {
                    self.gives_up(socket, &call.strace(), tables);
                }
                ("exit_group", _) => {
                    let others = tables.processes().into_iter().filter(|it| *it != pid);
                    let held: BTreeSet<usize> = others.flat_map(|it| tables.of(it)).collect();
                    let is_alone =
                        |it: &usize| !held.contains(it) && !tables.sockets[*it].is_on_its_way;
                    let alone = tables.of(pid).into_iter().filter(is_alone);
                    for socket in alone {
                        self.gives_up(socket, &call.strace(), tables);
                    }
                }
                _ => {}
            }
        }
        if let (Some((call, outcome)), Some(socket)) = (ends(step), step.socket) {
            let line = || call.returned(outcome);
            let known = &tables.sockets[socket];
            match (step.does, outcome) {
                ("recv", Outcome::Value(0))
                    if known.is_connection() && known.is_stream && asked(call) != Some(0) =>
                {
                    self.zero(step, socket, line(), tables);
                }
                ("send", _) => {
                    let sent = match outcome {
                        Outcome::Value(count) => u64::try_from(count).ok(),
                        _ => None,
                    };
                    if sent.is_some() && sent == asked(call) {
                        self.full.remove(&socket);
                    } else {
                        self.full.insert(socket);
                    }
                    if outcome.errno().is_some() {
                        self.sends.insert(tid, line());
                    }
                }
                _ => {}
            }
        }
        if let What::Machine(MachineEvent::Gone(status)) = &step.event.what {
            self.goes(pid, tid, *status);
        }
    }

    fn found(&self, tables: &Tables) -> Vec<Found> {
        let mut all = self.found.clone();
        let mut kept: Vec<(&usize, &Ended)> = self.ended.iter().collect();
        kept.sort_by_key(|(socket, _)| **socket);
        kept.retain(|(socket, ended)| {
            let is_open = !tables.kept(ended.pid, **socket).is_empty();
            let is_left = ended.is_left || ended.is_orphaned && tables.holds(ended.pid, **socket);
            is_left && is_open && !self.full.contains(socket)
        });
        if let Some((socket, ended)) = kept.first() {
            let known = &tables.sockets[**socket];
            let state = known.view.as_ref().map(|view| view.state.to_string());
            let fds: Vec<String> = tables
                .kept(ended.pid, **socket)
                .iter()
                .map(i32::to_string)
                .collect();
            let more = match kept.len() {
                1 => String::new(),
                count => say!("seen-open-more", count = count),
            };
            let left = say!(
                "seen-open",
                fds = fds.join(", "),
                state = state.unwrap_or_default(),
                more = more
            );
            let evidence = vec![known.made.clone(), ended.line.clone(), left];
            all.push(Found {
                id: "never-closed",
                evidence,
            });
        }
        all
    }
}
