//! `socklab shell` and `socklab play`: lines from a pipe, from a file, at a terminal.

mod lines;
mod saved;
mod scripts;
mod strace;
mod typed;

use std::io::Write;
use std::process::Stdio;

use crate::support::{ANY_PORT, Run, Running, Socklab};

/// The shell reads these lines from a pipe and tells JSON.
fn piped(lines: &str) -> Run {
    piped_to(Socklab::new(["shell", "--json", "--addr", ANY_PORT]), lines)
}

/// The same of a run with other options.
fn piped_to(socklab: Socklab, lines: &str) -> Run {
    use std::os::unix::process::CommandExt;
    let (reader, mut writer) = std::io::pipe().unwrap();
    let mut command = socklab.command();
    command.stdin(Stdio::from(reader)).process_group(0);
    let running = Running::spawn(&mut command);
    drop(command);
    let lines = lines.to_string();
    let writing = std::thread::spawn(move || {
        // It may have ended before it has read all.
        let _ = writer.write_all(lines.as_bytes());
    });
    let run = running.finish();
    writing.join().unwrap();
    run
}

/// A server and a client that have connected.
const CONNECTED: &str = "
    socket inet stream as s
    bind s {addr}
    listen s 5
    client: socket inet stream as c
    client: connect c {addr}
    accept s as a
";
