//! Which socket of the program a name in a goal stands for.

use crate::model::{Address, Side, SocketView, plain};
use crate::review::{Role, Socket, Tables};

/// The socket of the program that a goal calls so: the program's own is called by its
/// side, a connection as the tester calls its end of it.
pub(super) fn named(
    name: &str,
    tables: &Tables,
    (side, asked): (Side, Address),
    tester: &[(String, SocketView)],
) -> Option<usize> {
    if name == side.word() {
        return own(tables, side, asked);
    }
    let (_, end) = tester.iter().find(|(known, _)| known == name)?;
    let is_it = |socket: &Socket| {
        let view = socket.connected.as_ref();
        view.is_some_and(|view| is_other_end(view, end))
    };
    tables.sockets.iter().rposition(is_it)
}

/// Does a call about `other` count for `socket`? Listeners that share a port
/// (SO_REUSEPORT) share its clients, too.
pub(super) fn is_one(tables: &Tables, socket: usize, other: usize) -> bool {
    let place = |at: usize| {
        let socket = tables
            .sockets
            .get(at)
            .filter(|it| it.role == Role::Listener)?;
        socket.view.as_ref()?.local.value().copied()
    };
    socket == other || place(socket).is_some_and(|local| place(other) == Some(local))
}

/// The socket that the program serves by, or calls by, as far as it has come. Of several
/// listeners it is the one at the port that was asked for.
fn own(tables: &Tables, side: Side, asked: Address) -> Option<usize> {
    let last = |fits: &dyn Fn(&Socket) -> bool| tables.sockets.iter().rposition(fits);
    let first = |fits: &dyn Fn(&Socket) -> bool| tables.sockets.iter().position(fits);
    let is_new = |socket: &Socket| socket.role == Role::New;
    let made = || {
        first(&|it| is_new(it) && it.is_stream && it.is_inet)
            .or_else(|| first(&|it| is_new(it) && it.is_stream))
            .or_else(|| first(&|it| is_new(it) && it.is_inet))
    };
    match side {
        Side::Server => last(&|it| it.role == Role::Listener && is_at(it, asked))
            .or_else(|| last(&|it| it.role == Role::Listener))
            .or_else(|| last(&|it| is_new(it) && it.bound.is_some_and(is_address)))
            .or_else(made),
        Side::Client => last(&|it| it.role == Role::Connecting && it.is_inet)
            .or_else(|| last(&|it| it.role == Role::Connecting))
            .or_else(made),
    }
}

/// Is it bound to that port?
fn is_at(socket: &Socket, asked: Address) -> bool {
    asked.port().is_some() && socket.bound.and_then(Address::port) == asked.port()
}

/// An address that somebody can call; netlink has others.
fn is_address(address: Address) -> bool {
    address.inet().is_some() || address.unix().is_some()
}

fn is_other_end(view: &SocketView, other: &SocketView) -> bool {
    let of = |view: &SocketView| {
        let local = view.local.value()?.inet()?;
        let peer = view.peer.value()?.inet()?;
        Some((plain(local), plain(peer)))
    };
    if let (Some((local, peer)), Some((theirs, ours))) = (of(view), of(other)) {
        return (local, peer) == (ours, theirs);
    }
    let inodes = (view.peer_inode.value(), other.inode.value());
    matches!(inodes, (Some(peer), Some(inode)) if peer == inode)
}
