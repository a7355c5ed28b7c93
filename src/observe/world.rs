use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;

use super::diag::{Diag, refused};
use super::process::{fd_table, owner, process};
use super::rows::Row;
use super::{tcp, udp, unix};
use crate::model::{
    Address, Domain, Ends, Fact, KernelRow, Listing, Owner, Protocol, Relation, SocketView, Source,
    TcpState, Why, World,
};

/// The one who looks: joins what the fds say with what sock_diag says, by
/// cookie, and remembers the connections it has seen, so that it finds them
/// again when no fd holds them any more.
pub struct Observer {
    diag: io::Result<Diag>,
    /// Can this kernel list bound sockets? Linux 6.8 and later.
    pub(super) lists_bound: bool,
    tcp: tcp::Memory,
    unix: unix::Memory,
    /// Processes asked first when an owner is looked for.
    pub(super) known_pids: Vec<u32>,
    owners: HashMap<(u64, u64), Fact<Owner>>,
}

/// Which table of the kernel's a socket belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Tcp,
    Udp,
    Unix,
    Other,
}

impl Table {
    /// What may be TCP is looked for there.
    fn of(view: &SocketView) -> Table {
        match (view.domain.value(), view.protocol.value()) {
            (Some(Domain::Unix), _) => Table::Unix,
            (_, Some(Protocol::Udp)) => Table::Udp,
            (Some(Domain::Other(_)), _) | (_, Some(Protocol::Other(_))) => Table::Other,
            _ => Table::Tcp,
        }
    }
}

impl Observer {
    /// Opens sock_diag. Where it is refused, everything else is still seen.
    /// `kernel` is the release uname(2) gives.
    pub fn new(kernel: &str) -> Observer {
        Observer {
            diag: Diag::open(),
            lists_bound: at_least(kernel, 6, 8),
            tcp: tcp::Memory::default(),
            unix: unix::Memory::default(),
            known_pids: Vec::new(),
            owners: HashMap::new(),
        }
    }

    /// Asks `pid` first whenever an owner is looked for.
    pub fn expect_owner(&mut self, pid: u32) {
        self.known_pids.push(pid);
    }

    /// The socket of that cookie is about to connect to `remote`: as long as it is
    /// under way, its fd tells no peer.
    pub fn expect_connect(&mut self, cookie: u64, remote: SocketAddr) {
        self.tcp.reaches(cookie, remote);
    }

    /// Direct access to sock_diag.
    pub fn diag(&mut self) -> Result<&mut Diag, Why> {
        opened(&mut self.diag)
    }

    /// Everything that can be seen of the process `pid`, whose sockets look
    /// like `views` through its fds.
    pub fn look(&mut self, pid: u32, mut views: Vec<SocketView>) -> World {
        let mut rows = unix::Rows::default();
        for view in &mut views {
            match Table::of(view) {
                Table::Tcp | Table::Udp => {
                    // By its fd a socket whose connect is under way has no peer; by
                    // its row it has. What cannot be read stays as the fd says.
                    if view.state.value() == Some(&TcpState::SynSent) {
                        let _ = self.refresh(view);
                    }
                    view.listing = self.listing(view);
                }
                Table::Unix => self.complete(&mut rows, view),
                Table::Other => {
                    view.listing = Fact::Unknown(Why::note(
                        Source::SockDiag,
                        "not looked for: neither TCP nor UDP nor a unix socket",
                    ));
                }
            }
        }
        let (others, ends) = match self.others(&mut rows, &views) {
            Ok((rows, ends)) => (Fact::Seen(rows, Source::SockDiag), ends),
            Err(why) => (Fact::Unknown(why), Vec::new()),
        };
        let paths = self.unix.paths(opened(&mut self.diag), &mut rows);
        World {
            pid,
            process: process(pid),
            fds: fd_table(pid),
            sockets: views,
            others,
            ends,
            paths,
        }
    }

    /// The same while the process sleeps in a call and cannot be asked: state
    /// and queues come from exact lookups, the rest from `last`.
    pub fn look_outside(&mut self, pid: u32, last: &World) -> World {
        let mut views = last.sockets.clone();
        for view in &mut views {
            if let Err(why) = self.refresh(view) {
                view.state = Fact::Unknown(why.clone());
                view.recv_q.doubt(&why);
                view.send_q.doubt(&why);
                view.accept_queue.doubt(&why);
            }
        }
        self.look(pid, views)
    }

