//! Every track, whole: against the kernel, strace, ss, and programs that are
//! not ours.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "../support/mod.rs"]
mod support;

mod clients;
mod dual;
mod learners;
mod lessons;
mod played;
mod programs;
mod refusals;
mod servers;
mod ss;
mod stale;
mod strace;
