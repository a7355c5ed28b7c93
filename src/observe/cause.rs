//! What the kernel shows of the cause of a failed call, while it is fresh.

use std::cmp::Reverse;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;

use socket2::{Domain, SockAddr, Socket, Type};

use super::diag::{Diag, Query, refused};
use super::observer::{Observer, no_bound_sockets};
use super::paths::file_at;
use super::rows::Row;
use super::tcp;
use super::unix_rows::UnixRow;
use crate::model::{
    Address, Call, Errno, Fact, Finding, Holder, Owner, Protocol, SocketView, Source, TcpState,
    Timer, UnixAddr, Why, takes,
};
use crate::sys;

impl Observer {
    /// What can be found out about the cause of a failed call, the surest first.
    /// `socket` is the one that it worked on, `ours` are the processes of the run.
    pub(crate) fn cause(
        &mut self,
        call: &Call,
        errno: Errno,
        socket: Option<&SocketView>,
        ours: &[u32],
    ) -> Vec<Finding> {
        match (call.name(), errno.0, call.address()) {
            ("bind", libc::EADDRINUSE, Some(Address::Inet(addr))) => {
                let protocol = socket.and_then(|socket| socket.protocol.value());
                self.port_use(addr, protocol == Some(&Protocol::Udp), ours)
            }
            ("bind", libc::EADDRINUSE, Some(Address::Unix(path))) if path.is_path() => {
                self.path_use(path, ours)
            }
            ("connect", libc::ECONNREFUSED, Some(Address::Inet(addr))) => self.swapped(addr),
            ("bind", libc::EACCES, Some(Address::Inet(addr))) => privileged(addr.port()),
            ("socket", libc::EAFNOSUPPORT, _) => no_ipv6(),
            (
                _,
                libc::EADDRNOTAVAIL | libc::ENETUNREACH | libc::EAFNOSUPPORT,
                Some(Address::Inet(addr)),
            ) => {
                if loopback_is_down(addr) {
                    vec![Finding::new("lo-down", [])]
                } else if addr.is_ipv6() {
                    no_ipv6()
                } else {
                    Vec::new()
                }
            }
            _ => Vec::new(),
        }
    }

    /// Does somebody listen where the two bytes of the port stand the other way round? Then
    /// one of both has forgotten htons(3).
    fn swapped(&mut self, addr: SocketAddr) -> Vec<Finding> {
        let port = addr.port().swap_bytes();
        let there = SocketAddr::new(addr.ip(), port);
        let row = self.diag().ok().and_then(|diag| diag.listener(there).ok());
        match row.flatten() {
            Some(row) if port != addr.port() && row.state == TcpState::Listen => {
                vec![Finding::new("swapped", [("other", port.to_string())])]
            }
            _ => Vec::new(),
        }
    }

    /// Why a bind to `addr` fails with EADDRINUSE: who holds the port. TCP and UDP
    /// number theirs each by itself.
    fn port_use(&mut self, addr: SocketAddr, is_udp: bool, ours: &[u32]) -> Vec<Finding> {
        let rows = match self.rows_of_port(addr.port(), is_udp) {
            Ok(rows) => rows,
            Err(why) => return vec![unseen(&why)],
        };
        let in_the_way = |row: &Row| {
            let meet = takes(addr, row.local) || takes(row.local, addr);
            meet && !tcp::is_queued(row) && row.state != TcpState::SynReceived
        };
        let rows: Vec<Row> = rows.into_iter().filter(in_the_way).collect();
        let owners = self.owners(rows.iter().map(|row| row.inode), ours);
        let mut found: Vec<(Option<Timer>, Finding)> = rows
            .into_iter()
            .map(|row| {
                let held = owners.get(&row.inode);
                let holder = Holder {
                    timer: row.timer,
                    ..holder(row.state, row.local.into(), held, row.uid, ours)
                };
                (row.timer, holder.into())
            })
            .collect();
        // Of several in TIME-WAIT the last one to go decides.
        found.sort_by_key(|(timer, finding)| {
            let surest = Finding::WORDS
                .iter()
                .position(|(word, _)| *word == finding.word);
            (surest, Reverse(timer.map(|timer| timer.expires_ms)))
        });
        if !found.is_empty() {
            found.into_iter().map(|(_, finding)| finding).collect()
        } else if self.lists_bound || is_udp {
            vec![Finding::new("free", [])]
        } else {
            vec![unseen(&no_bound_sockets())]
        }
    }

    fn rows_of_port(&mut self, port: u16, is_udp: bool) -> Result<Vec<Row>, Why> {
        let diag = self.diag()?;
        if is_udp {
            return diag.udp_by_port(port).map_err(refused);
        }
        let mut rows = Vec::new();
        for query in [Query::Listed, Query::BoundInactive] {
            rows.extend(diag.by_port(port, query).map_err(refused)?);
        }
        Ok(rows)
    }