    /// Who holds the socket of that inode.
    pub fn owner(&mut self, cookie: u64, inode: u64) -> Fact<Owner> {
        let pids = self.known_pids.clone();
        self.owners
            .entry((cookie, inode))
            .or_insert_with(|| owner(inode, &pids))
            .clone()
    }

    fn refresh(&mut self, view: &mut SocketView) -> Result<(), Why> {
        let diag = opened(&mut self.diag);
        match Table::of(view) {
            Table::Tcp => tcp::refresh(diag?, &self.tcp, view).map_err(refused),
            Table::Udp => udp::refresh(diag?, view).map_err(refused),
            Table::Unix => unix::refresh(diag?, &mut unix::Rows::default(), view),
            Table::Other => Ok(()),
        }
    }

    fn listing(&mut self, view: &SocketView) -> Fact<Listing> {
        let Some(&cookie) = view.cookie.value() else {
            return Fact::Unknown(Why::note(Source::SockDiag, "the cookie is not known"));
        };
        let is_tcp = Table::of(view) == Table::Tcp;
        let lists_bound = self.lists_bound;
        let answer = opened(&mut self.diag).and_then(|diag| {
            let found = match is_tcp {
                true => tcp::find(diag, &self.tcp, view, cookie),
                false => udp::find(diag, view, cookie),
            };
            found.map_err(refused)
        });
        match answer {
            Err(why) => Fact::Unknown(why),
            Ok(Listing::Nowhere) if is_tcp && !lists_bound && view.local.value().is_some() => {
                Fact::Unknown(no_bound_sockets())
            }
            Ok(listing) => Fact::Seen(listing, Source::SockDiag),
        }
    }

    fn complete(&mut self, rows: &mut unix::Rows, view: &mut SocketView) {
        let answer = self
            .diag()
            .and_then(|diag| unix::complete(diag, rows, view));
        if let Err(why) = answer {
            view.listing = Fact::Unknown(why.clone());
            if view.is_listening() {
                view.accept_queue = Fact::Unknown(why.clone());
            }
            view.peer_inode = Fact::Unknown(why);
        }
    }

    fn others(
        &mut self,
        unix_rows: &mut unix::Rows,
        views: &[SocketView],
    ) -> Result<(Vec<KernelRow>, Vec<Ends>), Why> {
        let of = |table| -> Vec<&SocketView> {
            let views = views.iter();
            views.filter(|view| Table::of(view) == table).collect()
        };
        let (tcp, udp, unix) = (of(Table::Tcp), of(Table::Udp), of(Table::Unix));
        let held: Vec<u64> = views
            .iter()
            .filter_map(|view| view.cookie.value().copied())
            .collect();
        let collect = |diag: &mut Diag| -> io::Result<(tcp::Found, Vec<unix::Found>)> {
            let mut found = tcp::collect(diag, &mut self.tcp, &tcp, &held)?;
            for view in udp {
                let peer = udp::peer(diag, view)?.map(|row| (Relation::Peer, row));
                found.rows.extend(peer);
            }
            self.unix.remember(diag, unix_rows, &unix)?;
            Ok((found, self.unix.collect(diag, unix_rows, &unix)?))
        };
        let diag = opened(&mut self.diag)?;
        let (mut inet, unix) = collect(diag).map_err(refused)?;
        // The tables are in hash order, which says nothing.
        inet.rows
            .sort_by_key(|(relation, row)| (*relation, row.cookie));
        let mut all: Vec<KernelRow> = inet
            .rows
            .into_iter()
            .map(|(relation, row)| self.kernel_row(relation, row))
            .collect();
        all.extend(unix.into_iter().map(|found| self.unix_row(found)));
        Ok((all, inet.ends))
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
            peer_inode: None,
        }
    }

    fn unix_row(&mut self, found: unix::Found) -> KernelRow {
        let row = found.row;
        KernelRow {
            relation: found.relation,
            state: row.condition(),
            local: Address::Unix(row.name),
            remote: Address::Unix(found.remote),
            inode: row.inode,
            cookie: row.cookie,
            recv_q: row.recv_q,
            send_q: row.send_q,
            timer: None,
            owner: self.owner(row.cookie, row.inode),
            peer_inode: row.peer.filter(|&inode| inode != 0),
        }
    }
}

/// sock_diag, or why it could not be opened: by itself, so that the rest of an
/// observer can be used beside it.
fn opened(diag: &mut io::Result<Diag>) -> Result<&mut Diag, Why> {
    diag.as_mut()
        .map_err(|error| Why::error(Source::SockDiag, error))
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
