use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::several;
use crate::model::{Address, Arg, Bytes, Call, Domain, Kind, Outcome, Status};
use crate::script::{ShutdownHow, SocketOption};

/// One system call with its arguments: an action whose names became numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    Socket {
        domain: Domain,
        kind: Kind,
    },
    Setsockopt {
        fd: i32,
        option: SocketOption,
        on: bool,
    },
    Bind {
        fd: i32,
        addr: SocketAddr,
    },
    Listen {
        fd: i32,
        backlog: i32,
    },
    Accept {
        fd: i32,
    },
    Connect {
        fd: i32,
        addr: SocketAddr,
    },
    Recv {
        fd: i32,
        max: u32,
    },
    /// `data: None` sends what the last recv on `fd` received.
    Send {
        fd: i32,
        data: Option<Vec<u8>>,
    },
    Shutdown {
        fd: i32,
        how: ShutdownHow,
    },
    Close {
        fd: i32,
    },
    /// The child is an actor of its own: [`super::Actor::forked`].
    Fork,
    /// Ends the process: the [`Done`] says [`Outcome::Never`].
    Exit {
        code: i32,
    },
    /// For the child of that process id.
    Wait {
        pid: i32,
    },
    Nonblock {
        fd: i32,
        on: bool,
    },
    /// For POLLIN; -1 waits for ever.
    Poll {
        fds: Vec<i32>,
        timeout_ms: i32,
    },
}

/// What an actor answers when a call returned.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Done {
    pub outcome: Outcome,
    /// How long the call lasted, in nanoseconds of CLOCK_MONOTONIC.
    pub took_ns: u64,
    /// The address the call filled in: accept.
    pub address: Option<Address>,
    /// The bytes the call filled in or sent: recv, send.
    pub bytes: Option<Bytes>,
    /// How the child ended: wait.
    pub status: Option<Status>,
    /// Each descriptor that was asked about, with its `revents`: poll.
    pub reported: Vec<(i32, i16)>,
}

impl Done {
    /// What is told of a call that has ended the process, `took_ns` after it was
    /// asked for.
    pub fn never(took_ns: u64) -> Done {
        Done {
            outcome: Outcome::Never,
            took_ns,
            address: None,
            bytes: None,
            status: None,
            reported: Vec::new(),
        }
    }
}

/// The room socket2 offers for an address: `struct sockaddr_storage`.
const STORAGE: u32 = 128;

impl Op {
    /// The call, as far as it is known before (`done` is none) or after it.
    /// `echo` is what a send of received bytes will send.
    pub fn call(&self, done: Option<&Done>, echo: Option<&Bytes>) -> Call {
        let (name, args) = match self {
            Op::Socket { domain, kind } => (
                "socket",
                vec![
                    constant(domain.number(), &domain.constant()),
                    constant(kind.number(), &kind.constant()),
                    constant(0, "IPPROTO_IP"),
                ],
            ),
            Op::Setsockopt { fd, option, on } => (
                "setsockopt",
                vec![
                    Arg::Fd(*fd),
                    constant(libc::SOL_SOCKET, "SOL_SOCKET"),
                    match option {
                        SocketOption::Reuseaddr => constant(libc::SO_REUSEADDR, "SO_REUSEADDR"),
                        SocketOption::Keepalive => constant(libc::SO_KEEPALIVE, "SO_KEEPALIVE"),
                    },
                    Arg::IntAt((*on).into()),
                    Arg::Int(4),
                ],
            ),
            Op::Bind { fd, addr } => ("bind", with_address(*fd, *addr)),
            Op::Connect { fd, addr } => ("connect", with_address(*fd, *addr)),
            Op::Listen { fd, backlog } => {
                ("listen", vec![Arg::Fd(*fd), Arg::Int((*backlog).into())])
            }
            Op::Accept { fd } => ("accept", accept_args(*fd, done)),
            Op::Recv { fd, max } => (
                "recvfrom",
                vec![
                    Arg::Fd(*fd),
                    match done {
                        None => Arg::Untouched,
                        Some(done) => received(done),
                    },
                    Arg::Int((*max).into()),
                    Arg::Int(0),
                    Arg::Null,
                    Arg::Null,
                ],
            ),
            Op::Send { fd, data } => {
                let bytes = match (data, done.and_then(|done| done.bytes.as_ref()), echo) {
                    (Some(data), _, _) => Bytes::of(data),
                    (None, Some(bytes), _) | (None, None, Some(bytes)) => bytes.clone(),
                    (None, None, None) => Bytes::of(&[]),
                };
                let len = bytes.len as i64;
                (
                    "sendto",
                    vec![
                        Arg::Fd(*fd),
                        Arg::Bytes(bytes),
                        Arg::Int(len),
                        Arg::Int(0),
                        Arg::Null,
                        Arg::Int(0),
                    ],
                )
            }
            Op::Shutdown { fd, how } => (
                "shutdown",
                vec![
                    Arg::Fd(*fd),
                    match how {
                        ShutdownHow::Read => constant(libc::SHUT_RD, "SHUT_RD"),
                        ShutdownHow::Write => constant(libc::SHUT_WR, "SHUT_WR"),
                        ShutdownHow::Both => constant(libc::SHUT_RDWR, "SHUT_RDWR"),
                    },
                ],
            ),
            Op::Close { fd } => ("close", vec![Arg::Fd(*fd)]),
            Op::Fork => (several::FORK.0, several::fork_args()),
            Op::Exit { code } => ("exit_group", vec![Arg::Int((*code).into())]),
            Op::Wait { pid } => ("wait4", several::wait_args(*pid, done)),
            Op::Nonblock { fd, on } => ("fcntl", several::nonblock_args(*fd, *on)),
            Op::Poll { fds, timeout_ms } => ("poll", several::poll_args(fds, *timeout_ms)),
        };
        Call {
            name,
            args,
            note: several::note(self, done),
        }
    }

