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

pub use messages::passed_descriptors;
pub use processes::{CloneFlags, clone_flags};
pub use waits::{shown_event, waited_for};

pub use memory::Memory;
pub use raw::Raw;
