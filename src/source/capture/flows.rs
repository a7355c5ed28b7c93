//! What was seen of each connection: by that its packets are numbered.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use super::parse::{Parsed, Parts, RawSegment};
use super::tally::Tally;
use crate::model::{Bytes, Flags, Frame, Packet, Segment, Transport};

/// So many segments of each direction are remembered, to know one that is sent again.
const REMEMBERED: usize = 16;

/// The connections that were seen, by their two ends.
#[derive(Default)]
pub(super) struct Flows {
    /// The ends in a fixed order.
    known: HashMap<[SocketAddr; 2], Flow>,
    count: u32,
}

/// One of them.
struct Flow {
    number: u32,
    is_self: bool,
    /// It was seen from its first SYN on.
    is_whole: bool,
    /// What each end has sent, in the order of the ends.
    halves: [Half; 2],
}

/// What one end has sent.
#[derive(Default)]
struct Half {
    /// Its first sequence number.
    first: Option<u32>,
    /// Said in its SYN: `None` if it was not, or not seen.
    scale: Option<u8>,
    mss: Option<u16>,
    /// How often it has sent and got what.
    tally: Tally,
    /// The segments that take sequence numbers: where each ends, and when it was sent.
    sent: VecDeque<(u32, u32, Duration)>,
}

impl Flows {
    /// The packet, and which of its connection it is. `leaves` says who has sent it.
    pub(super) fn packet(&mut self, parsed: &Parsed<'_>, leaves: bool, frame: Frame) -> Packet {
        let Parsed { from, to, what, .. } = parsed;
        let turned = from > to;
        let ends = if turned { [*to, *from] } else { [*from, *to] };
        let is_new = matches!(what, Parts::Tcp(it) if self.begins(ends, usize::from(turned), it));
        if is_new || !self.known.contains_key(&ends) {
            let halves = Default::default();
            let number = self.count;
            self.count += 1;
            let is_self = ends[0] == ends[1];
            let flow = Flow {
                number,
                is_self,
                is_whole: false,
                halves,
            };
            self.known.insert(ends, flow);
        }
        let skipped = frame.bytes.len() - parsed.payload.len();
        let payload = Bytes {
            len: frame.len.saturating_sub(skipped),
            ..Bytes::of(parsed.payload)
        };
        let mut number = 0;
        let header = match (what, self.known.get_mut(&ends)) {
            (Parts::Tcp(segment), Some(flow)) => {
                number = flow.number;
                let len = payload.len as u32;
                Transport::Tcp(flow.segment(usize::from(turned), segment, len, frame.time))
            }
            (Parts::Icmp { v6, kind, code }, flow) => {
                number = flow.map_or(0, |flow| flow.number);
                let (v6, kind, code) = (*v6, *kind, *code);
                Transport::Icmp { v6, kind, code }
            }
            (_, flow) => {
                number = flow.map_or(number, |flow| flow.number);
                Transport::Udp
            }
        };
        Packet {
            leaves,
            from: *from,
            to: *to,
            flow: number,
            header,
            payload,
            frame,
        }
    }

    /// What the end at `local` of a TCP connection has sent, got, and sent unasked. `None`
    /// where it was not seen from its beginning on.
    pub(super) fn tally(&self, local: SocketAddr, remote: SocketAddr) -> Option<[u32; 3]> {
        let turned = local > remote;
        let ends = if turned {
            [remote, local]
        } else {
            [local, remote]
        };
        let flow = self.known.get(&ends);
        let flow = flow.filter(|flow| flow.is_whole && !flow.is_self)?;
        Some(flow.halves[usize::from(turned)].tally.counts())
    }

    /// Does the segment begin a connection, where there was another of the same ends?
    fn begins(&self, ends: [SocketAddr; 2], half: usize, segment: &RawSegment) -> bool {
        let is_first = segment.flags.has(Flags::SYN) && !segment.flags.has(Flags::ACK);
        let known = self.known.get(&ends);
        is_first && known.is_some_and(|flow| flow.halves[half].first != Some(segment.seq))
    }
}

impl Flow {
    fn segment(&mut self, half: usize, raw: &RawSegment, len: u32, time: Duration) -> Segment {
        self.count(half, raw, len);
        let is_syn = raw.flags.has(Flags::SYN);
        let other = &self.halves[self.other(half)];
        // Both must have said it: RFC 7323, section 2.2.
        let scaled = self.halves[half].scale.filter(|_| other.scale.is_some());
        let first_of_other = other.first;
        let sender = &mut self.halves[half];
        // Of a connection that was there before, numbers are counted from what is seen first.
        let first = *sender.first.get_or_insert(raw.seq);
        if is_syn {
            sender.scale = raw.scale;
            sender.mss = raw.mss;
        }
        let takes = len + u32::from(is_syn) + u32::from(raw.flags.has(Flags::FIN));
        // Both SYNs of a socket that is connected to itself are its own.
        let again = if takes > 0 && !self.is_self {
            sender.again(raw.seq, takes, time)
        } else {
            None
        };
        let probe = takes == 0 && sender.is_probe(raw);
        let other = self.other(half);
        let ack = raw.flags.has(Flags::ACK).then(|| {
            let receiver = &mut self.halves[other];
            let first = match first_of_other {
                Some(first) => first,
                // What it acknowledges is where the other goes on.
                None => *receiver.first.get_or_insert(raw.ack),
            };
            raw.ack.wrapping_sub(first)
        });
        Segment {
            flags: raw.flags,
            seq: raw.seq.wrapping_sub(first),
            ack,
            window: match scaled {
                Some(bits) if !is_syn => u32::from(raw.window) << bits,
                _ => raw.window.into(),
            },
            mss: raw.mss,
            again,
            probe,
        }
    }

