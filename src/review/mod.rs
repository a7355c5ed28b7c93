//! What a reviewer would say of a program: a pure fold over what it was seen to do.

mod adopted;
mod ends;
mod leaks;
mod lines;
mod messages;
mod naming;
mod processes;
mod rule;
mod rules;
mod tables;
mod waits;

pub(crate) use naming::Asked;
pub(crate) use rules::Review;
pub(crate) use tables::{Role, Socket, Tables};
