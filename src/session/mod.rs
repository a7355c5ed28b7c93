//! What happens in what order: chapters, steps, pauses, calls. Speaks to the
//! world through two traits: a [`Sink`] that is told every event and a [`Pace`]
//! that says when to go on.

mod cast;
mod chapters;
mod diagnose;
mod expect;
mod facets;
mod judge;
mod look;
mod mend;
mod pace;
mod path;
mod perform;
mod predict;
mod pump;
mod step;
mod walk;

pub use pace::{Choice, Menu, Next, Pace, Prompt, Wake};
pub use walk::{Plan, Session, Sink};
