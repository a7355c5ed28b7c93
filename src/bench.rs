//! Observations as benches/observe.rs measures them. No part of the program.

use std::io;
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;

use rustix::system::uname;

use crate::model::TcpState;
use crate::observe::{Diag, Observer, look};

/// What looks at the sockets of this process.
pub struct Bench {
    diag: Diag,
    observer: Observer,
}

impl Bench {
    pub fn new() -> io::Result<Bench> {
        let mut observer = Observer::new(&uname().release().to_string_lossy());
        observer.expect_owner(std::process::id());
        let diag = Diag::open()?;
        Ok(Bench { diag, observer })
    }

    /// Looks at one connection through its fd and by exact lookup. Was it seen?
    pub fn look_at_one(
        &mut self,
        fd: BorrowedFd<'_>,
        local: SocketAddr,
        remote: SocketAddr,
    ) -> io::Result<bool> {
        let view = look(fd);
        let row = self.diag.lookup(local, remote)?;
        Ok(row.is_some_and(|row| {
            row.state == TcpState::Established && Some(&row.cookie) == view.cookie.value()
        }))
    }

    /// Looks at the whole process, with that socket. Could the kernel's rows be read?
    pub fn look_at_all(&mut self, fd: Option<BorrowedFd<'_>>) -> bool {
        let views = fd.map(look).into_iter().collect();
        let world = self.observer.look(std::process::id(), views);
        world.others.value().is_some()
    }
}
