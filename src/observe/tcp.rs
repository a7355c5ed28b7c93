//! TCP: a connection is known by its two addresses and its cookie.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use super::diag::{Diag, Query};
use super::rows::Row;
use crate::model::{
    AcceptQueue, Address, Domain, End, Ends, Fact, Listing, Relation, SocketView, Source, TcpState,
    plain,
};

/// What is remembered of the TCP sockets of an actor from look to look.
#[derive(Default)]
pub struct Memory {
    connections: Vec<Connection>,
    /// Clients that were seen in a queue or before it, and how.
    waiting: Vec<(Relation, Connection)>,
    /// Sockets that were sent to connect, by cookie, and where to.
    reaching: Vec<(u64, SocketAddr)>,
}

/// A connection that an fd of the actor held.
#[derive(Clone, Copy)]
struct Connection {
    local: SocketAddr,
    remote: SocketAddr,
    cookie: u64,
    /// The kernel has shown a row of the other end.
    met_peer: bool,
}

/// What a look finds beside the sockets themselves.
#[derive(Default)]
pub struct Found {
    /// The rows that no fd of the actor holds, and how each concerns it.
    pub rows: Vec<(Relation, Row)>,
    pub ends: Vec<Ends>,
}

impl Memory {
    /// The socket of that cookie is about to connect to `remote`.
    pub fn reaches(&mut self, cookie: u64, remote: SocketAddr) {
        self.reaching.retain(|(known, _)| *known != cookie);
        self.reaching.push((cookie, remote));
    }

    /// Where the socket of `view` was sent to connect, while it is under way.
    fn target(&self, view: &SocketView) -> Option<SocketAddr> {
        let cookie = view.cookie.value()?;
        let (_, remote) = self.reaching.iter().find(|(known, _)| known == cookie)?;
        Some(*remote)
    }

    /// Remembers the connection that `view` shows, if it is one.
    fn remember(&mut self, view: &SocketView) {
        // Before the SYN is answered there is no other end.
        if view.state.value() == Some(&TcpState::SynSent) {
            return;
        }
        let (Some((local, Some(remote))), Some(&cookie)) = (ends(view), view.cookie.value()) else {
            return;
        };
        let known = |other: &Connection| {
            (other.local, other.remote, other.cookie) == (local, remote, cookie)
        };
        if !self.connections.iter().any(known) {
            self.connections.push(Connection {
                local,
                remote,
                cookie,
                met_peer: false,
            });
        }
    }
}

/// State and queues as they are now, by one exact lookup; for a socket whose
/// connect is under way, which has no peer by its fd, also its addresses.
pub fn refresh(diag: &mut Diag, memory: &Memory, view: &mut SocketView) -> io::Result<()> {
    let row = match (ends(view), memory.target(view)) {
        (Some((local, Some(remote))), _) | (Some((local, None)), Some(remote)) => {
            diag.lookup(local, remote)?
        }
        (Some((local, None)), None) => diag.listener(local)?,
        // The kernel chooses the address while the call lasts.
        (None, Some(remote)) => {
            let rows = diag.by_port(remote.port(), Query::Listed)?;
            let mine = |row: &Row| view.cookie.value() == Some(&row.cookie);
            rows.into_iter().find(mine)
        }
        (None, None) => return Ok(()),
    };
    let connected = matches!(ends(view), Some((_, Some(_))));
    match row {
        Some(row)
            if view
                .cookie
                .value()
                .is_none_or(|&cookie| cookie == row.cookie) =>
        {
            view.state = Fact::Seen(row.state, Source::SockDiag);
            if row.state == TcpState::Listen {
                view.accept_queue = Fact::Seen(queue_of(&row), Source::SockDiag);
            } else {
                view.recv_q = Fact::Seen(unread(&row), Source::SockDiag);
                view.send_q = Fact::Seen(row.send_q, Source::SockDiag);
            }
            if row.remote.port() != 0 {
                view.local = Fact::Seen(Address::Inet(row.local), Source::SockDiag);
                view.peer = Fact::Seen(Address::Inet(row.remote), Source::SockDiag);
            }
        }
        // A reset connection is closed: its row is gone, the fd is not.
        _ if connected => {
            view.state = Fact::Seen(TcpState::Closed, Source::SockDiag);
        }
        _ => {}
    }
    Ok(())
}

/// The bytes that are not read, as SIOCINQ counts them: the tables count the peer's
/// FIN, as long as nobody has read up to it, as one more (tcp_inq in include/net/tcp.h).
fn unread(row: &Row) -> u32 {
    match row.state {
        TcpState::CloseWait | TcpState::Closing | TcpState::LastAck => row.recv_q.saturating_sub(1),
        _ => row.recv_q,
    }
}

