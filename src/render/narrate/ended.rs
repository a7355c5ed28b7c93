//! How processes have ended, and what a traced program leaves behind.

use crate::model::{Status, Task, Traced, signal_name};
use crate::render::calls;
use crate::render::doc::{Block, Line, Role, field, fields, span};
use crate::words::say;

/// `: exit code 3`, `: killed by SIGPIPE`
pub(super) fn how(status: Option<Status>) -> String {
    let Some(status) = status else {
        return String::new();
    };
    match (status.code(), status.signal()) {
        (Some(code), _) => say!("exit-code", code = code),
        (None, Some(signal)) => say!("killed-by", signal = signal_name(signal)),
        (None, None) => String::new(),
    }
}

/// The trace in short: the processes, the sockets, and what stays in the kernel.
/// `is_told` says which processes have to do with that.
pub(in crate::render) fn recap(traced: &Traced, is_told: impl Fn(u32) -> bool) -> Vec<Block> {
    let process = |(task, status): &(Task, Option<Status>)| {
        let who = say!("pid-of", name = task.name, pid = task.pid);
        let text = format!("{who}{}", how(*status));
        vec![span(Role::Fact, text)]
    };
    let told = traced.processes.iter();
    let told = told.filter(|(task, _)| is_told(task.pid)).take(8);
    let mut processes: Vec<Line> = told.map(process).collect();
    if traced.processes.len() > processes.len() {
        let more = traced.processes.len() - processes.len();
        let more = say!("and-more-alone", count = more);
        processes.push(vec![span(Role::Muted, more)]);
    }
    let sockets = match traced.sockets {
        1 => say!("one-socket"),
        count => say!("sockets", count = count),
    };
    let calls = match traced.calls {
        1 => say!("one-call"),
        count => say!("calls", count = count),
    };
    let made = format!("{sockets}, {calls}");
    let mut blocks = vec![Block::Blank, fields(say!("label-recap"), processes)];
    blocks.push(field(say!("label-made"), vec![span(Role::Fact, made)]));
    blocks.push(calls::left(&traced.left));
    if !traced.paths.is_empty() {
        let text = say!("still-there", paths = traced.paths.join(" "));
        blocks.push(field(say!("label-files"), vec![span(Role::Fact, text)]));
    }
    blocks
}

/// A signal that comes all the time and means nothing here.
pub(super) fn is_common(signal: i32) -> bool {
    matches!(
        signal,
        libc::SIGCHLD | libc::SIGURG | libc::SIGWINCH | libc::SIGCONT
    )
}
