//! Packets as lines of JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Packet, Seeing, Transport, strace_string};

/// A packet that crossed the wire.
#[derive(Serialize, JsonSchema)]
pub(super) struct PacketLine {
    /// out: the end whose life is told has sent it; or in
    pub direction: String,
    /// tcp, udp or icmp
    pub protocol: String,
    /// Those of the packet that it is about, turned round, where it is an ICMP error.
    pub from: String,
    pub to: String,
    /// The interface that it was seen on.
    pub interface: String,
    /// The connection, or pair of addresses, counted from 0.
    pub flow: u32,
    /// Of TCP, as are the next four: SYN, FIN, RST, PSH, ACK, URG.
    pub flags: Option<Vec<String>>,
    /// Counted from the sender's first.
    pub sequence: Option<u32>,
    pub acknowledges: Option<u32>,
    /// In bytes, scaled.
    pub window: Option<u32>,
    pub mss: Option<u16>,
    /// What ICMP says.
    pub message: Option<String>,
    /// Of what it carries, in bytes.
    pub len: usize,
    /// What it carries, as strace prints it.
    pub data: Option<String>,
    /// It was sent before: so long ago for the first time.
    pub again_us: Option<u64>,
    /// It only asks whether there is room, or anybody there.
    pub probe: Option<bool>,
}

/// Whether packets are seen, or why not.
#[derive(Serialize, JsonSchema)]
pub(super) struct PacketsLine {
    pub seen: bool,
    pub why: Option<String>,
    /// How many were lost since it was said last.
    pub lost: u32,
}

pub(super) fn packet(packet: &Packet) -> PacketLine {
    let segment = match &packet.header {
        Transport::Tcp(segment) => Some(segment),
        Transport::Udp | Transport::Icmp { .. } => None,
    };
    let bytes = &packet.payload;
    PacketLine {
        direction: if packet.leaves { "out" } else { "in" }.into(),
        protocol: packet.header.protocol().into(),
        from: packet.from.to_string(),
        to: packet.to.to_string(),
        interface: packet.frame.interface.to_string(),
        flow: packet.flow,
        flags: segment.map(|it| it.flags.words().map(String::from).collect()),
        sequence: segment.map(|it| it.seq),
        acknowledges: segment.and_then(|it| it.ack),
        window: segment.map(|it| it.window),
        mss: segment.and_then(|it| it.mss),
        message: packet.header.message().map(String::from),
        len: bytes.len,
        data: (bytes.len > 0).then(|| strace_string(&bytes.head, bytes.len)),
        again_us: segment.and_then(|it| Some(it.again?.as_micros() as u64)),
        probe: segment.map(|it| it.probe),
    }
}

pub(super) fn packets(seeing: &Seeing) -> PacketsLine {
    let (why, lost) = match seeing {
        Seeing::Yes => (None, 0),
        Seeing::No { why } => (Some(why.clone()), 0),
        Seeing::Lost { count } => (None, *count),
    };
    PacketsLine {
        seen: why.is_none(),
        why,
        lost,
    }
}
