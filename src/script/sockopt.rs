//! The options of sockets by the words of the script.

use libc::c_int;

use super::constants::{Constant, constant};

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
    /// A group of IPv4, at an interface by its address: struct ip_mreq.
    Group,
    /// The same from one sender: struct ip_mreq_source.
    Source,
    /// A group of IPv6, at an interface by its number: struct ipv6_mreq.
    Group6,
    /// An interface by its IPv4 address: struct in_addr.
    Address,
    /// A name, such as of an interface.
    Text,
    /// drop or pass: struct sock_fprog of one instruction.
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
            OptionKind::Source => 12,
            OptionKind::Group6 => 20,
            OptionKind::Text => 16,
            OptionKind::Cred => size_of::<libc::ucred>() as u32,
            _ => size_of::<c_int>() as u32,
        }
    }

    /// Can it be set?
    fn is_settable(self) -> bool {
        use OptionKind::*;
        !matches!(self, Error | Cred | ReadOnly)
    }
}

/// An option of a socket: socket(7), ip(7), ipv6(7), tcp(7), udp(7), unix(7).
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
    // One that libc has not on every architecture, by its number.
    ($word:literal, $level:ident, $number:literal = $shown:literal, $kind:ident) => {
        SockOpt {
            word: $word,
            level: constant!($level),
            name: ($number, $shown),
            kind: OptionKind::$kind,
        }
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
    option!("timestampns", SOL_SOCKET, SO_TIMESTAMPNS, Switch, "SO_TIMESTAMPNS_OLD"),
    option!("debug", SOL_SOCKET, SO_DEBUG, Switch),
    option!("passsec", SOL_SOCKET, SO_PASSSEC, Switch),
    option!("rxq_ovfl", SOL_SOCKET, SO_RXQ_OVFL, Switch),
    option!("lock_filter", SOL_SOCKET, SO_LOCK_FILTER, Switch),
    option!("select_err_queue", SOL_SOCKET, SO_SELECT_ERR_QUEUE, Switch),
    option!("attach_filter", SOL_SOCKET, SO_ATTACH_FILTER, Filter),
    option!("bindtodevice", SOL_SOCKET, SO_BINDTODEVICE, Text),
    option!("mark", SOL_SOCKET, SO_MARK, Number),
    option!("busy_poll", SOL_SOCKET, SO_BUSY_POLL, Number),
    option!("incoming_cpu", SOL_SOCKET, SO_INCOMING_CPU, Number),
    option!("peek_off", SOL_SOCKET, SO_PEEK_OFF, Number),
    option!("rcvbufforce", SOL_SOCKET, SO_RCVBUFFORCE, Number),
    option!("sndbufforce", SOL_SOCKET, SO_SNDBUFFORCE, Number),
    option!("linger", SOL_SOCKET, SO_LINGER, Linger),
    option!("rcvbuf", SOL_SOCKET, SO_RCVBUF, Number),
    option!("sndbuf", SOL_SOCKET, SO_SNDBUF, Number),
    option!("rcvlowat", SOL_SOCKET, SO_RCVLOWAT, Number),
    option!("attach_filter", SOL_SOCKET, SO_ATTACH_FILTER, Filter),
    option!("priority", SOL_SOCKET, SO_PRIORITY, Number),
    option!("rcvtimeo", SOL_SOCKET, SO_RCVTIMEO, Time, "SO_RCVTIMEO_OLD"),
    option!("sndtimeo", SOL_SOCKET, SO_SNDTIMEO, Time, "SO_SNDTIMEO_OLD"),
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
    option!("congestion", SOL_TCP, TCP_CONGESTION, Text),
    option!("fastopen", SOL_TCP, TCP_FASTOPEN, Number),
    option!("fastopen_connect", SOL_TCP, TCP_FASTOPEN_CONNECT, Switch),
    option!("udp_cork", SOL_UDP, UDP_CORK, Switch),
    option!("ttl", SOL_IP, IP_TTL, Number),
    option!("tos", SOL_IP, IP_TOS, Number),
    option!("freebind", SOL_IP, IP_FREEBIND, Switch),
    option!("multicast_ttl", SOL_IP, IP_MULTICAST_TTL, Number),
    option!("multicast_loop", SOL_IP, IP_MULTICAST_LOOP, Switch),
    option!("membership", SOL_IP, IP_ADD_MEMBERSHIP, Group),
    option!("leave", SOL_IP, IP_DROP_MEMBERSHIP, Group),
    option!("source_membership", SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, Source),
    option!("source_leave", SOL_IP, IP_DROP_SOURCE_MEMBERSHIP, Source),
    option!("block_source", SOL_IP, IP_BLOCK_SOURCE, Source),
    option!("unblock_source", SOL_IP, IP_UNBLOCK_SOURCE, Source),
    option!("multicast_if", SOL_IP, IP_MULTICAST_IF, Address),
    option!("multicast_all", SOL_IP, IP_MULTICAST_ALL, Switch),
    option!("mtu_discover", SOL_IP, IP_MTU_DISCOVER, Number),
    option!("mtu", SOL_IP, IP_MTU, ReadOnly),
    option!("recvttl", SOL_IP, IP_RECVTTL, Switch),
    option!("recvtos", SOL_IP, IP_RECVTOS, Switch),
    option!("recverr", SOL_IP, IP_RECVERR, Switch),
    option!("recvopts", SOL_IP, 6 = "IP_RECVOPTS", Switch),
    option!("retopts", SOL_IP, 7 = "IP_RETOPTS", Switch),
    option!("recvorigdstaddr", SOL_IP, 20 = "IP_ORIGDSTADDR", Switch),
    option!("pktinfo", SOL_IP, IP_PKTINFO, Switch),
    option!("ip_passsec", SOL_IP, 18 = "IP_PASSSEC", Switch),
    option!("transparent", SOL_IP, IP_TRANSPARENT, Switch),
    option!("bind_address_no_port", SOL_IP, IP_BIND_ADDRESS_NO_PORT, Switch),
    option!("hdrincl", SOL_IP, IP_HDRINCL, Switch),
    option!("nodefrag", SOL_IP, 22 = "IP_NODEFRAG", Switch),
    option!("router_alert", SOL_IP, 5 = "IP_ROUTER_ALERT", Switch),
    option!("membership6", SOL_IPV6, IPV6_ADD_MEMBERSHIP, Group6),
    option!("leave6", SOL_IPV6, IPV6_DROP_MEMBERSHIP, Group6),
    option!("multicast_hops", SOL_IPV6, IPV6_MULTICAST_HOPS, Number),
    option!("multicast_loop6", SOL_IPV6, IPV6_MULTICAST_LOOP, Switch),
    option!("multicast_if6", SOL_IPV6, IPV6_MULTICAST_IF, Number),
    option!("mtu_discover6", SOL_IPV6, IPV6_MTU_DISCOVER, Number),
    option!("mtu6", SOL_IPV6, IPV6_MTU, Number),
    option!("recverr6", SOL_IPV6, IPV6_RECVERR, Switch),
    option!("recvpktinfo", SOL_IPV6, IPV6_RECVPKTINFO, Switch),
    option!("recvhoplimit", SOL_IPV6, IPV6_RECVHOPLIMIT, Switch),
    option!("recvhopopts", SOL_IPV6, 53 = "IPV6_RECVHOPOPTS", Switch),
    option!("recvdstopts", SOL_IPV6, 58 = "IPV6_RECVDSTOPTS", Switch),
    option!("recvrthdr", SOL_IPV6, 56 = "IPV6_RECVRTHDR", Switch),
    option!("flowinfo", SOL_IPV6, 11 = "IPV6_FLOWINFO", Switch),
    option!("addrform", SOL_IPV6, 1 = "IPV6_ADDRFORM", Number),
    option!("router_alert6", SOL_IPV6, 22 = "IPV6_ROUTER_ALERT", Number),
    option!("v6only", SOL_IPV6, IPV6_V6ONLY, Switch),
    option!("unicast_hops", SOL_IPV6, IPV6_UNICAST_HOPS, Number),
    option!("peercred", SOL_SOCKET, SO_PEERCRED, Cred),
    option!("error", SOL_SOCKET, SO_ERROR, Error),
    option!("type", SOL_SOCKET, SO_TYPE, ReadOnly),
    option!("domain", SOL_SOCKET, SO_DOMAIN, ReadOnly),
    option!("protocol", SOL_SOCKET, SO_PROTOCOL, ReadOnly),
    option!("sndlowat", SOL_SOCKET, 19 = "SO_SNDLOWAT", ReadOnly),
    option!("incoming_napi_id", SOL_SOCKET, SO_INCOMING_NAPI_ID, ReadOnly),
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