/// Where the kernel lists the socket of `view`.
pub fn find(
    diag: &mut Diag,
    memory: &Memory,
    view: &SocketView,
    cookie: u64,
) -> io::Result<Listing> {
    let named = ends(view);
    let under_way = view.state.value() == Some(&TcpState::SynSent);
    let target = memory.target(view).filter(|_| under_way);
    let row = match (named, view.domain.value()) {
        (Some((local, Some(remote))), _) => diag.lookup(local, remote)?,
        (Some((local, None)), _) => match target {
            Some(remote) => diag.lookup(local, remote)?,
            None => diag.listener(local)?,
        },
        // Without a name it would be in the lists by the unspecified one.
        (None, Some(Domain::Inet6)) => diag.listener((Ipv6Addr::UNSPECIFIED, 0).into())?,
        (None, _) => diag.listener((Ipv4Addr::UNSPECIFIED, 0).into())?,
    };
    if let Some(row) = row.filter(|row| row.cookie == cookie) {
        return Ok(Listing::Row {
            state: row.state,
            recv_q: row.recv_q,
            send_q: row.send_q,
        });
    }
    match named {
        Some((local, _)) if diag.is_bound_inactive(local, cookie)? => Ok(Listing::BoundOnly),
        _ => Ok(Listing::Nowhere),
    }
}

/// What no fd of the actor holds, and both ends of its connections.
pub fn collect(
    diag: &mut Diag,
    memory: &mut Memory,
    views: &[&SocketView],
    held: &[u64],
) -> io::Result<Found> {
    for view in views {
        memory.remember(view);
    }
    let mut found = Found::default();
    for view in views {
        let waiting = matches!(view.accept_queue.value(), Some(queue) if queue.len > 0);
        if let (true, Some((local, _))) = (waiting, ends(view)) {
            around(diag, local, held, &mut found.rows)?;
        }
    }
    still_waiting(diag, &mut memory.waiting, &mut found.rows)?;
    let mut kept = Vec::new();
    for mut connection in std::mem::take(&mut memory.connections) {
        if let Some(ends) = both_ends(diag, &mut connection, held, &mut found.rows)? {
            found.ends.push(ends);
            kept.push(connection);
        }
    }
    memory.connections = kept;
    Ok(found)
}

/// The rows around a listener whose queue is not empty.
fn around(
    diag: &mut Diag,
    listener: SocketAddr,
    held: &[u64],
    rows: &mut Vec<(Relation, Row)>,
) -> io::Result<()> {
    for row in diag.by_port(listener.port(), Query::Listed)? {
        if held.contains(&row.cookie) {
            continue;
        }
        let (arrived, leaving) = (takes(listener, row.local), takes(listener, row.remote));
        if arrived && is_queued(&row) {
            rows.push((Relation::Queued, row));
        } else if arrived && row.state == TcpState::SynReceived {
            rows.push((Relation::HalfOpen, row));
        } else if leaving && row.state == TcpState::SynSent {
            rows.push((Relation::Connecting, row));
        }
    }
    Ok(())
}

/// Clients that were seen to wait and still do, also when the queue has been emptied
/// or the actor's listener closed since.
fn still_waiting(
    diag: &mut Diag,
    waiting: &mut Vec<(Relation, Connection)>,
    rows: &mut Vec<(Relation, Row)>,
) -> io::Result<()> {
    for (relation, known) in waiting.iter() {
        if rows.iter().any(|(_, row)| row.cookie == known.cookie) {
            continue;
        }
        let row = diag.lookup(known.local, known.remote)?;
        let waits = |row: &Row| match relation {
            Relation::Queued => is_queued(row),
            Relation::HalfOpen => row.state == TcpState::SynReceived,
            _ => row.state == TcpState::SynSent,
        };
        if let Some(row) = row.filter(|row| row.cookie == known.cookie && waits(row)) {
            rows.push((*relation, row));
        }
    }
    let connection = |(relation, row): &(Relation, Row)| {
        let connection = Connection {
            local: row.local,
            remote: row.remote,
            cookie: row.cookie,
            met_peer: false,
        };
        (*relation, connection)
    };
    *waiting = rows.iter().map(connection).collect();
    Ok(())
}

