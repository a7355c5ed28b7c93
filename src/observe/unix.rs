//! Unix sockets: known by inode and cookie.

use std::collections::HashMap;
use std::io;

use super::around::Around;
use super::diag::{Diag, refused};
use super::unix_rows::UnixRow;
use crate::model::{
    Address, Domain, Fact, KernelRow, Listing, Protocol, Relation, SocketView, Source, TcpState,
    UnixAddr, Why,
};

/// The rows of one look, each asked for once: the kernel goes through all its unix
/// sockets for an answer.
#[derive(Default)]
pub(super) struct Rows {
    known: HashMap<u64, Option<UnixRow>>,
    /// All there are were asked for, with the clients that wait.
    is_all: bool,
}

impl Rows {
    fn get(&mut self, diag: &mut Diag, inode: u64) -> io::Result<Option<&UnixRow>> {
        if !self.is_all && !self.known.contains_key(&inode) {
            self.known.insert(inode, diag.unix(inode)?);
        }
        Ok(self.known.get(&inode).and_then(Option::as_ref))
    }

    /// The row of that socket: inodes come back, cookies do not.
    pub(super) fn of(
        &mut self,
        diag: &mut Diag,
        inode: u64,
        cookie: u64,
    ) -> io::Result<Option<&UnixRow>> {
        let row = self.get(diag, inode)?;
        Ok(row.filter(|row| row.cookie == cookie))
    }

    /// The name of the socket at the other end.
    fn name(&mut self, diag: &mut Diag, peer: Option<u64>) -> io::Result<UnixAddr> {
        let other = match peer {
            Some(inode) => self.get(diag, inode)?,
            None => None,
        };
        Ok(other.map_or(UnixAddr::UNNAMED, |row| row.name))
    }

    /// Asks for all there are, which costs as much as asking for one.
    pub(super) fn ask_all(&mut self, diag: &mut Diag) -> io::Result<()> {
        if !self.is_all {
            let rows = diag.all_unix()?.into_iter();
            self.known = rows.map(|row| (row.inode, Some(row))).collect();
            self.is_all = true;
        }
        Ok(())
    }
}

/// Adds to `view` what its fd cannot tell: where the kernel lists it, the queue
/// of a listener, who is at the other end.
pub(super) fn complete(diag: &mut Diag, rows: &mut Rows, view: &mut SocketView) -> Result<(), Why> {
    let row = own(diag, rows, view)?;
    let listing = Listing::Row {
        state: row.state,
        recv_q: row.recv_q,
        send_q: row.send_q,
    };
    view.listing = Fact::Seen(listing, Source::SockDiag);
    if view.is_listening() {
        view.accept_queue = Fact::of_option(row.accept_queue(), Source::SockDiag);
    }
    let peer = row.peer.filter(|&inode| inode != 0);
    view.peer_inode = Fact::of_option(peer, Source::SockDiag);
    Ok(())
}

/// State, queues and name as the row of a socket tells them.
pub(super) fn fill(diag: &mut Diag, rows: &mut Rows, view: &mut SocketView) -> Result<(), Why> {
    let row = own(diag, rows, view)?.clone();
    let via = Source::SockDiag;
    let state = row.condition();
    view.state = Fact::Seen(state, via);
    view.cookie = Fact::Seen(row.cookie, via);
    view.domain = Fact::Seen(Domain::Unix, via);
    view.kind = Fact::Seen(row.kind, via);
    view.protocol = Fact::Seen(Protocol::Other(0), via);
    let name = Some(row.name).filter(|name| *name != UnixAddr::UNNAMED);
    view.local = Fact::of_option(name.map(Address::Unix), via);
    view.v6only = Fact::None;
    (view.recv_q, view.send_q) = match state {
        TcpState::Listen => (Fact::None, Fact::None),
        _ => (Fact::Seen(row.recv_q, via), Fact::Seen(row.send_q, via)),
    };
    let peer = rows.name(diag, row.peer).map_err(refused)?;
    let is_connected = state == TcpState::Connected;
    view.peer = Fact::of_option(is_connected.then_some(Address::Unix(peer)), via);
    Ok(())
}

