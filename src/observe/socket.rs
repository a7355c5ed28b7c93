//! What a descriptor of this process tells of its socket.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{OFlags, fcntl_getfl};
use socket2::{SockAddr, SockRef};

use super::process::inode_at;
use crate::model::{
    AcceptQueue, Address, Cred, Domain, Fact, Kind, Protocol, SocketView, Source, TcpState,
    UnixAddr, Why,
};
use crate::sys;

/// Looks at one socket through a descriptor of this process. Free of side
/// effects: getsockname, getpeername, getsockopt (never SO_ERROR), ioctl.
///
/// `listing`, the accept queue of a unix listener and the inode of a unix peer stay
/// unavailable: an fd cannot tell them, [`super::Observer`] can.
pub(super) fn look(fd: BorrowedFd<'_>) -> SocketView {
    look_again(fd, None)
}

/// The same. What a socket is for its whole life is not read again of one that is known;
/// its domain is not of that: IPV6_ADDRFORM changes it.
pub(super) fn look_again(fd: BorrowedFd<'_>, known: Option<&SocketView>) -> SocketView {
    let socket = SockRef::from(&fd);
    let of = |level, name| Fact::from_io(Source::Getsockopt, sys::socket_option(fd, level, name));
    let option = |name| of(libc::SOL_SOCKET, name);
    let cookie = Fact::from_io(Source::Getsockopt, socket.cookie());
    let known = known.filter(|known| cookie.value().is_some() && known.cookie == cookie);
    let domain = option(libc::SO_DOMAIN).map(Domain::from_kernel);
    let (kind, protocol, inode) = identity(fd, known);
    let peer = match socket.peer_addr() {
        Err(error) if error.raw_os_error() == Some(libc::ENOTCONN) => Fact::None,
        answer => Fact::from_io(Source::Getpeername, answer).map(|addr| address(&addr)),
    };
    let mut own = if may_be_tcp(&domain, &protocol) {
        of_tcp(sys::tcp_info(fd))
    } else {
        of_other(option(libc::SO_ACCEPTCONN), &peer, domain.value())
    };
    settings(fd, protocol.value() == Some(&Protocol::Tcp), &mut own);
    let is_unix = domain.value() == Some(&Domain::Unix);
    let is_in = |state| own.state.value() == Some(&state);
    // No byte passes through a listener: a TCP one answers EINVAL to both, a unix one to
    // SIOCINQ.
    let (recv_q, send_q) = if is_in(TcpState::Listen) {
        (Fact::None, Fact::None)
    } else {
        let recv_q = Fact::from_io(Source::Ioctl, sys::recv_queue(fd));
        (recv_q, send_q(fd, &own.state))
    };
    // A listener has credentials too, its own: what its clients will see.
    let is_conn = is_in(TcpState::Connected) && kind.value() == Some(&Kind::Stream);
    let is_udp = protocol.value() == Some(&Protocol::Udp);
    let counts_drops = is_udp || is_in(TcpState::Listen) && !is_unix;
    SocketView {
        fd: fd.as_raw_fd(),
        inode,
        cookie,
        local: Fact::from_io(Source::Getsockname, socket.local_addr()).and_then(|addr, via| {
            Fact::of_option(Some(address(&addr)).filter(|addr| !addr.is_unnamed()), via)
        }),
        recv_q,
        send_q,
        drops: only_if(counts_drops, || {
            Fact::from_io(Source::Getsockopt, sys::mem_info(fd)).map(|info| info.drops)
        }),
        reuseaddr: only_if(!is_unix, || option(libc::SO_REUSEADDR).map(|on| on != 0)),
        v6only: match domain.value() {
            Some(Domain::Inet6) => of(libc::IPPROTO_IPV6, libc::IPV6_V6ONLY).map(|only| only != 0),
            _ => Fact::None,
        },
        cred: only_if(is_unix && is_conn, || peer_cred(fd)),
        peer_inode: if is_unix { not_asked() } else { Fact::None },
        listing: not_asked(),
        domain,
        kind,
        protocol,
        peer,
        ..own
    }
}

/// What a socket is for its whole life, beside its cookie.
fn identity(
    fd: BorrowedFd<'_>,
    known: Option<&SocketView>,
) -> (Fact<Kind>, Fact<Protocol>, Fact<u64>) {
    if let Some(it) = known {
        return (it.kind.clone(), it.protocol.clone(), it.inode.clone());
    }
    let option = |name| {
        let answer = sys::socket_option(fd, libc::SOL_SOCKET, name);
        Fact::from_io(Source::Getsockopt, answer)
    };
    (
        option(libc::SO_TYPE).map(Kind::from_kernel),
        option(libc::SO_PROTOCOL).map(Protocol::from_kernel),
        Fact::from_io(Source::Proc, inode_at("self", fd.as_raw_fd())),
    )
}

/// What the program has set, and the buffers.
fn settings(fd: BorrowedFd<'_>, is_tcp: bool, own: &mut SocketView) {
    let option = |level, name| {
        let answer = sys::socket_option(fd, level, name);
        Fact::from_io(Source::Getsockopt, answer)
    };
    let size = |name| option(libc::SOL_SOCKET, name).map(i32::unsigned_abs);
    let switch = |level, name| only_if(is_tcp, || option(level, name).map(|on| on != 0));
    let locks = Fact::from_io(Source::Getsockopt, sys::buffers_set(fd));
    let flags = fcntl_getfl(fd).map_err(io::Error::from);
    let flags = Fact::from_io(Source::Fcntl, flags);
    own.rcvbuf = size(libc::SO_RCVBUF);
    own.sndbuf = size(libc::SO_SNDBUF);
    own.rcvbuf_set = locks.as_ref().map(|locks| locks.0);
    own.sndbuf_set = locks.map(|locks| locks.1);
    own.nonblocking = flags.map(|flags| flags.contains(OFlags::NONBLOCK));
    own.nodelay = switch(libc::IPPROTO_TCP, libc::TCP_NODELAY);
    own.keepalive = switch(libc::SOL_SOCKET, libc::SO_KEEPALIVE);
}

