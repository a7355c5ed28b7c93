//! All that is seen of a process and its sockets at one moment.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Address, Fact, Field, Owner, PathFact, SocketView, Source, TcpState, Timer, Value};

/// One entry of a process's fd table: /proc/PID/fd.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FdEntry {
    pub fd: i32,
    /// Where the link points, as the kernel writes it: `socket:[17162]`, `/dev/pts/0`.
    pub target: String,
}

/// What a process is doing: /proc/PID/stat, wchan, syscall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// The one-letter state of ps(1): R, S, T, Z …
    pub state: char,
    /// The kernel function it sleeps in, if it sleeps and may be seen.
    pub wchan: Option<String>,
    /// The number of the system call it is inside of, if any.
    pub syscall: Option<i64>,
    /// Processor time used so far, user and system, in milliseconds.
    pub cpu_ms: u64,
}

/// What can be seen of a process.
#[rustfmt::skip]
pub const PROCESS_FIELDS: &[Field<Process>] = &[
    Field::new("state", "state", |it| proc(Value::Word(it.state.into())),
        "the letter of ps(1), such as `S` or `Z`; `gone` when there is none"),
    Field::new("wchan", "wchan", |it| proc(it.wchan.clone().map(Value::Word)),
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
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
    /// The word of the JSON.
    pub fn word(self) -> &'static str {
        match self {
            Relation::Queued => "queued",
            Relation::HalfOpen => "half-open",
            Relation::Connecting => "connecting",
            Relation::Peer => "peer",
            Relation::Left => "left",
        }
    }
}

/// A row of sock_diag that no fd of the actor holds.
///
/// Of unix sockets the kernel shows only those that a file refers to. So a
/// `Queued` row is the waiting client's own socket there: its inode, its cookie,
/// its queues, its owner; the addresses are still those the listener's side has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelRow {
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
    /// Of a unix socket, the inode of the socket at its other end; `None` when
    /// that is closed or, before accept, nobody's.
    pub peer_inode: Option<u64>,
}

/// What can be seen of such a row.
#[rustfmt::skip]
pub const ROW_FIELDS: &[Field<KernelRow>] = &[
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
        "of a unix socket, the socket at the other end"),
    Field::new("timer", "timer", |it| diag(it.timer.map(Value::Timer)),
        "the kernel's timer that runs: `*` or `-`"),
    Field::new("owner", "owner", |it| it.owner.show(Value::Owner),
        "the process that holds it: `*` or `-`"),
];

fn diag(value: impl Into<Option<Value>>) -> Fact<Value> {
    Fact::of_option(value.into(), Source::SockDiag)
}

impl KernelRow {
    /// Is it the row of the socket at the other end of `view`? Addresses decide
    /// where they can: many unix clients have none, and the other end of a
    /// dual-stack connection writes the same IPv4 addresses without the mapping.
    pub fn is_other_end_of(&self, view: &SocketView) -> bool {
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
                local == peer || (local.ip().is_unspecified() && local.port() == peer.port())
            }
            _ => false,
        }
    }
}

/// `::ffff:127.0.0.1` as the IPv4 address it stands for: a dual-stack socket
/// writes IPv4 addresses in this form, the other end usually does not.
pub fn plain(addr: SocketAddr) -> SocketAddr {
    match addr.ip() {
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(v4) => SocketAddr::new(IpAddr::V4(v4), addr.port()),
            None => addr,
        },
        IpAddr::V4(_) => addr,
    }
}

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The kernel has a row of it.
    There(TcpState),
    /// It had one, and has none any more.
    Gone,
    /// It never had one in this network namespace: it is another machine's.
    Elsewhere,
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            End::There(state) => write!(f, "{state}"),
            End::Gone => f.write_str("gone"),
            End::Elsewhere => f.write_str("elsewhere"),
        }
    }
}

/// Both ends of a connection at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// The address of the actor's end.
    pub local: Address,
    pub peer: Address,
    pub ours: End,
    pub theirs: End,
}

/// All that was seen of one actor and its sockets at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    pub pid: u32,
    pub process: Fact<Process>,
    pub fds: Fact<Vec<FdEntry>>,
    pub sockets: Vec<SocketView>,
    pub others: Fact<Vec<KernelRow>>,
    /// The TCP connections that fds of the actor hold or held, for as long as the
    /// kernel has something of one, oldest first. Empty also when `others` could
    /// not be read.
    pub ends: Vec<Ends>,
    /// The paths that unix sockets of the actor are or were bound to, oldest first.
    pub paths: Vec<PathFact>,
}

impl World {
    /// The view of the socket at `fd`.
    pub fn socket(&self, fd: i32) -> Option<&SocketView> {
        self.sockets.iter().find(|socket| socket.fd == fd)
    }

    /// The view of that socket in this look. A descriptor is given again: the cookie
    /// tells another socket, where both looks know it.
    pub fn same_socket(&self, other: &SocketView) -> Option<&SocketView> {
        let cookies = |view: &SocketView| Some((*view.cookie.value()?, *other.cookie.value()?));
        self.socket(other.fd)
            .filter(|view| cookies(view).is_none_or(|(one, other)| one == other))
    }

    /// The row of that cookie.
    pub fn row(&self, cookie: u64) -> Fact<&KernelRow> {
        self.others.as_ref().and_then(|rows, via| {
            let row = rows.iter().find(|row| row.cookie == cookie);
            Fact::of_option(row, via)
        })
    }

    /// The rows that no fd of the actor holds; empty when they could not be read.
    pub fn rows(&self) -> &[KernelRow] {
        self.others.value().map_or(&[], Vec::as_slice)
    }
}
