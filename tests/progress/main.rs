//! What a learner has done, as the binary keeps it: many runs at once, full and
//! read-only disks, damage, links, and runs that are killed on the way.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "../support/mod.rs"]
mod support;

mod concurrent;
mod damage;
mod disk;
mod keys;
mod killed;
mod learner;
mod links;
mod place;
mod reading;
mod reset;
