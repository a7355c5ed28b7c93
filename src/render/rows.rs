//! The rows that no fd of an actor holds, in words.

use std::collections::HashSet;
use std::net::SocketAddr;

use super::crowd::{self, counted, tally};
use super::doc::{Block, fact, field, muted};
use super::fact::{Who, reason, timer_of};
use crate::model::{
    Address, End, Ends, Fact, KernelRow, Owner, Relation, TcpState, Timer, Why, World, plain,
};
use crate::words::say;

/// A row, or both ends of a connection of which the kernel has no row but our own.
#[derive(Clone, Copy)]
enum Told<'w> {
    Row(&'w KernelRow),
    Lonely(&'w Ends),
}

/// A field for each row that no fd of the actor holds; of a crowd the rest is counted.
pub(super) fn other_rows(who: Who<'_>, world: &World) -> Vec<Block> {
    if let Fact::Unknown(why) = &world.others {
        return vec![field(say!("label-others"), muted(not_listed(why)))];
    }
    let rows: Vec<Told<'_>> = world.rows().iter().map(Told::Row).collect();
    let lonely: Vec<Told<'_>> = lonely(world).map(Told::Lonely).collect();
    let is_same = |one: &Told<'_>, other: &Told<'_>| match (one, other) {
        (Told::Row(one), Told::Row(other)) => one.relation == other.relation,
        _ => true,
    };
    let groups: Vec<&[Told<'_>]> = rows.chunk_by(is_same).chain([&lonely[..]]).collect();
    let tell = |told: &Told<'_>| match told {
        Told::Row(row) => other_row(who, world, row),
        Told::Lonely(ends) => lonely_ends(who, world, ends),
    };
    crowd::told(&groups, tell, more)
}

/// `and 980 more: 980 ESTABLISHED · from python3, pid 123`
fn more(rest: &[Told<'_>]) -> Block {
    let (mut label, mut verb) = (say!("label-ends"), say!("more-held-by"));
    if let Told::Row(row) = rest[0] {
        label = match row.relation {
            Relation::Queued => say!("label-queued"),
            Relation::HalfOpen | Relation::Connecting => say!("label-outside"),
            Relation::Peer => say!("label-ends"),
            Relation::Left => say!("label-left"),
        };
        if row.relation.waits() {
            verb = say!("more-from");
        }
    }
    let states = rest.iter().map(|told| match told {
        Told::Row(row) => row.state.to_string(),
        Told::Lonely(ends) => end(ends.ours),
    });
    let owners = rest.iter().filter_map(|told| match told {
        Told::Row(row) if row.relation == Relation::Queued => row.client.value(),
        Told::Row(row) => row.owner.value(),
        Told::Lonely(_) => None,
    });
    let owners = match &tally(owners.map(Owner::to_string))[..] {
        [] => String::new(),
        [(owner, _)] => format!(" · {verb} {owner}"),
        [(owner, _), others @ ..] => {
            let others = say!("more-others", count = others.len());
            format!(" · {verb} {owner}{others}")
        }
    };
    let fact = say!("and-more", count = rest.len(), what = counted(states));
    remarked(label, fact, owners)
}

fn not_listed(why: &Why) -> String {
    say!("rows-unknown", why = reason(why))
}

/// A field of a fact and what is to be said of it.
fn remarked(label: String, text: String, remark: String) -> Block {
    field(label, vec![fact(text), muted(remark)])
}

fn other_row(who: Who<'_>, world: &World, row: &KernelRow) -> Block {
    let calling = format!("{} {}", row.remote, row.state);
    match row.relation {
        // The row is the client's own socket: the kernel shows no other.
        Relation::Queued if matches!(row.local, Address::Unix(_)) => {
            let remark = match row.inode {
                0 => say!("queued-closed"),
                _ => owned(&row.owner) + &say!("queued-unaccepted"),
            };
            remarked(say!("label-queued"), calling, remark)
        }
        Relation::Queued => {
            let remark = say!("queued-unowned", received = received(row));
            remarked(say!("label-queued"), calling, remark)
        }
        Relation::HalfOpen => {
            let remark = say!("not-let-in") + &ticking(row.timer);
            remarked(say!("label-outside"), calling, remark)
        }
        Relation::Connecting => {
            let (owner, timer) = (owned(&row.owner), ticking(row.timer));
            let remark = format!("{owner}{}{timer}", say!("not-let-in"));
            remarked(
                say!("label-outside"),
                format!("{} {}", row.local, row.state),
                remark,
            )
        }
        Relation::Peer => peer(who, world, row),
        Relation::Left => {
            let addresses = format!("{} ↔ {}", row.local, row.remote);
            // Closed here: a forked process may hold it all the same.
            let note = match row.inode {
                0 => ticking(row.timer) + &say!("no-fd-left"),
                _ => format!("{}{}", ticking(row.timer), owned(&row.owner)),
            };
            match ends_of(world, row.local, row.remote) {
                Some(ends) => {
                    let fact = side_by_side(who.side, who, world, ends);
                    remarked(say!("label-left"), fact, format!(" · {addresses}{note}"))
                }
                None => remarked(
                    say!("label-left"),
                    format!("{addresses} {}", row.state),
                    note,
                ),
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
    // A connection that was closed is in neither state.
    let is_open = matches!(row.state, TcpState::Established | TcpState::CloseWait);
    let owner = if row.inode == 0 && is_open {
        say!("queued-unaccepted")
    } else {
        owned(&row.owner)
    };
    let rest = format!("{owner} · {queues}");
    match ends {
        Some(ends) => {
            let fact = side_by_side(who.actor, who, world, ends);
            let place = place(world, ends, row.local);
            remarked(say!("label-ends"), fact, format!(" · {place}{rest}"))
        }
        None => remarked(
            say!("label-peer"),
            format!("{} {}", row.local, row.state),
            rest,
        ),
    }
}

/// Connections of which the kernel has no row but that of our own fd.
fn lonely(world: &World) -> impl Iterator<Item = &Ends> {
    let pair = |one: Address, other: Address| Some((plain(one.inet()?), plain(other.inet()?)));
    let told = world.rows().iter().filter_map(|row| match row.relation {
        Relation::Peer => pair(row.remote, row.local),
        Relation::Left => pair(row.local, row.remote),
        _ => None,
    });
    let told: HashSet<_> = told.collect();
    let ends = world.ends.iter();
    ends.filter(move |ends| !told.contains(&(plain(ends.local), plain(ends.peer))))
}

fn lonely_ends(who: Who<'_>, world: &World, ends: &Ends) -> Block {
    let note = match ends.theirs {
        End::Elsewhere => say!("not-on-this-machine"),
        _ => String::new(),
    };
    let fact = side_by_side(who.actor, who, world, ends);
    let place = place(world, ends, ends.peer.into());
    remarked(say!("label-ends"), fact, format!("{note} · {place}"))
}

/// The address by which a connection is told from others: the peer's, written as
/// `peer`, and where several go to the same, as a client's do, our own too.
fn place(world: &World, ends: &Ends, peer: Address) -> String {
    let mut others = world.ends.iter();
    let is_alike = |other: &Ends| other.peer == ends.peer && other.local != ends.local;
    if others.any(is_alike) {
        return format!("{} ↔ {peer}", ends.local);
    }
    peer.to_string()
}

/// `server ESTABLISHED ↔ nc ESTABLISHED`
fn side_by_side(ours: &str, who: Who<'_>, world: &World, ends: &Ends) -> String {
    let row = world
        .rows()
        .iter()
        .find(|row| row.relation == Relation::Peer && is_pair(ends, row.remote, row.local));
    let owner = row.and_then(|row| row.owner.value());
    let program = owner.map(|owner| owner.name.as_str());
    let unknown = say!("peer-word");
    let theirs = who.peer.or(program).unwrap_or(&unknown);
    let (our_end, their_end) = (end(ends.ours), end(ends.theirs));
    format!("{ours} {our_end} ↔ {theirs} {their_end}")
}

fn end(end: End) -> String {
    match end {
        End::There(state) => state.to_string(),
        End::Gone => say!("end-gone"),
        End::Elsewhere => say!("end-elsewhere"),
    }
}

fn ends_of(world: &World, local: Address, peer: Address) -> Option<&Ends> {
    world.ends.iter().find(|ends| is_pair(ends, local, peer))
}

/// The other end of a dual-stack connection writes its addresses without the
/// mapping.
fn is_pair(ends: &Ends, local: Address, peer: Address) -> bool {
    let same = |one: SocketAddr, other: Address| {
        other.inet().is_some_and(|other| plain(one) == plain(other))
    };
    same(ends.local, local) && same(ends.peer, peer)
}

/// A unix socket stays connected when its other end has been closed.
fn alone(row: &KernelRow) -> String {
    let is_unix = matches!(row.local, Address::Unix(_));
    if is_unix && row.state == TcpState::Connected && row.peer_inode.is_none() {
        say!("other-end-closed")
    } else {
        String::new()
    }
}

/// `recv-q 6`. Behind the last byte the kernel's tables count the FIN as one more.
fn received(row: &KernelRow) -> String {
    let fin = row.recv_q > 0 && row.state == TcpState::CloseWait;
    let note = if fin {
        say!("the-fin-of-it")
    } else {
        String::new()
    };
    format!("recv-q {}{note}", row.recv_q)
}

fn owned(owner: &Fact<Owner>) -> String {
    match owner {
        Fact::Seen(owner, _) => say!("owned", name = owner.name, pid = owner.pid),
        Fact::None => say!("owned-by-nobody"),
        Fact::Unknown(why) => say!("owner-unknown", why = reason(why)),
    }
}

/// ` · timewait 59.9 s`: which timer runs, and how long still.
pub(super) fn ticking(timer: Option<Timer>) -> String {
    timer.map_or_else(String::new, |timer| format!(" · {}", timer_of(timer)))
}
