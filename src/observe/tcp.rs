//! TCP: a connection is known by its two addresses and its cookie.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::diag::{Diag, Query};
use super::rows::Row;
use crate::model::{
    AcceptQueue, Address, Domain, Known, Listing, Relation, SocketView, Source, TcpState, plain,
};

/// A connection that an fd of the actor held.
#[derive(Clone, Copy, PartialEq)]
pub struct Connection {
    local: SocketAddr,
    remote: SocketAddr,
    cookie: u64,
}

impl Connection {
    /// The connection that `view` shows, if it is one.
    pub fn of(view: &SocketView) -> Option<Connection> {
        let (local, Some(remote)) = ends(view)? else {
            return None;
        };
        let cookie = *view.cookie.value()?;
        Some(Connection {
            local,
            remote,
            cookie,
        })
    }
}

/// State and queues as they are now, by one exact lookup.
pub fn refresh(diag: &mut Diag, view: &mut SocketView) -> io::Result<()> {
    let Some((local, remote)) = ends(view) else {
        return Ok(());
    };
    let row = match remote {
        Some(remote) => diag.lookup(local, remote),
        None => diag.listener(local),
    }?;
    match row {
        Some(row)
            if view
                .cookie
                .value()
                .is_none_or(|&cookie| cookie == row.cookie) =>
        {
            view.state = Known::seen(row.state, Source::SockDiag);
            if row.state == TcpState::Listen {
                view.accept_queue = Known::seen(Some(queue_of(&row)), Source::SockDiag);
            } else {
                view.recv_q = Known::seen(row.recv_q, Source::SockDiag);
                view.send_q = Known::seen(row.send_q, Source::SockDiag);
            }
        }
        // A reset connection is closed: its row is gone, the fd is not.
        _ if remote.is_some() => {
            view.state = Known::seen(TcpState::Closed, Source::SockDiag);
        }
        _ => {}
    }
    Ok(())
}

/// Where the kernel lists the socket of `view`.
pub fn find(diag: &mut Diag, view: &SocketView, cookie: u64) -> io::Result<Listing> {
    let named = ends(view);
    let row = match (named, view.domain.value()) {
        (Some((local, Some(remote))), _) => diag.lookup(local, remote)?,
        (Some((local, None)), _) => diag.listener(local)?,
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

/// The rows that no fd of the actor holds, and how each concerns it.
pub fn collect(
    diag: &mut Diag,
    views: &[&SocketView],
    held: &[u64],
    seen: &mut Vec<Connection>,
    rows: &mut Vec<(Relation, Row)>,
) -> io::Result<()> {
    for view in views {
        let waiting = matches!(view.accept_queue.value(), Some(Some(queue)) if queue.len > 0);
        if let (true, Some((local, _))) = (waiting, ends(view)) {
            for row in diag.by_port(local.port(), Query::Listed)? {
                if held.contains(&row.cookie) {
                    continue;
                }
                let (arrived, leaving) = (takes(local, row.local), takes(local, row.remote));
                if arrived && is_queued(&row) {
                    rows.push((Relation::Queued, row));
                } else if arrived && row.state == TcpState::SynReceived {
                    rows.push((Relation::HalfOpen, row));
                } else if leaving && row.state == TcpState::SynSent {
                    rows.push((Relation::Connecting, row));
                }
            }
        }
    }
    let mut gone = Vec::new();
    for (at, connection) in seen.iter().enumerate() {
        let (local, remote) = (connection.local, connection.remote);
        let ours = diag
            .lookup(local, remote)?
            .filter(|row| row.cookie == connection.cookie);
        let (near, far) = (plain(local), plain(remote));
        let peer = diag.lookup(far, near)?;
        let is_held = held.contains(&connection.cookie);
        if ours.is_none() && peer.is_none() && !is_held {
            gone.push(at);
        }
        rows.extend(ours.filter(|_| !is_held).map(|row| (Relation::Left, row)));
        // Connected to itself (bind X, connect X), a socket is its own peer.
        let other = peer.filter(|row| row.cookie != connection.cookie);
        rows.extend(other.map(|row| (Relation::Peer, row)));
    }
    for at in gone.into_iter().rev() {
        seen.remove(at);
    }
    Ok(())
}

/// Does a listener on `listener` take what is sent to `to`? One on `0.0.0.0` takes
/// every IPv4 address, one on `::` IPv4 too, which its own rows write mapped.
fn takes(listener: SocketAddr, to: SocketAddr) -> bool {
    let fits = match (plain(listener).ip(), plain(to).ip()) {
        (IpAddr::V6(ip), _) if ip.is_unspecified() => true,
        (IpAddr::V4(ip), IpAddr::V4(_)) if ip.is_unspecified() => true,
        (listener, to) => listener == to,
    };
    fits && listener.port() == to.port()
}

/// A connection the kernel finished that no process has taken: no inode.
fn is_queued(row: &Row) -> bool {
    row.inode == 0 && matches!(row.state, TcpState::Established | TcpState::CloseWait)
}

/// The two addresses of a named socket; the second only when it is connected.
pub fn ends(view: &SocketView) -> Option<(SocketAddr, Option<SocketAddr>)> {
    let local = (*view.local.value()?)?.inet()?;
    let remote = view
        .peer
        .value()
        .and_then(|peer| peer.and_then(Address::inet));
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
    use super::takes;

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
