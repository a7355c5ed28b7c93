//! The command line as types.

mod address;
mod command;
mod options;
mod words;

pub(crate) use command::{CheckAsked, Command, Program, Trace, parse};
pub(crate) use options::{Options, chapters_dir, locale};
