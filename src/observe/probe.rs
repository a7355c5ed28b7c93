use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use super::{Observer, Query};
use crate::model::{Address, TcpState};

/// How long an answer to a SYN on this machine may take.
const ANSWER: Duration = Duration::from_secs(1);

impl Observer {
    /// Is a connection to `addr` refused now? Tried by a connection of our own,
    /// but never where somebody listens: it would take a place in the queue, and
    /// is not needed to know.
    pub fn refuses(&mut self, addr: SocketAddr) -> io::Result<bool> {
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
}
