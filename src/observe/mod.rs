//! Looking at the kernel without disturbing it: the fd table, a socket through
//! its fd, sock_diag's rows, a process.

mod access;
mod around;
mod cause;
mod diag;
mod more;
mod observer;
mod outside;
mod owners;
mod paths;
mod probe;
mod process;
mod programs;
mod rows;
mod running;
mod socket;
mod tcp;
mod threads;
mod udp;
mod unix;
mod unix_rows;
mod wire;

pub use access::Access;
pub use diag::{Diag, Query};
pub use observer::Observer;
pub use process::{
    executable, fd_table, file_stands_at, open_sockets, process, until_asleep, zombie,
};
pub use rows::Row;
pub use running::{Standing, identity, named};
pub use socket::address;
