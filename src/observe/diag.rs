//! Questions to sock_diag(7).

use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};

use super::rows::{Dump, Row, Transport, answers, dump_request, lookup_request};
use super::unix_rows::{self, UnixRow};
use super::wire::Answer;
use crate::model::{Source, Why, plain};

/// Questions to sock_diag(7) over one netlink socket that stays open.
pub(crate) struct Diag {
    netlink: Socket,
    buffer: Vec<u8>,
}

/// Which tables a dump goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Query {
    /// Everything that plain `ss -a` shows.
    Listed,
    /// Sockets that are bound and neither listen nor connect: Linux 6.8 and later.
    BoundInactive,
}

const INET: u8 = 2;
const INET6: u8 = 10;

/// The kernel's number for bound, closed sockets: tcp_states.h.
const BOUND_INACTIVE: u32 = 13;

/// What the kernel's netlink dumps fit in: NLMSG_GOODSIZE is at most 32 KiB.
const BUFFER: usize = 32 * 1024;

impl Diag {
    /// Opens the netlink socket; a container or an old kernel may refuse.
    pub(crate) fn open() -> io::Result<Diag> {
        let domain = Domain::from(libc::AF_NETLINK);
        let protocol = Protocol::from(libc::NETLINK_SOCK_DIAG);
        Ok(Diag {
            // Without an address it sends to the kernel, which answers at once.
            netlink: Socket::new(domain, Type::RAW, Some(protocol))?,
            buffer: vec![0; BUFFER],
        })
    }

    /// The row of exactly these two addresses. The kernel falls back to a
    /// listener when it finds no connection; that is not this row.
    pub(crate) fn lookup(
        &mut self,
        local: SocketAddr,
        remote: SocketAddr,
    ) -> io::Result<Option<Row>> {
        let row = self.one(Transport::Tcp, local, remote)?;
        let ends = (plain(local), plain(remote));
        Ok(row.filter(|row| (plain(row.local), plain(row.remote)) == ends))
    }

    /// The UDP socket that a datagram from `remote` to `local` would reach; with
    /// an unspecified `remote`, only one that is not connected. It is the best
    /// match, not an exact one: a socket on the wildcard address may be it.
    pub(crate) fn udp(&mut self, local: SocketAddr, remote: SocketAddr) -> io::Result<Option<Row>> {
        self.one(Transport::Udp, local, remote)
    }

    fn one(
        &mut self,
        transport: Transport,
        local: SocketAddr,
        remote: SocketAddr,
    ) -> io::Result<Option<Row>> {
        self.netlink
            .send(&lookup_request(transport, local, remote))?;
        let answers = self.receive(|datagram| answers(transport, datagram))?;
        only(answers)
    }

    /// The unix socket of that inode, without the clients in its queue: of a thousand
    /// the answer would be too long for the kernel.
    pub(crate) fn unix(&mut self, inode: u64) -> io::Result<Option<UnixRow>> {
        let Ok(inode) = u32::try_from(inode) else {
            return Ok(None);
        };
        if inode == 0 {
            return Ok(None);
        }
        self.netlink.send(&unix_rows::lookup_request(inode))?;
        let answers = self.receive(unix_rows::answers)?;
        only(answers)
    }

    /// Every unix socket that a file refers to, of this network namespace.
    pub(crate) fn all_unix(&mut self) -> io::Result<Vec<UnixRow>> {
        let mut rows = Vec::new();
        self.netlink.send(&unix_rows::dump_request())?;
        self.drain(unix_rows::answers, &mut rows)?;
        Ok(rows)
    }

    /// The row of a listener on this address.
    pub(crate) fn listener(&mut self, local: SocketAddr) -> io::Result<Option<Row>> {
        self.lookup(local, nowhere(local))
    }

    /// Every row with this port on either side. Slower than a lookup, by the
    /// size of the host's tables: for what is not known yet.
    pub(crate) fn by_port(&mut self, port: u16, query: Query) -> io::Result<Vec<Row>> {
        self.dump(Transport::Tcp, &[INET, INET6], Some(port), query)
    }

