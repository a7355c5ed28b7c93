//! A run as pictures: what its sockets went through, and who did what in which order.
//! Data only: the terminal and the report draw it, each in its own way.

mod ladder;
mod lives;
mod machine;
mod story;

pub(crate) use ladder::{Mark, Rung};
pub(crate) use lives::{Life, Place};
pub(crate) use machine::{Cause, Edge, Shape};
pub(crate) use story::{Ladder, States, Story};
