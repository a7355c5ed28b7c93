//! The report: one HTML file that needs nothing else, made of events alone. The page of a
//! run that goes on shows the same of now.

mod blocks;
mod calls;
mod ladder;
mod live;
mod now;
mod page;
mod states;

pub(crate) use live::{Live, Part, policy};
pub(crate) use page::Report;
