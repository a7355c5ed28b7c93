//! The options of setsockopt(2) and getsockopt(2): socket(7), tcp(7), ip(7), ipv6(7).

use std::net::Ipv6Addr;

use super::raw::Raw;
use crate::model::{Arg, Cred, Errno, LEVELS, Names, Param, named};
use crate::sys;

#[rustfmt::skip]
const OF_SOCKET: &Names = &[
    (1, "SO_DEBUG"), (2, "SO_REUSEADDR"), (3, "SO_TYPE"), (4, "SO_ERROR"), (5, "SO_DONTROUTE"),
    (6, "SO_BROADCAST"), (7, "SO_SNDBUF"), (8, "SO_RCVBUF"), (9, "SO_KEEPALIVE"),
    (10, "SO_OOBINLINE"), (11, "SO_NO_CHECK"), (12, "SO_PRIORITY"), (13, "SO_LINGER"),
    (14, "SO_BSDCOMPAT"), (15, "SO_REUSEPORT"), (16, "SO_PASSCRED"), (17, "SO_PEERCRED"),
    (18, "SO_RCVLOWAT"), (19, "SO_SNDLOWAT"), (20, "SO_RCVTIMEO_OLD"), (21, "SO_SNDTIMEO_OLD"),
    (25, "SO_BINDTODEVICE"), (26, "SO_ATTACH_FILTER"), (27, "SO_DETACH_FILTER"),
    (28, "SO_PEERNAME"), (29, "SO_TIMESTAMP_OLD"), (30, "SO_ACCEPTCONN"), (31, "SO_PEERSEC"),
    (32, "SO_SNDBUFFORCE"), (33, "SO_RCVBUFFORCE"), (34, "SO_PASSSEC"),
    (35, "SO_TIMESTAMPNS_OLD"), (36, "SO_MARK"), (37, "SO_TIMESTAMPING_OLD"),
    (38, "SO_PROTOCOL"), (39, "SO_DOMAIN"), (40, "SO_RXQ_OVFL"), (41, "SO_WIFI_STATUS"),
    (42, "SO_PEEK_OFF"), (43, "SO_NOFCS"), (44, "SO_LOCK_FILTER"), (45, "SO_SELECT_ERR_QUEUE"),
    (46, "SO_BUSY_POLL"), (47, "SO_MAX_PACING_RATE"), (48, "SO_BPF_EXTENSIONS"),
    (49, "SO_INCOMING_CPU"), (50, "SO_ATTACH_BPF"), (51, "SO_ATTACH_REUSEPORT_CBPF"),
    (52, "SO_ATTACH_REUSEPORT_EBPF"), (53, "SO_CNX_ADVICE"), (55, "SO_MEMINFO"),
    (56, "SO_INCOMING_NAPI_ID"), (57, "SO_COOKIE"), (59, "SO_PEERGROUPS"), (60, "SO_ZEROCOPY"),
    (61, "SO_TXTIME"), (62, "SO_BINDTOIFINDEX"), (66, "SO_RCVTIMEO_NEW"),
    (67, "SO_SNDTIMEO_NEW"), (69, "SO_PREFER_BUSY_POLL"), (70, "SO_BUSY_POLL_BUDGET"),
    (71, "SO_NETNS_COOKIE"), (72, "SO_BUF_LOCK"), (73, "SO_RESERVE_MEM"), (74, "SO_TXREHASH"),
    (75, "SO_RCVMARK"),
];

#[rustfmt::skip]
const OF_TCP: &Names = &[
    (1, "TCP_NODELAY"), (2, "TCP_MAXSEG"), (3, "TCP_CORK"), (4, "TCP_KEEPIDLE"),
    (5, "TCP_KEEPINTVL"), (6, "TCP_KEEPCNT"), (7, "TCP_SYNCNT"), (8, "TCP_LINGER2"),
    (9, "TCP_DEFER_ACCEPT"), (10, "TCP_WINDOW_CLAMP"), (11, "TCP_INFO"), (12, "TCP_QUICKACK"),
    (13, "TCP_CONGESTION"), (14, "TCP_MD5SIG"), (16, "TCP_THIN_LINEAR_TIMEOUTS"),
    (17, "TCP_THIN_DUPACK"), (18, "TCP_USER_TIMEOUT"), (19, "TCP_REPAIR"),
    (20, "TCP_REPAIR_QUEUE"), (21, "TCP_QUEUE_SEQ"), (22, "TCP_REPAIR_OPTIONS"),
    (23, "TCP_FASTOPEN"), (24, "TCP_TIMESTAMP"), (25, "TCP_NOTSENT_LOWAT"),
    (26, "TCP_CC_INFO"), (27, "TCP_SAVE_SYN"), (28, "TCP_SAVED_SYN"), (29, "TCP_REPAIR_WINDOW"),
    (30, "TCP_FASTOPEN_CONNECT"), (31, "TCP_ULP"), (32, "TCP_MD5SIG_EXT"),
    (33, "TCP_FASTOPEN_KEY"), (34, "TCP_FASTOPEN_NO_COOKIE"), (35, "TCP_ZEROCOPY_RECEIVE"),
    (36, "TCP_INQ"), (37, "TCP_TX_DELAY"),
];

