//! The TCP connections of a process: in their order, and found by cookie.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::ops::Deref;

use super::TcpState;

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The kernel has a row of it.
    There(TcpState),
    /// It had one, and has none any more.
    Gone,
    /// It never had one in this network namespace: it is another machine's.
    Elsewhere,
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            End::There(state) => write!(f, "{state}"),
            End::Gone => f.write_str("gone"),
            End::Elsewhere => f.write_str("elsewhere"),
        }
    }
}

/// Both ends of a connection at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ends {
    /// The address of the actor's end.
    pub local: SocketAddr,
    pub peer: SocketAddr,
    pub ours: End,
    pub theirs: End,
    /// The cookie of the actor's end.
    pub cookie: u64,
    /// That of the other end, where the kernel has a row of it.
    pub peer_cookie: Option<u64>,
}

/// TCP connections, oldest first. One is found by the cookie of the process's own end at
/// the same cost, however many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Connections {
    all: Vec<Ends>,
    /// Where the first one of a cookie stands: a socket that has connected again has two.
    places: HashMap<u64, usize>,
}

impl Deref for Connections {
    type Target = [Ends];

    fn deref(&self) -> &[Ends] {
        &self.all
    }
}

impl From<Vec<Ends>> for Connections {
    fn from(all: Vec<Ends>) -> Connections {
        let places = HashMap::new();
        let mut connections = Connections { all, places };
        connections.index();
        connections
    }
}

impl Connections {
    /// The one of that cookie.
    pub(crate) fn of(&self, cookie: u64) -> Option<&Ends> {
        self.all.get(*self.places.get(&cookie)?)
    }

    /// Those of these cookies.
    pub(crate) fn of_all(&self, cookies: &BTreeSet<u64>) -> Vec<&Ends> {
        let places = cookies.iter();
        let mut places: Vec<&usize> = places.filter_map(|it| self.places.get(it)).collect();
        places.sort_unstable();
        places.into_iter().map(|at| &self.all[*at]).collect()
    }

    /// What was known of a connection is now that; a new one is the youngest.
    pub(super) fn put(&mut self, now: Ends) {
        match self.places.get(&now.cookie) {
            Some(at) => self.all[*at] = now,
            None => {
                self.places.insert(now.cookie, self.all.len());
                self.all.push(now);
            }
        }
    }

    /// Nothing is left of a connection.
    pub(super) fn remove(&mut self, cookie: u64) {
        if self.places.contains_key(&cookie) {
            self.all.retain(|it| it.cookie != cookie);
            self.index();
        }
    }

    fn index(&mut self) {
        self.places.clear();
        for (at, ends) in self.all.iter().enumerate() {
            self.places.entry(ends.cookie).or_insert(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(cookie: u64, peer: &str) -> Ends {
        Ends {
            local: "127.0.0.1:1".parse().unwrap(),
            peer: peer.parse().unwrap(),
            ours: End::There(TcpState::Established),
            theirs: End::Gone,
            cookie,
            peer_cookie: None,
        }
    }

    #[test]
    fn what_goes_leaves_the_others_in_their_order_and_found() {
        let (old, young) = (ends(9, "127.0.0.1:2"), ends(4, "127.0.0.1:3"));
        let mut all = Connections::from(vec![old]);
        all.put(young);
        assert_eq!(*all, [old, young]);
        let again = ends(9, "127.0.0.1:4");
        all.put(again);
        assert_eq!(*all, [again, young]);
        assert_eq!(all.of_all(&[4, 9, 77].into()), [&again, &young]);
        all.remove(9);
        all.remove(77);
        assert_eq!((all.of(9), all.of(4)), (None, Some(&young)));
    }
}
