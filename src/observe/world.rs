use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::diag::{Diag, Query};
use super::process::{fd_table, owner, process};
use super::rows::Row;
use crate::model::{
    AcceptQueue, Address, Domain, KernelRow, Known, Listing, Owner, Relation, SocketView, Source,
    TcpState, Why, World,
};

/// The one who looks: joins what the fds say with what sock_diag says, by
/// cookie, and remembers the connections it has seen, so that it finds them
/// again when no fd holds them any more.
pub struct Observer {
    diag: io::Result<Diag>,
    /// Can this kernel list bound sockets? Linux 6.8 and later.
    lists_bound: bool,
    seen: Vec<Connection>,
    /// Processes asked first when an owner is looked for.
    known_pids: Vec<u32>,
    owners: HashMap<(u64, u64), Known<Option<Owner>>>,
}

/// A connection that an fd of the actor held.
#[derive(Clone, Copy, PartialEq)]
struct Connection {
    local: SocketAddr,
    remote: SocketAddr,
    cookie: u64,
}

impl Observer {
    /// Opens sock_diag. Where it is refused, everything else is still seen.
    /// `kernel` is the release uname(2) gives.
    pub fn new(kernel: &str) -> Observer {
        Observer {
            diag: Diag::open(),
            lists_bound: at_least(kernel, 6, 8),
            seen: Vec::new(),
            known_pids: Vec::new(),
            owners: HashMap::new(),
        }
    }

    /// Asks `pid` first whenever an owner is looked for.
    pub fn expect_owner(&mut self, pid: u32) {
        self.known_pids.push(pid);
    }

    /// Direct access to sock_diag.
    pub fn diag(&mut self) -> Result<&mut Diag, Why> {
        self.diag.as_mut().map_err(|error| refused(error))
    }

    /// Everything that can be seen of the process `pid`, whose sockets look
    /// like `views` through its fds.
    pub fn look(&mut self, pid: u32, mut views: Vec<SocketView>) -> World {
        for view in &mut views {
            view.listing = self.listing(view);
        }
        let others = self.others(&views);
        World {
            pid,
            process: process(pid),
            fds: fd_table(pid),
            sockets: views,
            others,
        }
    }

    /// The same while the process sleeps in a call and cannot be asked: state
    /// and queues come from exact lookups, the rest from `last`.
    pub fn look_outside(&mut self, pid: u32, last: &World) -> World {
        let mut views = last.sockets.clone();
        for view in &mut views {
            if let Err(why) = self.refresh(view) {
                view.state = Known::Unavailable(why.clone());
                view.recv_q = Known::Unavailable(why.clone());
                view.send_q = Known::Unavailable(why.clone());
                view.accept_queue = Known::Unavailable(why);
            }
        }
        self.look(pid, views)
    }

    /// The accept queue of a listener on `local`, by one exact lookup.
    pub fn accept_queue(&mut self, local: SocketAddr) -> Option<AcceptQueue> {
        let row = self.diag().ok()?.listener(local).ok()??;
        Some(queue_of(&row))
    }

    /// Who holds the socket of that inode.
    pub fn owner(&mut self, cookie: u64, inode: u64) -> Known<Option<Owner>> {
        let pids = self.known_pids.clone();
        self.owners
            .entry((cookie, inode))
            .or_insert_with(|| owner(inode, &pids))
            .clone()
    }

    fn refresh(&mut self, view: &mut SocketView) -> Result<(), Why> {
        let Some((local, remote)) = ends(view) else {
            return Ok(());
        };
        let diag = self.diag()?;
        let row = match remote {
            Some(remote) => diag.lookup(local, remote),
            None => diag.listener(local),
        };
        let row = row.map_err(|error| refused(&error))?;
        match row {
            Some(row)
                if view
                    .cookie
                    .value()
                    .is_none_or(|&cookie| cookie == row.cookie) =>
            {
                view.state = Known::seen(row.state, Source::SockDiag);
                if row.state == TcpState::Listen {
                    view.accept_queue = Known::seen(Some(queue_of(&row)), Source::SockDiag);
                } else {
                    view.recv_q = Known::seen(row.recv_q, Source::SockDiag);
                    view.send_q = Known::seen(row.send_q, Source::SockDiag);
                }
            }
            // A reset connection is closed: its row is gone, the fd is not.
            _ if remote.is_some() => {
                view.state = Known::seen(TcpState::Closed, Source::SockDiag);
            }
            _ => {}
        }
        Ok(())
    }

