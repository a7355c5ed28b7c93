//! The course: played, checked, and short enough for a screen.

mod answers;
mod claims;
mod closing;
mod explain;
mod files;
mod languages;
mod linter;
mod played;
mod questions;
mod screens;
mod translations;
mod trust;
