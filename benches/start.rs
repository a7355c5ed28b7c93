//! How soon the first pause is on the screen, against the bare `--version`; how long 10,000
//! lines of a shell take; the memory of every process of a walk; the size of the binary.

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use support::{Row, in_turn, is_bench, report};
use terminal::{SOCKLAB, Terminal};

const ROUNDS: usize = 80;
const MB: f64 = 1e6;

fn main() -> io::Result<ExitCode> {
    if !is_bench() {
        return Ok(ExitCode::SUCCESS);
    }
    let [pause, version] = in_turn(ROUNDS, [&mut first_pause, &mut bare_version])?;
    let mut rows = vec![Row::times(
        "first pause on the screen, against --version",
        pause,
        version,
        2.0,
    )];
    for command in [&["shell"][..], &["play", "-"]] {
        rows.push(lines_of_a_pipe(command)?);
    }
    for (role, peak) in peaks()? {
        rows.push(size(format!("peak memory: {role}"), peak, 10.0));
    }
    let binary = fs::metadata(SOCKLAB)?.len();
    rows.push(size("release binary".into(), binary, 5.0));
    Ok(report(&rows))
}

/// A size in bytes against the most megabytes it may have.
fn size(what: String, bytes: u64, most: f64) -> Row {
    let megabytes = bytes as f64 / MB;
    Row {
        what,
        ours: format!("{megabytes:.1} MB"),
        rival: format!("{most:.0} MB"),
        ratio: Some(megabytes / most),
        budget: Some(1.0),
    }
}

/// What a shell takes for 10,000 lines from a pipe, each a call that is looked at and told,
/// against the most that it may take.
fn lines_of_a_pipe(command: &[&str]) -> io::Result<Row> {
    const LINES: usize = 10_000;
    const MOST: Duration = Duration::from_secs(2);
    let lines = "socket inet dgram as s\nclose s\n".repeat(LINES / 2);
    let round = || {
        let began = Instant::now();
        let mut shell = Command::new(SOCKLAB)
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        if let Some(mut input) = shell.stdin.take() {
            input.write_all(lines.as_bytes())?;
        }
        let status = shell.wait()?;
        let took = began.elapsed();
        if status.success() {
            Ok(took)
        } else {
            Err(io::Error::other(format!("{command:?}: {status}")))
        }
    };
    let [took] = in_turn(5, [&mut || round()])?;
    Ok(Row {
        what: format!("{LINES} lines from a pipe: {}", command.join(" ")),
        ours: format!("{:.2} s", took.as_secs_f64()),
        rival: format!("{:.2} s", MOST.as_secs_f64()),
        ratio: Some(took.as_secs_f64() / MOST.as_secs_f64()),
        budget: Some(1.0),
    })
}

/// From the start of a walk to the prompt of its first pause.
fn first_pause() -> io::Result<Duration> {
    let began = Instant::now();
    let mut walk = Terminal::start(&["walk", "--addr", "127.0.0.1:0"])?;
    let mut screen = Vec::new();
    while !screen.windows(5).any(|five| five == b"Enter") {
        if !walk.read(&mut screen, None)? {
            return Err(io::Error::other("the walk ended before its first pause"));
        }
    }
    let took = began.elapsed();
    walk.master.write_all(b"q")?;
    walk.end()?;
    Ok(took)
}

/// From the start of `--version` to its end.
fn bare_version() -> io::Result<Duration> {
    let began = Instant::now();
    let mut version = Terminal::start(&["--version"])?;
    version.child.wait()?;
    Ok(began.elapsed())
}

/// The peak memory of every process of a walk at the keys: the controller, and
/// the largest of its children (the actors and the keeper).
fn peaks() -> io::Result<BTreeMap<&'static str, u64>> {
    let mut peaks = BTreeMap::new();
    let mut walk = Terminal::start(&["walk", "--addr", "127.0.0.1:0", "--peer", "builtin"])?;
    let quiet = Duration::from_millis(30);
    // The peak only grows, so a look before each key finds all of it but what
    // the last key brings.
    loop {
        let mut screen = Vec::new();
        while walk.read(&mut screen, Some(quiet))? {}
        if walk.child.try_wait()?.is_some() {
            return Ok(peaks);
        }
        let controller = walk.child.id();
        let mut see = |role, pid: u32| {
            if let Some(peak) = peak_memory(pid) {
                let known = peaks.entry(role).or_insert(0);
                *known = peak.max(*known);
            }
        };
        see("controller", controller);
        let children = fs::read_to_string(format!("/proc/{controller}/task/{controller}/children"))
            .unwrap_or_default();
        for pid in children.split_whitespace().flat_map(str::parse) {
            see("largest of its children", pid);
        }
        // Enter runs a call and goes on to the next chapter. After the last one
        // there is no next, and Enter would look again for ever.
        let screen = String::from_utf8_lossy(&screen);
        let over = screen.contains("look again") && !screen.contains("next chapter");
        walk.master.write_all(if over { b"q" } else { b"\r" })?;
    }
}

/// VmHWM: the most memory the process had at once. `None` when it has ended.
fn peak_memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
