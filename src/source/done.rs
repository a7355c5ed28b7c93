//! What an actor answers when a call returned.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::{Call, Outcome};

/// A call that was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Done {
    /// With everything that the kernel has filled in.
    pub call: Call,
    pub outcome: Outcome,
    /// How long the call lasted, in nanoseconds of CLOCK_MONOTONIC.
    pub took_ns: u64,
}

impl Done {
    /// How long the call lasted.
    pub fn took(&self) -> Duration {
        Duration::from_nanos(self.took_ns)
    }
}