/// Both ends of a connection, and what no fd of the actor holds of it. `None` when
/// nothing is left of it.
fn both_ends(
    diag: &mut Diag,
    connection: &mut Connection,
    held: &[u64],
    rows: &mut Vec<(Relation, Row)>,
) -> io::Result<Option<Ends>> {
    let (local, remote) = (connection.local, connection.remote);
    let ours = diag
        .lookup(local, remote)?
        .filter(|row| row.cookie == connection.cookie);
    let peer = diag.lookup(plain(remote), plain(local))?;
    let is_held = held.contains(&connection.cookie);
    if ours.is_none() && peer.is_none() && !is_held {
        return Ok(None);
    }
    connection.met_peer |= peer.is_some();
    let ends = Ends {
        local: Address::Inet(local),
        peer: Address::Inet(remote),
        ours: match &ours {
            Some(row) => End::There(row.state),
            // An fd holds it, and no table has it: it was reset.
            None if is_held => End::There(TcpState::Closed),
            None => End::Gone,
        },
        theirs: match &peer {
            Some(row) => End::There(row.state),
            None if connection.met_peer || is_of_this_host(remote) => End::Gone,
            None => End::Elsewhere,
        },
    };
    rows.extend(ours.filter(|_| !is_held).map(|row| (Relation::Left, row)));
    // Connected to itself (bind X, connect X), a socket is its own peer.
    let other = peer.filter(|row| row.cookie != connection.cookie);
    rows.extend(other.map(|row| (Relation::Peer, row)));
    Ok(Some(ends))
}

/// Is it an address of this host? The kernel says so where a socket can be bound to it,
/// which sends nothing. What is of this host and has no row is gone.
fn is_of_this_host(addr: SocketAddr) -> bool {
    let mut any_port = plain(addr);
    any_port.set_port(0);
    any_port.ip().is_loopback() || UdpSocket::bind(any_port).is_ok()
}

/// Does a listener on `listener` take what is sent to `to`? One on `0.0.0.0` takes
/// every IPv4 address, one on `::` IPv4 too, which its own rows write mapped.
pub fn takes(listener: SocketAddr, to: SocketAddr) -> bool {
    let fits = match (plain(listener).ip(), plain(to).ip()) {
        (IpAddr::V6(ip), _) if ip.is_unspecified() => true,
        (IpAddr::V4(ip), IpAddr::V4(_)) if ip.is_unspecified() => true,
        (listener, to) => listener == to,
    };
    fits && listener.port() == to.port()
}

/// A connection the kernel finished that no process has taken: no inode.
pub fn is_queued(row: &Row) -> bool {
    row.inode == 0 && matches!(row.state, TcpState::Established | TcpState::CloseWait)
}

/// The two addresses of a named socket; the second only when it is connected.
pub fn ends(view: &SocketView) -> Option<(SocketAddr, Option<SocketAddr>)> {
    let local = view.local.value()?.inet()?;
    let remote = view.peer.value().and_then(|peer| peer.inet());
    Some((local, remote))
}

pub fn queue_of(row: &Row) -> AcceptQueue {
    AcceptQueue {
        len: row.recv_q,
        max: row.send_q,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_of_this_host, takes};

    #[test]
    fn an_address_of_this_host_is_known_without_a_packet() {
        let here = |addr: &str| is_of_this_host(addr.parse().unwrap());
        assert!(here("127.0.0.1:9") && here("127.8.8.8:9") && here("[::1]:9"));
        assert!(here("[::ffff:127.0.0.1]:9"));
        // TEST-NET-1 and the documentation prefix: RFC 5737, RFC 3849.
        assert!(!here("192.0.2.1:9") && !here("[2001:db8::1]:9"));
    }

    #[test]
    fn a_listener_takes_what_is_sent_to_its_address() {
        let takes =
            |listener: &str, to: &str| takes(listener.parse().unwrap(), to.parse().unwrap());
        assert!(takes("127.0.0.1:9", "127.0.0.1:9"));
        assert!(!takes("127.0.0.1:9", "127.0.0.2:9"));
        assert!(!takes("127.0.0.1:9", "127.0.0.1:8"));
        assert!(takes("0.0.0.0:9", "127.0.0.2:9"));
        assert!(!takes("0.0.0.0:9", "[::1]:9"));
        assert!(takes("[::]:9", "[::1]:9"));
        assert!(takes("[::]:9", "[::ffff:127.0.0.1]:9"));
        assert!(takes("[::]:9", "127.0.0.1:9"));
        assert!(!takes("[::1]:9", "127.0.0.1:9"));
        assert!(takes("[::ffff:127.0.0.1]:9", "127.0.0.1:9"));
    }
}
