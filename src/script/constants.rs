//! The words of the script that stand for constants: options, flags, directions.

use libc::c_int;

/// A constant of the C library and its name, as strace prints it.
pub(super) type Constant = (c_int, &'static str);

macro_rules! constant {
    ($name:ident) => {
        (libc::$name, stringify!($name))
    };
}

/// What the value of an option is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OptionKind {
    /// on or off
    Switch,
    Number,
    /// Seconds: struct timeval.
    Time,
    /// off, or seconds: struct linger.
    Linger,
    /// The IPv4 address of a group: struct ip_mreq.
    Group,
    /// drop: struct sock_fprog of one instruction, which lets nothing through.
    Filter,
    /// Only read: an errno, which reading clears; a process; a number.
    Error,
    Cred,
    ReadOnly,
}

impl OptionKind {
    /// Its size in bytes.
    pub(super) fn size(self) -> u32 {
        match self {
            OptionKind::Time | OptionKind::Filter => 16,
            OptionKind::Linger | OptionKind::Group => 8,
            OptionKind::Cred => size_of::<libc::ucred>() as u32,
            _ => size_of::<c_int>() as u32,
        }
    }

    /// Can it be set?
    fn is_settable(self) -> bool {
        use OptionKind::*;
        matches!(self, Switch | Number | Time | Linger | Group | Filter)
    }
}

/// An option of a socket: socket(7), ip(7), ipv6(7), tcp(7), unix(7).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SockOpt {
    pub word: &'static str,
    pub level: Constant,
    pub name: Constant,
    pub kind: OptionKind,
}

macro_rules! option {
    ($word:literal, $level:ident, $name:ident, $kind:ident) => {
        option!($word, $level, $name, $kind, stringify!($name))
    };
    ($word:literal, $level:ident, $name:ident, $kind:ident, $shown:expr) => {
        SockOpt {
            word: $word,
            level: constant!($level),
            name: (libc::$name, $shown),
            kind: OptionKind::$kind,
        }
    };
}

/// The options that a line can set or read. Of those with a time the kernel has two, and
/// the C library takes the older.
#[rustfmt::skip]
pub(super) static OPTIONS: &[SockOpt] = &[
    option!("reuseaddr", SOL_SOCKET, SO_REUSEADDR, Switch),
    option!("reuseport", SOL_SOCKET, SO_REUSEPORT, Switch),
    option!("keepalive", SOL_SOCKET, SO_KEEPALIVE, Switch),
    option!("broadcast", SOL_SOCKET, SO_BROADCAST, Switch),
    option!("oobinline", SOL_SOCKET, SO_OOBINLINE, Switch),
    option!("dontroute", SOL_SOCKET, SO_DONTROUTE, Switch),
    option!("passcred", SOL_SOCKET, SO_PASSCRED, Switch),
    option!("timestamp", SOL_SOCKET, SO_TIMESTAMP, Switch, "SO_TIMESTAMP_OLD"),
    option!("linger", SOL_SOCKET, SO_LINGER, Linger),
    option!("rcvbuf", SOL_SOCKET, SO_RCVBUF, Number),
    option!("sndbuf", SOL_SOCKET, SO_SNDBUF, Number),
    option!("rcvlowat", SOL_SOCKET, SO_RCVLOWAT, Number),
    option!("priority", SOL_SOCKET, SO_PRIORITY, Number),
    option!("rcvtimeo", SOL_SOCKET, SO_RCVTIMEO, Time, "SO_RCVTIMEO_OLD"),
    option!("sndtimeo", SOL_SOCKET, SO_SNDTIMEO, Time, "SO_SNDTIMEO_OLD"),
    option!("attach_filter", SOL_SOCKET, SO_ATTACH_FILTER, Filter),
    option!("nodelay", SOL_TCP, TCP_NODELAY, Switch),
    option!("cork", SOL_TCP, TCP_CORK, Switch),
    option!("quickack", SOL_TCP, TCP_QUICKACK, Switch),
    option!("maxseg", SOL_TCP, TCP_MAXSEG, Number),
    option!("keepidle", SOL_TCP, TCP_KEEPIDLE, Number),
    option!("keepintvl", SOL_TCP, TCP_KEEPINTVL, Number),
    option!("keepcnt", SOL_TCP, TCP_KEEPCNT, Number),
    option!("syncnt", SOL_TCP, TCP_SYNCNT, Number),
    option!("linger2", SOL_TCP, TCP_LINGER2, Number),
    option!("defer_accept", SOL_TCP, TCP_DEFER_ACCEPT, Number),
    option!("window_clamp", SOL_TCP, TCP_WINDOW_CLAMP, Number),
    option!("user_timeout", SOL_TCP, TCP_USER_TIMEOUT, Number),
    option!("ttl", SOL_IP, IP_TTL, Number),
    option!("tos", SOL_IP, IP_TOS, Number),
    option!("freebind", SOL_IP, IP_FREEBIND, Switch),
    option!("multicast_ttl", SOL_IP, IP_MULTICAST_TTL, Number),
    option!("multicast_loop", SOL_IP, IP_MULTICAST_LOOP, Switch),
    option!("membership", SOL_IP, IP_ADD_MEMBERSHIP, Group),
    option!("leave", SOL_IP, IP_DROP_MEMBERSHIP, Group),
    option!("v6only", SOL_IPV6, IPV6_V6ONLY, Switch),
    option!("unicast_hops", SOL_IPV6, IPV6_UNICAST_HOPS, Number),
    option!("peercred", SOL_SOCKET, SO_PEERCRED, Cred),
    option!("error", SOL_SOCKET, SO_ERROR, Error),
    option!("type", SOL_SOCKET, SO_TYPE, ReadOnly),
    option!("acceptconn", SOL_SOCKET, SO_ACCEPTCONN, ReadOnly),
];

