//! How soon the first pause is on the screen, against the bare `--version`; the
//! memory of every process of a walk; the size of the binary.

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;
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
