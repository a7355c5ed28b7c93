//! The page for the class: a process of its own that serves a run as it goes on. Browsers
//! may only look, and answer questions.
//!
//! It reads the lines of the run when somebody looks, and no sooner. Whatever a browser
//! does, the run neither waits for it nor hears of it.

mod answers;
mod browser;
mod name;
mod request;
mod server;
mod shown;

pub(crate) use name::name;
pub(crate) use server::{Served, serve};
