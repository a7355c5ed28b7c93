//! Who did what, one thing below the other.

use std::rc::Rc;
use std::time::Duration;

use super::lives::Place;
use crate::model::{Call, Outcome, TcpState};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rung {
    /// The event that told it.
    pub seq: u64,
    pub at: Duration,
    pub place: Place,
    pub mark: Mark,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A call has returned.
    Call {
        who: Rc<str>,
        call: Box<Call>,
        outcome: Outcome,
    },
    /// A socket was seen in another state; `None`: it is gone.
    State {
        name: String,
        state: Option<TcpState>,
    },
}
