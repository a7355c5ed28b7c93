//! Looking at the kernel without disturbing it: the fd table, a socket through
//! its fd, sock_diag's rows, a process.

mod cause;
mod diag;
mod probe;
mod process;
mod rows;
mod socket;
mod tcp;
mod udp;
mod unix;
mod unix_rows;
mod wire;
mod world;

pub use diag::{Diag, Query};
pub use process::{file_stands_at, process, until_asleep, zombie};
pub use rows::Row;
pub use socket::{address, cred, look};
pub use world::Observer;
