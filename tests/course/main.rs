//! The course: played, checked, and short enough for a screen.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod closing;
mod languages;
mod linter;
mod played;
mod questions;
mod screens;
