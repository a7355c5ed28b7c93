//! A traced program at a terminal: its keys and ours.

use std::time::Instant;

use super::pty::socklab;
use crate::support::{dir_of_test, kill, python_itself};

const SERVER: &str = "import socket, signal, sys\n\
    s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(1)\n\
    signal.signal(signal.SIGINT, lambda *_: print('got it', flush=True))\n\
    print('ready', flush=True)\n\
    while True: s.accept()";

/// The first Ctrl-C is the program's, the second ours: the program goes on.
#[test]
#[ignore = "needs python3"]
fn ctrl_c_reaches_the_program_and_a_second_one_lets_it_go() {
    let mut terminal = socklab(&["trace", "--brief", "--", &python_itself(), "-c", SERVER]);
    let view = terminal.wait("asleep in accept", |view| view.has("sleeps"));
    assert!(view.has("ready"));
    terminal.send("\x03");
    terminal.wait("the program's own handler", |view| view.has("got it"));
    let traces = terminal.traces();
    terminal.send("\x03");
    assert_eq!(terminal.wait_exit(), 130);
    // The session's leader is gone and has taken the program with it, as a shell's end
    // would have: nothing is left.
    terminal.wait_gone(&traces);
}

#[test]
#[ignore = "needs python3"]
fn it_stops_before_each_call_where_that_is_asked_for() {
    let line = "import socket, sys; print(sys.stdin.read() == ''); socket.socket()";
    let mut terminal = socklab(&[
        "trace",
        "--pause",
        "--only",
        "socket,close",
        "--",
        &python_itself(),
        "-c",
        line,
    ]);
    let view = terminal.wait("a pause", |view| view.at_pause());
    assert!(view.has("standard input is /dev/null"), "{}", view.show());
    assert!(
        view.has("next    socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0)"),
        "{}",
        view.show()
    );
    assert!(!view.has("did     socket("));
    // What the keys say is of the call that comes, though there is no socket yet.
    let reads = Instant::now();
    terminal.send("l");
    terminal.wait("how languages write it", |view| view.has("WSAStartup"));
    let read = reads.elapsed();
    terminal.send("\r");
    let view = terminal.wait("the call was made", |view| view.has("next    close("));
    assert!(view.has("did     socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3"));
    assert!(view.has("Makes the object"), "{}", view.show());
    // How long it took is not how long somebody has read.
    let shown = view.show();
    let did = shown.lines().find(|line| line.contains("did     socket("));
    let mut words = did.unwrap().split_whitespace().rev();
    let unit = words.next().unwrap();
    let took: f64 = words.next().unwrap().parse().unwrap();
    let seconds = took * if unit == "ms" { 1e-3 } else { 1e-6 };
    assert!(unit != "s" && seconds < read.as_secs_f64(), "{shown}");
    terminal.send("\r");
    assert_eq!(terminal.wait_exit(), 0);
    assert!(terminal.view().has("True"));
    assert!(terminal.has_its_modes());
}

/// A pause tells whose the other end is, and is no part of the time that a call takes.
#[test]
#[ignore = "needs python3"]
fn a_pause_names_the_other_end_and_is_not_counted() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let line = format!(
        "import _socket; s = _socket.socket(); s.connect(('127.0.0.1', {port})); s.send(b'x')"
    );
    let dir = dir_of_test();
    let json = format!("--json={}", dir.join("events.jsonl").display());
    let mut terminal = socklab(&[
        "trace",
        "--pause",
        &json,
        "--",
        &python_itself(),
        "-c",
        &line,
    ]);
    let view = terminal.wait("the first pause", |view| view.at_pause());
    // The calls that start it are not its own.
    assert!(view.has("next    socket("), "{}", view.show());
    assert!(!view.has("execve("), "{}", view.show());
    let mut goes_on_to = |next: &str| {
        terminal.send("\r");
        terminal.wait(next, |view| view.has(&format!("next    {next}(")))
    };
    goes_on_to("connect");
    goes_on_to("sendto");
    let _accepted = listener.accept().unwrap();
    let view = goes_on_to("close");
    let owner = format!("pid {}", std::process::id());
    assert!(view.has(&owner), "{}", view.show());
    let view = goes_on_to("exit");
    let left = ["FIN-WAIT-1", "FIN-WAIT-2"].map(|state| format!("left    python3 {state} ↔"));
    assert!(left.iter().any(|it| view.has(it)), "{}", view.show());
    terminal.send("\r");
    assert_eq!(terminal.wait_exit(), 0);
    let text = std::fs::read_to_string(dir.join("events.jsonl")).unwrap();
    let events: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for call in ["socket", "connect", "sendto"] {
        let told = |event| {
            let mut all = events.iter();
            all.find(|it| it["event"] == event && it["call"] == call)
                .unwrap()
        };
        let (enter, exit) = (told("enter"), told("exit"));
        let between = exit["t_us"].as_u64().unwrap() - enter["t_us"].as_u64().unwrap();
        assert!(exit["took_us"].as_u64().unwrap() <= between, "{exit}");
    }
}

const CLIENT: &str = "import socket\n\
    s = socket.create_server(('127.0.0.1', 0))\n\
    c = socket.create_connection(s.getsockname()); a, _ = s.accept(); s.close()\n\
    print('ready', flush=True); input()\n\
    c.send(b'x'); input()";

/// Starts a Python program, and waits until it is ready.
fn running(program: &str) -> std::process::Child {
    let mut child = std::process::Command::new(python_itself())
        .args(["-c", program])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    let stdout = child.stdout.as_mut().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut ready).unwrap();
    assert_eq!(ready, "ready\n");
    child
}

/// What a process had before anybody looked is told first.
#[test]
#[ignore = "needs python3"]
fn a_process_that_runs_is_looked_at_first() {
    let mut client = running(CLIENT);
    let mut terminal = socklab(&["trace", "--pid", &client.id().to_string()]);
    let view = terminal.wait("its sockets", |view| view.has("now     python3, pid "));
    assert!(view.has("state ESTABLISHED"), "{}", view.show());
    let mut stdin = client.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, b"\n").unwrap();
    terminal.wait("a call in full", |view| view.has("seen    ss -tan shows"));
    // It has no listener any more, so it is told as a client is.
    let view = terminal.view();
    assert!(view.has("send buffer and returns how"), "{}", view.show());
    terminal.send("\x03");
    assert_eq!(terminal.wait_exit(), 130);
    drop(stdin);
    client.wait().unwrap();
}

/// A process that runs goes on when it is traced no longer.
#[test]
#[ignore = "needs python3"]
fn a_process_that_runs_is_attached_to_and_let_go() {
    let mut server = running(SERVER);
    let mut terminal = socklab(&["trace", "--brief", "--pid", &server.id().to_string()]);
    terminal.wait("asleep in accept", |view| view.has("sleeps"));
    terminal.send("\x03");
    assert_eq!(terminal.wait_exit(), 130);
    assert!(server.try_wait().unwrap().is_none());
    kill(server.id(), libc::SIGKILL);
    server.wait().unwrap();
}
