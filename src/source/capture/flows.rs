//! What was seen of each connection: by that its packets are numbered.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use super::parse::{Parsed, Parts, RawSegment};
use crate::model::{Bytes, Flags, Frame, Header, Packet, Segment};

/// So many segments of each direction are remembered, to know one that is sent again.
const REMEMBERED: usize = 64;

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
    syn: bool,
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
            self.known.insert(ends, Flow { number, halves });
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
                Header::Tcp(flow.segment(usize::from(turned), segment, len, frame.time))
            }
            (Parts::Icmp { v6, kind, code }, flow) => {
                number = flow.map_or(0, |flow| flow.number);
                let (v6, kind, code) = (*v6, *kind, *code);
                Header::Icmp { v6, kind, code }
            }
            (_, flow) => {
                number = flow.map_or(number, |flow| flow.number);
                Header::Udp
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

    /// Does the segment begin a connection, where there was another of the same ends?
    fn begins(&self, ends: [SocketAddr; 2], half: usize, segment: &RawSegment) -> bool {
        let is_first = segment.flags.has(Flags::SYN) && !segment.flags.has(Flags::ACK);
        let known = self.known.get(&ends);
        is_first && known.is_some_and(|flow| flow.halves[half].first != Some(segment.seq))
    }
}

impl Flow {
    fn segment(&mut self, half: usize, raw: &RawSegment, len: u32, time: Duration) -> Segment {
        let is_syn = raw.flags.has(Flags::SYN);
        let other = &self.halves[1 - half];
        // Both must have said it: RFC 7323, section 2.2.
        let scaled = self.halves[half].scale.filter(|_| other.scale.is_some());
        let first_of_other = other.first;
        let sender = &mut self.halves[half];
        // Of a connection that was there before, numbers are counted from what is seen first.
        let first = *sender.first.get_or_insert(raw.seq);
        if is_syn {
            (sender.syn, sender.scale) = (true, raw.scale);
        }
        let takes = len + u32::from(is_syn) + u32::from(raw.flags.has(Flags::FIN));
        let again = if takes > 0 {
            sender.again(raw.seq, takes, time)
        } else {
            None
        };
        let ack = raw.flags.has(Flags::ACK).then(|| {
            let receiver = &mut self.halves[1 - half];
            let first = match first_of_other {
                Some(first) => first,
                // What it acknowledges is where the other goes on.
                None => *receiver.first.get_or_insert(raw.ack),
            };
            raw.ack.wrapping_sub(first)
        });
        Segment {
            flags: raw.flags,
            // A reset that answers a SYN has no numbers of its own.
            seq: raw.seq.wrapping_sub(first),
            ack,
            window: match scaled {
                Some(bits) if !is_syn => u32::from(raw.window) << bits,
                _ => raw.window.into(),
            },
            mss: raw.mss,
            again,
        }
    }
}

impl Half {
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