    /// Why a bind to `path` fails with EADDRINUSE: what stands there, and who is
    /// bound to it now, if anybody.
    pub(crate) fn path_use(&mut self, path: UnixAddr, ours: &[u32]) -> Vec<Finding> {
        let mut rows = Vec::new();
        let (file, bound) = file_at(path, |inode, device| {
            let bound = |diag| bound_to(diag, path, inode, device);
            rows = bound(self.diag()?).map_err(refused)?;
            Ok(!rows.is_empty())
        });
        let file = match file {
            Fact::Unknown(why) => return vec![unseen(&why)],
            Fact::None => return vec![Finding::new("free", [])],
            Fact::Seen(file, _) => file,
        };
        let shown = ("file", file.to_string());
        match &bound {
            _ if !file.is_socket() => vec![Finding::new("file", [shown])],
            Fact::Unknown(why) => vec![unseen(why)],
            Fact::None | Fact::Seen(false, _) => match not_dead(path) {
                Some(why) => vec![unseen(&why)],
                None => vec![Finding::new("left", [shown, ("uid", file.uid.to_string())])],
            },
            Fact::Seen(true, _) => {
                let owners = self.owners(rows.iter().map(|row| row.inode), ours);
                let of = |row: UnixRow| {
                    // A kernel that does not say: whose the file is.
                    let uid = row.uid.unwrap_or(file.uid);
                    let held = owners.get(&row.inode);
                    holder(row.condition(), row.name.into(), held, uid, ours).into()
                };
                rows.into_iter().map(of).collect()
            }
        }
    }
}

/// Who holds an address. `owner` is there where a file refers to the socket.
pub(super) fn holder(
    state: TcpState,
    local: Address,
    owner: Option<&Fact<Owner>>,
    uid: u32,
    ours: &[u32],
) -> Holder {
    let owner = match owner {
        None => Fact::None,
        // A file refers to it, though of no process that can be seen from here.
        Some(Fact::None) => Fact::Unknown(Why::note(
            Source::Proc,
            "no process has it that can be seen",
        )),
        Some(owner) => owner.clone(),
    };
    let who = owner.value();
    Holder {
        ours: who.is_some_and(|who| ours.contains(&who.pid)),
        state,
        local,
        owner,
        uid,
        timer: None,
    }
}

/// Why a socket may be bound to the path, in whatever network namespace. Only ECONNREFUSED
/// says that none is. A connect of the datagram type enters no queue: a stream socket at
/// the other end refuses it with EPROTOTYPE (unix_find_other in net/unix/af_unix.c).
fn not_dead(path: UnixAddr) -> Option<Why> {
    let connect = || -> io::Result<()> {
        let socket = Socket::new(Domain::UNIX, Type::DGRAM, None)?;
        socket.connect(&SockAddr::unix(path.as_path())?)
    };
    match connect() {
        Err(error) if error.raw_os_error() == Some(libc::ECONNREFUSED) => None,
        Err(error) if error.raw_os_error() != Some(libc::EPROTOTYPE) => {
            Some(Why::error(Source::SockDiag, &error))
        }
        _ => {
            let why = "it is alive, in another network namespace";
            Some(Why::note(Source::SockDiag, why))
        }
    }
}

/// Who is bound to that very file now, in this network namespace.
fn bound_to(diag: &mut Diag, path: UnixAddr, inode: u64, device: u64) -> io::Result<Vec<UnixRow>> {
    let mut rows = diag.all_unix()?;
    rows.retain(|row| {
        row.file
            .is_some_and(|file| file.is(inode, device, row.name == path))
    });
    // An accepted connection has the listener's file, and was never bound to it.
    let bound = |row: &UnixRow| row.condition() != TcpState::Connected;
    if rows.iter().any(bound) {
        rows.retain(bound);
    }
    Ok(rows)
}

fn unseen(why: &Why) -> Finding {
    Finding::new("unseen", [("why", why.to_string())])
}

/// Says from which port on anybody may bind, when that is why a bind is refused.
fn privileged(port: u16) -> Vec<Finding> {
    let limit = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    let limit = limit.ok().and_then(|text| text.trim().parse::<u16>().ok());
    let limit = limit.filter(|&limit| port < limit);
    let found = |limit: u16| Finding::new("privileged", [("limit", limit.to_string())]);
    limit.map(found).into_iter().collect()
}

/// Is the address one of the loopback interface's, and that interface down?
fn loopback_is_down(addr: SocketAddr) -> bool {
    let is_up = || -> io::Result<bool> {
        sys::loopback_is_up(Socket::new(Domain::UNIX, Type::DGRAM, None)?.as_fd())
    };
    addr.ip().to_canonical().is_loopback() && matches!(is_up(), Ok(false))
}

/// Says that this host has no IPv6, if so.
fn no_ipv6() -> Vec<Finding> {
    match fs::read_to_string("/proc/net/if_inet6") {
        Err(_) => vec![Finding::new("no-ipv6", [])],
        Ok(text) if text.is_empty() => vec![Finding::new("ipv6-off", [])],
        Ok(_) => Vec::new(),
    }
}
