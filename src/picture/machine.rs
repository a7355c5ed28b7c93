//! The states of a socket and what leads from one to another.

use crate::model::TcpState::{self, *};
use crate::model::{Domain, Kind, SocketView};

/// Which states a socket can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    /// Those of RFC 9293, section 3.3.2.
    Tcp,
    /// Those of a unix stream: unix(7).
    Stream,
    /// A datagram socket has an address, and perhaps that of another.
    Datagram,
}

/// What leads from a state to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub from: TcpState,
    pub to: TcpState,
    pub cause: Cause,
    /// The segment that is sent then, if one is.
    pub sends: &'static str,
}

/// Why a state changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Call(&'static str),
    /// What arrives.
    Packet(&'static str),
    /// So much time is over.
    Time(&'static str),
}

impl Cause {
    /// `listen`, `SYN`, `60 s`
    pub(crate) fn word(self) -> &'static str {
        match self {
            Cause::Call(word) | Cause::Packet(word) | Cause::Time(word) => word,
        }
    }
}

const fn edge(from: TcpState, to: TcpState, cause: Cause, sends: &'static str) -> Edge {
    Edge {
        from,
        to,
        cause,
        sends,
    }
}

/// RFC 9293, figure 5. A SYN leaves the listener as it is: the new socket begins in
/// SYN-RECEIVED. An RST, which ends every connection, is not drawn there.
const TCP: &[Edge] = &[
    edge(Closed, Listen, Cause::Call("listen"), ""),
    edge(Closed, SynSent, Cause::Call("connect"), "SYN"),
    edge(Listen, SynReceived, Cause::Packet("SYN"), "SYN,ACK"),
    edge(SynSent, Established, Cause::Packet("SYN,ACK"), "ACK"),
    edge(SynSent, SynReceived, Cause::Packet("SYN"), "SYN,ACK"),
    edge(SynReceived, Established, Cause::Packet("ACK"), ""),
    edge(Established, FinWait1, Cause::Call("close"), "FIN"),
    edge(Established, CloseWait, Cause::Packet("FIN"), "ACK"),
    edge(FinWait1, FinWait2, Cause::Packet("ACK"), ""),
    edge(FinWait1, Closing, Cause::Packet("FIN"), "ACK"),
    edge(FinWait1, TimeWait, Cause::Packet("FIN,ACK"), "ACK"),
    edge(FinWait2, TimeWait, Cause::Packet("FIN"), "ACK"),
    edge(Closing, TimeWait, Cause::Packet("ACK"), ""),
    edge(CloseWait, LastAck, Cause::Call("close"), "FIN"),
    edge(LastAck, Closed, Cause::Packet("ACK"), ""),
    edge(TimeWait, Closed, Cause::Time("60 s"), ""),
    edge(Listen, Closed, Cause::Call("close"), ""),
];

const STREAM: &[Edge] = &[
    edge(Unconnected, Listen, Cause::Call("listen"), ""),
    edge(Unconnected, Connected, Cause::Call("connect"), ""),
];

const DATAGRAM: &[Edge] = &[
    edge(Unconnected, Connected, Cause::Call("connect"), ""),
    edge(
        Connected,
        Unconnected,
        Cause::Call("connect to AF_UNSPEC"),
        "",
    ),
];

impl Shape {
    /// That of a socket, where its kind is known.
    pub(super) fn of(socket: &SocketView) -> Option<Shape> {
        match (socket.domain.value()?, socket.kind.value()?) {
            (Domain::Inet | Domain::Inet6, Kind::Stream) => Some(Shape::Tcp),
            (Domain::Unix, Kind::Stream) => Some(Shape::Stream),
            (_, Kind::Dgram) => Some(Shape::Datagram),
            _ => None,
        }
    }

    /// What leads from which state to which.
    pub(crate) fn edges(self) -> &'static [Edge] {
        match self {
            Shape::Tcp => TCP,
            Shape::Stream => STREAM,
            Shape::Datagram => DATAGRAM,
        }
    }

    /// What can come next.
    pub(crate) fn next(self, state: TcpState) -> impl Iterator<Item = &'static Edge> {
        self.edges().iter().filter(move |edge| edge.from == state)
    }

    /// The states that it must have passed on the way, where there is one shortest way.
    pub(super) fn between(self, from: TcpState, to: TcpState) -> Vec<TcpState> {
        let mut ways = vec![vec![from]];
        // No way is longer than there are states.
        for _ in 0..TcpState::ALL.len() {
            let last = |way: &Vec<TcpState>| way.last().copied().unwrap_or(from);
            let arrived: Vec<&Vec<TcpState>> = ways.iter().filter(|it| last(it) == to).collect();
            match arrived[..] {
                [] => {}
                [way] if way.len() > 2 => return way[1..way.len() - 1].to_vec(),
                _ => return Vec::new(),
            }
            let longer = ways.iter().flat_map(|way| {
                let next = self.next(last(way)).map(|edge| edge.to);
                let new = next.filter(|state| !way.contains(state));
                new.map(|state| [&way[..], &[state]].concat())
            });
            ways = longer.collect();
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_between_is_said_only_where_it_is_sure() {
        let between = |from, to| Shape::Tcp.between(from, to);
        assert_eq!(between(Closed, Established), [SynSent]);
        assert_eq!(between(Established, TimeWait), [FinWait1]);
        assert_eq!(between(Established, LastAck), [CloseWait]);
        assert_eq!(between(Closed, Listen), []);
        assert_eq!(between(TimeWait, Established), [Closed, SynSent]);
        assert_eq!(between(Established, Established), []);
    }
}
