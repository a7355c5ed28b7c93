//! Where events come from. Actors: processes that make one system call at a time, and the
//! channel by which the controller asks for it. A tracer: any program.

mod actor;
mod calls;
mod channel;
mod perform;
mod several;
pub mod trace;

pub use actor::Actor;
pub use channel::Done;
pub use perform::{ACTOR_COMMAND, run_actor};
