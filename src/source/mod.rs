//! Where events come from. Actors: processes that make one system call at a time, and the
//! channel by which the controller asks for it. A tracer: any program. A capture: packets.

mod actor;
mod calls;
mod capture;
mod channel;
mod makes;
mod parts;
mod perform;
mod several;
pub(crate) mod trace;

pub(crate) use actor::Actor;
pub(crate) use capture::Capture;
pub(crate) use channel::Done;
pub(crate) use makes::Programs;
pub(crate) use perform::{ACTOR_COMMAND, run_actor};
