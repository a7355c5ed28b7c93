//! `--watch` tells what has changed, and ends with the program or the one who looks.

use std::io::Write;
use std::net::TcpStream;

use super::{LISTENER, python, python_told};
use crate::support::{Socklab, is, kill};

/// A server that accepts one client and reads one byte of it.
fn server() -> String {
    format!("{LISTENER}told = port\nready()\na, _ = l.accept()\na.recv(1)\nsys.stdin.read()\n")
}

#[test]
#[ignore = "needs python3"]
fn each_line_tells_what_has_changed() {
    let (mut program, port) = python_told(&server());
    let words = [
        "inspect",
        &program.pid().to_string(),
        "--watch=0.1",
        "--json",
    ];
    let mut running = Socklab::new(words).start();
    let first = running.wait_event("the first look", |it| is(it, "program"));
    assert_eq!(first["changes"].as_array().unwrap().len(), 0);
    let mut client = TcpStream::connect(("127.0.0.1", port.try_into().unwrap())).unwrap();
    // The connection and the call that waits for its bytes may come in one look.
    let (mut is_new, mut waits) = (false, false);
    while !(is_new && waits) {
        let event = running.wait_event("a change", |it| it["changes"].is_array());
        let mut changes = event["changes"].as_array().unwrap().iter();
        is_new |= changes.any(|it| it["field"] == "state" && it["to"] == "ESTABLISHED");
        let mut threads = event["threads"].as_array().unwrap().iter();
        waits |= threads.any(|it| it["call"] == "recvfrom");
    }
    client.write_all(b"xyz").unwrap();
    running.wait_event("bytes wait", |it| {
        let mut changes = it["changes"].as_array().into_iter().flatten();
        changes.any(|it| it["field"] == "recv_q" && it["to"] == "2")
    });
    // A second later nobody has read them.
    running.wait_event("nobody reads", |it| {
        let mut faults = it["faults"].as_array().into_iter().flatten();
        faults.any(|it| it["fault"] == "unread")
    });
    assert!(!running.has_more());
    program.end_input();
    running.wait_event("it has ended", |it| is(it, "gone"));
    let run = running.finish();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let seqs = run
        .events()
        .into_iter()
        .map(|it| it["seq"].as_u64().unwrap());
    assert!(seqs.eq(0..run.events().len() as u64));
}

/// At a terminal: what changed stands below, Ctrl-C ends it, and the terminal is as it was.
#[test]
#[ignore = "needs python3"]
fn at_a_terminal_ctrl_c_ends_it() {
    let (program, port) = python_told(&server());
    let pid = program.pid().to_string();
    let words = ["inspect", &pid, "--watch=0.1"];
    let mut terminal = Socklab::new(words).in_terminal(80);
    terminal.wait("the first look", |view| view.has("state LISTEN"));
    let _client = TcpStream::connect(("127.0.0.1", port.try_into().unwrap())).unwrap();
    terminal.wait("the change", |view| view.has("(new) · state ESTABLISHED"));
    terminal.wait("the thread", |view| view.has("sleeps in recvfrom"));
    terminal.send("\x03");
    assert_eq!(terminal.wait_exit(), 130);
    terminal.assert_restored();
    // The program goes on.
    kill(program.pid(), 0);
}

#[test]
#[ignore = "needs python3"]
fn a_signal_or_a_closed_output_ends_it() {
    let program = python(LISTENER);
    let pid = program.pid().to_string();
    let mut running = Socklab::new(["inspect", &pid, "--watch=60"]).start();
    running.wait_line("the first look", |line| line.contains("state LISTEN"));
    running.signal(libc::SIGTERM);
    assert_eq!(running.finish().code, Some(143));
    let script = format!(
        "{} inspect {pid} --watch=60 | head -n 1",
        env!("CARGO_BIN_EXE_socklab")
    );
    let said = crate::support::output("timeout", ["20", "sh", "-c", &script]);
    assert!(said.contains("python3, pid"), "{said}");
}
