//! Sockets of the tests' own: clients that connect, and ports that are held.

use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

use super::DEADLINE;

fn local(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}

/// A client of that port. What it reads does not keep it waiting for ever.
pub fn connect(port: u16) -> TcpStream {
    let client = TcpStream::connect_timeout(&local(port), DEADLINE).unwrap();
    client.set_read_timeout(Some(DEADLINE)).unwrap();
    client
}

/// A client that has sent its SYN and does not wait for the answer.
pub fn start_connecting(port: u16) -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_nonblocking(true).unwrap();
    let error = socket.connect(&local(port).into()).err();
    // Loopback may have finished the handshake before connect returns.
    let code = error.and_then(|error| error.raw_os_error());
    assert!(code.is_none() || code == Some(libc::EINPROGRESS));
    socket
}

/// Closes with RST instead of FIN.
pub fn reset(client: TcpStream) {
    let zero = Some(Duration::ZERO);
    SockRef::from(&client).set_linger(zero).unwrap();
}

/// A socket that holds that port, or with 0 one of the kernel's choice, and does not
/// listen.
pub fn bound(port: u16) -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&local(port).into()).unwrap();
    socket
}

/// The address of its own.
pub fn address(socket: &Socket) -> SocketAddr {
    socket.local_addr().unwrap().as_socket().unwrap()
}

/// Segments that the kernel counts as sent and received on a connection: tcp(7).
pub fn segments(client: &TcpStream) -> (u32, u32) {
    // SAFETY: tcp_info is plain numbers, for which zero is valid.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let mut size = size_of_val(&info) as libc::socklen_t;
    // SAFETY: `info` is live and `size` its size; the kernel fills it in.
    let result = unsafe {
        libc::getsockopt(
            client.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            (&raw mut info).cast(),
            &raw mut size,
        )
    };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
    (info.tcpi_segs_out, info.tcpi_segs_in)
}
