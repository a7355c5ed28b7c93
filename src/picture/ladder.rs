//! Who did what, one thing below the other.

use std::rc::Rc;
use std::time::Duration;

use super::lives::Place;
use crate::model::{Call, Outcome, Packet, TcpState, Transport};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rung {
    /// The event that told it.
    pub seq: u64,
    pub at: Duration,
    pub place: Place,
    pub mark: Mark,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A call has returned.
    Call {
        who: Rc<str>,
        call: Box<Call>,
        outcome: Outcome,
    },
    /// A socket was seen in another state; `None`: it is gone.
    State {
        name: String,
        state: Option<TcpState>,
    },
    /// A packet has crossed the wire; who has sent it is at that place.
    Packet {
        header: Transport,
        /// How many bytes it carries.
        carries: usize,
    },
}

impl Mark {
    /// That of a packet.
    pub(super) fn packet(packet: &Packet) -> Mark {
        // An ICMP error quotes the packet that it is about, and carries nothing of its own.
        let is_error = matches!(packet.header, Transport::Icmp { .. });
        Mark::Packet {
            header: packet.header.clone(),
            carries: if is_error { 0 } else { packet.payload.len },
        }
    }
}
