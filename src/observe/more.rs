//! What sock_diag tells of a TCP or UDP socket beside its row, when asked to.
//! Layouts: include/uapi/linux/inet_diag.h, sock_diag.h, tcp.h.

use super::wire::{attributes, u32_at};
use crate::model::{Fact, SocketView, Source, TcpState};

// INET_DIAG_*: attributes behind the message.
const INFO: u16 = 2;
const SKMEMINFO: u16 = 7;

/// What a request asks for besides: bit n stands for the attribute n + 1.
pub(super) const EXTENSIONS: u8 = 1 << (INFO - 1) | 1 << (SKMEMINFO - 1);

/// What the kernel tells of a socket when it is asked for more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct More {
    /// SK_MEMINFO_RCVBUF, _SNDBUF and _DROPS.
    pub rcvbuf: u32,
    pub sndbuf: u32,
    pub drops: u32,
    /// TCP_INFO's tcpi_last_ack_recv, of a connection.
    pub quiet_ms: Option<u32>,
}

impl More {
    /// From the attributes of a row; `None` where they are not there.
    pub(crate) fn of(rest: &[u8]) -> Option<More> {
        const LAST_ACK_RECV: usize = std::mem::offset_of!(libc::tcp_info, tcpi_last_ack_recv);
        let mut found: Option<More> = None;
        let mut quiet_ms = None;
        for (kind, value) in attributes(rest) {
            let number = |nth: usize| u32_at(value, 4 * nth).unwrap_or(0);
            match kind {
                SKMEMINFO => {
                    found = Some(More {
                        rcvbuf: number(1),
                        sndbuf: number(3),
                        drops: number(8),
                        quiet_ms: None,
                    });
                }
                INFO => quiet_ms = u32_at(value, LAST_ACK_RECV),
                _ => {}
            }
        }
        found.map(|found| More { quiet_ms, ..found })
    }

    /// Gives it to a socket in that state. What the kernel had no room for it counts of
    /// listeners and of what is not TCP.
    pub(crate) fn tell(self, state: TcpState, view: &mut SocketView) {
        use TcpState::{Closed, Connected, Listen, SynSent, Unconnected};
        let via = Source::SockDiag;
        view.rcvbuf = Fact::Seen(self.rcvbuf, via);
        view.sndbuf = Fact::Seen(self.sndbuf, via);
        let has_met = !matches!(state, Closed | Listen | SynSent);
        view.quiet_ms = Fact::of_option(self.quiet_ms.filter(|_| has_met), via);
        let counts = matches!(state, Listen | Connected | Unconnected);
        view.drops = Fact::of_option(counts.then_some(self.drops), via);
    }
}