/// Those that a line can set.
pub(super) fn settable() -> impl Iterator<Item = &'static SockOpt> {
    OPTIONS.iter().filter(|option| option.kind.is_settable())
}

/// Those that a line can read: SO_ATTACH_FILTER gives no value back, but code.
pub(super) fn readable() -> impl Iterator<Item = &'static SockOpt> {
    OPTIONS
        .iter()
        .filter(|option| option.kind != OptionKind::Filter)
}

/// A word of the script for a flag, and the constant.
pub(super) type Flag = (&'static str, Constant);

/// Of a new descriptor: socket(2), in strace's order.
pub(super) static MAKE_FLAGS: &[Flag] = &[
    ("--cloexec", constant!(SOCK_CLOEXEC)),
    ("--nonblock", constant!(SOCK_NONBLOCK)),
];

/// Of recv(2), in strace's order.
pub(super) static RECV_FLAGS: &[Flag] = &[
    ("--oob", constant!(MSG_OOB)),
    ("--peek", constant!(MSG_PEEK)),
    ("--trunc", constant!(MSG_TRUNC)),
    ("--dontwait", constant!(MSG_DONTWAIT)),
    ("--waitall", constant!(MSG_WAITALL)),
];

/// Of send(2), in strace's order.
pub(super) static SEND_FLAGS: &[Flag] = &[
    ("--oob", constant!(MSG_OOB)),
    ("--dontwait", constant!(MSG_DONTWAIT)),
    ("--nosignal", constant!(MSG_NOSIGNAL)),
    ("--more", constant!(MSG_MORE)),
];

/// What poll(2) waits for.
pub(super) static POLL_FLAGS: &[Flag] = &[
    ("--in", (libc::POLLIN as c_int, "POLLIN")),
    ("--out", (libc::POLLOUT as c_int, "POLLOUT")),
];

/// What ioctl(2) is asked for: tcp(7), socket(7).
pub(super) static REQUESTS: &[(&str, libc::Ioctl, &str)] = &[
    ("nread", libc::FIONREAD, "FIONREAD"),
    ("outq", libc::TIOCOUTQ, "TIOCOUTQ"),
    ("atmark", 0x8905, "SIOCATMARK"),
];

/// The signals that kill(2) sends: signal(7).
pub(super) static SIGNALS: &[Flag] = &[
    ("STOP", constant!(SIGSTOP)),
    ("CONT", constant!(SIGCONT)),
    ("INT", constant!(SIGINT)),
    ("TERM", constant!(SIGTERM)),
    ("KILL", constant!(SIGKILL)),
];

/// What epoll_ctl(2) does.
pub(super) static OPERATIONS: &[Flag] = &[
    ("add", constant!(EPOLL_CTL_ADD)),
    ("del", constant!(EPOLL_CTL_DEL)),
    ("mod", constant!(EPOLL_CTL_MOD)),
];

/// What epoll waits for: epoll_ctl(2), in strace's order.
pub(super) static EVENTS: &[Flag] = &[
    ("in", constant!(EPOLLIN)),
    ("pri", constant!(EPOLLPRI)),
    ("out", constant!(EPOLLOUT)),
    ("rdhup", constant!(EPOLLRDHUP)),
    ("oneshot", constant!(EPOLLONESHOT)),
    ("et", constant!(EPOLLET)),
];

/// A direction of a connection that shutdown(2) closes: its word and its constant.
pub(super) type Direction = (&'static str, Constant);

/// The directions.
pub(super) static DIRECTIONS: &[Direction] = &[
    ("read", constant!(SHUT_RD)),
    ("write", constant!(SHUT_WR)),
    ("both", constant!(SHUT_RDWR)),
];
