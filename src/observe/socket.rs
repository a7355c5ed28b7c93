use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;

use socket2::{SockAddr, SockRef};

use crate::model::{
    AcceptQueue, Address, Cred, Domain, Kind, Known, Protocol, SocketView, Source, TcpState,
    UnixAddr, Why,
};
use crate::sys;

/// Looks at one socket through a descriptor of this process. Free of side
/// effects: getsockname, getpeername, getsockopt (never SO_ERROR), ioctl.
///
/// `listing`, the accept queue of a unix listener and the inode of a unix peer stay
/// unavailable: an fd cannot tell them, [`super::Observer`] can.
pub fn look(fd: BorrowedFd<'_>) -> SocketView {
    let socket = SockRef::from(&fd);
    let option = |name| {
        Known::from_io(
            Source::Getsockopt,
            sys::socket_option(fd, libc::SOL_SOCKET, name),
        )
    };
    let domain = option(libc::SO_DOMAIN).map(Domain::from_kernel);
    let kind = option(libc::SO_TYPE).map(Kind::from_kernel);
    let protocol = option(libc::SO_PROTOCOL).map(Protocol::from_kernel);
    let peer = match socket.peer_addr() {
        Err(error) if error.raw_os_error() == Some(libc::ENOTCONN) => {
            Known::seen(None, Source::Getpeername)
        }
        answer => Known::from_io(Source::Getpeername, answer).map(|addr| Some(address(&addr))),
    };
    let own = if may_be_tcp(&domain, &protocol) {
        of_tcp(sys::tcp_info(fd))
    } else {
        of_other(option(libc::SO_ACCEPTCONN), &peer, domain.value())
    };
    let is_unix = domain.value() == Some(&Domain::Unix);
    let connected = own.state.value() == Some(&TcpState::Connected);
    SocketView {
        fd: fd.as_raw_fd(),
        inode: Known::from_io(Source::Proc, inode(fd)),
        cookie: Known::from_io(Source::Getsockopt, sys::socket_cookie(fd)),
        local: Known::from_io(Source::Getsockname, socket.local_addr())
            .map(|addr| Some(address(&addr)).filter(|addr| !addr.is_unnamed())),
        recv_q: Known::from_io(Source::Ioctl, sys::recv_queue(fd)),
        send_q: send_q(fd, &own.state),
        state: own.state,
        accept_queue: own.accept_queue,
        rtt_us: own.rtt_us,
        segs_out: own.segs_out,
        segs_in: own.segs_in,
        v6only: if domain.value() == Some(&Domain::Inet6) {
            Known::from_io(
                Source::Getsockopt,
                sys::socket_option(fd, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY),
            )
            .map(|only| Some(only != 0))
        } else {
            Known::seen(None, Source::Getsockopt)
        },
        // A listener has credentials too, its own: what its clients will see.
        cred: if is_unix && connected && kind.value() == Some(&Kind::Stream) {
            Known::from_io(Source::Getsockopt, peer_cred(fd))
        } else {
            Known::seen(None, Source::Getsockopt)
        },
        peer_inode: if is_unix {
            not_asked()
        } else {
            Known::seen(None, Source::SockDiag)
        },
        listing: not_asked(),
        domain,
        kind,
        protocol,
        peer,
    }
}

/// A closed TCP socket has no sequence numbers to tell its queue by, but memory.
fn send_q(fd: BorrowedFd<'_>, state: &Known<TcpState>) -> Known<u32> {
    match state.value() {
        Some(TcpState::Closed) => Known::from_io(Source::Getsockopt, sys::send_memory(fd)),
        _ => Known::from_io(Source::Ioctl, sys::send_queue(fd)),
    }
}

fn not_asked<T>() -> Known<T> {
    Known::Unavailable(Why::note(Source::SockDiag, "not asked"))
}

/// Is TCP_INFO worth asking for? Where the kernel does not say what the socket
/// is, it may be TCP.
fn may_be_tcp(domain: &Known<Domain>, protocol: &Known<Protocol>) -> bool {
    let inet = !matches!(domain.value(), Some(Domain::Unix | Domain::Other(_)));
    let tcp = !matches!(protocol.value(), Some(Protocol::Udp | Protocol::Other(_)));
    inet && tcp
}

/// The facts that come from elsewhere for TCP than for all others.
struct Own {
    state: Known<TcpState>,
    accept_queue: Known<Option<AcceptQueue>>,
    rtt_us: Known<Option<u32>>,
    segs_out: Known<Option<u32>>,
    segs_in: Known<Option<u32>>,
}

fn of_tcp(info: io::Result<sys::TcpInfo>) -> Own {
    let info = Known::from_io(Source::Getsockopt, info);
    let listening = |info: &sys::TcpInfo| TcpState::from_kernel(info.state) == TcpState::Listen;
    Own {
        state: of(&info, |info| TcpState::from_kernel(info.state)),
        accept_queue: of(&info, |info| {
            listening(info).then_some(AcceptQueue {
                len: info.unacked,
                max: info.sacked,
            })
        }),
        rtt_us: of(&info, |info| {
            (info.rtt_us > 0 && !listening(info)).then_some(info.rtt_us)
        }),
        segs_out: of(&info, |info| info.segs.map(|(out, _)| out)),
        segs_in: of(&info, |info| info.segs.map(|(_, taken)| taken)),
    }
}

/// UDP and unix: TCP_INFO is not theirs, so nothing of it is missing.
fn of_other(accepts: Known<i32>, peer: &Known<Option<Address>>, domain: Option<&Domain>) -> Own {
    let none = Known::seen(None, Source::Getsockopt);
    let state = match accepts {
        Known::Seen { value: 0, .. } => of(peer, |peer| match peer {
            Some(_) => TcpState::Connected,
            None => TcpState::Unconnected,
        }),
        listens => listens.map(|_| TcpState::Listen),
    };
    let listening = state.value() == Some(&TcpState::Listen);
    Own {
        state,
        accept_queue: if listening && domain == Some(&Domain::Unix) {
            not_asked()
        } else {
            Known::seen(None, Source::Getsockopt)
        },
        rtt_us: none.clone(),
        segs_out: none.clone(),
        segs_in: none,
    }
}

/// A part of a fact.
fn of<T, U>(fact: &Known<T>, pick: impl Fn(&T) -> U) -> Known<U> {
    match fact {
        Known::Seen { value, via } => Known::seen(pick(value), *via),
        Known::Unavailable(why) => Known::Unavailable(why.clone()),
    }
}

/// SO_PEERCRED; `None` where the kernel says that there is nobody.
fn peer_cred(fd: BorrowedFd<'_>) -> io::Result<Option<Cred>> {
    Ok(Some(cred(sys::peer_cred(fd)?)).filter(|cred| !cred.is_none()))
}

/// struct ucred as socklab's own type.
pub fn cred(cred: libc::ucred) -> Cred {
    Cred {
        pid: u32::try_from(cred.pid).unwrap_or(0),
        uid: cred.uid,
        gid: cred.gid,
    }
}

/// An address as socket2 gives it, as socklab's own type.
pub fn address(addr: &SockAddr) -> Address {
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

/// The inode of a socket: what the link /proc/self/fd/N says in brackets.
fn inode(fd: BorrowedFd<'_>) -> io::Result<u64> {
    let link = std::fs::read_link(format!("/proc/self/fd/{}", fd.as_raw_fd()))?;
    super::process::socket_inode(&link.to_string_lossy())
        .ok_or_else(|| io::Error::other("not a socket"))
}
