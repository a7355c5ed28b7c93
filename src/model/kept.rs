//! How what is known is found and replaced: a call costs the same, however much there is.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Fact, Focus, KernelRow, Protocol, Relation, SocketView, World};

/// The order of the rows: those who wait as they stand in the queue, the others by cookie.
pub(crate) fn place(row: &KernelRow) -> (Relation, u64) {
    place_of(row.relation, row.cookie)
}

fn place_of(relation: Relation, cookie: u64) -> (Relation, u64) {
    (relation, if relation.waits() { 0 } else { cookie })
}

impl World {
    /// The view of the socket at `fd`.
    pub(crate) fn socket(&self, fd: i32) -> Option<&SocketView> {
        let place = self.sockets.binary_search_by_key(&fd, |it| it.fd).ok()?;
        self.sockets.get(place)
    }

    /// The sockets that a look in that focus looks at.
    pub(crate) fn sockets_in(&self, focus: Option<&Focus>) -> Vec<&SocketView> {
        match focus {
            None => self.sockets.iter().collect(),
            Some(focus) => focus.fds.iter().filter_map(|fd| self.socket(*fd)).collect(),
        }
    }

    /// The rows that a look in that focus looks at.
    pub(crate) fn rows_in(&self, focus: Option<&Focus>) -> Vec<&KernelRow> {
        match focus {
            None => self.rows().iter().collect(),
            Some(focus) => {
                let places = places(self.rows(), &focus.cookies);
                places.into_iter().map(|at| &self.rows()[at]).collect()
            }
        }
    }

    /// The cookies of the rows of what is at the other end of `socket`.
    pub(crate) fn other_ends_of(&self, socket: &SocketView) -> Vec<u64> {
        let rows = self.rows();
        if socket.protocol.value() == Some(&Protocol::Tcp) {
            let ends = socket.cookie.value().and_then(|it| self.ends.of(*it));
            let peer = ends.and_then(|ends| ends.peer_cookie);
            let is_there = |peer: &u64| !alike(rows, Relation::Peer, *peer).is_empty();
            return peer.filter(is_there).into_iter().collect();
        }
        let others = rows.iter().filter(|row| row.is_other_end_of(socket));
        others.map(|row| row.cookie).collect()
    }

    /// Makes this what it is after the look `seen`.
    pub(crate) fn take_over(&mut self, seen: &World) {
        let Some(focus) = &seen.focus else {
            self.clone_from(seen);
            return;
        };
        if focus.process {
            self.process = seen.process.clone();
        }
        self.paths.clone_from(&seen.paths);
        for fd in &focus.fds {
            let place = self.sockets.binary_search_by_key(fd, |it| it.fd);
            match (place, seen.socket(*fd)) {
                (Ok(at), Some(now)) => self.sockets[at].clone_from(now),
                (Ok(at), None) => drop(self.sockets.remove(at)),
                (Err(at), Some(now)) => self.sockets.insert(at, now.clone()),
                (Err(_), None) => {}
            }
        }
        self.take_over_ends(seen, focus);
        self.others = match (std::mem::take(&mut self.others), &seen.others) {
            (Fact::Seen(mut known, _), Fact::Seen(rows, via)) => {
                take_over_rows(&mut known, seen, rows);
                Fact::Seen(known, *via)
            }
            (_, now) => now.clone(),
        };
    }

    fn take_over_ends(&mut self, seen: &World, focus: &Focus) {
        let mut gone = focus.cookies.clone();
        for now in seen.ends.iter() {
            gone.remove(&now.cookie);
            self.ends.put(*now);
        }
        for cookie in gone {
            self.ends.remove(cookie);
        }
    }
}

/// The places of the rows that may be of that relation and cookie.
fn alike(rows: &[KernelRow], relation: Relation, cookie: u64) -> Range<usize> {
    let wanted = place_of(relation, cookie);
    let first = rows.partition_point(|row| place(row) < wanted);
    let count = rows[first..].partition_point(|row| place(row) == wanted);
    first..first + count
}

/// The places of the rows of these cookies, in their order.
fn places(rows: &[KernelRow], cookies: &BTreeSet<u64>) -> Vec<usize> {
    let mut places = Vec::new();
    for cookie in cookies {
        for relation in Relation::ALL {
            let alike = alike(rows, relation, *cookie);
            places.extend(alike.filter(|at| rows[*at].cookie == *cookie));
        }
    }
    places.sort_unstable();
    places
}

/// Puts `rows` in the places of those that were looked at.
fn take_over_rows(known: &mut Vec<KernelRow>, seen: &World, rows: &[KernelRow]) {
    let key = |row: &KernelRow| (row.relation, row.cookie);
    let mut new: BTreeMap<_, _> = rows.iter().map(|row| (key(row), row)).collect();
    let taken = seen.sockets.iter().filter_map(|it| it.cookie.value());
    let mut cookies: BTreeSet<u64> = taken.copied().collect();
    cookies.extend(seen.focus.iter().flat_map(|focus| &focus.cookies));
    let gone = cookies.clone();
    cookies.extend(rows.iter().map(|row| row.cookie));
    for at in places(known, &cookies).into_iter().rev() {
        match new.remove(&key(&known[at])) {
            Some(now) => known[at].clone_from(now),
            None if gone.contains(&known[at].cookie) => drop(known.remove(at)),
            None => {}
        }
    }
    for row in rows.iter().filter(|row| new.contains_key(&key(row))) {
        let after = known.partition_point(|other| place(other) <= place(row));
        known.insert(after, row.clone());
    }
}
