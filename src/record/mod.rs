//! A saved run: its lines read back into events.
//!
//! Nobody has vouched for the file. What it says is checked as it is read, and is shown as
//! bytes from outside are.

mod address;
mod call;
mod event;
mod fields;
mod lesson;
mod machine;
mod packet;
mod saved;
mod socket;
mod view;

pub(crate) use saved::{Saved, Skipped};
