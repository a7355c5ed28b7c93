//! Where the kernel lists a socket, as ss shows it.

use super::doc::{Line, Role, span};
use super::fact::{address, is_unix, or_why};
use crate::model::{Fact, Kind, Listing, Protocol, SocketView};

/// Where ss and /proc show a socket, or that they do not.
pub fn seen(socket: &SocketView) -> Line {
    match &socket.listing {
        Fact::Unknown(why) => vec![span(
            Role::Muted,
            format!("where the kernel lists it is not available ({why})"),
        )],
        Fact::None => Line::new(),
        Fact::Seen(value, _) => match value {
            Listing::Nowhere => vec![span(
                Role::Fact,
                match is_udp(socket) {
                    true => "in no table: neither ss -uan nor /proc/net/udp lists it",
                    false => "in no table: neither ss -tan nor /proc/net/tcp lists it",
                },
            )],
            Listing::BoundOnly => vec![span(
                Role::Fact,
                "in no list that ss -tan or /proc/net/tcp shows; sock_diag holds it as bound, inactive",
            )],
            Listing::Row {
                state,
                recv_q,
                send_q,
            } => {
                let (command, from, to) = match (is_unix(socket), is_udp(socket)) {
                    (true, _) => ("ss -xa", unix_local(socket), unix_peer(socket)),
                    (_, true) => ("ss -uan", inet_local(socket), inet_peer(socket)),
                    _ => ("ss -tan", inet_local(socket), inet_peer(socket)),
                };
                vec![
                    span(Role::Code, command),
                    span(Role::Muted, " shows: "),
                    span(
                        Role::Fact,
                        format!(
                            "{}{} {recv_q} {send_q} {from} {to}",
                            netid(socket),
                            state.ss_name()
                        ),
                    ),
                ]
            }
        },
    }
}

fn is_udp(socket: &SocketView) -> bool {
    socket.protocol.value() == Some(&Protocol::Udp)
}

/// The own end as ss writes it: `*` for a wildcard that takes both IP versions.
fn inet_local(socket: &SocketView) -> String {
    let local = address(&socket.local);
    match local.strip_prefix("[::]") {
        Some(port) if takes_both(socket) => format!("*{port}"),
        _ => local,
    }
}

/// The other end as ss writes it, a wildcard where there is none.
fn inet_peer(socket: &SocketView) -> String {
    let local = address(&socket.local);
    match socket.peer.value() {
        Some(peer) => peer.to_string(),
        _ if local.starts_with("[::]") && takes_both(socket) => "*:*".into(),
        _ if local.starts_with('[') => "[::]:*".into(),
        _ => "0.0.0.0:*".into(),
    }
}

fn takes_both(socket: &SocketView) -> bool {
    socket.v6only.value() == Some(&false)
}

/// The type, which ss writes before a unix socket because its list has them all.
fn netid(socket: &SocketView) -> &'static str {
    match (is_unix(socket), socket.kind.value()) {
        (true, Some(Kind::Stream)) => "u_str ",
        (true, Some(Kind::Dgram)) => "u_dgr ",
        _ => "",
    }
}

/// Name and inode of a unix socket: `/tmp/x.sock 17162`, `* 17162`.
fn unix_local(socket: &SocketView) -> String {
    let name = socket.local.value().copied();
    let name = name.map_or("*".into(), |name| name.to_string());
    format!("{name} {}", or_why(&socket.inode, u64::to_string))
}

/// The same of its other end, whose name ss leaves out; `* 0` while nobody is there.
fn unix_peer(socket: &SocketView) -> String {
    let inode = socket.peer_inode.value().copied();
    format!("* {}", inode.unwrap_or(0))
}
