//! Looks at a process from outside: one that is not ours, or sleeps in a call.

use std::collections::HashMap;

use super::access::Access;
use super::diag::{Diag, opened, refused};
use super::observer::{Observer, Table};
use super::process::{fd_table, socket_inode};
use super::rows::{Row, Transport};
use super::{tcp, udp, unix};
use crate::model::{Domain, Fact, Focus, Kind, Protocol, SocketView, Source, TcpState, Why, World};
use crate::sys::Process;

impl Observer {
    /// What can be seen of a process, its fd table gone through: of all its sockets,
    /// also new ones, or of those in `focus`. `last` is what is known of it.
    pub(crate) fn look_into(
        &mut self,
        process: &Process,
        last: &World,
        focus: Option<Focus>,
    ) -> World {
        let fds: Vec<i32> = match &focus {
            Some(focus) => focus.fds.iter().copied().collect(),
            None => {
                let table = fd_table(process.pid());
                let entries = table.value().into_iter().flatten();
                let sockets = entries.filter(|entry| socket_inode(&entry.target).is_some());
                sockets.map(|entry| entry.fd).collect()
            }
        };
        let views = self.views(process, last, fds);
        self.look(views, last, focus)
    }

    /// The sockets at these descriptors of another process. Where it allows a duplicate
    /// they are seen as their own process sees them, else as the kernel's tables do.
    pub(crate) fn views(
        &mut self,
        process: &Process,
        last: &World,
        fds: impl IntoIterator<Item = i32>,
    ) -> Vec<SocketView> {
        let fds = fds.into_iter();
        // A view is large: room is made for all at once.
        let mut views = Vec::with_capacity(fds.size_hint().0);
        let mut tables = Tables::default();
        for fd in fds {
            let Some(access) = Access::to(process, fd, last) else {
                continue;
            };
            let is_hidden = matches!(access, Access::Inode { .. });
            let mut view = access.view();
            // sendfile(2) and splice(2) work on files and pipes, too: no option can be
            // read of one.
            if !is_hidden && view.kind.value().is_none() {
                continue;
            }
            if is_hidden && let Err(why) = self.fill(&mut view, &mut tables) {
                view.state = Fact::Unknown(why.clone());
                view.recv_q.doubt(&why);
                view.send_q.doubt(&why);
                view.accept_queue.doubt(&why);
            }
            views.push(view);
        }
        views
    }

    /// What the kernel's tables tell of a socket. One that is known is looked up; of one
    /// that is not, only the number can be looked for, in all `tables`, read once.
    fn fill(&mut self, view: &mut SocketView, tables: &mut Tables) -> Result<(), Why> {
        let target = self.target(view);
        let diag = opened(&mut self.diag)?;
        if view.domain.value().is_none() {
            return find(diag, view, tables);
        }
        match Table::of(view) {
            Table::Tcp => {
                let row = tcp::own(diag, view, target).map_err(refused)?;
                let is_connected = view.peer.value().is_some();
                match row {
                    Some(row) => tcp::fill(view, &row),
                    // A reset connection is closed: its row is gone, the fd is not.
                    None if is_connected => {
                        view.state = Fact::Seen(TcpState::Closed, Source::SockDiag);
                    }
                    None => {}
                }
            }
            Table::Udp => {
                if let Some(row) = udp::own(diag, view).map_err(refused)? {
                    udp::fill(view, &row);
                }
            }
            Table::Unix => unix::fill(diag, &mut tables.unix, view)?,
            Table::Other => {}
        }
        Ok(())
    }
}

/// The rows of a look, each read once.
#[derive(Default)]
struct Tables {
    /// Every row of TCP and UDP by inode.
    inet: Option<HashMap<u64, (Transport, Row)>>,
    unix: unix::Rows,
}

/// Looks for a socket of which nothing is known but its inode.
fn find(diag: &mut Diag, view: &mut SocketView, tables: &mut Tables) -> Result<(), Why> {
    let inet = match &mut tables.inet {
        Some(inet) => inet,
        none => none.insert(read(diag).map_err(refused)?),
    };
    let row = view.inode.value().and_then(|inode| inet.get(inode));
    let Some((transport, row)) = row else {
        // One of another kind, or one that no table has, stays unseen.
        tables.unix.ask_all(diag).map_err(refused)?;
        let _ = unix::fill(diag, &mut tables.unix, view);
        return Ok(());
    };
    let via = Source::SockDiag;
    let domain = if row.local.is_ipv4() {
        Domain::Inet
    } else {
        Domain::Inet6
    };
    view.domain = Fact::Seen(domain, via);
    view.cookie = Fact::Seen(row.cookie, via);
    (view.cred, view.peer_inode) = (Fact::None, Fact::None);
    let (kind, protocol) = match transport {
        Transport::Tcp => (Kind::Stream, Protocol::Tcp),
        Transport::Udp => (Kind::Dgram, Protocol::Udp),
    };
    (view.kind, view.protocol) = (Fact::Seen(kind, via), Fact::Seen(protocol, via));
    match transport {
        Transport::Tcp => tcp::fill(view, row),
        Transport::Udp => udp::fill(view, row),
    }
    Ok(())
}

fn read(diag: &mut Diag) -> std::io::Result<HashMap<u64, (Transport, Row)>> {
    let mut tables = HashMap::new();
    for transport in [Transport::Tcp, Transport::Udp] {
        let rows = diag.all(transport)?.into_iter();
        tables.extend(rows.map(|row| (row.inode, (transport, row))));
    }
    Ok(tables)
}
