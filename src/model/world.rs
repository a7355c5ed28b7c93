//! All that is seen of a process and its sockets at one moment.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::words::words;
use super::{
    Address, Connections, Fact, Field, Owner, PathFact, SocketView, Source, TcpState, Timer, Value,
};

/// One entry of a process's fd table: /proc/PID/fd.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FdEntry {
    pub fd: i32,
    /// Where the link points, as the kernel writes it: `socket:[17162]`, `/dev/pts/0`.
    pub target: String,
}

/// What a process is doing: /proc/PID/stat, wchan, syscall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    /// The one-letter state of ps(1): R, S, T, Z …
    pub state: char,
    /// The kernel function it sleeps in, if it sleeps and may be seen.
    pub wchan: Option<String>,
    /// The number of the system call it is inside of, if any.
    pub syscall: Option<i64>,
    /// The first argument of that call.
    pub first: Option<u64>,
    /// Processor time used so far, user and system, in milliseconds.
    pub cpu_ms: u64,
}

/// What can be seen of a process.
#[rustfmt::skip]
pub(crate) const PROCESS_FIELDS: &[Field<Process>] = &[
    Field::new("state", "state", |it| proc(Value::Word(it.state.to_string().into())),
        "the letter of ps(1), such as `S` or `Z`; `gone` when there is none"),
    Field::new("wchan", "wchan", |it| proc(it.wchan.clone().map(|name| Value::Word(name.into()))),
        "the kernel function that it sleeps in"),
    Field::new("syscall", "syscall",
        |it| proc(it.syscall.map(|number| Value::Number(number.unsigned_abs()))),
        "the number of the system call that it is in"),
    Field::new("cpu_ms", "cpu_ms", |it| proc(Value::Number(it.cpu_ms)),
        "processor time used so far"),
];

fn proc(value: impl Into<Option<Value>>) -> Fact<Value> {
    Fact::of_option(value.into(), Source::Proc)
}

/// How a row of the kernel's tables concerns the sockets being watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Relation {
    /// A finished connection in our accept queue.
    Queued,
    /// A client whose SYN we have answered, while our full queue does not take
    /// the end of its handshake.
    HalfOpen,
    /// A client whose SYN our full queue has not let in.
    Connecting,
    /// The other end of a connection of ours.
    Peer,
    /// What is left of a socket of ours after our last fd of it was closed; a
    /// process that was forked before may still hold it.
    Left,
}

impl Relation {
    /// Every one, in their order.
    pub(crate) const ALL: [Relation; 5] = [
        Relation::Queued,
        Relation::HalfOpen,
        Relation::Connecting,
        Relation::Peer,
        Relation::Left,
    ];

    /// Does it wait to be accepted?
    pub(crate) fn waits(self) -> bool {
        self < Relation::Peer
    }
}

words! { Relation, word:
    Queued = "queued",
    HalfOpen = "half-open",
    Connecting = "connecting",
    Peer = "peer",
    Left = "left",
}

/// A row of sock_diag that no fd of the actor holds.
///
/// Of unix sockets the kernel shows only those that a file refers to. So a
/// `Queued` row is the waiting client's own socket there: its inode, its cookie,
/// its queues, its owner; the addresses are still those the listener's side has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KernelRow {
    pub relation: Relation,
    pub state: TcpState,
    pub local: Address,
    /// The other address; for a listener all zeros.
    pub remote: Address,
    /// 0 when no file refers to the socket.
    pub inode: u64,
    pub cookie: u64,
    pub recv_q: u32,
    pub send_q: u32,
    pub timer: Option<Timer>,
    /// Who holds it; `None` when nobody does.
    pub owner: Fact<Owner>,
    /// The inode of the socket at its other end, of a unix socket and of a `Queued`
    /// connection from this host; `None` when that is closed or, before accept,
    /// nobody's.
    pub peer_inode: Option<u64>,
    /// Of a connection in the queue, who has connected; `None` of others, and of one
    /// that comes from elsewhere.
    pub client: Fact<Owner>,
}

