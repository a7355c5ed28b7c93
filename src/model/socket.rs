//! A socket as it is seen through one descriptor.

use serde::{Deserialize, Serialize};

use super::{
    AcceptQueue, Address, Cred, Domain, Fact, Field, Kind, Protocol, TcpState, Value, Why,
};

/// Whether the kernel lists the socket where `ss` and /proc/net look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Listing {
    /// In no hash table: neither ss nor /proc/net/tcp nor sock_diag has it.
    Nowhere,
    /// Only in the table of bound ports: sock_diag shows it when asked for
    /// BOUND_INACTIVE (Linux 6.8 and later), plain ss and /proc/net/tcp do not.
    BoundOnly,
    /// A row of its own, with the queues as `ss` prints them.
    Row {
        state: TcpState,
        recv_q: u32,
        send_q: u32,
    },
}

impl Listing {
    /// The word of expectations.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Listing::Nowhere => "nowhere",
            Listing::BoundOnly => "bound-only",
            Listing::Row { .. } => "listed",
        }
    }
}

/// One socket seen through one file descriptor. Reading it changes nothing:
/// SO_ERROR, which a read clears, is never asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SocketView {
    /// The descriptor, in the process that holds it.
    pub fd: i32,
    /// The socket's inode: the number in `socket:[…]`.
    pub inode: Fact<u64>,
    /// SO_COOKIE: the kernel socket's name for its whole life.
    pub cookie: Fact<u64>,
    /// SO_DOMAIN
    pub domain: Fact<Domain>,
    /// SO_TYPE
    pub kind: Fact<Kind>,
    /// SO_PROTOCOL
    pub protocol: Fact<Protocol>,
    /// TCP_INFO's tcpi_state; of what is not TCP, from SO_ACCEPTCONN and getpeername.
    pub state: Fact<TcpState>,
    /// getsockname; `None` while the socket has no name.
    pub local: Fact<Address>,
    /// getpeername; `None` while it is not connected. The peer of a unix socket is
    /// often connected and unnamed.
    pub peer: Fact<Address>,
    /// Bytes received and not read: SIOCINQ. Of a datagram socket, UDP or unix: the
    /// length of the next datagram alone, whether or not more wait behind it.
    pub recv_q: Fact<u32>,
    /// Bytes sent and not acknowledged: SIOCOUTQ. Of UDP and unix sockets it is not
    /// bytes but the kernel's memory for what was sent and has not left (UDP) or
    /// has not been read at the other end (unix).
    pub send_q: Fact<u32>,
    /// On a listener: TCP_INFO's tcpi_unacked and tcpi_sacked, or unix_diag's
    /// UNIX_DIAG_RQLEN. `None` on others.
    pub accept_queue: Fact<AcceptQueue>,
    /// SO_RCVBUF: the size of its receive buffer in bytes, bookkeeping included.
    pub rcvbuf: Fact<u32>,
    /// SO_SNDBUF: the same of its send buffer.
    pub sndbuf: Fact<u32>,
    /// Which of the two the program has set, so that the kernel does not fit them to
    /// what is needed: SO_BUF_LOCK, Linux 5.15.
    pub rcvbuf_set: Fact<bool>,
    pub sndbuf_set: Fact<bool>,
    /// Smoothed round-trip time in microseconds; `None` before there is one.
    pub rtt_us: Fact<u32>,
    /// Segments sent, of a client those of its handshake, too: TCP_INFO's
    /// tcpi_segs_out. `None` off TCP.
    pub segs_out: Fact<u32>,
    /// Segments received: TCP_INFO's tcpi_segs_in. `None` off TCP.
    pub segs_in: Fact<u32>,
    /// Milliseconds since the other end's last segment: TCP_INFO's tcpi_last_ack_recv.
    /// `None` off TCP and without another end.
    pub quiet_ms: Fact<u32>,
    /// Whether a call that would have to wait returns EAGAIN instead: O_NONBLOCK.
    pub nonblocking: Fact<bool>,
    /// Whether small pieces are sent at once: TCP_NODELAY. `None` off TCP.
    pub nodelay: Fact<bool>,
    /// Whether the kernel asks a silent other end for a sign of life: SO_KEEPALIVE.
    /// `None` off TCP.
    pub keepalive: Fact<bool>,
    /// Whether its port may be shared with what is left of closed sockets that had it
    /// on too: SO_REUSEADDR. `None` of unix sockets.
    pub reuseaddr: Fact<bool>,
    /// How often the kernel had no room for a client (a TCP listener) or a datagram
    /// (UDP): SK_MEMINFO_DROPS of SO_MEMINFO. `None` of others.
    pub drops: Fact<u32>,
    /// Whether an IPv6 socket keeps IPv4 out: IPV6_V6ONLY. `None` on others.
    pub v6only: Fact<bool>,
    /// Who is at the other end: SO_PEERCRED. `None` where there is nobody: on
    /// anything but a connected unix stream.
    pub cred: Fact<Cred>,
    /// The inode of the socket at the other end: UNIX_DIAG_PEER. `None` off
    /// AF_UNIX, while there is none, and when it has been closed.
    pub peer_inode: Fact<u64>,
    /// Where the kernel lists it.
    pub listing: Fact<Listing>,
}