    /// How many bytes it offers or asks for. Of a send of received bytes it is not
    /// known here.
    pub fn offered(&self) -> Option<u64> {
        match self {
            Op::Recv { max, .. } => Some(u64::from(*max)),
            Op::Send {
                data: Some(data), ..
            } => Some(data.len() as u64),
            _ => None,
        }
    }

    /// The system call's number on this machine, as /proc/PID/syscall shows it.
    pub fn number(&self) -> i64 {
        match self {
            Op::Socket { .. } => libc::SYS_socket,
            Op::Setsockopt { .. } => libc::SYS_setsockopt,
            Op::Bind { .. } => libc::SYS_bind,
            Op::Listen { .. } => libc::SYS_listen,
            Op::Accept { .. } => libc::SYS_accept,
            Op::Connect { .. } => libc::SYS_connect,
            Op::Recv { .. } => libc::SYS_recvfrom,
            Op::Send { .. } => libc::SYS_sendto,
            Op::Shutdown { .. } => libc::SYS_shutdown,
            Op::Close { .. } => libc::SYS_close,
            Op::Fork => several::FORK.1,
            Op::Exit { .. } => libc::SYS_exit_group,
            Op::Wait { .. } => libc::SYS_wait4,
            Op::Nonblock { .. } => libc::SYS_fcntl,
            Op::Poll { .. } => several::POLL,
        }
    }
}

pub(super) fn constant(raw: i32, name: &str) -> Arg {
    Arg::Constant {
        raw: raw.into(),
        name: name.into(),
    }
}

fn with_address(fd: i32, addr: SocketAddr) -> Vec<Arg> {
    // sizeof(struct sockaddr_in), sizeof(struct sockaddr_in6)
    let len = if addr.is_ipv4() { 16 } else { 28 };
    vec![Arg::Fd(fd), Arg::Addr(addr.into()), Arg::Int(len)]
}

fn accept_args(fd: i32, done: Option<&Done>) -> Vec<Arg> {
    let (address, taken) = match done {
        None => (Arg::Pending, None),
        Some(Done {
            address: Some(address),
            ..
        }) => {
            let len = match address.inet() {
                Some(SocketAddr::V4(_)) => Some(16),
                Some(SocketAddr::V6(_)) => Some(28),
                None => None,
            };
            (Arg::Addr(*address), len)
        }
        Some(_) => (Arg::Untouched, None),
    };
    let length = Arg::LengthAt {
        given: STORAGE,
        taken,
    };
    vec![Arg::Fd(fd), address, length]
}

fn received(done: &Done) -> Arg {
    match (&done.bytes, done.outcome) {
        (Some(bytes), Outcome::Value(_)) => Arg::Bytes(bytes.clone()),
        _ => Arg::Untouched,
    }
}
