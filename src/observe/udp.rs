//! UDP: no connection, so nothing is left of a socket and nothing waits for it.

use std::io;
use std::net::SocketAddr;

use super::diag::{Diag, nowhere};
use super::rows::Row;
use super::tcp::ends;
use crate::model::{Fact, Listing, SocketView, Source, Why, plain};

/// The row of the socket itself; none before it has a name. The lookup gives the best
/// match for an address: where several sockets share one it may be another, which the
/// dump tells apart.
pub(super) fn own(diag: &mut Diag, view: &SocketView) -> io::Result<Option<Row>> {
    let Some((local, remote)) = ends(view) else {
        return Ok(None);
    };
    let local: SocketAddr = plain(local);
    let remote = remote.map_or_else(|| nowhere(local), plain);
    let is_own = |row: &Row| view.cookie.value() == Some(&row.cookie);
    if let Some(row) = diag.udp(local, remote)?.filter(is_own) {
        return Ok(Some(row));
    }
    Ok(diag.udp_by_port(local.port())?.into_iter().find(is_own))
}

/// State, queues and addresses as the row of a socket tells them; `view` as it was.
pub(super) fn fill(view: &mut SocketView, row: &Row) {
    view.state = Fact::Seen(row.state, Source::SockDiag);
    view.send_q = Fact::Seen(row.send_q, Source::SockDiag);
    view.accept_queue = Fact::None;
    // The table counts the memory of all datagrams that wait, the fd the bytes of
    // the next one. Only while neither has changed does the old number stand.
    let unchanged = matches!(
        view.listing.value(),
        Some(Listing::Row { recv_q, .. }) if *recv_q == row.recv_q
    );
    if row.recv_q == 0 {
        view.recv_q = Fact::Seen(0, Source::SockDiag);
    } else if !unchanged {
        view.recv_q = Fact::Unknown(Why::note(
            Source::SockDiag,
            "datagrams wait; the table tells their memory, not their length",
        ));
    }
    row.name(view);
    if let Some(more) = row.more {
        more.tell(row.state, view);
    }
}

/// The row of the other end of a connected socket, where it is on this host: the
/// socket that gets what is sent. An unconnected socket has none.
pub(super) fn peer(diag: &mut Diag, view: &SocketView) -> io::Result<Option<Row>> {
    let Some((local, Some(remote))) = ends(view) else {
        return Ok(None);
    };
    let row = diag.udp(plain(remote), plain(local))?;
    Ok(row.filter(|row| view.cookie.value() != Some(&row.cookie)))
}
