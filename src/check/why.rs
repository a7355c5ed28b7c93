//! What a program does instead of what it should.

use super::stage::Stage;
use crate::model::{Call, Status, Syscall, Task, signal_name};
use crate::observe;
use crate::words::say;

/// How many of the last calls and lines of output are told.
const LAST: usize = 3;

impl Stage<'_> {
    /// What it is doing now, or how it has ended, and the last that it said.
    pub(super) fn situation(&self) -> Vec<String> {
        let mut all = vec![self.doing()];
        let about_sockets = self.calls.iter().filter(|noted| noted.socket.is_some());
        let calls: Vec<String> = about_sockets
            .map(|noted| noted.made.call.returned(noted.made.outcome))
            .collect();
        if calls.is_empty() && self.ended.is_none() && !self.reads_input() {
            all.push(say!("check-no-call-yet"));
        } else if calls.is_empty() {
            all.push(say!("check-no-call"));
        } else {
            let last = &calls[calls.len().saturating_sub(LAST)..];
            all.extend(last.iter().map(|line| say!("check-last", line = line)));
        }
        let printed = self.output.last_lines(LAST).into_iter();
        all.extend(printed.map(|line| say!("check-printed", line = line)));
        all
    }

    fn reads_input(&self) -> bool {
        let living = self.review.tables.processes();
        living.iter().any(|pid| reads_input(*pid))
    }

    fn doing(&self) -> String {
        let living = self.review.tables.processes();
        match self.ended {
            Some(status) if self.is_over || living.is_empty() => ended(status),
            Some(status) => say!("check-background", ended = ended(status)),
            None if self.reads_input() => say!("check-reads-input"),
            None => self.waiting(),
        }
    }

    /// The call that it sleeps in; or else what its first process does.
    fn waiting(&self) -> String {
        let inside = self.inside.values();
        // A shell waits for the program that it has started, and a server for the next
        // client while it serves one: that tells less.
        let rank = |(who, call, began): &&(Task, Call, _)| {
            let waits = ["recv", "send", "accept", "wait4"];
            let rank = waits.iter().position(|does| *does == call.syscall.does());
            (rank.unwrap_or(1), who.pid != self.root, *began)
        };
        if let Some((who, call, began)) = inside.min_by_key(rank) {
            let who = if who.pid == self.root {
                String::new()
            } else {
                say!("check-process", pid = who.pid)
            };
            let seconds = format!("{:.1}", began.elapsed().as_secs_f32());
            let call = call.strace();
            return say!("check-inside", call = call, seconds = seconds, who = who);
        }
        match observe::process(self.root).value() {
            Some(process) if process.state == 'R' => say!("check-runs", ms = process.cpu_ms),
            Some(process) => say!("check-waits", state = process.state),
            None => say!("check-unseen"),
        }
    }
}

/// Does that process wait in a read(2) of its descriptor 0? /proc/PID/syscall
fn reads_input(pid: u32) -> bool {
    let line = std::fs::read_to_string(format!("/proc/{pid}/syscall")).unwrap_or_default();
    let mut words = line.split_whitespace();
    let number = words.next().and_then(|word| word.parse().ok());
    let reads = Syscall::named("read").zip(number);
    reads.is_some_and(|(read, number)| read.has_number(number)) && words.next() == Some("0x0")
}

fn ended(status: Status) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => say!("check-ended-with", code = code),
        (None, Some(signal)) => say!("check-killed", signal = signal_name(signal)),
        (None, None) => say!("check-ended"),
    }
}
