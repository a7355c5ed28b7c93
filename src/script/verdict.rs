//! What was seen says to an expectation: pure.

use std::time::Duration;

use super::expect::{Facet, Predicate};
use super::vars::Vars;
use crate::model::{
    Fact, KernelRow, Listing, Outcome, Process, Relation, SocketView, Source, Value, World,
};

/// What the live kernel says to an expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Held,
    /// What it shows instead.
    Not(String),
    /// It cannot be seen on this machine.
    Hidden,
}

impl Verdict {
    fn of(held: bool, otherwise: String) -> Verdict {
        if held {
            Verdict::Held
        } else {
            Verdict::Not(otherwise)
        }
    }
}

/// What was seen, to hold an expectation against.
pub struct Seen<'a> {
    /// The last look at the one whose socket or queue it is about.
    pub world: &'a World,
    /// Its sockets by their names in the script, each as it was when last open.
    pub sockets: &'a [(String, SocketView)],
    /// The last call of a step.
    pub made: Option<&'a Made>,
    /// Is that address refused, does a file stand at that path? Asked for this
    /// expectation alone; `None` if it could not be told.
    pub answer: Option<bool>,
    /// The process that it is about.
    pub process: Fact<Process>,
    pub vars: Vars,
}

/// What is kept of a step's call.
#[derive(Clone, Debug)]
pub struct Made {
    pub outcome: Outcome,
    /// How many bytes it offered or asked for, if it moves bytes.
    pub offered: Option<u64>,
    pub took: Duration,
    /// Processor time of its process before and after, in milliseconds.
    pub cpu_ms: (Option<u64>, Option<u64>),
}

/// Shorter than this, a blocked call does not show whether it used the processor:
/// the kernel counts in steps of 10 ms.
const TELLING: Duration = Duration::from_millis(100);

/// What was seen says to `predicate`.
pub fn verdict(predicate: &Predicate, seen: &Seen<'_>) -> Verdict {
    match predicate {
        Predicate::Socket { name, facets, .. } => match seen.open(name) {
            Some(view) => seen.facets(facets, |facet| (facet.field.get)(view)),
            None => Verdict::Not("the socket is not open".into()),
        },
        Predicate::Row {
            relation,
            name,
            facets,
        } => match seen.row(name, *relation) {
            Fact::Seen(row, _) => seen.facets(facets, |facet| (facet.field.get)(row)),
            Fact::None => Verdict::Not("there is no such row".into()),
            Fact::Unknown(_) => Verdict::Hidden,
        },
        Predicate::Gone { name } => match seen.row(name, Relation::Left) {
            Fact::Seen(row, _) => Verdict::Not(format!("a row in {} is left", row.state)),
            Fact::None => Verdict::Held,
            Fact::Unknown(_) => Verdict::Hidden,
        },
        Predicate::NoFd { name } => seen.no_fd(name),
        Predicate::Listed { name, listing } => seen.listed(name, listing),
        Predicate::Returned { values } => seen.returned(values),
        Predicate::Failed { errnos } => match seen.made.map(|made| made.outcome) {
            Some(Outcome::Failed(errno)) if seen.any(errnos, &errno.name()) => Verdict::Held,
            Some(outcome) => Verdict::Not(format!("it returned {}", outcome.strace())),
            None => Verdict::Hidden,
        },
        Predicate::Slept => seen.used(|cpu_ms, took_ms| cpu_ms * 10 <= took_ms),
        Predicate::Burned => seen.used(|cpu_ms, took_ms| cpu_ms * 2 >= took_ms),
        Predicate::Refuses { .. } => seen.answered(true, "somebody can connect"),
        Predicate::Waiting { relation, counts } => seen.waiting(*relation, counts),
        Predicate::Path { stands: true, .. } => seen.answered(true, "nothing is there"),
        Predicate::Path { stands: false, .. } => seen.answered(false, "a file is there"),
        Predicate::Process { facets, .. } => seen.facets(facets, |facet| match &seen.process {
            Fact::None if facet.field.name == "state" => {
                Fact::Seen(Value::Word("gone".into()), Source::Proc)
            }
            process => process.as_ref().and_then(|it, _| (facet.field.get)(it)),
        }),
    }
}

