//! Why a call failed: looks at the kernel for the cause while it is fresh.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use super::lesson::Lesson;
use super::path::{explain_path, path_taken};
use crate::model::{Address, Call, Errno, Failure, Holder, Protocol};
use crate::observe::{Observer, Query};

/// From this port on anybody may bind; where the kernel keeps the number.
const UNPRIVILEGED: &str = "/proc/sys/net/ipv4/ip_unprivileged_port_start";

impl Lesson<'_> {
    /// Why a call failed: looks at the kernel for the cause while it is fresh.
    pub(super) fn diagnose(&mut self, call: Call, errno: Errno) -> Failure {
        let address = call.address().and_then(Address::inet);
        let path = call.address().and_then(Address::path);
        let (name, fd) = (call.name(), call.fd());
        if let Some(path) = path {
            let mut failure = explain_path(call, errno, path);
            if let ("bind", libc::EADDRINUSE, Ok(watched)) =
                (name, errno.0, self.run.actors.get_mut(&self.run.acting))
            {
                path_taken(&mut watched.observer, &mut failure, path);
            }
            return failure;
        }
        let mut failure = explain(call, errno);
        match (name, errno.0, address) {
            ("bind", libc::EADDRINUSE, Some(addr)) => {
                let seen = self.run.seen().ok();
                let socket = fd.and_then(|fd| seen?.socket(fd));
                let protocol = socket.and_then(|socket| socket.protocol.value().copied());
                let is_udp = protocol == Some(Protocol::Udp);
                if let Ok(watched) = self.run.actors.get_mut(&self.run.acting) {
                    port_taken(&mut watched.observer, &mut failure, addr, is_udp);
                }
            }
            ("bind", libc::EACCES, _) => privileged(&mut failure),
            ("socket" | "bind", libc::EAFNOSUPPORT | libc::EADDRNOTAVAIL, _) => {
                failure.found.extend(no_ipv6(address));
            }
            _ => {}
        }
        failure
    }
}

/// Finds who holds the port: TCP and UDP number theirs each by itself.
fn port_taken(observer: &mut Observer, failure: &mut Failure, addr: SocketAddr, is_udp: bool) {
    let rows = observer.diag().and_then(|diag| {
        let both = if is_udp {
            diag.udp_by_port(addr.port())
        } else {
            diag.by_port(addr.port(), Query::Listed)
                .and_then(|mut rows| {
                    rows.extend(diag.by_port(addr.port(), Query::BoundInactive)?);
                    Ok(rows)
                })
        };
        both.map_err(|error| {
            crate::model::Why::note(crate::model::Source::SockDiag, error.to_string())
        })
    });
    let rows = match rows {
        Ok(rows) => rows,
        Err(why) => {
            failure
                .found
                .push(format!("who holds the port is not available: {why}"));
            return;
        }
    };
    for row in rows {
        if row.local.port() == addr.port() {
            let owner = observer.owner(row.cookie, row.inode);
            failure.holders.push(Holder {
                state: row.state,
                local: Address::Inet(row.local),
                owner: owner.value().cloned(),
                uid: row.uid,
                timer: row.timer,
            });
        }
    }
    if failure.holders.is_empty() {
        failure
            .found
            .push("the kernel shows no socket on that port any more: try again".into());
    }
}

fn privileged(failure: &mut Failure) {
    if let Ok(text) = fs::read_to_string(UNPRIVILEGED) {
        failure.found.push(format!(
            "ports below {} need privilege here (ip_unprivileged_port_start)",
            text.trim()
        ));
    }
}

/// Says that this host has no IPv6, when that is why an IPv6 address fails.
fn no_ipv6(address: Option<SocketAddr>) -> Option<String> {
    if address.is_some_and(|addr| addr.is_ipv4()) {
        return None;
    }
    match fs::read_to_string("/proc/net/if_inet6") {
        Err(_) => Some("this kernel has no IPv6 at all: /proc/net/if_inet6 does not exist".into()),
        Ok(text) if text.is_empty() => {
            Some("IPv6 is off on this host: no interface has an IPv6 address".into())
        }
        Ok(_) => None,
    }
}

