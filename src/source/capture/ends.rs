//! The addresses that the run's sockets use, and whose packets are those from and to them.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use crate::model::plain;
use crate::sys::Way;

/// The ends that are watched: is it one of those whose life is told?
#[derive(Default)]
pub(super) struct Ends(HashMap<End, bool>);

/// An end of what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum End {
    /// A port of this host, at whichever of its addresses.
    Here(u16),
    /// A port that is called at this address: it may be another program's elsewhere.
    At(IpAddr, u16),
    /// A port that is called at an address that stands for others.
    Anywhere(u16),
}

impl Ends {
    /// A socket is bound to that address. Is its port a new one?
    pub(super) fn bound(&mut self, addr: SocketAddr, is_ours: bool) -> bool {
        self.add(End::Here(addr.port()), is_ours)
    }

    /// A socket sends to that address.
    pub(super) fn called(&mut self, addr: SocketAddr, is_ours: bool) -> bool {
        let addr = plain(addr);
        let (ip, port) = (addr.ip(), addr.port());
        let is_broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
        let end = if ip.is_multicast() || ip.is_unspecified() || is_broadcast {
            End::Anywhere(port)
        } else {
            End::At(ip, port)
        };
        self.add(end, is_ours)
    }

    fn add(&mut self, end: End, is_ours: bool) -> bool {
        let is_new = end.port() != 0 && !self.0.contains_key(&end);
        if is_new {
            self.0.insert(end, is_ours);
        }
        is_new
    }

    /// Is that address one that is watched?
    pub(super) fn has(&self, addr: SocketAddr) -> bool {
        self.find(addr, true).is_some()
    }

    /// All ports, each once.
    pub(super) fn ports(&self) -> Vec<u16> {
        let mut ports: Vec<u16> = self.0.keys().map(|end| end.port()).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }

    /// Has the end whose life is told sent a packet that went this way? `None` if neither
    /// end is watched.
    pub(super) fn leaves(&self, from: SocketAddr, to: SocketAddr, way: Way) -> Option<bool> {
        let sender = self.find(from, way != Way::In);
        // Where both are known the one that was bound is certain.
        sender.or_else(|| self.find(to, way != Way::Out).map(|is_ours| !is_ours))
    }

    fn find(&self, addr: SocketAddr, is_here: bool) -> Option<bool> {
        let addr = plain(addr);
        let port = addr.port();
        let here = is_here.then_some(End::Here(port));
        let all = [
            here,
            Some(End::At(addr.ip(), port)),
            Some(End::Anywhere(port)),
        ];
        all.iter()
            .flatten()
            .find_map(|end| self.0.get(end))
            .copied()
    }
}

impl End {
    fn port(self) -> u16 {
        match self {
            End::Here(port) | End::At(_, port) | End::Anywhere(port) => port,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_port_of_another_host_is_watched_where_it_is_called() {
        let mut ends = Ends::default();
        assert!(ends.called(addr("[::ffff:10.0.0.9]:443"), false));
        assert!(!ends.called(addr("10.0.0.9:443"), false));
        let us = addr("10.0.0.1:50000");
        assert_eq!(ends.leaves(us, addr("10.0.0.9:443"), Way::Out), Some(true));
        assert_eq!(ends.leaves(addr("10.0.0.9:443"), us, Way::In), Some(false));
        assert_eq!(ends.leaves(us, addr("10.0.0.8:443"), Way::Out), None);
        assert_eq!(ends.ports(), [443]);
    }

    #[test]
    fn a_port_that_is_bound_here_is_nothing_elsewhere() {
        let mut ends = Ends::default();
        ends.bound(addr("0.0.0.0:80"), true);
        let (us, other) = (addr("10.0.0.1:80"), addr("10.0.0.9:5000"));
        assert_eq!(ends.leaves(other, us, Way::In), Some(false));
        assert_eq!(ends.leaves(us, other, Way::Out), Some(true));
        let (us, other) = (addr("10.0.0.1:5000"), addr("10.0.0.9:80"));
        assert_eq!(ends.leaves(us, other, Way::Out), None);
        assert_eq!(ends.leaves(other, us, Way::Within), Some(true));
    }

    #[test]
    fn who_answers_a_group_has_an_address_of_its_own() {
        let mut ends = Ends::default();
        ends.called(addr("224.0.0.251:5353"), false);
        let answer = ends.leaves(addr("10.0.0.7:5353"), addr("10.0.0.1:9"), Way::In);
        assert_eq!(answer, Some(false));
    }
}