/// What can be seen of such a row.
#[rustfmt::skip]
pub(crate) const ROW_FIELDS: &[Field<KernelRow>] = &[
    Field::told("state", "state", |it| diag(Value::State(it.state)), "as that of a socket"),
    Field::new("local", "local", |it| diag(Value::Address(it.local)), "its address"),
    Field::new("peer", "peer", |it| diag(Value::Address(it.remote)),
        "the address of the other end"),
    Field::told("inode", "held as",
        |it| diag((it.inode != 0).then_some(Value::Inode(it.inode))),
        "the socket, as long as a file refers to it: `socket:[17162]`"),
    Field::new("cookie", "cookie", |it| diag(Value::Number(it.cookie)),
        "the kernel's number of the socket for its whole life"),
    Field::told("recv_q", "recv-q", |it| diag(Value::Number(it.recv_q.into())),
        "bytes received and not read, and 1 for a FIN behind them"),
    Field::told("send_q", "send-q", |it| diag(Value::Number(it.send_q.into())),
        "bytes sent and not acknowledged"),
    Field::new("peer_inode", "peer_inode", |it| diag(it.peer_inode.map(Value::Inode)),
        "of a unix socket and of a queued connection, the socket at the other end"),
    Field::new("timer", "timer", |it| diag(it.timer.map(Value::Timer)),
        "the kernel's timer that runs: `*` or `-`"),
    Field::new("owner", "owner", |it| it.owner.show(Value::Owner),
        "the process that holds it: `*` or `-`"),
    Field::new("client", "client", |it| it.client.show(Value::Owner),
        "of a queued connection from this host, the process that has connected: `*` or `-`"),
];

fn diag(value: impl Into<Option<Value>>) -> Fact<Value> {
    Fact::of_option(value.into(), Source::SockDiag)
}

impl KernelRow {
    /// Is it the row of the socket at the other end of `view`? Addresses decide
    /// where they can: many unix clients have none, and the other end of a
    /// dual-stack connection writes the same IPv4 addresses without the mapping.
    pub(crate) fn is_other_end_of(&self, view: &SocketView) -> bool {
        if self.relation != Relation::Peer {
            return false;
        }
        match (self.local, view.peer.value().copied()) {
            (Address::Unix(local), Some(Address::Unix(peer))) => {
                match view.peer_inode.value().copied() {
                    Some(inode) => inode == self.inode,
                    None => local == peer,
                }
            }
            (Address::Inet(local), Some(Address::Inet(peer))) => {
                let (local, peer) = (plain(local), plain(peer));
                // An unconnected UDP socket on the wildcard gets what is sent to
                // any of its addresses.
                let is_called =
                    local == peer || (local.ip().is_unspecified() && local.port() == peer.port());
                is_called && self.calls_back(view)
            }
            _ => false,
        }
    }

    /// Is `view` what the row is connected to, where it is connected? Two clients of one
    /// server have the same peer.
    fn calls_back(&self, view: &SocketView) -> bool {
        let own = view.local.value().and_then(|local| local.inet());
        match (self.remote, own) {
            (Address::Inet(remote), Some(own)) => remote.port() == 0 || plain(remote) == plain(own),
            _ => true,
        }
    }
}

/// `::ffff:127.0.0.1` as the IPv4 address it stands for: a dual-stack socket
/// writes IPv4 addresses in this form, the other end usually does not.
pub(crate) fn plain(addr: SocketAddr) -> SocketAddr {
    match addr.ip() {
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(v4) => SocketAddr::new(IpAddr::V4(v4), addr.port()),
            None => addr,
        },
        IpAddr::V4(_) => addr,
    }
}

/// Does a listener on `listener` take what is sent to `to`? One on `0.0.0.0` takes
/// every IPv4 address, one on `::` IPv4 too, which its own rows write mapped.
pub(crate) fn takes(listener: SocketAddr, to: SocketAddr) -> bool {
    let fits = match (plain(listener).ip(), plain(to).ip()) {
        (IpAddr::V6(ip), _) if ip.is_unspecified() => true,
        (IpAddr::V4(ip), IpAddr::V4(_)) if ip.is_unspecified() => true,
        (listener, to) => listener == to,
    };
    fits && listener.port() == to.port()
}

/// What a look looked at that did not look at everything: at these alone, each by an
/// exact lookup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Focus {
    /// Descriptors of the process.
    pub fds: BTreeSet<i32>,
    /// Sockets by cookie, whoever holds them.
    pub cookies: BTreeSet<u64>,
    /// What the process is doing, too.
    pub process: bool,
}

/// So many of those who wait are looked at one by one; with more, all of them at once.
const WATCHED: usize = 20;

impl Focus {
    /// These descriptors and the connections that `known` shows at them.
    pub(crate) fn on(fds: impl IntoIterator<Item = i32>, known: &World) -> Focus {
        let fds: BTreeSet<i32> = fds.into_iter().collect();
        let mut cookies = BTreeSet::new();
        for socket in fds.iter().filter_map(|fd| known.socket(*fd)) {
            cookies.extend(socket.cookie.value());
            cookies.extend(known.other_ends_of(socket));
        }
        let process = true;
        Focus {
            fds,
            cookies,
            process,
        }
    }

