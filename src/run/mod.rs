//! The loop that every command shares: actors make calls, the kernel is looked at,
//! sinks are told. It knows neither the course nor the terminal, but two traits: a
//! [`Sink`] that is told every event and a [`Pace`] that says when to go on.

mod actors;
mod ask;
mod job;
mod judge;
mod lines;
mod look;
mod pace;
mod perform;
#[allow(
    clippy::module_inception,
    reason = "the struct Run has a file of its own"
)]
mod run;
mod sink;
mod strangers;
mod teller;
mod wait;

pub(crate) use actors::Actors;
pub(crate) use job::Job;
pub(crate) use lines::{Ask, Lines, Typed};
pub(crate) use pace::{Choice, Menu, Next, Pace, Prompt, Until, Wake};
pub(crate) use run::Run;
pub(crate) use sink::Sink;
pub(crate) use teller::{Teller, Wire};
