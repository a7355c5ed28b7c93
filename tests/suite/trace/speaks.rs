//! What is told: the first time everything, later a line.

use super::fixtures::{events, script};
use crate::support::{Run, Socklab, python_itself};

fn told(options: &[&str], program: &[&str]) -> Run {
    Socklab::new(["trace"])
        .args(options)
        .args(["--"])
        .args(program)
        .run()
}

#[test]
#[ignore = "needs python3"]
fn a_topic_is_told_in_full_once() {
    let run = told(&[], &[&python_itself(), &script("life.py")]);
    let text = &run.stderr;
    assert!(run.status.success(), "{text}");
    // What the course says of listen.
    assert_eq!(
        text.matches("Checks that nobody else listens").count(),
        1,
        "{text}"
    );
    assert!(
        text.contains("state LISTEN (was CLOSED) · accept queue 0/5"),
        "{text}"
    );
    // The asyncio server listens, too: a line.
    let lines = text.lines();
    let mut later = lines.filter(|line| line.contains("listen(") && line.contains(" = 0 · LISTEN"));
    let line = later.next().unwrap();
    assert!(
        line.contains("LISTEN 127.0.0.1:") && line.contains("queue 0/100"),
        "{line}"
    );
    assert!(
        text.contains("0 bytes: the peer has closed its side"),
        "{text}"
    );
    let recap = text.split("recap").nth(1).unwrap();
    assert!(
        recap.contains(": exit code 0") && recap.contains(": exit code 7"),
        "{recap}"
    );
}

#[test]
#[ignore = "needs python3"]
fn brief_is_a_line_a_call_and_full_the_whole() {
    let line = "import socket; a, b = socket.socketpair(); a.send(b'x'); b.recv(1); \
                a.send(b'y'); b.recv(1)";
    let brief = told(&["--brief"], &[&python_itself(), "-c", line]).stderr;
    assert_eq!(brief.matches("  did ").count(), 0, "{brief}");
    assert!(
        brief.contains("sendto(3, \"x\", 1, 0, NULL, 0) = 1 · CONNECTED"),
        "{brief}"
    );
    let full = told(&["--full"], &[&python_itself(), "-c", line]).stderr;
    assert_eq!(full.matches("did     sendto(").count(), 2, "{full}");
    let only = told(
        &["--brief", "--only", "recvfrom"],
        &[&python_itself(), "-c", line],
    )
    .stderr;
    assert_eq!(only.matches("recvfrom(").count(), 2, "{only}");
    assert_eq!(only.matches("sendto(").count(), 0, "{only}");
}

#[test]
#[ignore = "needs python3"]
fn a_failure_is_explained_with_its_cause() {
    let line = "import socket; a = socket.socket(); a.bind(('127.0.0.1', 0)); \
                socket.socket().bind(a.getsockname())";
    let text = told(&[], &[&python_itself(), "-c", line]).stderr;
    assert!(text.contains("= -1 EADDRINUSE"), "{text}");
    assert!(
        text.contains("means ") && text.contains("held by python3"),
        "{text}"
    );
}

/// The events of the machine, as they are in the format's schema.
#[test]
#[ignore = "needs python3"]
fn json_has_the_life_of_every_process() {
    let line = "import os; os.fork() or os._exit(3); os.wait()";
    let run = told(&["--json"], &[&python_itself(), "-c", line]);
    let all: Vec<serde_json::Value> = run
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(all[0]["event"], "run");
    assert_eq!(all.last().unwrap()["status"], "done");
    assert_eq!(events(&all, "born").count(), 1);
    let gone: Vec<_> = events(&all, "gone").map(|event| &event["code"]).collect();
    assert_eq!(gone, [3, 0]);
    let traced = events(&all, "traced").next().unwrap();
    assert_eq!(traced["processes"].as_array().unwrap().len(), 2);
}
