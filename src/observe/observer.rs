//! The one who looks: joins what the fds say with what sock_diag says, by cookie.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::SocketAddr;

use super::around::Around;
use super::diag::{Diag, opened, refused};
use super::owners::Owners;
use super::process::{fd_table, process};
use super::rows::Row;
use super::{paths, tcp, udp, unix};
use crate::model::{
    Address, Call, Domain, Ends, Fact, Focus, KernelRow, Kind, Listing, Owner, Protocol, Relation,
    SocketView, Source, TcpState, Why, World, place,
};

/// The one who looks. What was seen before is not kept here: it is handed in, so that
/// connections are found again which no fd holds any more.
pub(crate) struct Observer {
    pub(super) diag: io::Result<Diag>,
    /// Can this kernel list bound sockets? Linux 6.8 and later.
    pub(super) lists_bound: bool,
    /// Are the SYN queues of all listeners looked at, too? Only a list of all sockets has
    /// them, and who waits in an accept queue shows in the listener itself.
    pub(crate) sees_half_open: bool,
    owners: Owners,
    /// Sockets that were sent to connect, by cookie, and where to.
    reaching: HashMap<u64, SocketAddr>,
    /// Of a look at many sockets, the cookies of all that are bound and inactive: to ask
    /// for one costs as much as to ask for all.
    bound: Option<HashSet<u64>>,
}

/// Of more sockets than these all rows are asked for at once.
const MANY: usize = 8;

/// Which table of the kernel's a socket belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Tcp,
    Udp,
    Unix,
    Other,
}

impl Table {
    /// What may be TCP is looked for there.
    pub(super) fn of(view: &SocketView) -> Table {
        match (view.domain.value(), view.protocol.value()) {
            (Some(Domain::Unix), _) => Table::Unix,
            _ if view.kind.value() == Some(&Kind::Raw) => Table::Other,
            (_, Some(Protocol::Udp)) => Table::Udp,
            (Some(Domain::Other(_)), _) => Table::Other,
            (_, Some(Protocol::Other(_) | Protocol::Icmp | Protocol::Icmpv6)) => Table::Other,
            _ => Table::Tcp,
        }
    }
}

impl Observer {
    /// Opens sock_diag. Where it is refused, everything else is still seen.
    /// `kernel` is the release uname(2) gives.
    pub(crate) fn new(kernel: &str) -> Observer {
        Observer {
            diag: Diag::open(),
            lists_bound: at_least(kernel, 6, 8),
            sees_half_open: true,
            owners: Owners::default(),
            reaching: HashMap::new(),
            bound: None,
        }
    }

    /// Before a connect of a process of which `last` is known: its socket is told from
    /// others by where it is sent, for as long as it is under way, its fd tells no peer.
    pub(crate) fn expect_connect(&mut self, call: &Call, last: &World) {
        if call.name() == "connect"
            && let Some(remote) = call.address().and_then(Address::inet)
            && let Some(view) = call.fd().and_then(|fd| last.socket(fd))
            && let Some(&cookie) = view.cookie.value()
        {
            self.reaching.insert(cookie, remote);
        }
    }

    /// Where that socket was sent to connect.
    pub(super) fn target(&self, view: &SocketView) -> Option<SocketAddr> {
        self.reaching.get(view.cookie.value()?).copied()
    }

    /// Direct access to sock_diag.
    pub(crate) fn diag(&mut self) -> Result<&mut Diag, Why> {
        opened(&mut self.diag)
    }

    /// What can be seen of a process whose sockets look like `views` through its fds:
    /// of everything around them, or of what is in `focus`, by exact lookups alone.
    /// `last` is what is known of it. Who holds the rows is not looked up:
    /// [`Observer::name_owners`].
    pub(crate) fn look(
        &mut self,
        mut views: Vec<SocketView>,
        last: &World,
        focus: Option<Focus>,
    ) -> World {
        views.sort_by_key(|view| view.fd);
        let mut rows = unix::Rows::default();
        self.ask_all(&mut rows, &views);
        for view in &mut views {
            self.complete(&mut rows, view, last);
        }
        let pid = last.pid;
        let diag = opened(&mut self.diag);
        let mut seen = World {
            paths: paths::paths(diag, &mut rows, last, &views),
            process: match &focus {
                Some(focus) if !focus.process => Fact::Unknown(Why::not_asked(Source::Proc)),
                _ => process(pid),
            },
            fds: match focus {
                None => fd_table(pid),
                Some(_) => Fact::Unknown(Why::not_asked(Source::Proc)),
            },
            sockets: views,
            focus,
            pid,
            ..World::default()
        };
        match self.around(&mut rows, last, &seen) {
            Ok((rows, ends)) => {
                seen.others = Fact::Seen(rows, Source::SockDiag);
                seen.ends = ends.into();
            }
            Err(why) => seen.others = Fact::Unknown(why),
        }
        seen
    }

    /// Looks up who holds each row of a look, before it is shown. The processes in
    /// `first` are asked before all others.
    pub(crate) fn name_owners(&mut self, seen: &mut World, first: &[u32]) {
        let Fact::Seen(rows, _) = &mut seen.others else {
            return;
        };
        // What a queued client holds is the other end, unless it is a unix socket.
        let client = |row: &KernelRow| match row.relation {
            Relation::Queued if row.inode == 0 => row.peer_inode.unwrap_or(0),
            Relation::Queued => row.inode,
            _ => 0,
        };
        let inodes = rows.iter().flat_map(|row| [row.inode, client(row)]);
        let owners = self.owners.of(inodes, first);
        let owner = |inode| owners.get(&inode).cloned().unwrap_or(Fact::None);
        for row in rows {
            row.owner = owner(row.inode);
            row.client = owner(client(row));
        }
    }