/// The row of a socket that an fd holds: it exists, so that the kernel does not
/// know it means that it has no unix_diag.
fn own<'r>(diag: &mut Diag, rows: &'r mut Rows, view: &SocketView) -> Result<&'r UnixRow, Why> {
    let Some(&inode) = view.inode.value() else {
        return Err(Why::note(Source::SockDiag, "the inode is not known"));
    };
    rows.get(diag, inode)
        .map_err(refused)?
        .ok_or_else(|| Why::note(Source::SockDiag, "this kernel does not list unix sockets"))
}

/// Finds what no fd of the process holds: who waits, the other ends of its connections,
/// and what is left of closed ones.
pub(super) fn collect(
    around: &mut Around<'_>,
    rows: &mut Rows,
    views: &[&SocketView],
) -> io::Result<()> {
    for view in views {
        let waiting = matches!(view.accept_queue.value(), Some(queue) if queue.len > 0);
        if let (true, true, Some(&inode)) = (waiting, around.is_sweep(), view.inode.value()) {
            rows.ask_all(around.diag)?;
            queued(around, rows, inode)?;
        }
        if let Some(&inode) = view.peer_inode.value()
            && let Some(row) = rows.get(around.diag, inode)?
        {
            let ours = view.local.value().copied().and_then(Address::unix);
            let ours = ours.unwrap_or(UnixAddr::UNNAMED);
            around.rows.push(row.related(Relation::Peer, ours));
        }
    }
    let mut known = around.found();
    for old in around.known_rows() {
        if let (Address::Unix(_), Address::Unix(remote)) = (old.local, old.remote)
            // Both ends may be one process's.
            && (old.relation == Relation::Peer || !around.holds(old.cookie))
            && known.insert(old.cookie)
        {
            known_row(around, rows, old, remote)?;
        }
    }
    for closed in around.last.sockets_in(around.seen.focus.as_ref()) {
        if let (Some(TcpState::Connected), Some(&inode), Some(&cookie), Some(Domain::Unix)) = (
            closed.state.value(),
            closed.inode.value(),
            closed.cookie.value(),
            closed.domain.value(),
        ) && around.seen.looked_at(cookie)
            && !around.holds(cookie)
            && known.insert(cookie)
        {
            left(around, rows, inode, cookie)?;
        }
    }
    Ok(())
}

/// Looks again at a row that was known.
fn known_row(
    around: &mut Around<'_>,
    rows: &mut Rows,
    old: &KernelRow,
    remote: UnixAddr,
) -> io::Result<()> {
    match old.relation {
        Relation::Left => return left(around, rows, old.inode, old.cookie),
        // A sweep finds all who wait.
        Relation::Queued if around.is_sweep() => return Ok(()),
        _ => {}
    }
    let row = rows.of(around.diag, old.inode, old.cookie)?;
    // As long as nobody has accepted it, nobody is at its other end.
    let is_there = |row: &&UnixRow| old.relation != Relation::Queued || row.peer == Some(0);
    let row = row.filter(is_there).map(|row| KernelRow {
        local: old.local,
        ..row.related(old.relation, remote)
    });
    around.rows.extend(row);
    Ok(())
}

/// A connected socket that was closed here: another process may hold it still.
fn left(around: &mut Around<'_>, rows: &mut Rows, inode: u64, cookie: u64) -> io::Result<()> {
    let Some(row) = rows.of(around.diag, inode, cookie)?.cloned() else {
        return Ok(());
    };
    let name = rows.name(around.diag, row.peer)?;
    around.rows.push(row.related(Relation::Left, name));
    Ok(())
}

/// The clients in the queue of the listener of that inode. One that has closed again has
/// no inode; one of another network namespace has no row here.
fn queued(around: &mut Around<'_>, rows: &mut Rows, listener: u64) -> io::Result<()> {
    let Some(row) = rows.get(around.diag, listener)? else {
        return Ok(());
    };
    let (local, clients) = (Address::Unix(row.name), row.clients.clone());
    for inode in clients {
        let client = rows.get(around.diag, inode)?;
        let bare = || UnixRow::bare(TcpState::Connected, inode, 0);
        let client = client.cloned().unwrap_or_else(bare);
        around.rows.push(KernelRow {
            local,
            ..client.related(Relation::Queued, client.name)
        });
    }
    Ok(())
}
