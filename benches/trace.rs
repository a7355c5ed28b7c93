//! A program under `socklab trace`, looked at and told as JSON to a file, against the same
//! under strace, which only prints, and against itself alone.

#[path = "support/program.rs"]
mod program;
mod support;

use std::io;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use program::built;
use support::{Row, in_turn, is_bench, report};

const ROUNDS: usize = 5;
/// strace at its best: only these calls stop the program.
const NETWORK: &[&str] = &["-f", "-yy", "--seccomp-bpf", "-e", "trace=network"];
const WITH_FILES: &[&str] = &[
    "-f",
    "--seccomp-bpf",
    "-e",
    "trace=network,read,write,close",
];

fn main() -> io::Result<ExitCode> {
    if !is_bench() {
        return Ok(ExitCode::SUCCESS);
    }
    let program = built("traced/program")?;
    let bare = |words: &[&str]| {
        let mut bare = Command::new(&program);
        bare.args(words);
        timed(bare)
    };
    let strace = |options: &[&str], words: &[&str]| {
        let mut strace = Command::new("strace");
        strace.args(options).args(["-o", "/dev/null"]).arg(&program);
        strace.args(words);
        timed(strace)
    };
    let socklab = |words: &[&str]| {
        let mut socklab = Command::new(env!("CARGO_BIN_EXE_socklab"));
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trace.json");
        socklab
            .args(["trace", "--json", "-o"])
            .arg(file)
            .arg("--")
            .arg(&program);
        socklab.args(words);
        timed(socklab)
    };
    let [ours, theirs, alone] = in_turn(
        ROUNDS,
        [
            &mut || socklab(&["others"]),
            &mut || strace(NETWORK, &["others"]),
            &mut || bare(&["others"]),
        ],
    )?;
    let stops = built("traced/stops")?;
    let [messages, strace_messages, stops] = in_turn(
        ROUNDS,
        [
            &mut || socklab(&["messages"]),
            &mut || strace(NETWORK, &["messages"]),
            &mut || {
                let mut stopped = Command::new(&stops);
                stopped.arg(&program).arg("messages");
                timed(stopped)
            },
        ],
    )?;
    let [files, strace_files] = in_turn(
        ROUNDS,
        [&mut || socklab(&["files"]), &mut || {
            strace(WITH_FILES, &["files"])
        }],
    )?;
    let [few, many] = in_turn(
        ROUNDS,
        [&mut || socklab(&["connections", "10"]), &mut || {
            socklab(&["connections", "400"])
        }],
    )?;
    // What the server says of its own calls, so that the start of 5,000 is not counted.
    let [small, large] = in_turn(
        3,
        [&mut || crowd(&program, 10), &mut || crowd(&program, 5000)],
    )?;
    let [most, least] = printed(&program, &["threads", "64"])?;
    let [start, nothing] = in_turn(
        ROUNDS,
        [&mut || socklab(&["none"]), &mut || bare(&["none"])],
    )?;
    let each = (many.saturating_sub(few)) / 390;
    Ok(report(&[
        Row::times("400,000 other calls, against strace", ours, theirs, 1.0),
        Row::times("400,000 other calls, against none", ours, alone, 1.3),
        Row::times(
            "30,000 send/recv, against strace",
            messages,
            strace_messages,
            0.35,
        ),
        Row::times(
            "the same, against a tracer that does nothing",
            messages,
            stops,
            None,
        ),
        Row::times(
            "100,000 read/write of files, against strace",
            files,
            strace_files,
            0.5,
        ),
        Row::times(
            "start, beyond the program's own",
            start - nothing,
            Duration::from_millis(10),
            1.0,
        ),
        Row::times("a connection more", each, Duration::from_millis(1), None),
        Row::times(
            "a call with 5,000 connections, against 10",
            large,
            small,
            1.5,
        ),
        Row {
            what: "calls of the busiest of 64 threads, against the last".into(),
            ours: most.to_string(),
            rival: least.to_string(),
            ratio: Some(most / least),
            budget: Some(10.0),
        },
    ]))
}

/// A call of a server with so many connections, as it says itself.
fn crowd(program: &Path, connections: u32) -> io::Result<Duration> {
    let [us] = printed(program, &["crowd", &connections.to_string()])?;
    Ok(Duration::from_secs_f64(us / 1e6))
}

/// The numbers that a traced program prints.
fn printed<const N: usize>(program: &Path, words: &[&str]) -> io::Result<[f64; N]> {
    let mut socklab = Command::new(env!("CARGO_BIN_EXE_socklab"));
    socklab.args(["trace", "--json", "-o", "/dev/null", "--"]);
    let output = socklab.arg(program).args(words).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text.split_whitespace().flat_map(str::parse).collect();
    let wrong = || io::Error::other(format!("{words:?}: {text:?}"));
    numbers.try_into().map_err(|_| wrong())
}

/// From the start of a program to its end.
fn timed(mut program: Command) -> io::Result<Duration> {
    let began = Instant::now();
    let status = program
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    let took = began.elapsed();
    if status.success() {
        Ok(took)
    } else {
        Err(io::Error::other(format!("{program:?}: {status}")))
    }
}