/// What can be seen of a socket, in the order in which its changes are told.
#[rustfmt::skip]
pub(crate) const SOCKET_FIELDS: &[Field<SocketView>] = &[
    Field::new("inode", "inode", |it| it.inode.show(Value::Inode),
        "the socket as the fd table names it: `socket:[17162]`"),
    Field::new("cookie", "cookie", |it| it.cookie.show(Value::Number),
        "the kernel's number of the socket for its whole life"),
    Field::new("domain", "domain", |it| it.domain.show(|domain| Value::Word(domain.word())),
        "`inet`, `inet6`, `unix`"),
    Field::new("type", "type", |it| it.kind.show(|kind| Value::Word(kind.word())),
        "`stream`, `dgram`"),
    Field::new("protocol", "protocol",
        |it| it.protocol.show(|protocol| Value::Word(protocol.word())),
        "`tcp`, `udp`; `0` of a unix socket"),
    Field::told("state", "state", |it| it.state.show(Value::State), STATES),
    Field::told("local", "local", |it| it.local.show(Value::Address),
        "its address: `127.0.0.1:6789`, a path, or `@name` for an abstract one"),
    Field::told("peer", "peer", |it| it.peer.show(Value::Address),
        "the address of the other end; `unnamed` of a unix socket that is not bound"),
    Field::told("accept_queue", "accept queue", |it| it.accept_queue.show(Value::Queue),
        "of a listener, waiting/backlog: `0/1`"),
    Field::new("backlog", "backlog",
        |it| it.accept_queue.show(|queue| Value::Number(queue.max.into())),
        "of a listener, what `listen` was given, as the kernel keeps it"),
    Field::told("recv_q", "recv-q", |it| it.recv_q.show(number),
        "bytes received and not read; of a datagram socket the length of the next datagram"),
    Field::told("send_q", "send-q", |it| it.send_q.show(number),
        "bytes sent and not acknowledged; of UDP and unix sockets memory: expect no number but `0`"),
    Field::new("rcvbuf", "SO_RCVBUF", |it| it.rcvbuf.show(number),
        "size of the receive buffer in bytes, which TCP lets grow: expect no number"),
    Field::new("sndbuf", "SO_SNDBUF", |it| it.sndbuf.show(number),
        "size of the send buffer in bytes, which TCP lets grow: expect no number"),
    Field::new("rcvbuf_set", "SO_RCVBUF set", |it| it.rcvbuf_set.show(Value::Is),
        "whether the program has set the receive buffer's size: `yes`, `no`"),
    Field::new("sndbuf_set", "SO_SNDBUF set", |it| it.sndbuf_set.show(Value::Is),
        "whether it has set that of the send buffer: `yes`, `no`"),
    Field::new("rtt_us", "round trip", |it| it.rtt_us.show(Value::Micros),
        "round-trip time of a TCP connection in microseconds: expect no number"),
    Field::new("segs_out", "segments sent", |it| it.segs_out.show(number),
        "segments that a TCP connection has sent; of a client those of its handshake, too"),
    Field::new("segs_in", "segments received", |it| it.segs_in.show(number),
        "segments that a TCP connection has received"),
    Field::new("quiet_ms", "ms since its last segment", |it| it.quiet_ms.show(number),
        "milliseconds since the other end's last segment: expect no number"),
    Field::new("nonblocking", "O_NONBLOCK", |it| it.nonblocking.show(Value::Switch),
        "whether calls that would have to wait return `EAGAIN`: `on`, `off`"),
    Field::new("nodelay", "TCP_NODELAY", |it| it.nodelay.show(Value::Switch),
        "whether TCP sends small pieces at once: `on`, `off`"),
    Field::new("keepalive", "SO_KEEPALIVE", |it| it.keepalive.show(Value::Switch),
        "whether the kernel asks a silent other end for a sign of life: `on`, `off`"),
    Field::new("reuseaddr", "SO_REUSEADDR", |it| it.reuseaddr.show(Value::Switch),
        "whether the port may be shared with what is left of closed sockets: `on`, `off`"),
    Field::new("drops", "drops", |it| it.drops.show(number),
        "how often the kernel had no room for a client of a TCP listener or a UDP datagram"),
    Field::told("v6only", "IPV6_V6ONLY", |it| it.v6only.show(Value::Switch),
        "whether an IPv6 socket keeps IPv4 out: `on`, `off`"),
    Field::told("cred", "peer process", |it| it.cred.show(Value::Cred),
        "of a connected unix stream, the peer's process id"),
    Field::new("peer_inode", "peer", |it| it.peer_inode.show(Value::Inode),
        "of a connected unix socket, the socket at the other end"),
    Field::new("listing", "listing", |it| it.listing.show(listed),
        "`listed` where `ss` looks, `bound-only`, `nowhere`"),
];

