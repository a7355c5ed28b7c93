//! How processes have ended, and what a traced program leaves behind.

use crate::model::{Status, Task, Traced, signal_name};
use crate::render::calls;
use crate::render::doc::{Block, Line, Role, field, fields, span};

/// `: exit code 3`, `: killed by SIGPIPE`
pub(super) fn how(status: Option<Status>) -> String {
    let Some(status) = status else {
        return String::new();
    };
    match (status.code(), status.signal()) {
        (Some(code), _) => format!(": exit code {code}"),
        (None, Some(signal)) => format!(": killed by {}", signal_name(signal)),
        (None, None) => String::new(),
    }
}

/// The trace in short: the processes, the sockets, and what stays in the kernel.
/// `is_told` says which processes have to do with that.
pub(in crate::render) fn recap(traced: &Traced, is_told: impl Fn(u32) -> bool) -> Vec<Block> {
    let process = |(task, status): &(Task, Option<Status>)| {
        let text = format!("{}, pid {}{}", task.name, task.pid, how(*status));
        vec![span(Role::Fact, text)]
    };
    let told = traced.processes.iter();
    let told = told.filter(|(task, _)| is_told(task.pid)).take(8);
    let mut processes: Vec<Line> = told.map(process).collect();
    if traced.processes.len() > processes.len() {
        let more = format!("and {} more", traced.processes.len() - processes.len());
        processes.push(vec![span(Role::Muted, more)]);
    }
    let count = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    let made = format!(
        "{}, {}",
        count(traced.sockets, "socket"),
        count(traced.calls, "call")
    );
    let mut blocks = vec![Block::Blank, fields("recap", processes)];
    blocks.push(field("made", vec![span(Role::Fact, made)]));
    blocks.push(calls::left(&traced.left));
    if !traced.paths.is_empty() {
        let text = format!("still there: {}", traced.paths.join(" "));
        blocks.push(field("files", vec![span(Role::Fact, text)]));
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