#[rustfmt::skip]
const OF_IP: &Names = &[
    (1, "IP_TOS"), (2, "IP_TTL"), (3, "IP_HDRINCL"), (4, "IP_OPTIONS"), (5, "IP_ROUTER_ALERT"),
    (6, "IP_RECVOPTS"), (7, "IP_RETOPTS"), (8, "IP_PKTINFO"), (9, "IP_PKTOPTIONS"),
    (10, "IP_MTU_DISCOVER"), (11, "IP_RECVERR"), (12, "IP_RECVTTL"), (13, "IP_RECVTOS"),
    (14, "IP_MTU"), (15, "IP_FREEBIND"), (16, "IP_IPSEC_POLICY"), (17, "IP_XFRM_POLICY"),
    (18, "IP_PASSSEC"), (19, "IP_TRANSPARENT"), (20, "IP_ORIGDSTADDR"), (21, "IP_MINTTL"),
    (22, "IP_NODEFRAG"), (23, "IP_CHECKSUM"), (24, "IP_BIND_ADDRESS_NO_PORT"),
    (25, "IP_RECVFRAGSIZE"), (26, "IP_RECVERR_RFC4884"), (32, "IP_MULTICAST_IF"),
    (33, "IP_MULTICAST_TTL"), (34, "IP_MULTICAST_LOOP"), (35, "IP_ADD_MEMBERSHIP"),
    (36, "IP_DROP_MEMBERSHIP"), (37, "IP_UNBLOCK_SOURCE"), (38, "IP_BLOCK_SOURCE"),
    (39, "IP_ADD_SOURCE_MEMBERSHIP"), (40, "IP_DROP_SOURCE_MEMBERSHIP"), (41, "IP_MSFILTER"),
    (49, "IP_MULTICAST_ALL"), (50, "IP_UNICAST_IF"),
];

#[rustfmt::skip]
const OF_IPV6: &Names = &[
    (1, "IPV6_ADDRFORM"), (2, "IPV6_2292PKTINFO"), (3, "IPV6_2292HOPOPTS"),
    (4, "IPV6_2292DSTOPTS"), (5, "IPV6_2292RTHDR"), (6, "IPV6_2292PKTOPTIONS"),
    (7, "IPV6_CHECKSUM"), (8, "IPV6_2292HOPLIMIT"), (16, "IPV6_UNICAST_HOPS"),
    (17, "IPV6_MULTICAST_IF"), (18, "IPV6_MULTICAST_HOPS"), (19, "IPV6_MULTICAST_LOOP"),
    (20, "IPV6_ADD_MEMBERSHIP"), (21, "IPV6_DROP_MEMBERSHIP"), (22, "IPV6_ROUTER_ALERT"),
    (23, "IPV6_MTU_DISCOVER"), (24, "IPV6_MTU"), (25, "IPV6_RECVERR"), (26, "IPV6_V6ONLY"),
    (27, "IPV6_JOIN_ANYCAST"), (28, "IPV6_LEAVE_ANYCAST"), (49, "IPV6_RECVPKTINFO"),
    (50, "IPV6_PKTINFO"), (51, "IPV6_RECVHOPLIMIT"), (52, "IPV6_HOPLIMIT"),
    (66, "IPV6_RECVTCLASS"), (67, "IPV6_TCLASS"), (70, "IPV6_AUTOFLOWLABEL"),
    (75, "IPV6_TRANSPARENT"), (76, "IPV6_UNICAST_IF"),
];

/// The options of a level, and how strace writes one that it does not know.
fn options(level: i32) -> Option<(&'static Names, &'static str)> {
    Some(match level {
        libc::SOL_SOCKET => (OF_SOCKET, "SO_???"),
        libc::IPPROTO_TCP => (OF_TCP, "TCP_???"),
        libc::IPPROTO_IP => (OF_IP, "IP_???"),
        libc::IPPROTO_IPV6 => (OF_IPV6, "IPV6_???"),
        _ => return None,
    })
}

