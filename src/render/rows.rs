//! The rows that no fd of an actor holds, in words.

use super::doc::{Block, Role, field, span};
use super::fact::Who;
use crate::model::{
    Address, End, Ends, Fact, KernelRow, Owner, Relation, TcpState, Timer, Why, World, plain,
};

/// A field for each row that no fd of the actor holds.
pub fn other_rows(who: Who<'_>, world: &World) -> Vec<Block> {
    match &world.others {
        Fact::Unknown(why) => vec![field("others", vec![span(Role::Muted, not_listed(why))])],
        Fact::None => Vec::new(),
        Fact::Seen(value, _) => {
            let rows = value.iter().map(|row| other_row(who, world, row));
            rows.chain(lonely(who, world)).collect()
        }
    }
}

fn not_listed(why: &Why) -> String {
    format!("queued connections and the peer's end are not available ({why})")
}

/// A field of a fact and what is to be said of it.
fn remarked(label: &'static str, fact: String, remark: String) -> Block {
    field(
        label,
        vec![span(Role::Fact, fact), span(Role::Muted, remark)],
    )
}

fn other_row(who: Who<'_>, world: &World, row: &KernelRow) -> Block {
    let calling = format!("{} {}", row.remote, row.state);
    match row.relation {
        // The row is the client's own socket: the kernel shows no other.
        Relation::Queued if matches!(row.local, Address::Unix(_)) => {
            let remark = match row.inode {
                0 => " · has closed again, and is still in the queue".into(),
                _ => format!("{} · nobody has accepted it", owned(&row.owner)),
            };
            remarked("queued", calling, remark)
        }
        Relation::Queued => {
            let remark = format!(" · {} · in no process's fd table", received(row));
            remarked("queued", calling, remark)
        }
        Relation::HalfOpen => {
            let remark = format!(" · not let in yet{}", ticking(row.timer));
            remarked("outside", calling, remark)
        }
        Relation::Connecting => {
            let (owner, timer) = (owned(&row.owner), ticking(row.timer));
            let remark = format!("{owner} · not let in yet{timer}");
            remarked("outside", format!("{} {}", row.local, row.state), remark)
        }
        Relation::Peer => peer(who, world, row),
        Relation::Left => {
            let addresses = format!("{} ↔ {}", row.local, row.remote);
            // Closed here: a forked process may hold it all the same.
            let note = match row.inode {
                0 => format!("{} · no fd refers to it any more", ticking(row.timer)),
                _ => format!("{}{}", ticking(row.timer), owned(&row.owner)),
            };
            match ends_of(world, row.local, row.remote) {
                Some(ends) => {
                    let fact = side_by_side(who.side, who, world, ends);
                    remarked("left", fact, format!(" · {addresses}{note}"))
                }
                None => remarked("left", format!("{addresses} {}", row.state), note),
            }
        }
    }
}

/// The other end. Where ours is told with its fd, both states stand here; what is
/// left of a closed one has a line of its own.
fn peer(who: Who<'_>, world: &World, row: &KernelRow) -> Block {
    let queues = format!(
        "{} · send-q {}{}{}",
        received(row),
        row.send_q,
        ticking(row.timer),
        alone(row)
    );
    let is_left = |ends: &Ends| {
        let mut rows = world.rows().iter();
        rows.any(|row| row.relation == Relation::Left && is_pair(ends, row.local, row.remote))
    };
    let ends = ends_of(world, row.remote, row.local).filter(|ends| !is_left(ends));
    let rest = format!("{} · {queues}", owned(&row.owner));
    match ends {
        Some(ends) => {
            let fact = side_by_side(who.actor, who, world, ends);
            remarked("ends", fact, format!(" · {}{rest}", row.local))
        }
        None => remarked("peer", format!("{} {}", row.local, row.state), rest),
    }
}

/// Connections of which the kernel has no row but that of our own fd.
fn lonely<'w>(who: Who<'w>, world: &'w World) -> impl Iterator<Item = Block> + 'w {
    let told = |ends: &Ends| {
        world.rows().iter().any(|row| match row.relation {
            Relation::Peer => is_pair(ends, row.remote, row.local),
            Relation::Left => is_pair(ends, row.local, row.remote),
            _ => false,
        })
    };
    let alone = world.ends.iter().filter(move |ends| !told(ends));
    alone.map(move |ends| {
        let note = match ends.theirs {
            End::Elsewhere => ": not on this machine",
            _ => "",
        };
        let fact = side_by_side(who.actor, who, world, ends);
        remarked("ends", fact, format!("{note} · {}", ends.peer))
    })
}

/// `server ESTABLISHED ↔ nc ESTABLISHED`
fn side_by_side(ours: &str, who: Who<'_>, world: &World, ends: &Ends) -> String {
    let row = world
        .rows()
        .iter()
        .find(|row| row.relation == Relation::Peer && is_pair(ends, row.remote, row.local));
    let owner = row.and_then(|row| row.owner.value());
    let program = owner.map(|owner| owner.name.as_str());
    let theirs = who.peer.or(program).unwrap_or("peer");
    format!("{ours} {} ↔ {theirs} {}", ends.ours, ends.theirs)
}

fn ends_of(world: &World, local: Address, peer: Address) -> Option<&Ends> {
    world.ends.iter().find(|ends| is_pair(ends, local, peer))
}

/// The other end of a dual-stack connection writes its addresses without the
/// mapping.
fn is_pair(ends: &Ends, local: Address, peer: Address) -> bool {
    let same = |one: Address, other: Address| match (one, other) {
        (Address::Inet(one), Address::Inet(other)) => plain(one) == plain(other),
        _ => one == other,
    };
    same(ends.local, local) && same(ends.peer, peer)
}

/// A unix socket stays connected when its other end has been closed.
fn alone(row: &KernelRow) -> &'static str {
    let is_unix = matches!(row.local, Address::Unix(_));
    match is_unix && row.state == TcpState::Connected && row.peer_inode.is_none() {
        true => " · its other end is closed",
        false => "",
    }
}

/// `recv-q 6`. Behind the last byte the kernel's tables count the FIN as one more.
fn received(row: &KernelRow) -> String {
    let fin = row.recv_q > 0 && row.state == TcpState::CloseWait;
    let note = if fin { " (1 of it the FIN)" } else { "" };
    format!("recv-q {}{note}", row.recv_q)
}

fn owned(owner: &Fact<Owner>) -> String {
    match owner {
        Fact::Seen(owner, _) => format!(" · {owner}"),
        Fact::None => " · no process holds it".into(),
        Fact::Unknown(why) => format!(" · whose is not available ({why})"),
    }
}

/// ` · timewait 59.9 s`: which timer runs, and how long still.
pub fn ticking(timer: Option<Timer>) -> String {
    timer.map_or_else(String::new, |timer| format!(" · {timer}"))
}
