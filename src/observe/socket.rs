use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use socket2::{SockAddr, SockRef};

use crate::model::{
    AcceptQueue, Address, Domain, Kind, Known, Protocol, SocketView, Source, TcpState, Why,
};
use crate::sys;

/// Looks at one socket through a descriptor of this process. Free of side
/// effects: getsockname, getpeername, getsockopt (never SO_ERROR), ioctl.
///
/// `listing` stays unavailable: an fd cannot tell it, [`super::Observer`] can.
pub fn look(fd: BorrowedFd<'_>) -> SocketView {
    let socket = SockRef::from(&fd);
    let option = |name| sys::socket_option(fd, libc::SOL_SOCKET, name);
    let info = sys::tcp_info(fd);
    let from_info = |pick: &dyn Fn(&sys::TcpInfo) -> u32| match &info {
        Ok(info) => Known::seen(pick(info), Source::Getsockopt),
        Err(error) => Known::from_io(Source::Getsockopt, Err(copy(error))),
    };
    let state = from_info(&|info| u32::from(info.state))
        .map(|number| TcpState::from_kernel(u8::try_from(number).unwrap_or(u8::MAX)));
    let listening = state.value() == Some(&TcpState::Listen);
    SocketView {
        fd: fd.as_raw_fd(),
        inode: Known::from_io(Source::Proc, inode(fd)),
        cookie: Known::from_io(Source::Getsockopt, sys::socket_cookie(fd)),
        domain: Known::from_io(Source::Getsockopt, option(libc::SO_DOMAIN))
            .map(Domain::from_kernel),
        kind: Known::from_io(Source::Getsockopt, option(libc::SO_TYPE)).map(Kind::from_kernel),
        protocol: Known::from_io(Source::Getsockopt, option(libc::SO_PROTOCOL))
            .map(Protocol::from_kernel),
        local: Known::from_io(Source::Getsockname, socket.local_addr())
            .map(|addr| Some(address(&addr)).filter(|addr| !addr.is_unnamed())),
        peer: match socket.peer_addr() {
            Err(error) if error.raw_os_error() == Some(libc::ENOTCONN) => {
                Known::seen(None, Source::Getpeername)
            }
            answer => Known::from_io(Source::Getpeername, answer).map(|addr| Some(address(&addr))),
        },
        recv_q: Known::from_io(Source::Ioctl, sys::recv_queue(fd)),
        send_q: Known::from_io(Source::Ioctl, sys::send_queue(fd)),
        accept_queue: match &info {
            Ok(info) => Known::seen(
                listening.then_some(AcceptQueue {
                    len: info.unacked,
                    max: info.sacked,
                }),
                Source::Getsockopt,
            ),
            Err(error) => Known::from_io(Source::Getsockopt, Err(copy(error))),
        },
        rtt_us: from_info(&|info| info.rtt_us).map(|rtt| (rtt > 0 && !listening).then_some(rtt)),
        listing: Known::Unavailable(Why::note(Source::SockDiag, "not asked")),
        state,
    }
}

/// An address as socket2 gives it, as socklab's own type.
pub fn address(addr: &SockAddr) -> Address {
    match addr.as_socket() {
        Some(inet) => Address::Inet(inet),
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

fn copy(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::other(error.to_string()),
    }
}