    /// Who holds the sockets of these inodes.
    pub(super) fn owners(
        &mut self,
        inodes: impl Iterator<Item = u64>,
        first: &[u32],
    ) -> HashMap<u64, Fact<Owner>> {
        self.owners.of(inodes, first)
    }

    /// Of many sockets everything is asked for at once. Where that is refused, so is each
    /// by itself, which says why.
    fn ask_all(&mut self, rows: &mut unix::Rows, views: &[SocketView]) {
        let are_many = |table| {
            let mut of_table = views.iter().filter(|view| Table::of(view) == table);
            of_table.nth(MANY).is_some()
        };
        self.bound = None;
        let Ok(diag) = opened(&mut self.diag) else {
            return;
        };
        if are_many(Table::Unix) {
            let _ = rows.ask_all(diag);
        }
        if are_many(Table::Tcp) {
            let rows = diag.bound_inactive().ok();
            self.bound = rows.map(|rows| rows.iter().map(|row| row.cookie).collect());
        }
    }

    /// Adds what a descriptor cannot tell.
    fn complete(&mut self, rows: &mut unix::Rows, view: &mut SocketView, last: &World) {
        let table = Table::of(view);
        let answer = match (table, view.cookie.value()) {
            (Table::Unix, _) => {
                let answer = self
                    .diag()
                    .and_then(|diag| unix::complete(diag, rows, view));
                if let Err(why) = answer {
                    if view.is_listening() {
                        view.accept_queue = Fact::Unknown(why.clone());
                    }
                    view.peer_inode = Fact::Unknown(why.clone());
                    view.listing = Fact::Unknown(why);
                }
                return;
            }
            (Table::Other, _) => Err(Why::note(
                Source::SockDiag,
                "not looked for: neither TCP nor UDP nor a unix socket",
            )),
            (_, None) => Err(Why::note(Source::SockDiag, "the cookie is not known")),
            (Table::Tcp, Some(&cookie)) => {
                let under_way = view.state.value() == Some(&TcpState::SynSent);
                // One in TIME-WAIT is closed by its fd, and tells no peer any more.
                let target = if under_way {
                    self.target(view)
                } else {
                    last.ends.of(cookie).map(|ends| ends.peer)
                };
                let answer = self.diag();
                let row = answer.and_then(|diag| tcp::own(diag, view, target).map_err(refused));
                // By its fd a socket whose connect is under way has no peer; by
                // its row it has.
                if let (true, Ok(Some(row))) = (under_way, &row) {
                    tcp::fill(view, row);
                }
                row
            }
            (Table::Udp, Some(_)) => self
                .diag()
                .and_then(|diag| udp::own(diag, view).map_err(refused)),
        };
        view.listing = match answer.and_then(|row| self.listing(view, row)) {
            Ok(listing) => Fact::Seen(listing, Source::SockDiag),
            Err(why) => Fact::Unknown(why),
        };
    }

    /// Where the kernel lists a TCP or UDP socket whose row is `row`.
    fn listing(&mut self, view: &SocketView, row: Option<Row>) -> Result<Listing, Why> {
        if let Some(row) = row {
            return Ok(Listing::Row {
                state: row.state,
                recv_q: row.recv_q,
                send_q: row.send_q,
            });
        }
        let named = tcp::ends(view).filter(|_| Table::of(view) == Table::Tcp);
        let (Some((local, _)), Some(&cookie)) = (named, view.cookie.value()) else {
            return Ok(Listing::Nowhere);
        };
        let lists_bound = self.lists_bound;
        let is_bound = match &self.bound {
            Some(all) => all.contains(&cookie),
            None => {
                let diag = self.diag()?;
                diag.is_bound_inactive(local, cookie).map_err(refused)?
            }
        };
        if is_bound {
            return Ok(Listing::BoundOnly);
        }
        if lists_bound {
            return Ok(Listing::Nowhere);
        }
        Err(no_bound_sockets())
    }

    /// What no fd of the process holds, and both ends of its connections.
    fn around(
        &mut self,
        unix_rows: &mut unix::Rows,
        last: &World,
        seen: &World,
    ) -> Result<(Vec<KernelRow>, Vec<Ends>), Why> {
        let of = |table| -> Vec<&SocketView> {
            let views = seen.sockets.iter();
            views.filter(|view| Table::of(view) == table).collect()
        };
        let diag = opened(&mut self.diag)?;
        let mut around = Around::new(diag, last, seen, self.sees_half_open);
        let mut collect = || -> io::Result<()> {
            tcp::collect(&mut around, &of(Table::Tcp))?;
            for view in of(Table::Udp) {
                let peer = udp::peer(around.diag, view)?;
                let peer = peer.map(|row| row.related(Relation::Peer));
                around.rows.extend(peer);
            }
            // The tables are in hash order, which says nothing.
            around.rows.sort_by_key(|row| row.cookie);
            unix::collect(&mut around, unix_rows, &of(Table::Unix))
        };
        collect().map_err(refused)?;
        let Around { mut rows, ends, .. } = around;
        rows.sort_by_key(place);
        Ok((rows, ends))
    }
}
/// Why a bound socket may be there and not be found.
pub(super) fn no_bound_sockets() -> Why {
    Why::note(
        Source::SockDiag,
        "this kernel lists no bound sockets (Linux 6.8 and later do)",
    )
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