/// A closed TCP socket has no sequence numbers to tell its queue by, but memory.
fn send_q(fd: BorrowedFd<'_>, state: &Fact<TcpState>) -> Fact<u32> {
    match state.value() {
        Some(TcpState::Closed) => {
            Fact::from_io(Source::Getsockopt, sys::mem_info(fd)).map(|info| info.send_memory)
        }
        _ => Fact::from_io(Source::Ioctl, sys::send_queue(fd)),
    }
}

fn not_asked<T>() -> Fact<T> {
    Fact::Unknown(Why::not_asked(Source::SockDiag))
}

/// A fact of some sockets; of others there is no such thing.
fn only_if<T>(applies: bool, fact: impl FnOnce() -> Fact<T>) -> Fact<T> {
    if applies { fact() } else { Fact::None }
}

/// Is TCP_INFO worth asking for? Where the kernel does not say what the socket
/// is, it may be TCP.
fn may_be_tcp(domain: &Fact<Domain>, protocol: &Fact<Protocol>) -> bool {
    let inet = !matches!(domain.value(), Some(Domain::Unix | Domain::Other(_)));
    let tcp = |protocol: &Protocol| matches!(protocol, Protocol::Tcp | Protocol::Mptcp);
    inet && protocol.value().is_none_or(tcp)
}

/// The facts that come from elsewhere for TCP than for all others.
fn of_tcp(info: io::Result<sys::TcpInfo>) -> SocketView {
    let info = Fact::from_io(Source::Getsockopt, info);
    let listening = |info: &sys::TcpInfo| TcpState::from_kernel(info.state) == TcpState::Listen;
    let segs = |pick: fn((u32, u32)) -> u32| {
        info.as_ref().and_then(|info, via| match info.segs {
            Some(segs) => Fact::Seen(pick(segs), via),
            None => Fact::Unknown(Why::note(via, "counted by Linux 4.2 and later")),
        })
    };
    SocketView {
        state: info.as_ref().map(|info| TcpState::from_kernel(info.state)),
        accept_queue: info.as_ref().and_then(|info, via| {
            let queue = AcceptQueue {
                len: info.unacked,
                max: info.sacked,
            };
            Fact::of_option(listening(info).then_some(queue), via)
        }),
        rtt_us: info.as_ref().and_then(|info, via| {
            let measured = info.rtt_us > 0 && !listening(info);
            Fact::of_option(measured.then_some(info.rtt_us), via)
        }),
        quiet_ms: info.as_ref().and_then(|info, via| {
            use TcpState::{Closed, Listen, SynSent};
            let state = TcpState::from_kernel(info.state);
            let met = !matches!(state, Closed | Listen | SynSent);
            Fact::of_option(met.then_some(info.quiet_ms), via)
        }),
        segs_out: segs(|(out, _)| out),
        segs_in: segs(|(_, taken)| taken),
        ..SocketView::default()
    }
}

/// UDP and unix: TCP_INFO is not theirs, so nothing of it is missing.
fn of_other(accepts: Fact<i32>, peer: &Fact<Address>, domain: Option<&Domain>) -> SocketView {
    let state = accepts.and_then(|accepts, via| match (accepts, peer) {
        (0, Fact::None) => Fact::Seen(TcpState::Unconnected, Source::Getpeername),
        (0, peer) => peer.as_ref().map(|_| TcpState::Connected),
        (_, _) => Fact::Seen(TcpState::Listen, via),
    });
    let listening = state.value() == Some(&TcpState::Listen);
    SocketView {
        state,
        accept_queue: if listening && domain == Some(&Domain::Unix) {
            not_asked()
        } else {
            Fact::None
        },
        ..SocketView::default()
    }
}

/// SO_PEERCRED; none where the kernel says that there is nobody.
fn peer_cred(fd: BorrowedFd<'_>) -> Fact<Cred> {
    Fact::from_io(Source::Getsockopt, sys::peer_cred(fd)).and_then(|found, via| {
        Fact::of_option(Some(cred(found)).filter(|cred| !cred.is_none()), via)
    })
}

/// struct ucred as socklab's own type.
pub(super) fn cred(cred: libc::ucred) -> Cred {
    Cred {
        pid: u32::try_from(cred.pid).unwrap_or(0),
        uid: cred.uid,
        gid: cred.gid,
    }
}

/// An address as socket2 gives it, as socklab's own type.
pub(crate) fn address(addr: &SockAddr) -> Address {
    if let Some(inet) = addr.as_socket() {
        return Address::Inet(inet);
    }
    let unix = || {
        if let Some(path) = addr.as_pathname() {
            return UnixAddr::of(path.as_os_str().as_bytes());
        }
        match addr.as_abstract_namespace() {
            Some(name) => UnixAddr::of(&[&[0][..], name].concat()),
            None => Some(UnixAddr::UNNAMED),
        }
    };
    match unix().filter(|_| addr.is_unix()) {
        Some(unix) => Address::Unix(unix),
        None => Address::Other {
            family: addr.family(),
        },
    }
}