    fn listing(&mut self, view: &SocketView) -> Known<Listing> {
        let Some(&cookie) = view.cookie.value() else {
            return Known::Unavailable(Why::note(Source::SockDiag, "the cookie is not known"));
        };
        let lists_bound = self.lists_bound;
        let answer = self
            .diag()
            .and_then(|diag| find(diag, view, cookie).map_err(|error| refused(&error)));
        match answer {
            Err(why) => Known::Unavailable(why),
            Ok(Listing::Nowhere) if !lists_bound && matches!(view.local.value(), Some(Some(_))) => {
                Known::Unavailable(Why::note(
                    Source::SockDiag,
                    "this kernel lists no bound sockets (Linux 6.8 and later do)",
                ))
            }
            Ok(listing) => Known::seen(listing, Source::SockDiag),
        }
    }

    fn others(&mut self, views: &[SocketView]) -> Known<Vec<KernelRow>> {
        self.remember(views);
        let held: Vec<u64> = views
            .iter()
            .filter_map(|view| view.cookie.value().copied())
            .collect();
        let mut rows = Vec::new();
        let answer = match self.diag.as_mut() {
            Err(error) => Err(refused(error)),
            Ok(diag) => collect(diag, views, &held, &mut self.seen, &mut rows)
                .map_err(|error| refused(&error)),
        };
        match answer {
            Err(why) => Known::Unavailable(why),
            Ok(()) => {
                // The tables are in hash order, which says nothing.
                rows.sort_by_key(|(relation, row)| (*relation, row.cookie));
                Known::seen(
                    rows.into_iter()
                        .map(|(relation, row)| self.kernel_row(relation, row))
                        .collect(),
                    Source::SockDiag,
                )
            }
        }
    }

    fn remember(&mut self, views: &[SocketView]) {
        for view in views {
            if let (Some((local, Some(remote))), Some(&cookie)) = (ends(view), view.cookie.value())
            {
                let connection = Connection {
                    local,
                    remote,
                    cookie,
                };
                if !self.seen.contains(&connection) {
                    self.seen.push(connection);
                }
            }
        }
    }

    fn kernel_row(&mut self, relation: Relation, row: Row) -> KernelRow {
        KernelRow {
            relation,
            state: row.state,
            local: Address::Inet(row.local),
            remote: Address::Inet(row.remote),
            inode: row.inode,
            cookie: row.cookie,
            recv_q: row.recv_q,
            send_q: row.send_q,
            timer: row.timer,
            owner: self.owner(row.cookie, row.inode),
        }
    }
}

/// Where the kernel lists the socket of `view`.
fn find(diag: &mut Diag, view: &SocketView, cookie: u64) -> io::Result<Listing> {
    let named = ends(view);
    let row = match (named, view.domain.value()) {
        (Some((local, Some(remote))), _) => diag.lookup(local, remote)?,
        (Some((local, None)), _) => diag.listener(local)?,
        // Without a name it would be in the lists by the unspecified one.
        (None, Some(Domain::Inet6)) => diag.listener((Ipv6Addr::UNSPECIFIED, 0).into())?,
        (None, _) => diag.listener((Ipv4Addr::UNSPECIFIED, 0).into())?,
    };
    if let Some(row) = row.filter(|row| row.cookie == cookie) {
        return Ok(Listing::Row {
            state: row.state,
            recv_q: row.recv_q,
            send_q: row.send_q,
        });
    }
    match named {
        Some((local, _)) if diag.is_bound_inactive(local, cookie)? => Ok(Listing::BoundOnly),
        _ => Ok(Listing::Nowhere),
    }
}