    /// The same, but not what the process is doing: it stands still.
    pub(crate) fn on_sockets(fds: impl IntoIterator<Item = i32>, known: &World) -> Focus {
        Focus {
            process: false,
            ..Focus::on(fds, known)
        }
    }

    /// Everything that `known` shows, but of a crowd that waits only the first.
    pub(crate) fn known(known: &World) -> Focus {
        let sockets = known.sockets.iter();
        let (waiting, rest) = known
            .rows()
            .iter()
            .partition::<Vec<_>, _>(|it| it.relation.waits());
        let rows = rest.into_iter().chain(waiting.into_iter().take(WATCHED));
        let mut cookies: BTreeSet<u64> = rows.map(|row| row.cookie).collect();
        cookies.extend(known.ends.iter().map(|ends| ends.cookie));
        cookies.extend(sockets.clone().filter_map(|socket| socket.cookie.value()));
        // A client that has left the queue of a unix listener has none.
        cookies.remove(&0);
        Focus {
            fds: sockets.map(|socket| socket.fd).collect(),
            cookies,
            process: true,
        }
    }
}

/// What was seen of one process and its sockets at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct World {
    pub pid: u32,
    /// What was looked at; `None`: everything.
    pub focus: Option<Focus>,
    pub process: Fact<Process>,
    pub fds: Fact<Vec<FdEntry>>,
    /// By descriptor.
    pub sockets: Vec<SocketView>,
    /// The rows that no fd of the actor holds, in the order of [`super::place`].
    pub others: Fact<Vec<KernelRow>>,
    /// The TCP connections that fds of the actor hold or held, for as long as the
    /// kernel has something of one, oldest first. Empty also when `others` could
    /// not be read.
    pub ends: Connections,
    /// The paths that unix sockets of the actor are or were bound to, oldest first.
    pub paths: Vec<PathFact>,
}

impl World {
    /// Nothing was seen of that process yet.
    pub(crate) fn of(pid: u32) -> World {
        World {
            pid,
            ..World::default()
        }
    }

    /// The view of the socket of that cookie.
    pub(crate) fn with_cookie(&self, cookie: u64) -> Option<&SocketView> {
        let mut sockets = self.sockets.iter();
        sockets.find(|socket| socket.cookie.value() == Some(&cookie))
    }

    /// The view of that socket in this look. A descriptor is given again: the cookie
    /// tells another socket, where both looks know it.
    pub(crate) fn same_socket(&self, other: &SocketView) -> Option<&SocketView> {
        let cookies = |view: &SocketView| Some((*view.cookie.value()?, *other.cookie.value()?));
        self.socket(other.fd)
            .filter(|view| cookies(view).is_none_or(|(one, other)| one == other))
    }

    /// Did this look look at that descriptor?
    pub(crate) fn looked_at_fd(&self, fd: i32) -> bool {
        self.focus
            .as_ref()
            .is_none_or(|focus| focus.fds.contains(&fd))
    }

    /// Did it look at the socket of that cookie?
    pub(crate) fn looked_at(&self, cookie: u64) -> bool {
        let focus = self.focus.as_ref();
        focus.is_none_or(|focus| focus.cookies.contains(&cookie))
    }

    /// Does a look at what is known show that there may be more around a listener than
    /// was known: another length of its queue, somebody who found no room, or one of
    /// those who waited is not as he was?
    pub(crate) fn calls_for_all(&self, seen: &World) -> bool {
        let listeners = seen.sockets.iter().filter(|socket| socket.is_listening());
        let stirred = listeners.into_iter().any(|socket| {
            self.same_socket(socket).is_none_or(|known| {
                !known.accept_queue.is_same(&socket.accept_queue)
                    || !known.drops.is_same(&socket.drops)
                    // Where the kernel does not count: whoever finds it full.
                    || matches!(socket.drops, Fact::Unknown(_)) && socket.is_full()
            })
        });
        let waiting = self.rows().iter();
        let waiting = waiting.filter(|row| row.relation.waits() && seen.looked_at(row.cookie));
        let as_it_was = |old: &KernelRow| {
            let mut rows = seen.rows().iter();
            rows.any(|row| {
                (row.relation, row.cookie, row.state) == (old.relation, old.cookie, old.state)
            })
        };
        stirred || !waiting.into_iter().all(as_it_was)
    }

    /// The rows that no fd of the actor holds; empty when they could not be read.
    pub(crate) fn rows(&self) -> &[KernelRow] {
        self.others.value().map_or(&[], Vec::as_slice)
    }
}
