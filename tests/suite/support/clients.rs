//! Sockets of the tests' own: clients that connect, and ports that are held.

use std::net::{SocketAddr, TcpStream};
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
