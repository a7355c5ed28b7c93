//! Whether an address refuses connections now.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, SockAddr, Socket, Type};

use super::{Observer, Query};
use crate::model::{Address, Holder, TcpState, UnixAddr};

/// How long an answer to a SYN on this machine may take.
const ANSWER: Duration = Duration::from_secs(1);

impl Observer {
    /// Is a connection to `addr` refused now? Tried by a connection of our own,
    /// but never where somebody listens: it would take a place in the queue, and
    /// is not needed to know.
    pub(crate) fn refuses(&mut self, addr: Address) -> io::Result<bool> {
        match addr {
            Address::Inet(addr) => self.port_refuses(addr),
            Address::Unix(path) => self.path_refuses(path),
            Address::Other { .. } => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    fn port_refuses(&mut self, addr: SocketAddr) -> io::Result<bool> {
        let rows = match self.diag() {
            Ok(diag) => diag.by_port(addr.port(), Query::Listed)?,
            Err(why) => return Err(io::Error::other(why.to_string())),
        };
        let listened =
            |row: &super::Row| row.state == TcpState::Listen && row.local.port() == addr.port();
        if rows.iter().any(listened) {
            return Ok(false);
        }
        let target = Address::reachable(addr);
        let socket = Socket::new(Domain::for_address(target), Type::STREAM, None)?;
        match socket.connect_timeout(&target.into(), ANSWER) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(true),
            Err(error) => Err(error),
            Ok(()) => Ok(false),
        }
    }

    fn path_refuses(&mut self, path: UnixAddr) -> io::Result<bool> {
        for found in self.path_use(path, &[]) {
            let listens = |holder: &Holder| holder.state == TcpState::Listen;
            if found.holder.as_ref().is_some_and(listens) {
                return Ok(false);
            }
            if let [("why", why)] = &found.values[..] {
                return Err(io::Error::other(why.clone()));
            }
        }
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        // Never waits where nobody listens, and nobody did a moment ago.
        socket.set_nonblocking(true)?;
        match socket.connect(&SockAddr::unix(path.as_path())?) {
            Ok(()) => Ok(false),
            Err(error) => match error.raw_os_error() {
                // Nobody behind the file, no file, or one of the other type.
                Some(libc::ECONNREFUSED | libc::ENOENT | libc::EPROTOTYPE) => Ok(true),
                _ => Err(error),
            },
        }
    }
}
