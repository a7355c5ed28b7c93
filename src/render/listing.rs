//! Where ss and /proc show a socket.

use super::doc::{Line, code, fact, muted};
use super::fact::reason;
use crate::model::{Domain, Fact, Kind, Listing, Protocol, SocketView, World};
use crate::words::say;

/// Where ss and /proc show a socket of `world`, or that they do not.
pub(super) fn seen(socket: &SocketView, world: &World) -> Line {
    let listing = match &socket.listing {
        Fact::None => return Line::new(),
        Fact::Unknown(why) => {
            return muted(say!("listing-unknown", why = reason(why))).into();
        }
        Fact::Seen(listing, _) => *listing,
    };
    let is_udp = socket.protocol.value() == Some(&Protocol::Udp);
    let is_inet6 = socket.domain.value() == Some(&Domain::Inet6);
    let (command, table) = match (socket.is_unix(), is_udp, is_inet6) {
        (true, ..) => ("ss -xa", "unix"),
        (_, true, false) => ("ss -uan", "udp"),
        (_, true, true) => ("ss -uan", "udp6"),
        (_, false, false) => ("ss -tan", "tcp"),
        (_, false, true) => ("ss -tan", "tcp6"),
    };
    match listing {
        Listing::Nowhere => fact(say!("listing-nowhere", command = command, table = table)).into(),
        Listing::BoundOnly => fact(say!("listing-bound", command = command, table = table)).into(),
        Listing::Row {
            state,
            recv_q,
            send_q,
        } => {
            let state = state.ss_name();
            let ends = if socket.is_unix() {
                unix_ends(socket)
            } else {
                inet_ends(socket, world)
            };
            let row = format!("{}{state} {recv_q} {send_q} {ends}", netid(socket));
            vec![code(command), muted(say!("listing-shows")), fact(row)]
        }
    }
}

/// Both ends as ss writes them: `*` for a wildcard that takes both IP versions, a
/// wildcard where there is no other end. One in TIME-WAIT is closed by its fd, which tells
/// none any more; the kernel's row has it.
fn inet_ends(socket: &SocketView, world: &World) -> String {
    let local = socket.local.to_string();
    let takes_both = socket.v6only.value() == Some(&false);
    let both = local.strip_prefix("[::]").filter(|_| takes_both);
    let ends = socket.cookie.value().and_then(|it| world.ends.of(*it));
    let peer = socket.peer.value().copied();
    let peer = match peer.or(ends.map(|ends| ends.peer.into())) {
        Some(peer) => peer.to_string(),
        None if both.is_some() => "*:*".into(),
        None if local.starts_with('[') => "[::]:*".into(),
        None => "0.0.0.0:*".into(),
    };
    match both {
        Some(port) => format!("*{port} {peer}"),
        None => format!("{local} {peer}"),
    }
}

/// The type, which ss writes before a unix socket because its list has them all.
fn netid(socket: &SocketView) -> &'static str {
    match (socket.is_unix(), socket.kind.value()) {
        (true, Some(Kind::Stream)) => "u_str ",
        (true, Some(Kind::Dgram)) => "u_dgr ",
        (true, Some(Kind::Seqpacket)) => "u_seq ",
        _ => "",
    }
}

/// Name and inode of a unix socket, and of its other end, whose name ss leaves out:
/// `/tmp/x.sock 17162 * 0`, `* 17162 * 17163`.
fn unix_ends(socket: &SocketView) -> String {
    let name = socket.local.value().map_or("*".into(), ToString::to_string);
    let peer = socket.peer_inode.value().unwrap_or(&0);
    format!("{name} {} * {peer}", socket.inode)
}
