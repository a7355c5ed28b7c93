//! The arguments of calls as strace prints them: options, addresses, bytes.

use std::net::SocketAddr;

use super::op::{Done, constant};
use crate::model::{Address, Arg, Bytes, Outcome};
use crate::script::SocketOption;

/// The room socket2 offers for an address: `struct sockaddr_storage`.
const STORAGE: u32 = 128;

/// Level and name of an option, as strace prints them.
pub(super) fn option_constants(option: SocketOption) -> [Arg; 2] {
    let of_socket = constant(libc::SOL_SOCKET, "SOL_SOCKET");
    match option {
        SocketOption::Reuseaddr => [of_socket, constant(libc::SO_REUSEADDR, "SO_REUSEADDR")],
        SocketOption::Keepalive => [of_socket, constant(libc::SO_KEEPALIVE, "SO_KEEPALIVE")],
        SocketOption::Nodelay => [
            constant(libc::SOL_TCP, "SOL_TCP"),
            constant(libc::TCP_NODELAY, "TCP_NODELAY"),
        ],
        SocketOption::V6only => [
            constant(libc::SOL_IPV6, "SOL_IPV6"),
            constant(libc::IPV6_V6ONLY, "IPV6_V6ONLY"),
        ],
    }
}

/// The length of an address as a call passes or returns it.
fn length(addr: Address) -> u32 {
    match addr {
        // sizeof(struct sockaddr_in), sizeof(struct sockaddr_in6)
        Address::Inet(SocketAddr::V4(_)) => 16,
        Address::Inet(SocketAddr::V6(_)) => 28,
        Address::Unix(addr) => addr.socklen(),
        // Nobody passes one, and none is returned for a socket that was made here.
        Address::Other { .. } => 2,
    }
}

pub(super) fn with_address(fd: i32, addr: Address) -> Vec<Arg> {
    vec![Arg::Fd(fd), Arg::Addr(addr), Arg::Int(length(addr).into())]
}

/// The address that a call fills in, and its length. Where the call succeeded and
/// there was none, the kernel says so by a length of 0.
fn filled_in(done: Option<&Done>) -> [Arg; 2] {
    let (address, taken) = match done {
        None => (Arg::Pending, None),
        Some(done) => match (done.address, done.outcome.errno()) {
            (Some(address), _) => (Arg::Addr(address), Some(length(address))),
            (None, None) => (Arg::Untouched, Some(0)),
            (None, Some(_)) => (Arg::Untouched, None),
        },
    };
    let given = STORAGE;
    [address, Arg::LengthAt { given, taken }]
}

pub(super) fn accept_args(fd: i32, done: Option<&Done>) -> Vec<Arg> {
    let [address, length] = filled_in(done);
    vec![Arg::Fd(fd), address, length]
}

pub(super) fn recv_args(fd: i32, max: u32, done: Option<&Done>) -> Vec<Arg> {
    receiving(fd, max, done, [Arg::Null, Arg::Null])
}

pub(super) fn recvfrom_args(fd: i32, max: u32, done: Option<&Done>) -> Vec<Arg> {
    receiving(fd, max, done, filled_in(done))
}

fn receiving(fd: i32, max: u32, done: Option<&Done>, [address, length]: [Arg; 2]) -> Vec<Arg> {
    vec![
        Arg::Fd(fd),
        done.map_or(Arg::Untouched, received),
        Arg::Int(max.into()),
        Arg::Int(0),
        address,
        length,
    ]
}

/// What a send of `data` sends, or of what was received.
pub(super) fn sent(data: Option<&[u8]>, done: Option<&Done>, echo: Option<&Bytes>) -> Bytes {
    let told = done.and_then(|done| done.bytes.as_ref()).or(echo);
    match (data, told) {
        (Some(data), _) => Bytes::of(data),
        (None, Some(bytes)) => bytes.clone(),
        (None, None) => Bytes::of(&[]),
    }
}

pub(super) fn send_args(fd: i32, bytes: Bytes, addr: Option<Address>) -> Vec<Arg> {
    let len = bytes.len as i64;
    vec![
        Arg::Fd(fd),
        Arg::Bytes(bytes),
        Arg::Int(len),
        Arg::Int(0),
        addr.map_or(Arg::Null, Arg::Addr),
        Arg::Int(addr.map_or(0, length).into()),
    ]
}

pub(super) fn peercred_args(fd: i32, done: Option<&Done>) -> Vec<Arg> {
    // sizeof(struct ucred)
    let given = 12;
    let taken = None;
    vec![
        Arg::Fd(fd),
        constant(libc::SOL_SOCKET, "SOL_SOCKET"),
        constant(libc::SO_PEERCRED, "SO_PEERCRED"),
        match done {
            None => Arg::Pending,
            Some(done) => done.cred.map_or(Arg::Untouched, Arg::Cred),
        },
        Arg::LengthAt { given, taken },
    ]
}

#[cfg(target_arch = "x86_64")]
pub(super) const UNLINK: i64 = libc::SYS_unlink;
#[cfg(not(target_arch = "x86_64"))]
pub(super) const UNLINK: i64 = libc::SYS_unlinkat;

/// Newer architectures have no unlink(2): the C library's function makes unlinkat(2).
pub(super) fn unlink(path: &str) -> (&'static str, Vec<Arg>) {
    let path = Arg::Path(path.into());
    if cfg!(target_arch = "x86_64") {
        ("unlink", vec![path])
    } else {
        let here = constant(libc::AT_FDCWD, "AT_FDCWD");
        ("unlinkat", vec![here, path, Arg::Int(0)])
    }
}

fn received(done: &Done) -> Arg {
    match (&done.bytes, done.outcome) {
        (Some(bytes), Outcome::Value(_)) => Arg::Bytes(bytes.clone()),
        _ => Arg::Untouched,
    }
}
