//! The report: one HTML file that needs nothing else, made of events alone.

mod blocks;
mod calls;
mod ladder;
mod page;
mod states;

pub(crate) use page::Report;