/// The rows that no fd of the actor holds, and how each concerns it.
fn collect(
    diag: &mut Diag,
    views: &[SocketView],
    held: &[u64],
    seen: &mut Vec<Connection>,
    rows: &mut Vec<(Relation, Row)>,
) -> io::Result<()> {
    for view in views {
        let waiting = matches!(view.accept_queue.value(), Some(Some(queue)) if queue.len > 0);
        if let (true, Some((local, _))) = (waiting, ends(view)) {
            for row in diag.by_port(local.port(), Query::Listed)? {
                if held.contains(&row.cookie) {
                    continue;
                }
                if row.local.port() == local.port() && is_queued(&row) {
                    rows.push((Relation::Queued, row));
                } else if row.local.port() == local.port() && row.state == TcpState::SynReceived {
                    rows.push((Relation::HalfOpen, row));
                } else if row.remote.port() == local.port() && row.state == TcpState::SynSent {
                    rows.push((Relation::Connecting, row));
                }
            }
        }
    }
    let mut gone = Vec::new();
    for (at, connection) in seen.iter().enumerate() {
        let (local, remote) = (connection.local, connection.remote);
        let ours = diag
            .lookup(local, remote)?
            .filter(|row| row.cookie == connection.cookie);
        let (near, far) = (plain(local), plain(remote));
        let peer = diag.lookup(far, near)?;
        let is_held = held.contains(&connection.cookie);
        if ours.is_none() && peer.is_none() && !is_held {
            gone.push(at);
        }
        rows.extend(ours.filter(|_| !is_held).map(|row| (Relation::Left, row)));
        // Connected to itself (bind X, connect X), a socket is its own peer.
        let other = peer.filter(|row| row.cookie != connection.cookie);
        rows.extend(other.map(|row| (Relation::Peer, row)));
    }
    for at in gone.into_iter().rev() {
        seen.remove(at);
    }
    Ok(())
}

/// A connection the kernel finished that no process has taken: no inode.
fn is_queued(row: &Row) -> bool {
    row.inode == 0 && matches!(row.state, TcpState::Established | TcpState::CloseWait)
}

/// The two addresses of a named socket; the second only when it is connected.
fn ends(view: &SocketView) -> Option<(SocketAddr, Option<SocketAddr>)> {
    let local = (*view.local.value()?)?.inet()?;
    let remote = view
        .peer
        .value()
        .and_then(|peer| peer.and_then(Address::inet));
    Some((local, remote))
}

/// `::ffff:127.0.0.1` as the IPv4 address it stands for: the other end of a
/// dual-stack listener's connection is usually an IPv4 socket.
fn plain(addr: SocketAddr) -> SocketAddr {
    match addr.ip() {
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(v4) => SocketAddr::new(IpAddr::V4(v4), addr.port()),
            None => addr,
        },
        IpAddr::V4(_) => addr,
    }
}

fn queue_of(row: &Row) -> AcceptQueue {
    AcceptQueue {
        len: row.recv_q,
        max: row.send_q,
    }
}

fn refused(error: &io::Error) -> Why {
    match error.raw_os_error() {
        Some(code) => Why::errno(Source::SockDiag, crate::model::Errno(code)),
        None => Why::note(Source::SockDiag, error.to_string()),
    }
}

/// Is a release such as `6.18.44-generic` of that version or later?
fn at_least(release: &str, major: u32, minor: u32) -> bool {
    let mut numbers = release
        .split(|c: char| !c.is_ascii_digit())
        .map(|number| number.parse().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    version >= (major, minor)
}

#[cfg(test)]
mod tests {
    use super::at_least;

    #[test]
    fn releases_compare_by_number() {
        assert!(at_least("6.18.44-fc", 6, 8));
        assert!(at_least("6.8", 6, 8));
        assert!(!at_least("6.1.0-13-amd64", 6, 8));
        assert!(!at_least("5.15.167.4-microsoft-standard-WSL2", 6, 8));
        assert!(at_least("10.0", 6, 8));
        assert!(!at_least("unknown", 6, 8));
    }
}
