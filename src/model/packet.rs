//! A packet that crossed the wire, and what its connection makes of it.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use super::Bytes;

/// A packet of TCP, UDP or ICMP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    /// The end whose life is told has sent it.
    pub leaves: bool,
    /// Those of the packet that it is about, turned round, where it is an ICMP error.
    pub from: SocketAddr,
    pub to: SocketAddr,
    /// The pair of addresses that it belongs to, counted from 0. A new SYN is a new one.
    pub flow: u32,
    pub header: Transport,
    /// What it carries.
    pub payload: Bytes,
    pub frame: Frame,
}

/// A packet as it was captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// When the kernel saw it, since 1970.
    pub time: Duration,
    /// What the interface is called that it was seen on.
    pub interface: Rc<str>,
    /// From the IP header on, perhaps cut. Untrusted.
    pub bytes: Vec<u8>,
    /// Its whole length in bytes, the IP header included.
    pub len: usize,
}

/// What a packet says, by its protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Tcp(Segment),
    Udp,
    /// The type and code of the message of icmp(7), and whether it is that of IPv6.
    Icmp {
        v6: bool,
        kind: u8,
        code: u8,
    },
}

/// The header of a TCP segment: RFC 9293, section 3.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub flags: Flags,
    /// Counted from the sender's first number that was seen.
    pub seq: u32,
    /// Counted from the other's; `None` without the flag ACK.
    pub ack: Option<u32>,
    /// What the sender has room for, in bytes: the field, scaled as the two have agreed
    /// on where that was seen.
    pub window: u32,
    /// Of a SYN: the longest segment that its sender wants, in bytes.
    pub mss: Option<u16>,
    /// It was sent before: how long ago for the first time.
    pub again: Option<Duration>,
    /// It only asks whether there is room, or anybody: its number is one below the next.
    pub probe: bool,
}

/// The flags of a segment: the lowest bits of its 14th byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flags(pub u8);

impl Flags {
    pub(crate) const FIN: Flags = Flags(1);
    pub(crate) const SYN: Flags = Flags(2);
    pub(crate) const RST: Flags = Flags(4);
    pub(crate) const PSH: Flags = Flags(8);
    pub(crate) const ACK: Flags = Flags(16);
    pub(crate) const URG: Flags = Flags(32);

    /// Those that books name first stand first.
    const WORDS: [(Flags, &'static str); 6] = [
        (Flags::SYN, "SYN"),
        (Flags::FIN, "FIN"),
        (Flags::RST, "RST"),
        (Flags::PSH, "PSH"),
        (Flags::ACK, "ACK"),
        (Flags::URG, "URG"),
    ];

    /// Is that one set?
    pub(crate) fn has(self, flag: Flags) -> bool {
        self.0 & flag.0 != 0
    }

    /// The one of that name.
    pub(crate) fn named(word: &str) -> Option<Flags> {
        let known = Flags::WORDS.into_iter().find(|(_, name)| *name == word);
        known.map(|(flag, _)| flag)
    }

    /// The names of those that are set.
    pub(crate) fn words(self) -> impl Iterator<Item = &'static str> {
        let set = Flags::WORDS.into_iter().filter(move |it| self.has(it.0));
        set.map(|(_, word)| word)
    }
}

impl Transport {
    /// The word of the protocol.
    pub(crate) fn protocol(&self) -> &'static str {
        match self {
            Transport::Tcp(_) => "tcp",
            Transport::Udp => "udp",
            Transport::Icmp { .. } => "icmp",
        }
    }

    /// A message of ICMP that says so, of IPv4: of which IP it was, its words do not say.
    pub(crate) fn named(message: &str) -> Option<Transport> {
        let kinds = [(3, 3), (3, 1), (3, 4), (3, 0), (11, 0), (255, 0)];
        let mut known = kinds.into_iter().map(|(kind, code)| Transport::Icmp {
            v6: false,
            kind,
            code,
        });
        known.find(|known| known.message() == Some(message))
    }

    /// What an ICMP message says: RFC 792, RFC 4443.
    pub(crate) fn message(&self) -> Option<&'static str> {
        let Transport::Icmp { v6, kind, code } = *self else {
            return None;
        };
        Some(match (v6, kind, code) {
            (false, 3, 3) | (true, 1, 4) => "port unreachable",
            (false, 3, 1) | (true, 1, 3) => "host unreachable",
            (false, 3, 4) | (true, 2, _) => "too long for the way",
            (false, 3, _) | (true, 1, _) => "unreachable",
            (false, 11, _) | (true, 3, _) => "time exceeded",
            _ => "another message",
        })
    }
}

/// Whether packets are seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seeing {
    /// They are.
    Yes,
    /// They are not: why, and what would help.
    No { why: String },
    /// So many came faster than they were taken, and were lost since it was said last.
    Lost { count: u32 },
}
