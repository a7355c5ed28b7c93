//! What the kernel's tables list: each question is one that a lesson asks, about a socket
//! of our own.

use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use super::network::bound_v4;
use super::tried::{said, tried};
use crate::model::Examined;
use crate::observe::{Diag, inode_at};
use crate::words::say;

/// The tables of TCP sockets, of bound ones, and of unix sockets.
pub(super) fn examine() -> [Examined; 3] {
    let bound = match is_bound_listed() {
        Ok(true) => Examined::new("bound", "listed", say!("seen-bound")),
        Ok(false) => Examined::new("bound", "unlisted", say!("seen-unbound")),
        Err(error) => Examined::new("bound", "refused", said(&error)),
    };
    [
        tried("sock_diag", &say!("seen-listener"), listener()),
        bound,
        tried("unix_diag", &say!("seen-socket"), unix()),
    ]
}

fn listener() -> io::Result<()> {
    let (socket, addr) = bound_v4()?;
    socket.listen(1)?;
    found(Diag::open()?.listener(addr)?)
}

fn is_bound_listed() -> io::Result<bool> {
    let (socket, addr) = bound_v4()?;
    Diag::open()?.is_bound_inactive(addr, socket.cookie()?)
}

fn unix() -> io::Result<()> {
    let (socket, _other) = UnixStream::pair()?;
    let inode = inode_at("self", socket.as_raw_fd())?;
    found(Diag::open()?.unix(inode)?)
}

fn found<T>(row: Option<T>) -> io::Result<()> {
    let missing = || io::Error::other(say!("seen-unlisted"));
    row.map(drop).ok_or_else(missing)
}
