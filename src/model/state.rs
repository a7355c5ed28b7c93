//! The states of sockets.

use serde::{Deserialize, Serialize};

/// The state of a socket: of a TCP connection endpoint by the names of RFC 9293
/// section 3.3.2, and of a socket of any other protocol one of three that this
/// name still covers: `Unconnected`, `Connected`, and `Listen` for unix streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum TcpState {
    Closed,
    Listen,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
    /// Not TCP: no peer is set, by connect(2) or accept(2).
    Unconnected,
    /// Not TCP: a peer is set.
    Connected,
    /// A number the kernel used that is none of the above.
    Unknown(u8),
}

impl TcpState {
    /// All that have a name.
    pub(crate) const ALL: [TcpState; 13] = [
        TcpState::Closed,
        TcpState::Listen,
        TcpState::SynSent,
        TcpState::SynReceived,
        TcpState::Established,
        TcpState::FinWait1,
        TcpState::FinWait2,
        TcpState::CloseWait,
        TcpState::Closing,
        TcpState::LastAck,
        TcpState::TimeWait,
        TcpState::Unconnected,
        TcpState::Connected,
    ];

    /// From the kernel's number: `enum` in include/net/tcp_states.h.
    /// NEW_SYN_RECV (12) is a half-open connection, BOUND_INACTIVE (13) a closed one.
    pub(crate) fn from_kernel(number: u8) -> TcpState {
        match number {
            1 => TcpState::Established,
            2 => TcpState::SynSent,
            3 | 12 => TcpState::SynReceived,
            4 => TcpState::FinWait1,
            5 => TcpState::FinWait2,
            6 => TcpState::TimeWait,
            7 | 13 => TcpState::Closed,
            8 => TcpState::CloseWait,
            9 => TcpState::LastAck,
            10 => TcpState::Listen,
            11 => TcpState::Closing,
            other => TcpState::Unknown(other),
        }
    }

    /// The state of a UDP or unix socket from the kernel's number, which is of the
    /// same `enum`: such a socket only knows 1, 7 and, a unix stream, 10.
    pub(crate) fn from_kernel_not_tcp(number: u8) -> TcpState {
        match TcpState::from_kernel(number) {
            TcpState::Closed => TcpState::Unconnected,
            TcpState::Established => TcpState::Connected,
            other => other,
        }
    }

    /// RFC 9293's name, or socklab's own for what is not TCP.
    pub(crate) fn name(self) -> &'static str {
        match self {
            TcpState::Closed => "CLOSED",
            TcpState::Listen => "LISTEN",
            TcpState::SynSent => "SYN-SENT",
            TcpState::SynReceived => "SYN-RECEIVED",
            TcpState::Established => "ESTABLISHED",
            TcpState::FinWait1 => "FIN-WAIT-1",
            TcpState::FinWait2 => "FIN-WAIT-2",
            TcpState::CloseWait => "CLOSE-WAIT",
            TcpState::Closing => "CLOSING",
            TcpState::LastAck => "LAST-ACK",
            TcpState::TimeWait => "TIME-WAIT",
            TcpState::Unconnected => "UNCONNECTED",
            TcpState::Connected => "CONNECTED",
            TcpState::Unknown(_) => "UNKNOWN",
        }
    }

    /// The state of that name.
    pub(crate) fn of_name(name: &str) -> Option<TcpState> {
        let number = name.strip_prefix("UNKNOWN(");
        if let Some(number) = number.and_then(|rest| rest.strip_suffix(')')) {
            return number.parse().ok().map(TcpState::Unknown);
        }
        TcpState::ALL.into_iter().find(|state| state.name() == name)
    }

    /// What `ss` prints for it.
    pub(crate) fn ss_name(self) -> &'static str {
        match self {
            TcpState::Closed | TcpState::Unconnected => "UNCONN",
            TcpState::SynReceived => "SYN-RECV",
            TcpState::Established | TcpState::Connected => "ESTAB",
            other => other.name(),
        }
    }
}

impl std::fmt::Display for TcpState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TcpState::Unknown(number) => write!(f, "UNKNOWN({number})"),
            known => f.write_str(known.name()),
        }
    }
}
