//! The bytes of a packet, taken apart. They are anybody's.

use std::net::{IpAddr, SocketAddr};

use etherparse::{LaxNetSlice, LaxSlicedPacket, TcpOptionElement, TcpSlice, TransportSlice};

use crate::model::Flags;

/// What a packet says by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parsed<'a> {
    pub from: SocketAddr,
    pub to: SocketAddr,
    pub what: Parts,
    /// As much of what it carries as was kept: it goes on to the end of the packet.
    pub payload: &'a [u8],
}

/// What is in it, by its protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Parts {
    Tcp(RawSegment),
    Udp,
    Icmp { v6: bool, kind: u8, code: u8 },
}

/// A TCP header as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RawSegment {
    pub flags: Flags,
    pub seq: u32,
    pub ack: u32,
    pub window: u16,
    pub mss: Option<u16>,
    /// By how many bits its windows are shifted.
    pub scale: Option<u8>,
    /// How long its options are, in bytes.
    pub options: u16,
}

/// Takes a packet apart, from its IP header on. `None` of what is neither TCP nor UDP nor
/// an error of ICMP about them.
pub(super) fn parse(bytes: &[u8]) -> Option<Parsed<'_>> {
    let (packet, ips) = sliced(bytes)?;
    let (v6, kind, code, payload) = match packet.transport? {
        TransportSlice::Icmpv4(it) => (false, it.type_u8(), it.code_u8(), it.payload()),
        TransportSlice::Icmpv6(it) => (true, it.type_u8(), it.code_u8(), it.payload()),
        other => {
            let (ports, what, payload) = ports(&other)?;
            let [from, to] = between(ips, ports);
            return Some(Parsed {
                from,
                to,
                what,
                payload,
            });
        }
    };
    // It carries the beginning of the packet that it is about.
    let (about, ips) = sliced(payload)?;
    let (ports, ..) = ports(&about.transport?)?;
    let [to, from] = between(ips, ports);
    Some(Parsed {
        from,
        to,
        what: Parts::Icmp { v6, kind, code },
        payload,
    })
}

fn between(ips: [IpAddr; 2], ports: [u16; 2]) -> [SocketAddr; 2] {
    [0, 1].map(|at| SocketAddr::new(ips[at], ports[at]))
}

fn sliced(bytes: &[u8]) -> Option<(LaxSlicedPacket<'_>, [IpAddr; 2])> {
    let packet = LaxSlicedPacket::from_ip(bytes).ok()?;
    let ips = match packet.net.as_ref()? {
        LaxNetSlice::Ipv4(it) => {
            let header = it.header();
            [
                header.source_addr().into(),
                header.destination_addr().into(),
            ]
        }
        LaxNetSlice::Ipv6(it) => {
            let header = it.header();
            [
                header.source_addr().into(),
                header.destination_addr().into(),
            ]
        }
        LaxNetSlice::Arp(_) => return None,
    };
    Some((packet, ips))
}

fn ports<'a>(transport: &TransportSlice<'a>) -> Option<([u16; 2], Parts, &'a [u8])> {
    Some(match transport {
        TransportSlice::Udp(it) => {
            let ports = [it.source_port(), it.destination_port()];
            (ports, Parts::Udp, it.payload())
        }
        TransportSlice::Tcp(it) => {
            let ports = [it.source_port(), it.destination_port()];
            (ports, Parts::Tcp(segment(it)), it.payload())
        }
        _ => return None,
    })
}

fn segment(tcp: &TcpSlice<'_>) -> RawSegment {
    let mut segment = RawSegment {
        flags: Flags(tcp.slice()[13]),
        seq: tcp.sequence_number(),
        ack: tcp.acknowledgment_number(),
        window: tcp.window_size(),
        mss: None,
        scale: None,
        options: tcp.options().len() as u16,
    };
    for option in tcp.options_iterator().flatten() {
        match option {
            TcpOptionElement::MaximumSegmentSize(mss) => segment.mss = Some(mss),
            // More is not allowed: RFC 7323, section 2.3.
            TcpOptionElement::WindowScale(bits) => segment.scale = Some(bits.min(14)),
            _ => {}
        }
    }
    segment
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fuzz::{config, edited};

    /// An answer to a SYN: a reset, over IPv6.
    const RESET: [u8; 60] = {
        let mut bytes = [0; 60];
        (bytes[0], bytes[5], bytes[6], bytes[7]) = (0x60, 20, 6, 64);
        (bytes[23], bytes[39]) = (1, 1);
        (bytes[41], bytes[43], bytes[51]) = (80, 81, 1);
        (bytes[52], bytes[53]) = (0x50, 20);
        bytes
    };

    #[test]
    fn a_reset_over_ipv6() {
        let parsed = parse(&RESET).unwrap();
        assert_eq!(parsed.from.to_string(), "[::1]:80");
        assert_eq!(parsed.to.to_string(), "[::1]:81");
        let Parts::Tcp(segment) = parsed.what else {
            panic!("{:?}", parsed.what);
        };
        assert!(segment.flags.has(Flags::RST) && segment.flags.has(Flags::ACK));
        assert_eq!((segment.seq, segment.ack), (0, 1));
    }

    #[test]
    fn fuzzed_bytes_are_taken_apart_or_are_nothing() {
        let cases = edited(vec![RESET.to_vec()], &["\x01", "\x3a", "\x11", "\x45"]);
        proptest!(config(2000), |(bytes in cases)| {
            if let Some(parsed) = parse(&bytes) {
                prop_assert!(parsed.payload.len() <= bytes.len());
            }
        });
    }
}
