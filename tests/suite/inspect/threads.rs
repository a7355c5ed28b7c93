//! What each thread waits for.

use serde_json::{Value, json};

use super::{LISTENER, python};
use crate::support::{Peer, eventually};

/// The thread of that name, when it sleeps in that call.
fn asleep(program: &Peer, name: &str, call: &str) -> Value {
    eventually(call, || {
        let seen = super::inspected(program.pid());
        let threads = seen["threads"].as_array().unwrap();
        let mut threads = threads.iter();
        let found = threads.find(|it| it["name"] == name && it["call"] == call);
        found.cloned()
    })
}

/// Named threads, as the kernel has their names.
const NAMED: &str = "
def named(name, what):
    def run():
        ctypes.CDLL(None).prctl(15, name.encode())
        what()
    threading.Thread(target=run, daemon=True).start()
";

#[test]
#[ignore = "needs python3"]
fn each_call_is_named_with_its_descriptors() {
    let script = format!(
        "{LISTENER}{NAMED}
a, b = socket.socketpair()
c, d = socket.socketpair()
e = select.epoll()
e.register(a, select.EPOLLIN); e.register(c, select.EPOLLIN)
p = select.poll()
p.register(a, select.POLLIN); p.register(d, select.POLLIN)
named('accepts', l.accept)
named('receives', lambda: b.recv(1))
named('epolls', e.poll)
named('polls', p.poll)
named('selects', lambda: select.select([a, d], [], []))
named('reads', lambda: os.read(c.fileno(), 1))
"
    );
    let program = python(&script);
    // Descriptors are given in order: l, a, b, c, d, e.
    let accepts = asleep(&program, "accepts", "accept4");
    let l = accepts["fd"].as_i64().unwrap();
    let (a, b, c, d, e) = (l + 1, l + 2, l + 3, l + 4, l + 5);
    for (name, call, fd, watching) in [
        ("receives", "recvfrom", json!(b), Value::Null),
        ("epolls", "epoll_wait", json!(e), json!([a, c])),
        ("polls", "poll", Value::Null, json!([a, d])),
        ("selects", "pselect6", Value::Null, json!([a, d])),
        ("reads", "read", json!(c), Value::Null),
    ] {
        let seen = eventually(name, || {
            let seen = super::inspected(program.pid());
            let threads = seen["threads"].as_array().unwrap();
            let of_call = |it: &&Value| {
                it["name"] == name
                    && (it["call"] == call || call == "pselect6" && it["call"] == "select")
            };
            threads.iter().find(of_call).cloned()
        });
        assert_eq!((&seen["fd"], &seen["watching"]), (&fd, &watching), "{seen}");
    }
    let shown = super::shown(program.pid());
    for words in [
        format!("sleeps in accept4 on fd {l} "),
        format!("sleeps in epoll_wait on fd {e} ([eventpoll]), watching fds {a}, {c} "),
        format!("sleeps in poll, watching fds {a}, {d} "),
        "main thread: sleeps in read on fd 0 (pipe:[".to_string(),
    ] {
        assert!(shown.contains(&words), "{words}\n{shown}");
    }
}

/// A client waits, and the only thread is busy with another one.
#[test]
#[ignore = "needs python3"]
fn one_client_blocks_all_others() {
    let script = format!(
        "{LISTENER}
kept.append(socket.create_connection(('127.0.0.1', port)))
kept.append(l.accept()[0])
kept.append(socket.create_connection(('127.0.0.1', port)))
ready()
kept[1].recv(1)
"
    );
    let program = python(&script);
    asleep(&program, "python3", "recvfrom");
    let seen = super::inspected(program.pid());
    let found = super::fault(&seen, "not-accepting");
    assert!(
        found["meaning"]
            .as_str()
            .unwrap()
            .starts_with("1 wait at 127.0.0.1:")
    );
    assert_eq!(found["chapter"], "serve");
}

/// The same with an event loop, that the client has woken, or will.
#[test]
#[ignore = "needs python3"]
fn who_watches_the_listener_is_not_accused() {
    let script = format!(
        "{LISTENER}
kept.append(socket.create_connection(('127.0.0.1', port)))
e = select.epoll()
e.register(l, select.EPOLLIN | select.EPOLLET)
e.poll()
ready()
e.poll()
"
    );
    let program = python(&script);
    asleep(&program, "python3", "epoll_wait");
    let seen = super::inspected(program.pid());
    assert_eq!(super::faults(&seen), Vec::<&str>::new());
}
