//! Unix sockets: known by inode and cookie, and by the file that one is bound to.

use std::collections::HashMap;
use std::io;
use std::os::unix::fs::MetadataExt;

use super::diag::{Diag, refused};
use super::unix_rows::UnixRow;
use crate::model::{
    Address, Fact, Listing, PathFact, PathFile, Relation, SocketView, Source, TcpState, UnixAddr,
    Why,
};

/// What is remembered of the unix sockets of an actor from look to look.
#[derive(Default)]
pub struct Memory {
    connections: Vec<Connection>,
    bound: Vec<Bound>,
}

/// A connected socket that an fd of the actor held.
#[derive(Clone, Copy, PartialEq)]
struct Connection {
    end: Socket,
    other: Socket,
    /// The name of our end, as the other sees it.
    local: UnixAddr,
}

/// A socket of the kernel's. Inodes come back, cookies do not.
#[derive(Clone, Copy, PartialEq)]
struct Socket {
    inode: u64,
    cookie: u64,
}

/// A socket that was bound to a path.
#[derive(Clone, Copy, PartialEq)]
struct Bound {
    path: UnixAddr,
    socket: Socket,
}

/// The rows of one look, each asked for once: the kernel goes through all its unix
/// sockets for an answer.
#[derive(Default)]
pub struct Rows(HashMap<u64, Option<UnixRow>>);

impl Rows {
    fn get(&mut self, diag: &mut Diag, inode: u64) -> io::Result<Option<&UnixRow>> {
        use std::collections::hash_map::Entry;
        Ok(match self.0.entry(inode) {
            Entry::Occupied(entry) => entry.into_mut().as_ref(),
            Entry::Vacant(entry) => entry.insert(diag.unix(inode)?).as_ref(),
        })
    }

    fn of(&mut self, diag: &mut Diag, socket: Socket) -> io::Result<Option<&UnixRow>> {
        let row = self.get(diag, socket.inode)?;
        Ok(row.filter(|row| row.cookie == socket.cookie))
    }
}

/// A row and how it concerns the actor.
pub struct Found {
    pub relation: Relation,
    pub row: UnixRow,
    /// The name of the socket at the other end of it.
    pub remote: UnixAddr,
}

/// Adds to `view` what its fd cannot tell: where the kernel lists it, the queue
/// of a listener, who is at the other end.
pub fn complete(diag: &mut Diag, rows: &mut Rows, view: &mut SocketView) -> Result<(), Why> {
    let row = own(diag, rows, view)?;
    view.listing = Fact::Seen(
        Listing::Row {
            state: row.state,
            recv_q: row.recv_q,
            send_q: row.send_q,
        },
        Source::SockDiag,
    );
    if view.is_listening() {
        view.accept_queue = Fact::of_option(row.accept_queue(), Source::SockDiag);
    }
    let peer = row.peer.filter(|&inode| inode != 0);
    view.peer_inode = Fact::of_option(peer, Source::SockDiag);
    Ok(())
}

