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

/// Who asks for no bytes gets none, whatever the other end does.
#[test]
#[ignore = "needs python3"]
fn a_recv_of_no_bytes_is_no_end() {
    let line = "import os, socket; a, b = socket.socketpair(); os.read(a.fileno(), 0)";
    let text = told(&[], &[&python_itself(), "-c", line]).stderr;
    assert!(text.contains("0 bytes: none were asked for"), "{text}");
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
fn what_repeats_itself_is_counted() {
    let line = "import socket; a, b = socket.socketpair(); a.setblocking(False)\n\
                def busy():\n\
                \x20for i in range(50):\n\
                \x20 try: a.recv(10)\n\
                \x20 except BlockingIOError: pass\n\
                busy(); b.send(b'x'); a.recv(10); busy()";
    let text = told(&[], &[&python_itself(), "-c", line]).stderr;
    // Twice fifty calls: the first is told, and the second with a word on the others.
    assert_eq!(text.matches("= -1 EAGAIN").count(), 4, "{text}");
    assert_eq!(
        text.matches("again: from here on only").count(),
        2,
        "{text}"
    );
    assert_eq!(text.matches("the same 48 times more").count(), 2, "{text}");
    let all = told(&["--full"], &[&python_itself(), "-c", line]).stderr;
    assert_eq!(all.matches("= -1 EAGAIN").count(), 100, "{all}");
}

#[test]
#[ignore = "needs python3"]
fn prose_is_of_the_same_option_and_of_such_a_socket() {
    let line = "import socket; s = socket.socket()\n\
                s.setsockopt(socket.SOL_TCP, socket.TCP_NODELAY, 0)\n\
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n\
                s.bind(('127.0.0.1', 0)); s.listen()\n\
                c = socket.create_connection(s.getsockname()); a, _ = s.accept()\n\
                c.shutdown(socket.SHUT_WR); a.shutdown(socket.SHUT_RD)\n\
                a.close(); c.close(); s.close(); socket.socket().close()\n\
                socket.socket(type=socket.SOCK_DGRAM).close()";
    let text = told(&[], &[&python_itself(), "-c", line]).stderr;
    let of = |call: &str| {
        let from = text
            .find(call)
            .unwrap_or_else(|| panic!("no {call}: {text}"));
        let rest = &text[from..];
        // Up to the next call, which begins with the time of day.
        let end = rest.find("\n\n").unwrap_or(rest.len());
        let own = rest[..end].split("python3").next().unwrap_or_default();
        own.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(!of("SOL_TCP, TCP_NODELAY").contains("kernel"), "{text}");
    assert!(
        of("SO_REUSEADDR, [1]").contains("Sets one flag on the socket."),
        "{text}"
    );
    assert!(
        of("SHUT_WR").contains("Sends a FIN after the last byte."),
        "{text}"
    );
    assert!(!of("SHUT_RD").contains("kernel"), "{text}");
    // 3 listens, 4 is the client's, which has ended its direction, 5 the server's.
    let [listener, client, server] = [3, 4, 5].map(|fd| of(&format!("close({fd}) = 0")));
    assert!(listener.contains("leaves the list of listeners"), "{text}");
    assert!(!client.contains("kernel"), "{text}");
    assert!(server.contains("it sends a FIN"), "{text}");
    let [_, unconnected, datagrams] = text.split("close(3) = 0").skip(1).collect::<Vec<_>>()[..]
    else {
        panic!("{text}")
    };
    assert!(
        !unconnected
            .split("socket(")
            .next()
            .unwrap()
            .contains("kernel"),
        "{text}"
    );
    assert!(datagrams.contains("throws away"), "{text}");
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