impl Seen<'_> {
    /// Is `word` one of the alternatives? Their placeholders are filled in here.
    fn any(&self, values: &[String], word: &str) -> bool {
        values
            .iter()
            .any(|value| self.vars.fill_word(value) == word)
    }

    /// Do all facets fit?
    fn facets<T>(&self, facets: &[Facet<T>], get: impl Fn(&Facet<T>) -> Fact<Value>) -> Verdict {
        let mut verdict = Verdict::Held;
        for facet in facets {
            let name = facet.field.name;
            let written = |sign: &str| facet.values.iter().any(|value| value == sign);
            match get(facet) {
                Fact::Unknown(_) => verdict = Verdict::Hidden,
                Fact::None if written("-") => {}
                Fact::None => return Verdict::Not(format!("{name} is nothing")),
                Fact::Seen(..) if written("*") => {}
                // Of a peer process nothing can be written down but its number.
                Fact::Seen(Value::Cred(cred), _)
                    if self.any(&facet.values, &cred.pid.to_string()) => {}
                Fact::Seen(value, _) if self.any(&facet.values, &value.to_string()) => {}
                Fact::Seen(value, _) => return Verdict::Not(format!("{name} is {value}")),
            }
        }
        verdict
    }

    /// The socket of that name as it was when last open.
    fn last(&self, name: &str) -> Option<&SocketView> {
        let (_, view) = self.sockets.iter().find(|(known, _)| known == name)?;
        Some(view)
    }

    /// The same, if it is open now.
    fn open(&self, name: &str) -> Option<&SocketView> {
        self.world.same_socket(self.last(name)?)
    }

    /// The row that stands in that relation to the socket of that name.
    fn row(&self, name: &str, relation: Relation) -> Fact<&KernelRow> {
        self.world.others.as_ref().and_then(|rows, via| {
            let Some(view) = self.last(name) else {
                return Fact::None;
            };
            let mut rows = rows.iter();
            if relation == Relation::Peer {
                return Fact::of_option(rows.find(|row| row.is_other_end_of(view)), via);
            }
            view.cookie.as_ref().and_then(|&cookie, _| {
                let is_left = |row: &&KernelRow| row.relation == relation && row.cookie == cookie;
                Fact::of_option(rows.find(is_left), via)
            })
        })
    }

    fn no_fd(&self, name: &str) -> Verdict {
        let Some(view) = self.last(name) else {
            return Verdict::Held;
        };
        let (Some(entries), Some(&inode)) = (self.world.fds.value(), view.inode.value()) else {
            return Verdict::Hidden;
        };
        let target = Value::Inode(inode).to_string();
        let held = entries.iter().any(|entry| entry.target == target);
        Verdict::of(!held, format!("fd {} is still in the table", view.fd))
    }

    fn listed(&self, name: &str, wanted: &str) -> Verdict {
        let Some(view) = self.open(name) else {
            return Verdict::Not("the socket is not open".into());
        };
        let Some(listing) = view.listing.value() else {
            return Verdict::Hidden;
        };
        let found = match listing {
            Listing::Nowhere => "the kernel lists it nowhere".into(),
            Listing::BoundOnly => "it is listed as bound only".into(),
            Listing::Row { state, .. } => format!("it is listed in {state}"),
        };
        Verdict::of(listing.word() == wanted, found)
    }

    fn returned(&self, values: &[String]) -> Verdict {
        let Some(made) = self.made else {
            return Verdict::Hidden;
        };
        let Outcome::Value(value) = made.outcome else {
            return Verdict::Not("the call failed".into());
        };
        let count = u64::try_from(value).ok();
        let fits = |wanted: &String| match wanted.as_str() {
            "*" => true,
            "all" => count == made.offered,
            "less" => count < made.offered,
            number => number == value.to_string(),
        };
        Verdict::of(values.iter().any(fits), format!("it returned {value}"))
    }

    /// Holds the processor time of the last call against `fits`.
    fn used(&self, fits: impl Fn(u64, u64) -> bool) -> Verdict {
        let Some(made) = self.made.filter(|made| made.took >= TELLING) else {
            return Verdict::Hidden;
        };
        let (Some(before), Some(after)) = made.cpu_ms else {
            return Verdict::Hidden;
        };
        let (used, took) = (after.saturating_sub(before), made.took.as_millis() as u64);
        Verdict::of(fits(used, took), format!("it used {used} of {took} ms"))
    }

    /// Is the answer to what was asked for this expectation the one that is wanted?
    fn answered(&self, wanted: bool, otherwise: &str) -> Verdict {
        let answer = self.answer;
        answer.map_or(Verdict::Hidden, |answer| {
            Verdict::of(answer == wanted, otherwise.into())
        })
    }

    fn waiting(&self, relation: Relation, counts: &[String]) -> Verdict {
        let Some(rows) = self.world.others.value() else {
            return Verdict::Hidden;
        };
        let count = rows.iter().filter(|row| row.relation == relation).count();
        Verdict::of(
            self.any(counts, &count.to_string()),
            format!("there are {count}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AcceptQueue, Cred, Errno, FdEntry, TcpState, Why};

    fn of<T>(value: T) -> Fact<T> {
        Fact::Seen(value, Source::SockDiag)
    }

    fn unknown<T>() -> Fact<T> {
        Fact::Unknown(Why::note(Source::SockDiag, "refused"))
    }

    fn socket(fd: i32, cookie: u64, state: TcpState) -> SocketView {
        SocketView {
            fd,
            inode: of(cookie + 100),
            cookie: of(cookie),
            state: of(state),
            listing: of(Listing::BoundOnly),
            ..SocketView::default()
        }
    }

    fn row(relation: Relation, cookie: u64, local: &str, remote: &str) -> KernelRow {
        KernelRow {
            relation,
            state: TcpState::FinWait2,
            local: local.parse().unwrap(),
            remote: remote.parse().unwrap(),
            inode: 0,
            cookie,
            recv_q: 0,
            send_q: 7,
            timer: None,
            owner: Fact::None,
            peer_inode: None,
        }
    }

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
                offered: Some(12),
                took: Duration::from_millis(500),
                cpu_ms: (Some(20), Some(20)),
            },
        }
    }

    impl Look {
        fn says(&self, line: &str, answer: Option<bool>, process: Fact<Process>) -> Verdict {
            let seen = Seen {
                world: &self.world,
                sockets: &self.sockets,
                made: Some(&self.made),
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
            ("unlisted conn", "it is listed as bound only"),
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
}