/// State and queues as they are now.
pub fn refresh(diag: &mut Diag, rows: &mut Rows, view: &mut SocketView) -> Result<(), Why> {
    let row = own(diag, rows, view)?;
    let state = row.condition();
    view.state = Fact::Seen(state, Source::SockDiag);
    if state != TcpState::Listen {
        view.recv_q = Fact::Seen(row.recv_q, Source::SockDiag);
        view.send_q = Fact::Seen(row.send_q, Source::SockDiag);
    }
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

impl Memory {
    /// Remembers the connections and the paths of `views`.
    pub fn remember(
        &mut self,
        diag: &mut Diag,
        rows: &mut Rows,
        views: &[&SocketView],
    ) -> io::Result<()> {
        for view in views {
            let Some(end) = socket(view) else { continue };
            let local = view.local.value().copied().and_then(Address::unix);
            let connected = view.state.value() == Some(&TcpState::Connected);
            if let Some(path) = local.filter(UnixAddr::is_path) {
                // An accepted connection has the listener's name, and is not bound.
                let known = self.bound.iter().any(|bound| bound.path == path);
                let bound = Bound { path, socket: end };
                if !(self.bound.contains(&bound) || connected && known) {
                    self.bound.push(bound);
                }
            }
            let peer = view.peer_inode.value().copied();
            if let Some(inode) = peer
                && let Some(row) = rows.get(diag, inode)?
            {
                let connection = Connection {
                    end,
                    other: row.into(),
                    local: local.unwrap_or(UnixAddr::UNNAMED),
                };
                if !self.connections.contains(&connection) {
                    self.connections.push(connection);
                }
            }
        }
        Ok(())
    }

    /// The rows that no fd of the actor holds: clients that wait, other ends, and
    /// what of its own sockets another process still holds.
    pub fn collect(
        &mut self,
        diag: &mut Diag,
        rows: &mut Rows,
        views: &[&SocketView],
    ) -> io::Result<Vec<Found>> {
        let mut found = Vec::new();
        for view in views {
            let waiting = matches!(view.accept_queue.value(), Some(queue) if queue.len > 0);
            if let (true, Some(listener)) = (waiting, socket(view)) {
                found.extend(queued(diag, rows, listener)?);
            }
        }
        let held: Vec<u64> = views
            .iter()
            .filter_map(|view| view.cookie.value().copied())
            .collect();
        let mut gone = Vec::new();
        for (at, connection) in self.connections.iter().enumerate() {
            let is_held = held.contains(&connection.end.cookie);
            let other = rows.of(diag, connection.other)?.cloned();
            let ours = rows.of(diag, connection.end)?.filter(|_| !is_held).cloned();
            if other.is_none() && ours.is_none() {
                gone.push(at);
            }
            let name = other.as_ref().map_or(UnixAddr::UNNAMED, |row| row.name);
            found.extend(ours.map(|row| Found {
                relation: Relation::Left,
                row,
                remote: name,
            }));
            found.extend(other.map(|row| Found {
                relation: Relation::Peer,
                row,
                remote: connection.local,
            }));
        }
        for at in gone.into_iter().rev() {
            self.connections.remove(at);
        }
        Ok(found)
    }

    /// What stands at the paths that sockets of the actor were bound to.
    pub fn paths(&self, mut diag: Result<&mut Diag, Why>, rows: &mut Rows) -> Vec<PathFact> {
        let mut facts: Vec<PathFact> = Vec::new();
        for bound in &self.bound {
            if facts.iter().any(|fact| fact.path == bound.path) {
                continue;
            }
            let sockets = self.bound.iter().filter(|other| other.path == bound.path);
            let is_bound = |inode, device| -> Result<bool, Why> {
                let diag = diag.as_mut().map_err(|why| why.clone())?;
                for other in sockets.clone() {
                    let row = rows.of(diag, other.socket).map_err(refused)?;
                    let file = row.and_then(|row| row.file);
                    if file.is_some_and(|file| file.is(inode, device, true)) {
                        return Ok(true);
                    }
                }
                Ok(false)
            };
            facts.push(path_fact(bound.path, is_bound));
        }
        facts
    }
}

/// What stands at `path`; `is_bound` says of an inode and a device whether it is
/// the file that a watched socket was bound to.
pub fn path_fact(
    path: UnixAddr,
    mut is_bound: impl FnMut(u64, u64) -> Result<bool, Why>,
) -> PathFact {
    let status = match std::fs::symlink_metadata(path.as_path()) {
        Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ENOTDIR)) => {
            Fact::None
        }
        answer => Fact::from_io(Source::Lstat, answer),
    };
    let bound = status
        .as_ref()
        .and_then(|status, _| match is_bound(status.ino(), status.dev()) {
            Ok(bound) => Fact::Seen(bound, Source::SockDiag),
            Err(why) => Fact::Unknown(why),
        });
    let file = status.map(|status| PathFile {
        mode: status.mode(),
        uid: status.uid(),
        inode: status.ino(),
    });
    PathFact { path, file, bound }
}

/// Who is bound to that very file now, in this network namespace.
pub fn bound_to(
    diag: &mut Diag,
    path: UnixAddr,
    inode: u64,
    device: u64,
) -> io::Result<Vec<UnixRow>> {
    let mut rows = diag.all_unix()?;
    rows.retain(|row| {
        row.file
            .is_some_and(|file| file.is(inode, device, row.name == path))
    });
    // An accepted connection has the listener's file, and was never bound to it.
    let bound = |row: &UnixRow| row.condition() != TcpState::Connected;
    if rows.iter().any(bound) {
        rows.retain(bound);
    }
    Ok(rows)
}

/// The clients in the queue of `listener`. One that has closed again has no inode;
/// one of another network namespace has no row here.
fn queued(diag: &mut Diag, rows: &mut Rows, listener: Socket) -> io::Result<Vec<Found>> {
    let Some(row) = rows.of(diag, listener)? else {
        return Ok(Vec::new());
    };
    let (name, clients) = (row.name, row.clients.clone());
    clients
        .into_iter()
        .map(|inode| {
            let client = rows.get(diag, inode)?;
            let remote = client.map_or(UnixAddr::UNNAMED, |row| row.name);
            let mut row = match client {
                Some(row) => row.clone(),
                None => UnixRow::bare(TcpState::Connected, inode, 0),
            };
            row.name = name;
            Ok(Found {
                relation: Relation::Queued,
                row,
                remote,
            })
        })
        .collect()
}

fn socket(view: &SocketView) -> Option<Socket> {
    Some(Socket {
        inode: *view.inode.value()?,
        cookie: *view.cookie.value()?,
    })
}

impl From<&UnixRow> for Socket {
    fn from(row: &UnixRow) -> Socket {
        Socket {
            inode: row.inode,
            cookie: row.cookie,
        }
    }
}
