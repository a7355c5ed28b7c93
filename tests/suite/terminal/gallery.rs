//! More pictures: questions, several processes, other families, and what is kept.

use std::net::UdpSocket;

use super::learner::Learner;
use super::pictures::{PicturedRun, free_port};
use super::predict::VISIBLE;
use crate::support::{Socklab, bound, connect, listens, server, until, wchan};

/// A learner's run whose pictures are taken.
fn start(learner: &Learner, port: u16, args: &[&str]) -> PicturedRun {
    let addr = format!("127.0.0.1:{port}");
    let words = [args, &["--addr", &addr, "--color", "always"]].concat();
    PicturedRun::of(learner.start(&words), port, 80)
}

/// The question before bind, and what is told when the answer was wrong.
#[test]
fn question() {
    let learner = Learner::new();
    let mut pictured = start(&learner, free_port(), &["step", "bind"]);
    pictured.terminal.wait_setsockopt();
    pictured.terminal.send("\r");
    pictured.terminal.wait_question(VISIBLE);
    pictured.from("  bind ties", "question");
    pictured.terminal.pick(0);
    pictured.terminal.wait_next("bind(3,");
    pictured.terminal.send("\r");
    pictured.terminal.wait_menu("next chapter");
    pictured.last_call("question-wrong");
}

#[test]
fn numbered_question() {
    let learner = Learner::new();
    let mut pictured = start(&learner, free_port(), &["step", "listen", "--plain"]);
    let hint = "Type a number from 1 to 4";
    pictured
        .terminal
        .wait("the question", |view| view.has(hint));
    pictured.from("  now ", "question-plain");
}

/// A netcat that listens, looked at from outside.
#[test]
#[ignore = "needs nc.openbsd"]
fn inspected_program() {
    let port = free_port();
    let netcat = server("nc.openbsd", "127.0.0.1", port);
    until("it listens", || listens(port));
    let _client = connect(port);
    let _queued = connect(port);
    let polls = |place: String| place.contains("poll");
    until("it has accepted", || wchan(netcat.pid()).is_some_and(polls));
    let pid = netcat.pid().to_string();
    let words = ["inspect", &pid, "--color", "always"];
    let mut pictured = PicturedRun::of(Socklab::new(words).in_terminal(80), port, 80);
    assert_eq!(pictured.terminal.wait_exit(), 0);
    pictured.from("── ", "inspect-program");
}

/// The end of what doctor says, which is the same on every machine: without a netcat.
#[test]
fn doctor() {
    for (cols, name) in [(80, "doctor"), (60, "doctor-60-columns")] {
        let run = Socklab::new(["doctor", "--color", "always"]).env("PATH", "/nowhere");
        let mut pictured = PicturedRun::of(run.in_terminal(cols), free_port(), cols);
        assert_eq!(pictured.terminal.wait_exit(), 0);
        pictured.between("  ! A client", "  Lessons", name);
    }
}

/// Parent and child, the connection closed in the one and the listener in the other.
#[test]
fn two_fd_tables() {
    let learner = Learner::new();
    let mut pictured = start(&learner, free_port(), &["step", "serve", "--no-predict"]);
    for made in 0..4 {
        pictured.terminal.wait("the next pause", |view| {
            view.made() == made && view.at_pause()
        });
        pictured.terminal.send("\r");
    }
    pictured.terminal.wait_next("recvfrom(4,");
    pictured.from("  The first client has sent", "serve-tables");
}

#[test]
fn connect_refused() {
    let port = free_port();
    let _held = bound(port);
    let learner = Learner::new();
    let words = ["step", "connect", "--role", "client", "--no-predict"];
    let mut pictured = start(&learner, port, &words);
    pictured.terminal.wait_next("connect(3,");
    pictured.terminal.send("\r");
    pictured.terminal.wait_menu("try again");
    pictured.last_call_and_menu("connect-refused");
}

#[test]
fn unix_bind() {
    let learner = Learner::new();
    // A short name, always of the same length.
    let path = format!("/tmp/s{:05}", std::process::id() % 100_000);
    let _ = std::fs::remove_file(&path);
    let words = [
        "step",
        "bind",
        "--no-predict",
        "--addr",
        &path,
        "--color",
        "always",
    ];
    let terminal = learner.start(&words);
    let mut pictured = PicturedRun::of(terminal, free_port(), 80);
    pictured.terminal.wait_next("bind(3,");
    pictured.from("── ", "unix-bind-pause");
    pictured.terminal.send("\r");
    pictured.terminal.wait_menu("next chapter");
    pictured.last_call("unix-bind-did");
    let _ = std::fs::remove_file(&path);
}

#[test]
fn udp_recvfrom() {
    let learner = Learner::new();
    let port = free_port();
    let words = ["step", "exchange", "--type", "dgram", "--no-predict"];
    let mut pictured = start(&learner, port, &words);
    pictured.terminal.wait_next("recvfrom(3,");
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.send_to(b"hello\n", ("127.0.0.1", port)).unwrap();
    pictured
        .terminal
        .wait("the datagram", |view| view.has("recv-q") && view.at_pause());
    pictured.terminal.send("\r");
    pictured.terminal.wait_next("sendto(3,");
    pictured.last_call("udp-recvfrom");
}

/// The list with ticks, and what was kept.
#[test]
fn what_was_kept() {
    let learner = Learner::new();
    let port = free_port();
    for (nth, words) in [
        (1, ["step", "create"]),
        (0, ["step", "bind"]),
        (2, ["step", "bind"]),
    ] {
        let mut pictured = start(&learner, port, &words);
        if words[1] == "create" {
            pictured.terminal.wait_question("0: the first socket");
            pictured.terminal.pick(nth);
            pictured.terminal.wait_next("socket(");
            pictured.terminal.send("\r");
        } else {
            pictured.terminal.wait_setsockopt();
            pictured.terminal.send("\r");
            pictured.terminal.wait_question(VISIBLE);
            pictured.terminal.pick(nth);
            pictured.terminal.wait_next("bind(3,");
            pictured.terminal.send("\r");
        }
        pictured.terminal.wait_menu("next chapter");
        pictured.terminal.leave();
    }
    let mut pictured = start(&learner, port, &["list"]);
    assert_eq!(pictured.terminal.wait_exit(), 0);
    pictured.all("list-ticks");
    let progress = learner.socklab(&["progress", "--color", "always"]);
    let mut pictured = PicturedRun::of(progress.in_terminal(80), port, 80);
    assert_eq!(pictured.terminal.wait_exit(), 0);
    pictured.until("  kept in ", "progress");
}
