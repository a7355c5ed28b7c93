//! Observations as benches/ measures them and tests/ holds them against other
//! witnesses. No part of the program.

use std::io;
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;

use rustix::system::uname;
use serde_json::{Value, json};

use crate::model::{Fact, Focus, ROW_FIELDS, Record, SOCKET_FIELDS, Scene, Task, TcpState, World};
use crate::observe::{Access, Diag, Observer};
use crate::sys;

/// What looks at the sockets of this process, or of another.
pub struct Bench {
    diag: Diag,
    observer: Observer,
    scene: Scene,
}

impl Bench {
    pub fn new() -> io::Result<Bench> {
        Ok(Bench {
            diag: Diag::open()?,
            observer: Observer::new(&uname().release().to_string_lossy()),
            scene: Scene::default(),
        })
    }

    /// Looks at one connection through its fd and by exact lookup. Was it seen?
    pub fn look_at_one(
        &mut self,
        fd: BorrowedFd<'_>,
        local: SocketAddr,
        remote: SocketAddr,
    ) -> io::Result<bool> {
        let view = Access::Own(fd).view();
        let row = self.diag.lookup(local, remote)?;
        Ok(row.is_some_and(|row| {
            row.state == TcpState::Established && Some(&row.cookie) == view.cookie.value()
        }))
    }

    /// Looks at the whole process, with that socket. Could the kernel's rows be read?
    pub fn look_at_all(&mut self, fd: Option<BorrowedFd<'_>>) -> bool {
        self.clients(fd, 0).is_some()
    }

    /// The same: how many clients of the process `pid` wait?
    pub fn clients(&mut self, fd: Option<BorrowedFd<'_>>, pid: u32) -> Option<usize> {
        let own = std::process::id();
        let views = fd.map(|fd| Access::Own(fd).view()).into_iter().collect();
        let last = World::of(own);
        let mut seen = self.observer.look(views, &last, None);
        self.observer.name_owners(&mut seen, &[own]);
        let rows = seen.others.value()?.iter();
        let clients = rows.filter_map(|row| row.client.value());
        Some(clients.filter(|client| client.pid == pid).count())
    }

    /// Looks into another process: at all its sockets, or at that descriptor alone.
    /// What was seen, and what is known of the process now.
    pub fn look_into(&mut self, pid: u32, fd: Option<i32>) -> (Value, Value) {
        let task = Task::process(pid, "other");
        let unseen = World::of(pid);
        let last = self.scene.of(&task).unwrap_or(&unseen);
        let focus = fd.map(|fd| Focus::on([fd], last));
        let process = sys::Process::of(pid);
        let mut seen = self.observer.look_into(&process, last, focus);
        self.observer.name_owners(&mut seen, &[]);
        self.scene.apply(&task, &seen);
        let known = self.scene.of(&task).map(shown);
        (shown(&seen), known.unwrap_or_default())
    }
}

/// Sockets by descriptor and rows, with which interface said what.
fn shown(world: &World) -> Value {
    let socket = |of| {
        let (fields, via) = (SOCKET_FIELDS, true);
        json!(Record {
            own: None,
            fields,
            of,
            via
        })
    };
    let row = |of| {
        let (fields, via) = (ROW_FIELDS, true);
        json!(Record {
            own: None,
            fields,
            of,
            via
        })
    };
    let sockets = world.sockets.iter();
    let sockets = sockets.map(|it| (it.fd.to_string(), socket(it)));
    let hidden = match (&world.focus, &world.fds) {
        (None, Fact::Unknown(why)) => Some(why.to_string()),
        _ => None,
    };
    json!({
        "hidden": hidden,
        "sockets": sockets.collect::<serde_json::Map<_, _>>(),
        "rows": world.rows().iter().map(row).collect::<Vec<_>>(),
    })
}
