//! TCP: a connection is known by its two addresses and its cookie.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use super::around::Around;
use super::diag::{Diag, Query};
use super::rows::Row;
use crate::model::{
    AcceptQueue, Address, Domain, End, Ends, Fact, KernelRow, Listing, Relation, SocketView,
    Source, TcpState, plain, takes,
};

/// The row of the socket itself. `target` is where it was sent to connect, while that
/// is under way: its fd tells no peer then.
pub(super) fn own(
    diag: &mut Diag,
    view: &SocketView,
    target: Option<SocketAddr>,
) -> io::Result<Option<Row>> {
    let is_own = |row: &Row| view.cookie.value() == Some(&row.cookie);
    let row = match (ends(view), target) {
        (Some((local, Some(remote))), _) | (Some((local, None)), Some(remote)) => {
            diag.lookup(local, remote)?
        }
        (Some((local, None)), None) => match diag.listener(local)? {
            // Of several that share an address (SO_REUSEPORT) the kernel shows one.
            Some(other) if !is_own(&other) => {
                let rows = diag.by_port(local.port(), Query::Listed)?;
                rows.into_iter().find(is_own)
            }
            row => row,
        },
        // The kernel chooses the address while the call lasts.
        (None, Some(remote)) => {
            let rows = diag.by_port(remote.port(), Query::Listed)?;
            rows.into_iter().find(is_own)
        }
        // Without a name it would be in the lists by the unspecified one.
        (None, None) if view.domain.value() == Some(&Domain::Inet6) => {
            diag.listener((Ipv6Addr::UNSPECIFIED, 0).into())?
        }
        (None, None) => diag.listener((Ipv4Addr::UNSPECIFIED, 0).into())?,
    };
    Ok(row.filter(is_own))
}

/// State, queues and addresses as the row of a socket tells them.
pub(super) fn fill(view: &mut SocketView, row: &Row) {
    let via = Source::SockDiag;
    view.state = Fact::Seen(row.state, via);
    if row.state == TcpState::Listen {
        view.accept_queue = Fact::Seen(queue_of(row), via);
        (view.recv_q, view.send_q) = (Fact::None, Fact::None);
    } else {
        view.accept_queue = Fact::None;
        view.recv_q = Fact::Seen(unread(row), via);
        view.send_q = Fact::Seen(row.send_q, via);
    }
    row.name(view);
    if let Some(more) = row.more {
        more.tell(row.state, view);
    }
}

/// The bytes that are not read, as SIOCINQ counts them: the tables count the peer's
/// FIN, as long as nobody has read up to it, as one more (tcp_inq in include/net/tcp.h).
fn unread(row: &Row) -> u32 {
    match row.state {
        TcpState::CloseWait | TcpState::Closing | TcpState::LastAck => row.recv_q.saturating_sub(1),
        _ => row.recv_q,
    }
}

/// Finds what no fd of the process holds, and both ends of its connections.
pub(super) fn collect(around: &mut Around<'_>, views: &[&SocketView]) -> io::Result<()> {
    for view in views {
        let queue = view.accept_queue.value();
        let asks = queue.is_some_and(|queue| queue.len > 0 || around.sees_half_open);
        if let (true, true, Some((local, _))) = (around.is_sweep(), asks, ends(view)) {
            queued(around, local)?;
        }
    }
    still_waiting(around)?;
    for connection in connections(around, views)? {
        both_ends(around, &connection)?;
    }
    Ok(())
}

/// The rows around a listener.
fn queued(around: &mut Around<'_>, listener: SocketAddr) -> io::Result<()> {
    let all = around.diag.by_port(listener.port(), Query::Listed)?;
    let ends = |row: &Row| (plain(row.local), plain(row.remote));
    let held = all.iter().filter(|row| row.inode != 0);
    let held: HashMap<_, u64> = held.map(|row| (ends(row), row.inode)).collect();
    // Of several listeners at one address each is asked about.
    let found = around.found();
    for row in &all {
        if around.holds(row.cookie) || found.contains(&row.cookie) {
            continue;
        }
        let (arrived, leaving) = (takes(listener, row.local), takes(listener, row.remote));
        let relation = if arrived && is_queued(row) {
            Relation::Queued
        } else if arrived && row.state == TcpState::SynReceived {
            Relation::HalfOpen
        } else if leaving && row.state == TcpState::SynSent {
            Relation::Connecting
        } else {
            continue;
        };
        let (local, remote) = ends(row);
        let client = held.get(&(remote, local)).copied();
        around.rows.push(KernelRow {
            peer_inode: client.filter(|_| relation == Relation::Queued),
            ..row.related(relation)
        });
    }
    Ok(())
}

/// Clients that were seen to wait and still do, also when the queue has been emptied
/// or the process's listener closed since.
fn still_waiting(around: &mut Around<'_>) -> io::Result<()> {
    let found = around.found();
    for old in around.known_rows() {
        let (Address::Inet(local), Address::Inet(remote)) = (old.local, old.remote) else {
            continue;
        };
        let is_wanted = old.relation.waits() && !around.holds(old.cookie);
        if !is_wanted || found.contains(&old.cookie) {
            continue;
        }
        let row = around.diag.lookup(local, remote)?;
        let waits = |row: &Row| match old.relation {
            Relation::Queued => is_queued(row),
            Relation::HalfOpen => row.state == TcpState::SynReceived,
            _ => row.state == TcpState::SynSent,
        };
        if let Some(row) = row.filter(|row| row.cookie == old.cookie && waits(row)) {
            around.rows.push(KernelRow {
                peer_inode: old.peer_inode,
                ..row.related(old.relation)
            });
        }
    }
    Ok(())
}