    /// Counts the segments of a packet: one that is larger than one is cut behind us, or was
    /// put together before us.
    fn count(&mut self, half: usize, raw: &RawSegment, len: u32) {
        self.is_whole |= raw.flags.has(Flags::SYN) && !raw.flags.has(Flags::ACK);
        let most = self.halves.iter().filter_map(|half| half.mss).min();
        let most = most.map_or(u16::MAX, |mss| mss.saturating_sub(raw.options));
        let segments = len.div_ceil(u32::from(most.max(1))).max(1);
        let other = self.other(half);
        self.halves[half].tally.sends(raw, len, segments);
        self.halves[other].tally.gets(raw, segments);
    }

    /// The other end; of a socket that is connected to itself, the same.
    fn other(&self, half: usize) -> usize {
        if self.is_self { half } else { 1 - half }
    }
}

impl Half {
    /// Is its number one below the next, and asks for nothing but an answer?
    fn is_probe(&self, raw: &RawSegment) -> bool {
        let next = self.sent.back().map(|(_, end, _)| *end);
        !raw.flags.has(Flags::RST) && next == Some(raw.seq.wrapping_add(1))
    }

    /// Was the segment sent before? Its numbers are all below the highest that was sent.
    fn again(&mut self, seq: u32, takes: u32, time: Duration) -> Option<Duration> {
        let end = seq.wrapping_add(takes);
        let is_below = |highest: u32| (highest.wrapping_sub(end) as i32) >= 0;
        let highest = self.sent.back().map(|(_, end, _)| *end);
        if highest.is_some_and(is_below) {
            let holds = |from: u32| (seq.wrapping_sub(from) as i32) >= 0;
            let mut sent = self.sent.iter().rev();
            let first = sent.find(|(from, ..)| holds(*from)).or(self.sent.front());
            return first.map(|(.., at)| time.saturating_sub(*at));
        }
        if self.sent.len() == REMEMBERED {
            self.sent.pop_front();
        }
        self.sent.push_back((seq, end, time));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::capture::parse::parse;

    /// A TCP segment over IPv4, of the client (port 2000) or the server (port 80).
    fn tcp(is_client: bool, seq: u32, ack: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
        let ports: [u16; 2] = if is_client { [2000, 80] } else { [80, 2000] };
        let mut bytes = vec![0x45, 0];
        bytes.extend((40 + payload.len() as u16).to_be_bytes());
        bytes.extend([0, 0, 0, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]);
        bytes.extend(ports.iter().flat_map(|port| port.to_be_bytes()));
        bytes.extend(seq.to_be_bytes());
        bytes.extend(ack.to_be_bytes());
        bytes.extend([0x50, flags, 1, 0, 0, 0, 0, 0]);
        bytes.extend(payload);
        bytes
    }

    struct Wire(Flows);

    impl Wire {
        fn see(&mut self, millis: u64, bytes: Vec<u8>) -> Packet {
            let parsed = parse(&bytes).unwrap();
            let frame = Frame {
                time: Duration::from_millis(millis),
                len: bytes.len(),
                interface: "lo".into(),
                bytes: bytes.clone(),
            };
            self.0.packet(&parsed, false, frame)
        }

        fn segment(&mut self, millis: u64, bytes: Vec<u8>) -> Segment {
            match self.see(millis, bytes).header {
                Transport::Tcp(segment) => segment,
                other => panic!("{other:?}"),
            }
        }
    }

    const SYN: u8 = 2;
    const ACK: u8 = 16;

    #[test]
    fn numbers_count_from_each_ends_first_and_past_the_highest() {
        let mut wire = Wire(Flows::default());
        let first = u32::MAX - 1;
        assert_eq!(wire.segment(0, tcp(true, first, 0, SYN, b"")).seq, 0);
        let answer = wire.segment(1, tcp(false, 70, first.wrapping_add(1), SYN | ACK, b""));
        assert_eq!((answer.seq, answer.ack), (0, Some(1)));
        let data = tcp(true, first.wrapping_add(1), 71, ACK, b"hello");
        let sent = wire.segment(2, data.clone());
        assert_eq!((sent.seq, sent.ack, sent.again), (1, Some(1), None));
        let again = wire.segment(202, data).again;
        assert_eq!(again, Some(Duration::from_millis(200)));
        let probe = wire.segment(300, tcp(true, first.wrapping_add(5), 71, ACK, b""));
        assert!(probe.probe && probe.again.is_none());
    }

    #[test]
    fn a_new_syn_of_the_same_ends_is_a_new_connection() {
        let mut wire = Wire(Flows::default());
        assert_eq!(wire.see(0, tcp(true, 5, 0, SYN, b"")).flow, 0);
        assert_eq!(wire.see(1, tcp(true, 5, 0, SYN, b"")).flow, 0);
        assert_eq!(wire.see(2, tcp(true, 9, 0, SYN, b"")).flow, 1);
    }

    #[test]
    fn what_was_not_kept_counts() {
        let bytes = tcp(true, 5, 6, ACK, &[7; 100]);
        let parsed = parse(&bytes[..60]).unwrap();
        let frame = Frame {
            time: Duration::ZERO,
            interface: "lo".into(),
            bytes: bytes[..60].to_vec(),
            len: bytes.len(),
        };
        let packet = Flows::default().packet(&parsed, true, frame);
        assert_eq!(packet.payload.len, 100);
        assert_eq!(packet.payload.head.len(), 20);
    }
}
