//! The kernel's timer of a socket.

use serde::Serialize;

/// A kernel timer of a socket: `idiag_timer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Timer {
    /// What happens when it fires: retransmit, keepalive, end of TIME-WAIT or of
    /// FIN-WAIT-2, zero-window probe.
    pub kind: &'static str,
    /// Milliseconds until it fires.
    pub expires_ms: u32,
    /// How often it has fired.
    pub retries: u8,
}

impl Timer {
    /// The kinds there are.
    pub(crate) const KINDS: [&'static str; 5] = [
        "retransmit",
        "keepalive",
        "end of FIN-WAIT-2",
        "end of TIME-WAIT",
        "zero-window probe",
    ];
}

impl std::fmt::Display for Timer {
    /// `retransmit in 0.2 s`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = f64::from(self.expires_ms) / 1000.0;
        write!(f, "{} in {seconds:.1} s", self.kind)
    }
}
