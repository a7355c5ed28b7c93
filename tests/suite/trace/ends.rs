//! The program is as it would be without us: its streams, its status, its end.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use super::fixtures::{built, events};
use crate::support::{Run, Socklab, dir_of_test, eventually, kill, python_itself, state};

fn traced(options: &[&str], program: &[&str]) -> Run {
    Socklab::new(["trace"])
        .args(options)
        .args(["--"])
        .args(program)
        .run()
}

/// The status that a shell sees of it.
fn status_in_shell(line: &str) -> String {
    let binary = env!("CARGO_BIN_EXE_socklab");
    let line = format!("{binary} trace --brief -- {line} >/dev/null 2>&1; echo $?");
    let output = Command::new("sh").args(["-c", &line]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().into()
}

#[test]
fn it_ends_as_its_program_does() {
    for (program, status) in [
        ("true", "0"),
        ("sh -c 'exit 7'", "7"),
        ("sh -c 'kill -TERM $$'", "143"),
        ("sh -c 'kill -KILL $$'", "137"),
        ("sh -c 'kill -PIPE $$'", "141"),
        ("/no/such/program", "127"),
        ("no-such-program", "127"),
        ("/etc/passwd", "126"),
        ("/tmp", "126"),
    ] {
        assert_eq!(status_in_shell(program), status, "{program}");
    }
}

#[test]
fn a_program_that_cannot_be_run_is_named() {
    let run = traced(&[], &["no-such-program"]);
    assert!(
        run.stderr.contains("running no-such-program: ENOENT"),
        "{}",
        run.stderr
    );
}

#[test]
fn its_streams_are_its_own() {
    let mut child = Socklab::new(["trace", "--", "cat"])
        .command()
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"through\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.stdout, b"through\n");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("cat ends: exit code 0"), "{told}");
}

#[test]
fn it_is_told_elsewhere_where_that_is_asked_for() {
    let dir = dir_of_test();
    let file = dir.path().join("told").display().to_string();
    let run = traced(&["-o", &file], &["echo", "hi"]);
    assert_eq!((run.stdout().as_str(), run.stderr.as_str()), ("hi\n", ""));
    let told = std::fs::read_to_string(&file).unwrap();
    assert!(told.contains("echo runs /"), "{told}");
    let run = traced(&["--json", "-o", &file], &["true"]);
    assert_eq!((run.stdout().as_str(), run.stderr.as_str()), ("", ""));
    let told = std::fs::read_to_string(&file).unwrap();
    assert!(
        told.lines().all(|line| line.starts_with("{\"event\":")),
        "{told}"
    );
}

/// A full disk, and nobody who reads: the program goes on.
#[test]
fn what_cannot_be_told_does_not_hinder_the_program() {
    let run = traced(&["-o", "/dev/full"], &["sh", "-c", "echo on; exit 5"]);
    assert_eq!(
        (run.stdout().as_str(), run.status.code()),
        ("on\n", Some(5))
    );
    assert!(run.stderr.contains("ENOSPC"), "{}", run.stderr);
    let binary = env!("CARGO_BIN_EXE_socklab");
    let line = format!("{binary} trace -- sh -c 'sleep 0.1; echo on' 2>&1 >&3 | true");
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {line}; }} 3>&1")])
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"on\n");
}

#[test]
fn the_program_has_the_signals_it_would_have() {
    // SigQ counts the signals of all that this user runs.
    let masks = ["^Sig[^Q]\\|^Shd", "/proc/self/status"];
    let bare = Command::new("grep").args(masks).output().unwrap();
    let run = traced(&["-o", "/dev/null"], &[&["grep"], &masks[..]].concat());
    assert_eq!(run.stdout(), String::from_utf8(bare.stdout).unwrap());
}

/// kill -9 of whoever waits: the program goes on, and is not crippled.
#[test]
#[ignore = "needs python3"]
fn the_program_outlives_who_asked() {
    let script = "import socket, sys\n\
         s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()\n\
         print(s.getsockname()[1], flush=True)\n\
         c, _ = s.accept(); c.sendall(b'still here'); c.close()";
    let mut child = Socklab::new([
        "trace",
        "-o",
        "/dev/null",
        "--",
        &python_itself(),
        "-c",
        script,
    ])
    .command()
    .spawn()
    .unwrap();
    let mut port = String::new();
    let stdout = child.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut port).unwrap();
    kill(child.id(), libc::SIGKILL);
    child.wait().unwrap();
    let mut said = String::new();
    let mut client = std::net::TcpStream::connect(format!("127.0.0.1:{}", port.trim())).unwrap();
    std::io::Read::read_to_string(&mut client, &mut said).unwrap();
    assert_eq!(said, "still here");
}

#[test]
fn a_stopped_program_stays_stopped_until_it_is_continued() {
    let mut child = Socklab::new(["trace", "--json", "--"])
        .args(["sh", "-c", "echo $$; kill -STOP $$; echo on"])
        .command()
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let pid: u32 = line.trim().parse().unwrap();
    // Every stop for its tracer has that letter: this one is behind the signal.
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(told.any(|line| line.unwrap().contains("\"SIGSTOP\"")));
    eventually("stopped", || (state(pid) == Some('t')).then_some(()));
    kill(pid, libc::SIGCONT);
    line.clear();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "on\n");
    // What is told has a reader to the end.
    told.for_each(drop);
    assert!(child.wait().unwrap().success());
}

/// The threads take turns: none starves.
#[test]
#[ignore = "needs cc"]
fn two_hundred_children_and_sixty_four_threads_are_all_told() {
    let dir = dir_of_test();
    let file = dir.path().join("json");
    let json = format!("--json={}", file.display());
    let run = traced(&[&json, "-o", "/dev/null"], &[&built("crowd")]);
    assert!(run.status.success(), "{}", run.stderr);
    let text = std::fs::read_to_string(&file).unwrap();
    let all: Vec<_> = text
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    assert_eq!(events(&all, "born").count(), 264);
    assert_eq!(events(&all, "gone").count(), 265);
    let sent = events(&all, "exit").filter(|event| event["call"] == "sendto");
    assert_eq!(sent.count(), 64 * 20);
}
