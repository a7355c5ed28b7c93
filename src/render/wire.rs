//! Tells packets: one line each.

use super::doc::{Block, Line, Role, bad, fact, field, muted, plain, span};
use crate::model::{Bytes, Flags, Packet, Seeing, Segment, Transport, strace_string};
use crate::words::say;

/// Tells packets, and which connection each belongs to where that is not the last one's.
#[derive(Debug, Default)]
pub(super) struct Wire {
    /// That of the last packet.
    flow: Option<u32>,
}

impl Wire {
    /// One packet.
    pub(super) fn told(&mut self, packet: &Packet) -> Vec<Block> {
        let arrow = if packet.leaves { "→ " } else { "← " };
        let mut line: Line = plain(arrow).into();
        match &packet.header {
            Transport::Tcp(segment) => line.extend(told(segment)),
            other => {
                line.push(fact(other.protocol().to_uppercase()));
                let message = other.message().map(|it| plain(format!(" {it}")));
                line.extend(message);
            }
        }
        if packet.payload.len > 0 && packet.header.message().is_none() {
            let Bytes { head, len } = &packet.payload;
            line.push(plain(format!(" len {len} ")));
            line.push(span(Role::Data, strace_string(head, *len)));
        }
        if self.flow.replace(packet.flow) != Some(packet.flow) {
            let other = if packet.leaves {
                say!("packet-to", peer = packet.to)
            } else {
                say!("packet-from", peer = packet.from)
            };
            line.push(muted(other));
        }
        vec![field(say!("label-wire"), line)]
    }
}

fn told(segment: &Segment) -> Line {
    let flags: Vec<&str> = segment.flags.words().collect();
    let mut line: Line = if segment.flags.has(Flags::RST) {
        bad(flags.join(" ")).into()
    } else {
        fact(flags.join(" ")).into()
    };
    let mut numbers = format!(" seq {}", segment.seq);
    if let Some(ack) = segment.ack {
        numbers.push_str(&format!(" ack {ack}"));
    }
    // What there is room for is worth a word when it is agreed on, and when there is none.
    let is_full = segment.window == 0 && !segment.flags.has(Flags::RST);
    if segment.flags.has(Flags::SYN) || is_full {
        numbers.push_str(&format!(" win {}", segment.window));
    }
    if let Some(mss) = segment.mss {
        numbers.push_str(&format!(" mss {mss}"));
    }
    line.push(plain(numbers));
    if segment.probe {
        line.push(muted(say!("packet-probe")));
    }
    if let Some(again) = segment.again {
        let seconds = format!("{:.2}", again.as_secs_f64());
        line.push(bad(say!("packet-again", seconds = seconds)));
    }
    line
}

/// How a client reaches a network of the run's own.
pub(super) fn private(enter: &str) -> Vec<Block> {
    let only = plain(say!("private"));
    vec![
        field(say!("label-wire"), only),
        Block::Verbatim(vec![enter.into()]),
    ]
}

/// Whether packets are seen.
pub(super) fn seeing(seeing: &Seeing) -> Vec<Block> {
    let said = match seeing {
        Seeing::Yes => return Vec::new(),
        Seeing::No { why } => bad(say!("no-packets", why = why)),
        Seeing::Lost { count } => bad(say!("packets-lost", count = count)),
    };
    vec![field(say!("label-wire"), said)]
}
