//! The stage: actor processes that perform one system call at a time, for real,
//! and the channel that directs them.

mod actor;
mod channel;
mod done;
mod perform;
mod several;

pub use actor::Actor;
pub use done::Done;
pub use perform::{ACTOR_COMMAND, run_actor};