    /// Every UDP row with this port on either side.
    pub(crate) fn udp_by_port(&mut self, port: u16) -> io::Result<Vec<Row>> {
        self.dump(Transport::Udp, &[INET, INET6], Some(port), Query::Listed)
    }

    /// Every row there is.
    pub(crate) fn all(&mut self, transport: Transport) -> io::Result<Vec<Row>> {
        let mut rows = self.dump(transport, &[INET, INET6], None, Query::Listed)?;
        if transport == Transport::Tcp {
            rows.extend(self.bound_inactive()?);
        }
        Ok(rows)
    }

    /// Every socket that is bound and inactive.
    pub(crate) fn bound_inactive(&mut self) -> io::Result<Vec<Row>> {
        self.dump(Transport::Tcp, &[INET, INET6], None, Query::BoundInactive)
    }

    /// Is the socket with this cookie, named `local`, bound and inactive? There is
    /// no exact lookup of such a socket, only a dump.
    pub(crate) fn is_bound_inactive(&mut self, local: SocketAddr, cookie: u64) -> io::Result<bool> {
        let family = if local.is_ipv4() { INET } else { INET6 };
        let (port, query) = (Some(local.port()), Query::BoundInactive);
        let rows = self.dump(Transport::Tcp, &[family], port, query)?;
        Ok(rows.iter().any(|row| row.cookie == cookie))
    }

    fn dump(
        &mut self,
        transport: Transport,
        families: &[u8],
        port: Option<u16>,
        query: Query,
    ) -> io::Result<Vec<Row>> {
        let states = match query {
            Query::Listed => (1 << BOUND_INACTIVE) - 1,
            Query::BoundInactive => 1 << BOUND_INACTIVE,
        };
        let mut rows = Vec::new();
        for &family in families {
            self.netlink.send(&dump_request(&Dump {
                transport,
                family,
                states,
                port,
                // Of a few by their port nobody needs it.
                more: port.is_none(),
            }))?;
            self.drain(|datagram| answers(transport, datagram), &mut rows)?;
        }
        Ok(rows)
    }

    /// Takes every row of a dump.
    fn drain<R>(
        &mut self,
        read: impl Fn(&[u8]) -> Vec<Answer<R>>,
        rows: &mut Vec<R>,
    ) -> io::Result<()> {
        loop {
            for answer in self.receive(&read)? {
                match answer {
                    Answer::Row(row) => rows.push(row),
                    Answer::Done => return Ok(()),
                    Answer::Error(code) => return Err(io::Error::from_raw_os_error(code)),
                }
            }
        }
    }

    fn receive<R>(&mut self, read: impl Fn(&[u8]) -> Vec<Answer<R>>) -> io::Result<Vec<Answer<R>>> {
        let len = self.netlink.read(&mut self.buffer)?;
        Ok(read(&self.buffer[..len]))
    }
}

/// sock_diag, or why it could not be opened.
pub(super) fn opened(diag: &mut io::Result<Diag>) -> Result<&mut Diag, Why> {
    diag.as_mut()
        .map_err(|error| Why::error(Source::SockDiag, error))
}

/// Why sock_diag does not say.
pub(super) fn refused(error: io::Error) -> Why {
    Why::error(Source::SockDiag, &error)
}

/// The answer to a lookup: the row, or that there is none.
fn only<R>(answers: Vec<Answer<R>>) -> io::Result<Option<R>> {
    for answer in answers {
        match answer {
            Answer::Row(row) => return Ok(Some(row)),
            // ENOENT: there is none.
            Answer::Error(libc::ENOENT) => return Ok(None),
            Answer::Error(code) => return Err(io::Error::from_raw_os_error(code)),
            Answer::Done => {}
        }
    }
    Ok(None)
}

/// The remote address of a socket that has none.
pub(super) fn nowhere(local: SocketAddr) -> SocketAddr {
    let ip = if local.is_ipv4() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED)
    } else {
        IpAddr::V6(Ipv6Addr::UNSPECIFIED)
    };
    SocketAddr::new(ip, 0)
}