/// What `state` can be.
const STATES: &str = "`CLOSED` `LISTEN` `SYN-SENT` `SYN-RECEIVED` `ESTABLISHED` \
    `FIN-WAIT-1` `FIN-WAIT-2` `CLOSE-WAIT` `CLOSING` `LAST-ACK` `TIME-WAIT`; of UDP and unix \
    sockets `UNCONNECTED` `CONNECTED`, of unix streams `LISTEN` too";

fn listed(listing: Listing) -> Value {
    match listing {
        Listing::Row {
            state,
            recv_q,
            send_q,
        } => Value::Listed {
            state: state.ss_name(),
            recv_q,
            send_q,
        },
        other => Value::Word(other.word().into()),
    }
}

fn number(number: u32) -> Value {
    Value::Number(number.into())
}

impl SocketView {
    /// A socket of which nothing could be seen, and why.
    pub(crate) fn unseen(why: &Why) -> SocketView {
        fn unknown<T>(why: &Why) -> Fact<T> {
            Fact::Unknown(why.clone())
        }
        SocketView {
            fd: -1,
            inode: unknown(why),
            cookie: unknown(why),
            domain: unknown(why),
            kind: unknown(why),
            protocol: unknown(why),
            state: unknown(why),
            local: unknown(why),
            peer: unknown(why),
            recv_q: unknown(why),
            send_q: unknown(why),
            accept_queue: unknown(why),
            rcvbuf: unknown(why),
            sndbuf: unknown(why),
            rcvbuf_set: unknown(why),
            sndbuf_set: unknown(why),
            rtt_us: unknown(why),
            segs_out: unknown(why),
            segs_in: unknown(why),
            quiet_ms: unknown(why),
            nonblocking: unknown(why),
            nodelay: unknown(why),
            keepalive: unknown(why),
            drops: unknown(why),
            reuseaddr: unknown(why),
            v6only: unknown(why),
            cred: unknown(why),
            peer_inode: unknown(why),
            listing: unknown(why),
        }
    }

    /// Has its queue no room any more? The kernel lets one more in than `listen` said.
    pub(crate) fn is_full(&self) -> bool {
        let queue = self.accept_queue.value();
        queue.is_some_and(|queue| queue.len > queue.max)
    }

    /// Is it of AF_UNIX?
    pub(crate) fn is_unix(&self) -> bool {
        self.domain.value() == Some(&Domain::Unix)
    }

    /// Is it in LISTEN?
    pub(crate) fn is_listening(&self) -> bool {
        self.state.value() == Some(&TcpState::Listen)
    }
}

/// Where the process that holds `sockets` can be called: the address of the first
/// that is bound and not connected.
pub(crate) fn bound_address(sockets: &[SocketView]) -> Option<Address> {
    let bound = sockets.iter().find_map(|socket| {
        let unconnected = socket.peer == Fact::None;
        socket.local.value().copied().filter(|_| unconnected)
    });
    bound.filter(|addr| addr.inet().is_some() || addr.path().is_some())
}