/// The level, the option, and the value that is passed.
pub(super) fn passed(call: &Raw, param: Param, raw: u64) -> Arg {
    let number = i64::from(raw as i32);
    match param {
        Param::Level => Arg::constant(raw as i32, named(LEVELS, number, "SOL_??")),
        Param::Option => match options(call.of(Param::Level) as i32) {
            Some((names, unknown)) => Arg::constant(raw as i32, named(names, number, unknown)),
            None => Arg::Int(number),
        },
        _ => value(call, raw, call.of(Param::ValueLen)),
    }
}

/// The value that was asked for.
pub(super) fn filled(call: &Raw, pointer: u64) -> Arg {
    let len = call.memory.int(call.of(Param::ValueOutLen)).unwrap_or(0);
    value(call, pointer, u64::from(len.cast_unsigned()))
}

/// The value of an option: of those that have a structure of their own that, else a
/// number where it is as long as one, else bytes.
fn value(call: &Raw, pointer: u64, len: u64) -> Arg {
    let (level, option) = (call.of(Param::Level) as i32, call.of(Param::Option) as i32);
    let memory = call.memory;
    let int = |at: u64| memory.int(pointer + at);
    let shown = match (level, option, len) {
        (libc::SOL_SOCKET, libc::SO_LINGER, 8..) => linger(int(0), int(4)),
        (libc::SOL_SOCKET, libc::SO_LINGER, 4..) => {
            int(0).map(|on| Arg::Shown(format!("{{l_onoff={on}}}")))
        }
        (libc::SOL_SOCKET, libc::SO_PEERCRED, 12..) => cred(int(0), int(4), int(8)),
        (libc::IPPROTO_IP, libc::IP_ADD_MEMBERSHIP | libc::IP_DROP_MEMBERSHIP, 8..) => {
            membership(memory.exactly(pointer, 8))
        }
        (libc::IPPROTO_IPV6, libc::IPV6_ADD_MEMBERSHIP | libc::IPV6_DROP_MEMBERSHIP, 20..) => {
            membership6(memory.exactly(pointer, 20))
        }
        (libc::SOL_SOCKET, libc::SO_ERROR, 4..) => int(0).map(error),
        (_, _, 4) => int(0).map(|value| Arg::IntAt(value.into())),
        (libc::SOL_SOCKET, option, _) if is_int(option) => match len {
            5.. => int(0).map(|value| Arg::IntAt(value.into())),
            _ => None,
        },
        (_, _, 0) => None,
        _ => memory.bytes(pointer, len).map(Arg::Bytes),
    };
    shown.unwrap_or_else(|| Arg::pointer(pointer))
}

/// The options of the level SOL_SOCKET that are a number whatever length is passed.
fn is_int(option: i32) -> bool {
    matches!(option, 1..=12 | 14..=16 | 18 | 19 | 29 | 30 | 34..=49 | 56)
}

/// `[ECONNREFUSED]`
fn error(errno: i32) -> Arg {
    match errno {
        0 => Arg::IntAt(0),
        errno => Arg::Shown(format!("[{}]", Errno(errno).name())),
    }
}

fn linger(on: Option<i32>, seconds: Option<i32>) -> Option<Arg> {
    let (on, seconds) = (on?, seconds?);
    Some(Arg::Shown(format!("{{l_onoff={on}, l_linger={seconds}}}")))
}

fn cred(pid: Option<i32>, uid: Option<i32>, gid: Option<i32>) -> Option<Arg> {
    let cred = Cred {
        pid: pid?.cast_unsigned(),
        uid: uid?.cast_unsigned(),
        gid: gid?.cast_unsigned(),
    };
    Some(Arg::Cred(cred))
}

fn membership(bytes: Option<Vec<u8>>) -> Option<Arg> {
    let bytes = bytes?;
    let addr = |at: usize| {
        let [a, b, c, d] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        format!("inet_addr(\"{a}.{b}.{c}.{d}\")")
    };
    Some(Arg::Shown(format!(
        "{{imr_multiaddr={}, imr_interface={}}}",
        addr(0),
        addr(4)
    )))
}

fn membership6(bytes: Option<Vec<u8>>) -> Option<Arg> {
    let bytes = bytes?;
    let (group, interface) = bytes.split_first_chunk::<16>()?;
    let number = u32::from_ne_bytes(*interface.first_chunk()?);
    let interface = match sys::interface_name(number) {
        Ok(name) => format!("if_nametoindex(\"{name}\")"),
        Err(_) => number.to_string(),
    };
    Some(Arg::Shown(format!(
        "{{inet_pton(AF_INET6, \"{}\", &ipv6mr_multiaddr), ipv6mr_interface={interface}}}",
        Ipv6Addr::from(*group)
    )))
}
