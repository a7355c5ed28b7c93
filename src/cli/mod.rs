//! The command line as types.

mod address;
mod command;
mod early;
mod generated;
mod heeded;
mod language;
mod options;
mod parse;
mod version;
mod words;

pub(crate) use command::{CheckAsked, Command, Program, Trace};
pub(crate) use early::{chapters_dir, page_address};
pub(crate) use generated::{completions, manual};
pub(crate) use language::language;
pub(crate) use options::{Options, locale};
pub(crate) use parse::parse;
