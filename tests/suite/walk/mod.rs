//! The walk, end to end: the real binary against the real kernel.

mod addresses;
mod backlog;
mod cleanup;
mod cli;
mod contract;
mod escapes;
mod failures;
mod families;
mod family_rows;
mod family_ss;
mod fork;
mod limits;
mod netcats;
mod observe;
mod page;
mod peers;
mod poll;
mod ss;
mod strace;
mod strangers;
mod words;
