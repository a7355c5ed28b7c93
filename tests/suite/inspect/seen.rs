//! What is told of sockets is what ss and /proc tell.

use serde_json::Value;

use super::{LISTENER, inspected, python, run, sockets};
use crate::support::{Socklab, listens, output, server, sockets_of, ss_tcp};

/// The word of ss for a state.
fn in_ss(state: &str) -> &str {
    match state {
        "ESTABLISHED" => "ESTAB",
        "CLOSED" => "UNCONN",
        other => other,
    }
}

#[test]
#[ignore = "needs python3 and ss"]
fn every_socket_stands_there_as_ss_has_it() {
    let script = format!(
        "{LISTENER}
for sent in (b'', b'x', b'1234567'):
    c = socket.create_connection(('127.0.0.1', port))
    a, _ = l.accept()
    c.send(sent)
    if sent == b'x': c.close()
    kept += [a, c]
kept.append(socket.create_connection(('127.0.0.1', port)))
kept += socket.socketpair()
u = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
u.bind(('::1', 0))
"
    );
    let program = python(&script);
    let seen = inspected(program.pid());
    let ss = ss_tcp();
    let mut inodes = sockets_of(program.pid());
    inodes.sort_unstable();
    let mut told: Vec<u64> = Vec::new();
    let mut compared = 0;
    for socket in sockets(&seen) {
        told.push(socket["inode"].as_u64().unwrap());
        let Some(row) = ss.get(&socket["cookie"].as_u64().unwrap()) else {
            assert_ne!(socket["protocol"], "tcp", "{socket}");
            continue;
        };
        let state = socket["state"].as_str().unwrap();
        assert_eq!(in_ss(state), row.state);
        assert_eq!(socket["local"], row.local.as_str());
        if state == "LISTEN" {
            assert_eq!(socket["accept_queue"]["len"], row.recv_q);
            assert_eq!(socket["accept_queue"]["max"], row.send_q);
        } else {
            assert_eq!(socket["peer"], row.peer.as_str());
            // ss counts the FIN as one more.
            let fin = u64::from(state == "CLOSE-WAIT");
            assert_eq!(socket["recv_q"], row.recv_q - fin);
            assert_eq!(socket["send_q"], row.send_q);
        }
        compared += 1;
    }
    told.sort_unstable();
    assert_eq!(told, inodes);
    assert_eq!(compared, 7);
    // Who waits has no descriptor here.
    let others = seen["others"].as_array().unwrap();
    let queued = others.iter().filter(|row| row["relation"] == "queued");
    assert_eq!(queued.count(), 1);
}

#[test]
#[ignore = "needs python3"]
fn options_are_those_that_the_program_has_set() {
    let program = python(
        "
s = socket.socket()
s.setblocking(False)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4000)
t = socket.socket()
",
    );
    let seen = inspected(program.pid());
    let [set, plain] = sockets(&seen) else {
        panic!("{seen}")
    };
    for name in ["nonblocking", "nodelay", "keepalive", "rcvbuf_set"] {
        assert_eq!(
            (&set[name], &plain[name]),
            (&true.into(), &false.into()),
            "{name}"
        );
    }
    assert_eq!(
        (&set["rcvbuf"], &set["sndbuf_set"]),
        (&8000.into(), &false.into())
    );
    let shown = Socklab::new(["inspect", &program.pid().to_string()])
        .run()
        .stdout();
    let options = "O_NONBLOCK on · TCP_NODELAY on · SO_KEEPALIVE on";
    assert!(shown.contains("SO_RCVBUF 8000"), "{shown}");
    assert!(shown.contains(options), "{shown}");
}

/// The error that waits in a socket is still there for the program.
#[test]
#[ignore = "needs python3"]
fn nothing_is_disturbed() {
    let mut program = python(
        "
s = socket.socket()
s.setblocking(False)
s.connect_ex(('127.0.0.1', 1))
select.select([], [s], [])
def check():
    sys.stdin.readline()
    print(s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), flush=True)
ready()
check()
",
    );
    for _ in 0..3 {
        inspected(program.pid());
    }
    program.type_in(b"\n");
    let errno = libc::ECONNREFUSED.to_string() + "\n";
    assert_eq!(program.printed(errno.len()), errno.as_bytes());
}

/// A close is a close: the look keeps nothing open.
#[test]
#[ignore = "needs nc.openbsd"]
fn a_netcat_that_listens() {
    let port = crate::support::free_port();
    let netcat = server("nc.openbsd", "127.0.0.1", port);
    crate::support::until("it listens", || listens(port));
    let seen = run(netcat.pid()).only("program");
    assert_eq!(sockets(&seen)[0]["state"], "LISTEN");
    assert_eq!(seen["command"][0], "nc.openbsd");
    assert_eq!(seen["faults"], Value::Array(Vec::new()), "{seen}");
    // By its port and by its name.
    for target in [format!(":{port}"), "nc.openbsd".into()] {
        let run = Socklab::new(["inspect", &target, "--json"]).run();
        let found = run.all("program");
        assert!(found.iter().any(|it| it["pid"] == netcat.pid()), "{target}");
    }
}

/// Every line is as the schema has it, and text as wide as was asked for.
#[test]
#[ignore = "needs python3"]
fn screens_are_as_wide_as_was_asked_for() {
    let script = format!(
        "{LISTENER}
for i in range(30):
    kept.append(socket.create_connection(('127.0.0.1', port)))
    kept.append(l.accept()[0])
"
    );
    let program = python(&script);
    let pid = program.pid().to_string();
    for width in ["60", "80"] {
        let words = ["inspect", &pid, "--ascii", "--width", width];
        let shown = Socklab::new(words).run().stdout();
        assert!(shown.is_ascii() && !shown.contains('\x1b'), "{shown}");
        let most = shown.lines().map(str::len).max().unwrap();
        assert!(most <= width.parse().unwrap(), "{shown}");
        assert!(shown.contains("41 more: 41 ESTABLISHED"), "{shown}");
        assert!(shown.contains("clients 30 ESTABLISHED accepted"), "{shown}");
    }
    let schema = output(env!("CARGO_BIN_EXE_socklab"), ["report", "--schema"]);
    for name in ["ProgramLine", "ThreadLine", "FaultLine"] {
        assert!(schema.contains(&format!("\"{name}\"")), "{name}");
    }
}
