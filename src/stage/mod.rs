//! The stage: actor processes that perform one system call at a time, for real,
//! and the channel that directs them.

mod actor;
mod args;
mod channel;
mod op;
mod perform;
mod several;

pub use actor::Actor;
pub use op::{Done, Op};
pub use perform::{ACTOR_COMMAND, run_actor};
