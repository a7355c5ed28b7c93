//! The walk, end to end: the real binary against the real kernel.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "../support/mod.rs"]
mod support;

mod addresses;
mod backlog;
mod cleanup;
mod cli;
mod contract;
mod failures;
mod families;
mod family_rows;
mod family_ss;
mod fork;
mod netcats;
mod observe;
mod peers;
mod poll;
mod ss;
mod strace;