/// A connection that an fd of the process holds or held.
struct Connection {
    local: SocketAddr,
    remote: SocketAddr,
    cookie: u64,
    /// The kernel has shown a row of the other end.
    met_peer: bool,
    /// The state of our end, where its row was found by its descriptor in the same look.
    listed: Option<TcpState>,
}

/// The connections to look at: those that were known, then new ones.
fn connections(around: &mut Around<'_>, views: &[&SocketView]) -> io::Result<Vec<Connection>> {
    let last = &around.last.ends;
    let known = match &around.seen.focus {
        None => last.iter().collect(),
        Some(focus) => last.of_all(&focus.cookies),
    };
    let known = known.into_iter().map(|ends| Connection {
        local: ends.local,
        remote: ends.peer,
        cookie: ends.cookie,
        met_peer: ends.theirs != End::Elsewhere,
        listed: None,
    });
    let mut all: Vec<Connection> = known.collect();
    let known: HashSet<_> = all
        .iter()
        .map(|it| (it.local, it.remote, it.cookie))
        .collect();
    for view in views {
        if let (Some((local, Some(remote))), Some(&cookie)) = (ends(view), view.cookie.value())
            && !known.contains(&(local, remote, cookie))
            && has_other_end(around, view, local, remote)?
        {
            all.push(Connection {
                local,
                remote,
                cookie,
                met_peer: false,
                listed: None,
            });
        }
    }
    let listed = views.iter().filter_map(|view| match view.listing.value()? {
        Listing::Row { state, .. } => Some((*view.cookie.value()?, (ends(view)?, *state))),
        _ => None,
    });
    let listed: HashMap<u64, _> = listed.collect();
    for it in &mut all {
        let ends = (it.local, Some(it.remote));
        let found = listed.get(&it.cookie).filter(|(at, _)| *at == ends);
        it.listed = found.map(|(_, state)| *state);
    }
    Ok(all)
}

/// Before the SYN is noted there is no other end.
fn has_other_end(
    around: &mut Around<'_>,
    view: &SocketView,
    local: SocketAddr,
    remote: SocketAddr,
) -> io::Result<bool> {
    let is_asking = view.state.value() == Some(&TcpState::SynSent);
    Ok(!is_asking || around.diag.lookup(plain(remote), plain(local))?.is_some())
}

/// Both ends of a connection, and what no fd of the process holds of it, as long as
/// there is something left of it.
fn both_ends(around: &mut Around<'_>, connection: &Connection) -> io::Result<()> {
    let (local, remote) = (connection.local, connection.remote);
    let (state, left) = match connection.listed {
        Some(state) => (Some(state), None),
        None => {
            let row = around.diag.lookup(local, remote)?;
            let row = row.filter(|row| row.cookie == connection.cookie);
            (row.as_ref().map(|row| row.state), row)
        }
    };
    let peer = around.diag.lookup(plain(remote), plain(local))?;
    let is_held = around.holds(connection.cookie);
    if state.is_none() && peer.is_none() && !is_held {
        return Ok(());
    }
    around.ends.push(Ends {
        local,
        peer: remote,
        ours: match state {
            Some(state) => End::There(state),
            // An fd holds it, and no table has it: it was reset.
            None if is_held => End::There(TcpState::Closed),
            None => End::Gone,
        },
        theirs: match &peer {
            Some(row) => End::There(row.state),
            None if connection.met_peer || is_of_this_host(remote) => End::Gone,
            None => End::Elsewhere,
        },
        cookie: connection.cookie,
        peer_cookie: peer.as_ref().map(|row| row.cookie),
    });
    let left = left.filter(|_| !is_held);
    around
        .rows
        .extend(left.map(|row| row.related(Relation::Left)));
    // Connected to itself (bind X, connect X), a socket is its own peer.
    let other = peer.filter(|row| row.cookie != connection.cookie);
    around
        .rows
        .extend(other.map(|row| row.related(Relation::Peer)));
    Ok(())
}

/// Is it an address of this host? The kernel says so where a socket can be bound to it,
/// which sends nothing. What is of this host and has no row is gone.
fn is_of_this_host(addr: SocketAddr) -> bool {
    let mut any_port = plain(addr);
    any_port.set_port(0);
    any_port.ip().is_loopback() || UdpSocket::bind(any_port).is_ok()
}

/// A connection the kernel finished that no process has taken: no inode.
pub(super) fn is_queued(row: &Row) -> bool {
    row.inode == 0 && matches!(row.state, TcpState::Established | TcpState::CloseWait)
}

/// The two addresses of a named socket; the second only when it is connected.
pub(super) fn ends(view: &SocketView) -> Option<(SocketAddr, Option<SocketAddr>)> {
    let local = view.local.value()?.inet()?;
    let remote = view.peer.value().and_then(|peer| peer.inet());
    Some((local, remote))
}

fn queue_of(row: &Row) -> AcceptQueue {
    AcceptQueue {
        len: row.recv_q,
        max: row.send_q,
    }
}
#[cfg(test)]
mod tests {
    use super::is_of_this_host;
    use crate::model::takes;

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