/// What an errno means for this call, and what to do: the man pages' meaning in
/// a sentence each.
pub(super) fn explain(call: Call, errno: Errno) -> Failure {
    let (meaning, advice): (&str, &[&str]) = match (call.name(), errno.0) {
        ("bind", libc::EADDRINUSE) => (
            "another socket holds this address and port",
            &[
                "end the program that holds it, or wait until TIME-WAIT is over, and retry",
                "or take another port: --addr HOST:PORT, port 0 lets the kernel choose",
            ],
        ),
        ("bind", libc::EACCES) => (
            "you may not have this port",
            &["take a port from 1024 up, such as --addr 127.0.0.1:6789"],
        ),
        ("bind", libc::EADDRNOTAVAIL) => (
            "no interface of this machine has that address, so nothing could ever arrive there",
            &["use an address that `ip addr` lists, 127.0.0.1, or 0.0.0.0 for every interface"],
        ),
        ("socket", libc::EAFNOSUPPORT) => (
            "this kernel does not speak that address family",
            &["use an IPv4 address: --addr 127.0.0.1:6789"],
        ),
        ("socket" | "accept", libc::EMFILE | libc::ENFILE) => (
            "there are no descriptors left: the process's or the system's table is full",
            &["close some, or raise the limit (ulimit -n)"],
        ),
        ("listen" | "accept", libc::EOPNOTSUPP) => (
            "a datagram socket has no connections, so there is nothing to listen for or to accept",
            &["receive from it as it is: recvfrom tells who has sent"],
        ),
        ("sendto", libc::EMSGSIZE) => (
            "a datagram is sent whole or not at all, and this one is larger than one may be",
            &["send less at a time: over UDP at most 65507 bytes"],
        ),
        ("sendto", libc::ECONNREFUSED) => (
            "an earlier datagram reached the host, but no socket on that port: its ICMP answer is told now",
            &["start the receiver; nothing of this send has gone out"],
        ),
        ("sendto", libc::ENOTCONN | libc::EDESTADDRREQ) => (
            "the socket is connected to nobody, and the call names no address",
            &["connect it first, or answer somebody who has an address (a client that is bound)"],
        ),
        ("recvfrom", libc::ECONNREFUSED) => (
            "what was sent before reached no socket: that host's ICMP answer is told now",
            &["start the receiver and send again"],
        ),
        ("listen", libc::EADDRINUSE) => (
            "another socket already listens on this address: SO_REUSEADDR lets two bind, never two listen",
            &["end the other listener, or take another port with --addr"],
        ),
        ("recvfrom", libc::ECONNRESET) => (
            "the peer reset the connection (RST): it ended without a clean close, and what it had not read is lost",
            &["nothing can be repaired here: close the socket and accept the next client"],
        ),
        ("sendto", libc::EPIPE) => (
            "the connection is closed for sending; a program that does not ignore SIGPIPE would have been killed here",
            &["close the socket and accept the next client"],
        ),
        ("sendto", libc::ECONNRESET) => (
            "the peer reset the connection (RST) before or while we sent",
            &["close the socket and accept the next client"],
        ),
        ("connect", libc::ECONNREFUSED) => (
            "the address answers, but nobody listens on that port",
            &["start the server first: socklab walk --addr {addr}"],
        ),
        ("connect", libc::ETIMEDOUT) => (
            "no answer to the SYN, however often it was repeated",
            &["check the address, and firewalls on the way"],
        ),
        ("connect", libc::ENETUNREACH) => (
            "this machine knows no way to that network",
            &["check the address, and the routes that this machine has: ip route, ip -6 route"],
        ),
        ("connect", libc::EHOSTUNREACH) => (
            "the way is known, but the host is not found there: no answer to ARP, or a router says so",
            &["check the address, and whether the host is up: ping"],
        ),
        ("accept", libc::ECONNABORTED) => (
            "the client was gone again before accept took the connection",
            &["accept again: the listener is unharmed"],
        ),
        ("clone" | "fork", libc::EAGAIN) => (
            "this user may have no more processes: the limit RLIMIT_NPROC, or the system's, is reached",
            &["end some processes, or raise the limit (ulimit -u)"],
        ),
        ("wait4", libc::ECHILD) => (
            "that process is no child of this one, or has been waited for already",
            &["wait for a child once, and only in the process that forked it"],
        ),
        ("accept" | "recvfrom" | "sendto", libc::EAGAIN) => (
            "the socket is non-blocking, and there is nothing to do for the call now",
            &["poll the socket first, and call again when it is ready"],
        ),
        (_, libc::EINTR) => (
            "a signal handler interrupted the call before it had done anything",
            &["make the call again"],
        ),
        (_, libc::EBADF) => (
            "that number is not an open descriptor of this process",
            &["check which descriptors are open: key i, or ls -l /proc/PID/fd"],
        ),
        _ => (
            "the kernel refused",
            &["read the ERRORS section of the call's manual page (man 2 CALL)"],
        ),
    };
    let addr = call
        .address()
        .map_or_else(String::new, |addr| addr.to_string());
    let advice = advice.iter().map(|line| line.replace("{addr}", &addr));
    Failure::new(call, errno, meaning, advice.collect())
}

/// An unattended run waited as long as it may.
pub(super) fn never_returned(call: Call, patience: Duration) -> Failure {
    let (meaning, advice) = match call.name() {
        "accept" => (
            "nobody connected",
            "connect from a second terminal, or let the built-in client do it: --peer builtin",
        ),
        "recvfrom" => (
            "the peer sent nothing and did not close",
            "let the other end send something, or end it",
        ),
        "wait4" => (
            "the child still lives",
            "let the child exit before its parent waits, or end it",
        ),
        "poll" => (
            "none of the sockets became readable",
            "connect or send from the other end, or give the poll a --timeout",
        ),
        _ => ("the call did not return", "look at what the peer is doing"),
    };
    Failure {
        call: Some(call),
        errno: None,
        meaning: format!("{meaning} within {} s", patience.as_secs_f64()),
        found: Vec::new(),
        holders: Vec::new(),
        advice: vec![
            advice.into(),
            "an unattended run waits only so long: --patience SECONDS changes it".into(),
        ],
    }
}

/// The process that made the call ended.
pub(super) fn actor_gone(call: Option<Call>, actor: &str, signal: Option<i32>) -> Failure {
    let by = match signal {
        Some(signal) => format!(" by signal {signal}"),
        None => String::new(),
    };
    Failure {
        call,
        errno: None,
        meaning: format!("the {actor} process was ended{by} from outside, and its sockets with it"),
        found: Vec::new(),
        holders: Vec::new(),
        advice: vec!["start the walk again".into()],
    }
}
