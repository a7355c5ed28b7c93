//! `socklab` at a terminal: the real binary in a real pseudo-terminal, its
//! screen read back through a terminal emulator.

mod again;
mod blocked;
mod cells;
mod client;
mod ends;
mod escapes;
mod gallery;
mod keys;
mod leader;
mod learner;
mod live;
mod pictures;
mod places;
mod plain;
mod predict;
mod progress;
mod pty;
mod questions;
mod redact;
mod reflow;
mod rests;
mod retry;
mod serve;
mod sizes;
mod snapshots;
mod trace;
mod view;
mod waits;
mod wire;

pub use pty::{Terminal, socklab};
pub use view::View;
