//! Every test from outside: one binary, a module a subject.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod check;
mod course;
mod doctor;
mod generated;
mod inspect;
mod layers;
mod packets;
mod page;
mod progress;
mod readme;
mod saved;
mod shell;
mod snippets;
mod support;
mod terminal;
mod trace;
mod tracks;
mod walk;
