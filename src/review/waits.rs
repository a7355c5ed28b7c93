//! How a program waits: in turn, for all at once, or not at all.

use std::collections::HashMap;
use std::time::Duration;

use super::lines::{begins, ends};
use super::rule::Rule;
use super::tables::{Role, Step, Tables};
use crate::model::{Call, Found, MachineEvent, Outcome, What, signal_name};
use crate::words::say;

/// So many calls in a row that found nothing, each closer than that to the last one, are a
/// loop that is busy. Who sleeps between two does so for a millisecond at least.
const BUSY: u32 = 100;
const CLOSE: Duration = Duration::from_millis(1);

/// So long a client must have waited for another one.
const LONG: Duration = Duration::from_secs(1);

/// Signals that ask nobody to end.
const HARMLESS: [i32; 7] = [
    libc::SIGCHLD,
    libc::SIGWINCH,
    libc::SIGCONT,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGIO,
    libc::SIGURG,
];

/// Looks for one-client-blocks-all, busy-loop and eintr-not-handled.
#[derive(Default)]
pub(super) struct Waits {
    threads: HashMap<u32, Thread>,
    /// When the last event was.
    now: Duration,
    found: Vec<Found>,
}

/// What is known of a thread.
#[derive(Default)]
struct Thread {
    pid: u32,
    /// The call that it is in: what it is about, and since when.
    inside: Option<Inside>,
    /// Calls in a row that found nothing: how many, and since when.
    refused: u32,
    since: Duration,
    /// When the last one of them was.
    last: Duration,
    /// The call that a signal has interrupted, what it does, and the signal.
    interrupted: Option<(String, &'static str, Option<usize>)>,
    signal: Option<i32>,
}

/// A call under way.
struct Inside {
    /// If it is a recv.
    call: Option<Call>,
    does: &'static str,
    socket: Option<usize>,
    since: Duration,
}

impl Waits {
    fn tell(&mut self, id: &'static str, evidence: Vec<String>) {
        if self.found.iter().all(|found| found.id != id) {
            self.found.push(Found { id, evidence });
        }
    }

    fn begins(&mut self, call: &Call, step: &Step<'_>) {
        let (now, tid, socket, does) = (self.now, step.event.who.tid, step.socket, step.does);
        let Some(thread) = self.threads.get_mut(&tid) else {
            return;
        };
        thread.inside = Some(Inside {
            call: (does == "recv").then(|| call.clone()),
            does,
            socket,
            since: now,
        });
        let Some((line, interrupted, about)) = &thread.interrupted else {
            return;
        };
        let is_again = *interrupted == does && *about == socket;
        let gives_up = does == "exit" || does == "close" && *about == socket;
        if gives_up && let Some(signal) = thread.signal {
            let evidence = vec![line.clone(), signal_name(signal), call.strace()];
            self.tell("eintr-not-handled", evidence);
        } else if is_again {
            thread.interrupted = None;
        }
    }

    fn ends(&mut self, call: &Call, outcome: Outcome, step: &Step<'_>) {
        let (now, tid, socket, does) = (self.now, step.event.who.tid, step.socket, step.does);
        let Some(thread) = self.threads.get_mut(&tid) else {
            return;
        };
        thread.inside = None;
        let errno = outcome.errno().map(|errno| errno.0);
        let is_interrupted = errno == Some(libc::EINTR) || matches!(outcome, Outcome::Again(_));
        if is_interrupted && matches!(does, "accept" | "recv" | "send" | "connect" | "poll") {
            thread.interrupted = Some((call.returned(outcome), does, socket));
        }
        let is_refused = match (does, outcome) {
            ("accept" | "recv" | "send", _) => errno == Some(libc::EAGAIN),
            // Runtimes of languages look in on their epoll between other work.
            ("poll", _) => outcome == Outcome::Value(0) && !call.name().starts_with("epoll"),
            _ => return,
        };
        if !is_refused {
            thread.refused = 0;
            return;
        }
        if now.saturating_sub(thread.last) >= CLOSE {
            thread.refused = 0;
        }
        thread.last = now;
        if thread.refused == 0 {
            thread.since = now;
        }
        thread.refused += 1;
        let took = now.saturating_sub(thread.since);
        if thread.refused == BUSY {
            let often = say!("seen-busy", count = BUSY, ms = took.as_millis());
            self.tell("busy-loop", vec![call.returned(outcome), often]);
        }
    }
}

impl Rule for Waits {
    fn take(&mut self, step: &Step<'_>, _: &Tables) {
        let (pid, tid) = (step.event.who.pid, step.event.who.tid);
        self.now = step.event.at;
        let thread = self.threads.entry(tid).or_default();
        thread.pid = pid;
        match &step.event.what {
            What::Machine(MachineEvent::Signal(signal)) if thread.interrupted.is_some() => {
                thread.signal = Some(*signal).filter(|signal| HARMLESS.contains(signal));
            }
            What::Machine(MachineEvent::Gone(_)) => drop(self.threads.remove(&tid)),
            _ => {}
        }
        if let Some(call) = begins(step) {
            self.begins(call, step);
        }
        if let Some((call, outcome)) = ends(step) {
            self.ends(call, outcome, step);
        }
    }

    fn found(&self, tables: &Tables) -> Vec<Found> {
        let mut all = self.found.clone();
        all.extend((0..tables.sockets.len()).find_map(|it| self.blocked(it, tables)));
        all
    }
}

impl Waits {
    /// Somebody waits at that listener, and whoever could accept waits for one client.
    fn blocked(&self, listener: usize, tables: &Tables) -> Option<Found> {
        let queue = *tables.sockets[listener]
            .view
            .as_ref()?
            .accept_queue
            .value()?;
        if queue.len == 0 {
            return None;
        }
        let mut found = None;
        for thread in self.threads.values() {
            // A thread that is in no call that is known waits for another one, or computes.
            let Some(inside) = &thread.inside else {
                continue;
            };
            let waited = self.now.saturating_sub(inside.since);
            let of_it = inside.socket.map(|it| tables.sockets[it].role);
            match (inside.does, of_it) {
                ("accept" | "poll", _) if tables.holds(thread.pid, listener) => return None,
                ("recv", Some(Role::Accepted(from))) if from == listener && waited >= LONG => {
                    found = inside.call.as_ref().map(|call| (call.strace(), waited));
                }
                _ => {}
            }
        }
        let (line, waited) = found?;
        Some(Found {
            id: "one-client-blocks-all",
            evidence: vec![
                say!(
                    "seen-waited",
                    line = line,
                    seconds = format!("{:.1}", waited.as_secs_f32())
                ),
                say!("seen-queue", queue = queue, count = queue.len),
            ],
        })
    }
}
