//! What the registers and the memory of a stopped thread say of its call: the arguments
//! as strace prints them.
//!
//! Each argument is decoded by what the table of calls says it is. What the kernel fills
//! in is decoded when the call has returned.

mod address;
mod constants;
mod memory;
mod messages;
mod options;
mod plain;
mod processes;
mod raw;
mod waits;
mod whole;

pub(super) use processes::{CloneFlags, clone_flags};
pub(crate) use waits::shown_event;
pub(super) use waits::waited_for;

pub(crate) use memory::Memory;
pub(crate) use raw::Raw;
