//! Each fault has a program that commits it and is told, and a correct twin that is not.

use super::{LISTENER, fault, faults, inspected, python};
use crate::support::{Peer, eventually, kill};

/// What is told of the program once it has that fault.
#[track_caller]
fn committed(program: &Peer, word: &str, chapter: &str) -> serde_json::Value {
    let seen = eventually(word, || {
        let seen = inspected(program.pid());
        faults(&seen).contains(&word).then_some(seen)
    });
    let found = fault(&seen, word);
    assert_eq!(found["chapter"], chapter);
    assert!(!found["fds"].as_array().unwrap().is_empty());
    // On the screen with the evidence and what to read.
    let shown = super::shown(program.pid());
    // Numbers go on meanwhile.
    let meaning = found["meaning"]
        .as_str()
        .unwrap()
        .split(", for ")
        .next()
        .unwrap();
    for words in [
        meaning,
        "found fd ",
        &format!("read socklab read {chapter}"),
    ] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    found
}

#[test]
#[ignore = "needs python3"]
fn connections_that_are_never_closed() {
    let serve = |close: &str| {
        format!(
            "{LISTENER}
for i in range(3):
    c = socket.create_connection(('127.0.0.1', port))
    a, _ = l.accept()
    c.close()
    assert a.recv(1) == b''
    {close}
    kept.append(a)
"
        )
    };
    let leaks = python(&serve("pass"));
    let found = committed(&leaks, "left-open", "close");
    assert_eq!(found["fds"].as_array().unwrap().len(), 3);
    let twin = python(&serve("a.close()"));
    assert_eq!(faults(&inspected(twin.pid())), Vec::<&str>::new());
}

#[test]
#[ignore = "needs python3"]
fn a_full_queue() {
    let queue = |backlog: u32| {
        format!(
            "
l = socket.socket()
l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
l.bind(('127.0.0.1', 0))
l.listen({backlog})
for i in range(2):
    kept.append(socket.create_connection(l.getsockname()))
"
        )
    };
    let full = python(&queue(1));
    let found = committed(&full, "full-queue", "backlog");
    assert!(
        found["meaning"].as_str().unwrap().contains("(2/1)"),
        "{found}"
    );
    let twin = python(&queue(5));
    assert!(!faults(&inspected(twin.pid())).contains(&"full-queue"));
}

#[test]
#[ignore = "needs python3"]
fn a_full_queue_of_a_unix_listener() {
    let program = python(
        "
l = socket.socket(socket.AF_UNIX)
l.bind('')
l.listen(0)
c = socket.socket(socket.AF_UNIX)
c.connect(l.getsockname())
",
    );
    committed(&program, "full-queue", "backlog");
}

#[test]
#[ignore = "needs python3"]
fn bytes_that_nobody_reads() {
    let serve = |read: &str| {
        format!(
            "{LISTENER}
c = socket.create_connection(('127.0.0.1', port))
a, _ = l.accept()
c.send(b'12345')
{read}
"
        )
    };
    let lazy = python(&serve("pass"));
    committed(&lazy, "unread", "bytes");
    let twin = python(&serve("a.recv(5)"));
    assert_eq!(faults(&inspected(twin.pid())), Vec::<&str>::new());
}

/// Twenty connections that the server has closed first, without SO_REUSEADDR.
#[test]
#[ignore = "needs python3"]
fn a_pile_of_time_wait_and_no_reuseaddr() {
    let serve = |first: &str, reuse: u32| {
        format!(
            "
l = socket.socket()
l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, {reuse})
l.bind(('127.0.0.1', 0))
l.listen(5)
for i in range(20):
    c = socket.create_connection(l.getsockname())
    a, _ = l.accept()
    {first}
    assert (c if '{first}' == 'a.close()' else a).recv(1) == b''
    a.close(); c.close()
"
        )
    };
    let server_first = python(&serve("a.close()", 0));
    committed(&server_first, "time-wait-pile", "close");
    committed(&server_first, "no-restart", "ports");
    let reuses = python(&serve("a.close()", 1));
    assert_eq!(faults(&inspected(reuses.pid())), ["time-wait-pile"]);
    let client_first = python(&serve("c.close()", 0));
    assert_eq!(faults(&inspected(client_first.pid())), Vec::<&str>::new());
}

/// What nobody reads while a program is stopped is no fault of its own.
#[test]
#[ignore = "needs python3"]
fn a_program_that_is_stopped() {
    let script = format!(
        "{LISTENER}
c = socket.create_connection(('127.0.0.1', port))
a, _ = l.accept()
a.send(b'x' * 5)
kept += [c, a, socket.create_connection(('127.0.0.1', port))]
"
    );
    let program = python(&script);
    kill(program.pid(), libc::SIGSTOP);
    let found = committed(&program, "stopped", "accept");
    assert_eq!(found["fds"].as_array().unwrap().len(), 2);
    let shown = super::shown(program.pid());
    assert!(shown.contains("main thread: is stopped"), "{shown}");
    assert_eq!(faults(&inspected(program.pid())), ["stopped"]);
    kill(program.pid(), libc::SIGCONT);
    eventually("it goes on", || {
        let seen = inspected(program.pid());
        (!faults(&seen).contains(&"stopped")).then_some(())
    });
}

#[test]
#[ignore = "needs python3"]
fn every_interface() {
    for (family, host) in [("AF_INET", "0.0.0.0"), ("AF_INET6", "::")] {
        let script =
            format!("l = socket.socket(socket.{family})\nl.bind(('{host}', 0))\nl.listen(1)");
        committed(&python(&script), "every-interface", "bind");
    }
    // What a client is bound to by the kernel is nobody's server.
    let client =
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.sendto(b'', ('127.0.0.1', 9))";
    assert_eq!(faults(&inspected(python(client).pid())), Vec::<&str>::new());
}

#[test]
#[ignore = "needs python3"]
fn datagrams_that_found_no_room() {
    let send = |count: u32| {
        format!(
            "
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2000)
u.bind(('127.0.0.1', 0))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range({count}): s.sendto(b'x' * 500, u.getsockname())
u.recv(500)
"
        )
    };
    committed(&python(&send(50)), "lost", "datagrams");
    assert!(!faults(&inspected(python(&send(1)).pid())).contains(&"lost"));
}
