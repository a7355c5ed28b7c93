//! What one end of a connection has sent and got, counted as the kernel counts it.

use super::parse::RawSegment;
use crate::model::Flags;

/// How many segments an end has sent and got.
#[derive(Default)]
pub(super) struct Tally {
    sent: u32,
    got: u32,
    unasked: u32,
    /// It has sent the first SYN, and so it has had a socket all along: that of a server
    /// begins when the handshake is over.
    opens: bool,
    /// What it has acknowledged.
    acked: Option<u32>,
}

impl Tally {
    /// It sends a packet of so many segments, which carry `len` bytes.
    pub(super) fn sends(&mut self, raw: &RawSegment, len: u32, segments: u32) {
        let has = |flag| raw.flags.has(flag);
        self.opens |= has(Flags::SYN) && !has(Flags::ACK);
        let is_new = self
            .acked
            .is_none_or(|last| (raw.ack.wrapping_sub(last) as i32) > 0);
        let acknowledges = has(Flags::ACK) && is_new;
        let is_bare = len == 0 && !has(Flags::FIN) && !has(Flags::RST);
        if has(Flags::ACK) {
            self.acked = Some(raw.ack);
        }
        if has(Flags::SYN) && !self.opens {
            return;
        }
        self.sent += segments;
        if !(acknowledges && is_bare) {
            self.unasked += segments;
        }
    }

    /// It gets one.
    pub(super) fn gets(&mut self, raw: &RawSegment, segments: u32) {
        if raw.flags.has(Flags::SYN) && !self.opens {
            // The socket is made with that one, however often it came.
            self.got = 1;
        } else {
            self.got += segments;
        }
    }

    /// Sent, got, sent unasked.
    pub(super) fn counts(&self) -> [u32; 3] {
        [self.sent, self.got, self.unasked]
    }
}
