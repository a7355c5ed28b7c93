//! What can be seen of a running program, and of a port.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;

use super::cause::holder;
use super::diag::{Query, refused};
use super::observer::Observer;
use super::process::{fd_table, socket_inode};
use super::rows::{Row, Transport};
use super::running::{Standing, command, holders, identity, user_of};
use super::threads::threads;
use crate::model::{Fact, Holder, Program, Relation, TcpState, Why, World, place, takes};
use crate::sys::Process;

/// What is at a port.
#[derive(Default)]
pub(crate) struct AtPort {
    /// Who listens there or, where nobody does, who is bound or connected.
    pub pids: Vec<u32>,
    /// What no process holds that can be seen.
    pub others: Vec<Holder>,
}

impl Observer {
    /// What can be seen of a running program, of which `last` is known; nothing when it
    /// has ended.
    pub(crate) fn program(&mut self, process: &Process, last: &World) -> Option<Program> {
        let pid = process.pid();
        let unseen = World {
            pid,
            ..World::default()
        };
        let table = fd_table(pid);
        let fds = table.value().into_iter().flatten();
        let fds = fds.filter(|entry| socket_inode(&entry.target).is_some());
        let fds: Vec<i32> = fds.map(|entry| entry.fd).collect();
        // As if nothing were known: the kernel's tables then tell all that they can.
        let views = self.views(process, &unseen, fds);
        let mut seen = self.look(views, last, None);
        if let Err(why) = self.add_lingering(&mut seen) {
            seen.others = Fact::Unknown(why);
        }
        self.name_owners(&mut seen, &[pid]);
        let uid = user_of(pid);
        let hidden = match (&seen.fds, uid.value()) {
            (Fact::Unknown(_), Some(&uid)) => self.of_user(uid).unwrap_or_default(),
            _ => Vec::new(),
        };
        let identity = identity(pid).filter(|it| it.standing == Standing::Running)?;
        Some(Program {
            name: identity.name,
            command: command(pid),
            uid,
            threads: threads(pid),
            hidden,
            seen,
        })
    }

    /// Adds what stands at the addresses where the program listens and is not its own:
    /// connections that it has closed, or another process has.
    fn add_lingering(&mut self, seen: &mut World) -> Result<(), Why> {
        let mut listeners: HashMap<u16, Vec<SocketAddr>> = HashMap::new();
        for view in seen.sockets.iter().filter(|view| view.is_listening()) {
            if let Some(addr) = view.local.value().and_then(|local| local.inet()) {
                listeners.entry(addr.port()).or_default().push(addr);
            }
        }
        let diag = self.diag()?;
        let rows = match listeners.keys().collect::<Vec<_>>()[..] {
            [] => return Ok(()),
            [&port] => diag.by_port(port, Query::Listed),
            _ => diag.all(Transport::Tcp),
        };
        let own = seen.sockets.iter().filter_map(|view| view.cookie.value());
        let known: HashSet<u64> = own
            .copied()
            .chain(seen.rows().iter().map(|row| row.cookie))
            .collect();
        let lingers = |row: &Row| {
            let at = listeners.get(&row.local.port());
            let mut at = at.into_iter().flatten();
            row.state != TcpState::Listen
                && !known.contains(&row.cookie)
                && at.any(|&listener| takes(listener, row.local))
        };
        let rows = rows.map_err(refused)?.into_iter().filter(lingers);
        if let Fact::Seen(others, _) = &mut seen.others {
            others.extend(rows.map(|row| row.related(Relation::Left)));
            others.sort_by_key(place);
        }
        Ok(())
    }

    /// Who is at a port of this host.
    pub(crate) fn at_port(&mut self, port: u16) -> Result<AtPort, Why> {
        let diag = self.diag()?;
        let mut rows = Vec::new();
        for query in [Query::Listed, Query::BoundInactive] {
            rows.extend(diag.by_port(port, query).map_err(refused)?);
        }
        rows.extend(diag.udp_by_port(port).map_err(refused)?);
        rows.retain(|row| row.local.port() == port);
        let is_bound = |row: &Row| {
            use TcpState::{Closed, Listen, Unconnected};
            row.inode != 0 && matches!(row.state, Listen | Closed | Unconnected)
        };
        let (bound, rest): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(is_bound);
        let asked = if bound.is_empty() { &rest } else { &bound };
        let inodes = asked.iter().map(|row| row.inode);
        let pids = holders(&inodes.filter(|&inode| inode != 0).collect());
        let others = bound.iter().chain(&rest);
        Ok(AtPort {
            others: self.unheld(others.cloned()),
            pids,
        })
    }

    /// The TCP and UDP sockets of a user that no process holds that can be seen.
    fn of_user(&mut self, uid: u32) -> Result<Vec<Holder>, Why> {
        let mut rows = Vec::new();
        for transport in [Transport::Tcp, Transport::Udp] {
            rows.extend(self.diag()?.all(transport).map_err(refused)?);
        }
        let rows = rows
            .into_iter()
            .filter(|row| row.uid == uid && row.inode != 0);
        Ok(self.unheld(rows))
    }

    /// Those that no process holds that can be seen.
    fn unheld(&mut self, rows: impl Iterator<Item = Row>) -> Vec<Holder> {
        let rows: Vec<Row> = rows.collect();
        let owners = self.owners(rows.iter().map(|row| row.inode), &[]);
        let is_unheld = |row: &&Row| owners.get(&row.inode).is_none_or(|it| it.value().is_none());
        let unheld = rows.iter().filter(is_unheld).map(|row| Holder {
            timer: row.timer,
            ..holder(
                row.state,
                row.local.into(),
                owners.get(&row.inode),
                row.uid,
                &[],
            )
        });
        unheld.collect()
    }
}
