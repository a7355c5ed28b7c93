//! What a page costs the run that it shows: while nobody looks, and while 30 browsers do.

mod support;

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use support::{Row, in_turn, is_bench, report};

const ROUNDS: usize = 9;
/// So many calls are made at once, one after the other.
const CALLS: usize = 1_000;
const LOOKERS: usize = 30;

fn main() -> io::Result<ExitCode> {
    if !is_bench() {
        return Ok(ExitCode::SUCCESS);
    }
    let script = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page.socklab");
    let calls = "send x \"hello\"\nrecv y 100\n".repeat(CALLS / 2);
    fs::write(&script, format!("socketpair unix stream as x y\n{calls}"))?;
    let script = script.display().to_string();
    let calls = |lookers| run(&["play", &script], lookers);
    let walk = |lookers| run(&["walk", "--auto=0.05", "--addr", "127.0.0.1:0"], lookers);
    let [alone, unseen, seen, walk_alone, walk_seen] = in_turn(
        ROUNDS,
        [
            &mut || calls(None),
            &mut || calls(Some(0)),
            &mut || calls(Some(LOOKERS)),
            &mut || walk(None),
            &mut || walk(Some(LOOKERS)),
        ],
    )?;
    let walked = format!("walk --auto=0.05, {LOOKERS} look on, against no page");
    let name = |what: &str| format!("{CALLS} calls at once, {what}");
    let looked_at = format!("{LOOKERS} look on, against nobody");
    Ok(report(&[
        Row::times(walked, walk_seen, walk_alone, 1.05),
        Row::times(name("nobody looks, against no page"), unseen, alone, None),
        Row::times(name(&looked_at), seen, unseen, None),
    ]))
}

/// From the start of a run to its end, its output read and thrown away; with so many who
/// look on at its page, if it has one.
fn run(words: &[&str], lookers: Option<usize>) -> io::Result<Duration> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_socklab"));
    command.args(words).args(lookers.map(|_| "--page"));
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let began = Instant::now();
    let mut child = command.spawn()?;
    let output = child.stdout.take().map(|out| thread::spawn(|| waste(out)));
    if let (Some(lookers), Some(said)) = (lookers, child.stderr.take()) {
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line)?;
        for _ in 0..lookers {
            let looker = look(&line)?;
            thread::spawn(|| waste(looker));
        }
    }
    let status = child.wait()?;
    let took = began.elapsed();
    drop(output.map(thread::JoinHandle::join));
    if status.success() {
        Ok(took)
    } else {
        Err(io::Error::other(format!("{command:?}: {status}")))
    }
}

/// Reads to the end.
fn waste(mut from: impl Read) {
    let mut buffer = vec![0; 65536];
    while from.read(&mut buffer).is_ok_and(|count| count > 0) {}
}

/// A browser that is told what changes; `said` ends with the address of the page.
fn look(said: &str) -> io::Result<TcpStream> {
    let url = said.split("http://").nth(1).unwrap_or_default().trim();
    let (host, path) = url.split_once('/').unwrap_or_default();
    let mut stream = TcpStream::connect(host)?;
    write!(stream, "GET /{path}events HTTP/1.1\r\n\r\n")?;
    Ok(stream)
}
