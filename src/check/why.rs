//! What a program does instead of what it should.

use super::stage::Stage;
use crate::model::{Status, Syscall, signal_name};
use crate::observe;

/// How many of the last calls and lines of output are told.
const LAST: usize = 3;

impl Stage<'_> {
    /// What it is doing now, or how it has ended, and the last that it said.
    pub fn situation(&self) -> Vec<String> {
        let mut all = vec![self.doing()];
        if self.calls.is_empty() && self.inside.is_empty() {
            all.push("it has made no call about a socket".into());
        } else if self.ended.is_some() {
            let from = self.calls.len().saturating_sub(LAST);
            let last = self.calls[from..].iter().map(|noted| &noted.made);
            all.extend(last.map(|it| format!("last: {}", it.call.returned(it.outcome))));
        }
        let printed = self.output.last_lines(LAST).into_iter();
        all.extend(printed.map(|line| format!("it printed: {line}")));
        all
    }

    fn doing(&self) -> String {
        match (
            self.ended,
            self.is_over || self.diagnosis.tables.processes().is_empty(),
        ) {
            (Some(status), true) => ended(status),
            (Some(status), false) => format!(
                "{}, and has left other processes behind: it went to the background",
                ended(status)
            ),
            (None, _) => self.waiting(),
        }
    }

    fn waiting(&self) -> String {
        let mut inside: Vec<_> = self.inside.values().collect();
        inside.sort_by_key(|(who, _, began)| (who.pid != self.root, *began));
        let root = observe::process(self.root);
        let state = root.value();
        if let Some((who, call, began)) = inside.first() {
            let whole = call.syscall.name;
            let args = call.strace_args().join(", ");
            let seconds = began.elapsed().as_secs_f32();
            let who = if who.pid == self.root {
                String::new()
            } else {
                format!(" (process {})", who.pid)
            };
            return format!("it has been in {whole}({args}) for {seconds:.1} s{who}");
        }
        if let Some(line) = std::fs::read_to_string(format!("/proc/{}/syscall", self.root))
            .ok()
            .filter(|line| reads_input(line))
        {
            drop(line);
            return "it waits for input: it reads its standard input, and nobody types here. \
                    Give the input in the command: sh -c 'echo hello | ./program'"
                .into();
        }
        match state.map(|state| (state.state, state.cpu_ms)) {
            Some(('R', cpu_ms)) => {
                format!("it is running, and has used {cpu_ms} ms of a processor")
            }
            Some((state, _)) => format!("it waits for something that is no socket (state {state})"),
            None => "what it does cannot be seen".into(),
        }
    }
}

/// Is that line of /proc/PID/syscall a read(2) of descriptor 0?
fn reads_input(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let number = words.next().and_then(|word| word.parse().ok());
    let reads =
        Syscall::named("read").is_some_and(|read| number.is_some_and(|it| read.has_number(it)));
    reads && words.next() == Some("0x0")
}

fn ended(status: Status) -> String {
    match (status.code(), status.signal()) {
        (Some(0), _) => "it has ended, with status 0".into(),
        (Some(code), _) => format!("it has ended, with status {code}"),
        (None, Some(signal)) => format!("it was killed by {}", signal_name(signal)),
        (None, None) => "it has ended".into(),
    }
}
