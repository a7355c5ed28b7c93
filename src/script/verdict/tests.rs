//! Verdicts on recorded looks.

use super::*;
use crate::model::recorded::{row, seen as of, socket, unknown};
use crate::model::{AcceptQueue, Cred, Errno, FdEntry, Listing, TcpState};

/// A server, a connection that is open, and one that was closed.
struct Look {
    world: World,
    sockets: Vec<(String, SocketView)>,
    made: Made,
}

fn look() -> Look {
    let mut server = socket(3, 1, TcpState::Listen);
    server.local = of("127.0.0.1:6789".parse().unwrap());
    server.accept_queue = of(AcceptQueue { len: 1, max: 2 });
    server.segs_in = unknown();
    let mut conn = socket(4, 2, TcpState::Established);
    conn.listing = of(Listing::BoundOnly);
    conn.peer = of("127.0.0.1:5".parse().unwrap());
    conn.cred = of(Cred {
        pid: 7,
        uid: 0,
        gid: 0,
    });
    let entry = |fd, inode| FdEntry {
        fd,
        target: format!("socket:[{inode}]"),
    };
    let named = [
        ("server", &server),
        ("conn", &conn),
        ("old", &socket(5, 9, TcpState::Closed)),
    ];
    Look {
        sockets: named.map(|(name, view)| (name.into(), view.clone())).into(),
        world: World {
            fds: of(vec![entry(3, 101), entry(4, 102)]),
            others: of(vec![
                row(Relation::Peer, 20, "127.0.0.1:5", "127.0.0.1:6789"),
                row(Relation::Left, 9, "127.0.0.1:6789", "127.0.0.1:6"),
                row(Relation::Queued, 30, "127.0.0.1:6789", "127.0.0.1:7"),
            ]),
            sockets: vec![server, conn],
            ..World::default()
        },
        made: Made {
            outcome: Outcome::Value(10),
            told: "recvfrom(4, \"hello\\nworld\", 12, 0, NULL, NULL) = 10".into(),
            offered: Some(12),
            took: Duration::from_millis(500),
            cpu_ms: (Some(20), Some(20)),
        },
    }
}

impl Look {
    fn says(&self, line: &str, answer: Option<bool>, process: Fact<Process>) -> Verdict {
        let seen = Seen {
            crossed: None,
            world: &self.world,
            sockets: &self.sockets,
            made: Some(&self.made),
            calls: &[],
            answer,
            process,
            vars: Vars {
                addr: "127.0.0.1:6789".parse().unwrap(),
                pid: Some(7),
            },
        };
        verdict(&Predicate::parse(line).unwrap(), &seen)
    }

    /// Holds each line against its verdict: held, or what is found instead.
    fn assert_says(&self, lines: &[(&str, &str)]) {
        for (line, wanted) in lines {
            let wanted = match *wanted {
                "held" => Verdict::Held,
                "hidden" => Verdict::Hidden,
                found => Verdict::Not(found.into()),
            };
            assert_eq!(self.says(line, None, Fact::None), wanted, "{line}");
        }
    }
}

#[test]
fn a_look_says_whether_a_line_holds() {
    look().assert_says(&[
        ("server state=CLOSED|LISTEN local={addr} peer=-", "held"),
        (
            "server local={host}:1|{addr} accept_queue=1/2 cookie=*",
            "held",
        ),
        ("server local=- state=LISTEN", "local is 127.0.0.1:6789"),
        ("server peer=*", "peer is nothing"),
        ("server segs_in=0", "hidden"),
        ("server segs_in=0 state=CLOSED", "state is LISTEN"),
        ("conn cred={pid} inode=socket:[102]", "held"),
        ("old state=*", "the socket is not open"),
        (
            "peer conn state=FIN-WAIT-2 inode=- local=127.0.0.1:5 send_q=7",
            "held",
        ),
        ("peer conn owner=*", "owner is nothing"),
        ("peer server state=*", "there is no such row"),
        ("left old timer=-", "held"),
        ("gone old", "a row in FIN-WAIT-2 is left"),
        ("gone conn", "held"),
        ("no-fd old", "held"),
        ("no-fd conn", "fd 4 is still in the table"),
        ("bound-only conn", "held"),
        ("unlisted conn", "listing is bound-only"),
        ("listed old", "the socket is not open"),
        ("queued 0|1", "held"),
        ("outside 1", "there are 0"),
    ]);
}

#[test]
fn what_could_not_be_read_is_hidden() {
    let mut look = look();
    look.world.others = unknown();
    look.world.fds = unknown();
    look.sockets[0].1.cookie = unknown();
    look.assert_says(&[
        ("peer conn state=*", "hidden"),
        ("gone old", "hidden"),
        ("no-fd conn", "hidden"),
        ("queued 1", "hidden"),
        ("refuses {addr}", "hidden"),
        // Without a cookie the descriptor tells which socket it is.
        ("server state=LISTEN", "held"),
    ]);
    look.world.others = of(vec![]);
    look.assert_says(&[("gone server", "hidden"), ("gone old", "held")]);
    // Another socket has the number now.
    look.world.sockets[1].cookie = of(3);
    look.assert_says(&[("conn state=*", "the socket is not open")]);
}

#[test]
fn the_last_call_says_whether_a_line_holds() {
    let mut look = look();
    look.assert_says(&[
        ("returned less|0", "held"),
        ("returned all", "it returned 10"),
        ("failed EAGAIN", "it returned 10"),
        (r"told 'hello\nworld'", "held"),
        ("slept", "held"),
        ("burned", "it used 0 of 500 ms"),
    ]);
    look.made.outcome = Outcome::Failed(Errno(libc::EAGAIN));
    look.made.took = Duration::from_millis(50);
    look.assert_says(&[
        ("failed EINTR|EAGAIN", "held"),
        (
            "failed EINTR",
            "it returned -1 EAGAIN (Resource temporarily unavailable)",
        ),
        ("returned *", "the call failed"),
        ("slept", "hidden"),
    ]);
}

#[test]
fn what_was_asked_says_whether_a_line_holds() {
    let look = look();
    let zombie = Process {
        state: 'Z',
        wchan: None,
        syscall: None,
        first: None,
        cpu_ms: 0,
    };
    for (line, answer, process, held) in [
        ("refuses {addr}", Some(true), Fact::None, true),
        ("refuses {addr}", Some(false), Fact::None, false),
        ("path-left /x", Some(true), Fact::None, true),
        ("path-gone /x", Some(true), Fact::None, false),
        ("process child state=gone wchan=-", None, Fact::None, true),
        ("process child state=Z", None, Fact::None, false),
        (
            "process child state=Z wchan=-",
            None,
            of(zombie.clone()),
            true,
        ),
        ("process child state=gone", None, of(zombie), false),
    ] {
        let said = look.says(line, answer, process);
        assert_eq!(said == Verdict::Held, held, "{line}: {said:?}");
    }
    assert_eq!(
        look.says("process child state=Z", None, unknown()),
        Verdict::Hidden
    );
}
