//! What the network lets one do: the loopback interface, IPv6, packets.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsFd;

use socket2::{Domain, SockFilter, Socket, Type};

use super::tried::{said, tried};
use crate::model::Examined;
use crate::sys;
use crate::words::say;

/// BPF: nothing of a packet is let in.
const DROP: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

/// The loopback interface, and whether it speaks IPv6.
pub(super) fn examine() -> [Examined; 3] {
    let up = Socket::new(Domain::IPV4, Type::STREAM, None)
        .and_then(|socket| sys::loopback_is_up(socket.as_fd()));
    let loopback = match up {
        Ok(true) => Examined::new("loopback", "up", say!("seen-lo-up")),
        Ok(false) => Examined::new("loopback", "down", say!("seen-lo-down")),
        Err(error) => Examined::new("loopback", "down", said(&error)),
    };
    let ipv6 = bound(Ipv6Addr::LOCALHOST.into());
    [loopback, tried("ipv6", "bind [::1]:0", ipv6), filters()]
}

/// May a TCP socket throw away what it gets? socket(7), SO_ATTACH_FILTER: some kernels allow
/// that to root alone.
fn filters() -> Examined {
    let silenced = Socket::new(Domain::IPV4, Type::STREAM, None)
        .and_then(|socket| socket.attach_filter(&[SockFilter::new(DROP, 0, 0, 0)]));
    tried("filters", "setsockopt(SO_ATTACH_FILTER)", silenced)
}

/// May packets be read from here? AF_PACKET: packet(7). With protocol 0 none arrives.
pub(super) fn packets() -> Examined {
    tried("packets", "socket(AF_PACKET, SOCK_RAW, 0)", packet_socket())
}

pub(super) fn packet_socket() -> io::Result<Socket> {
    Socket::new(Domain::PACKET, Type::RAW, None)
}

/// A stream socket that is bound to a port of the kernel's choice, and its address.
pub(super) fn bound(ip: std::net::IpAddr) -> io::Result<(Socket, SocketAddr)> {
    let addr = SocketAddr::new(ip, 0);
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None)?;
    socket.bind(&addr.into())?;
    let named = socket.local_addr()?.as_socket();
    let named = named.ok_or(io::ErrorKind::Unsupported)?;
    Ok((socket, named))
}

/// The same on the loopback address that every lesson uses.
pub(super) fn bound_v4() -> io::Result<(Socket, SocketAddr)> {
    bound(Ipv4Addr::LOCALHOST.into())
}
