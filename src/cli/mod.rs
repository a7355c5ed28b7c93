//! The command line as types.

mod address;
mod command;
mod options;
mod words;

pub use command::{CheckAsked, Command, Program, Trace, parse};
pub use options::{Options, chapters_dir};
