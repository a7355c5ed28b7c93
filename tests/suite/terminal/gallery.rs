//! More pictures: questions, several processes, other families, and what is kept.

use std::net::UdpSocket;

use super::learner::Learner;
use super::predict::VISIBLE;
use super::snapshots::{Sitter, free_port};
use crate::support::bound;

/// A learner's run whose pictures are taken.
fn sit(learner: &Learner, port: u16, args: &[&str]) -> Sitter {
    let addr = format!("127.0.0.1:{port}");
    let words = [args, &["--addr", &addr, "--color", "always"]].concat();
    Sitter::of(learner.start(&words), port, 80)
}

/// The question before bind, and what is told when the answer was wrong.
#[test]
fn question() {
    let learner = Learner::new();
    let mut sitter = sit(&learner, free_port(), &["step", "bind"]);
    sitter.terminal.wait_next("setsockopt(3,");
    sitter.terminal.send("\r");
    sitter.terminal.wait_question(VISIBLE);
    sitter.from("  bind ties", "question");
    sitter.terminal.pick(0);
    sitter.terminal.wait_next("bind(3,");
    sitter.terminal.send("\r");
    sitter.terminal.wait_menu("next chapter");
    sitter.last_call("question-wrong");
}

#[test]
fn numbered_question() {
    let learner = Learner::new();
    let mut sitter = sit(&learner, free_port(), &["step", "listen", "--plain"]);
    let hint = "Type a number from 1 to 4";
    sitter.terminal.wait("the question", |view| view.has(hint));
    sitter.from("  now ", "question-plain");
}

/// Parent and child, the connection closed in the one and the listener in the other.
#[test]
fn two_fd_tables() {
    let learner = Learner::new();
    let mut sitter = sit(&learner, free_port(), &["step", "serve", "--no-predict"]);
    for made in 0..4 {
        sitter.terminal.wait("the next pause", |view| {
            view.made() == made && view.at_pause()
        });
        sitter.terminal.send("\r");
    }
    sitter.terminal.wait_next("recvfrom(4,");
    sitter.from("  The first client has sent", "serve-tables");
}

#[test]
fn connect_refused() {
    let port = free_port();
    let _held = bound(port);
    let learner = Learner::new();
    let words = ["step", "connect", "--role", "client", "--no-predict"];
    let mut sitter = sit(&learner, port, &words);
    sitter.terminal.wait_next("connect(3,");
    sitter.terminal.send("\r");
    sitter.terminal.wait_menu("try again");
    sitter.last_call_and_menu("connect-refused");
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
    let mut sitter = Sitter::of(terminal, free_port(), 80);
    sitter.terminal.wait_next("bind(3,");
    sitter.from("── ", "unix-bind-pause");
    sitter.terminal.send("\r");
    sitter.terminal.wait_menu("next chapter");
    sitter.last_call("unix-bind-did");
    let _ = std::fs::remove_file(&path);
}

#[test]
fn udp_recvfrom() {
    let learner = Learner::new();
    let port = free_port();
    let words = ["step", "exchange", "--type", "dgram", "--no-predict"];
    let mut sitter = sit(&learner, port, &words);
    sitter.terminal.wait_next("recvfrom(3,");
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.send_to(b"hello\n", ("127.0.0.1", port)).unwrap();
    sitter
        .terminal
        .wait("the datagram", |view| view.has("recv-q") && view.at_pause());
    sitter.terminal.send("\r");
    sitter.terminal.wait_next("sendto(3,");
    sitter.last_call("udp-recvfrom");
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
        let mut sitter = sit(&learner, port, &words);
        if words[1] == "create" {
            sitter.terminal.wait_question("0: the first socket");
            sitter.terminal.pick(nth);
            sitter.terminal.wait_next("socket(");
            sitter.terminal.send("\r");
        } else {
            sitter.terminal.wait_next("setsockopt(3,");
            sitter.terminal.send("\r");
            sitter.terminal.wait_question(VISIBLE);
            sitter.terminal.pick(nth);
            sitter.terminal.wait_next("bind(3,");
            sitter.terminal.send("\r");
        }
        sitter.terminal.wait_menu("next chapter");
        sitter.terminal.leave();
    }
    let mut sitter = sit(&learner, port, &["list"]);
    assert_eq!(sitter.terminal.wait_exit(), 0);
    sitter.all("list-ticks");
    let mut sitter = sit(&learner, port, &["progress"]);
    assert_eq!(sitter.terminal.wait_exit(), 0);
    sitter.until("  kept in ", "progress");
}
