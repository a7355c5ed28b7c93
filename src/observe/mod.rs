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

pub(crate) use access::Access;
pub(crate) use diag::{Diag, Query};
pub(crate) use observer::Observer;
pub(crate) use process::{
    executable, fd_table, file_stands_at, inode_at, is_open, open_sockets, process, until_asleep,
    zombie,
};
pub(crate) use rows::Row;
pub(crate) use running::{Standing, identity, named};
pub(crate) use socket::address;
