//! The command line as types.

mod address;
mod command;
mod heeded;
mod options;
mod parse;
mod words;

pub(crate) use command::{CheckAsked, Command, Program, Trace};
pub(crate) use options::{Options, chapters_dir};
pub(crate) use parse::parse;
