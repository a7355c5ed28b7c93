use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::args::{
    UNLINK, accept_args, option_constants, peercred_args, recv_args, recvfrom_args, send_args,
    sent, unlink, with_address,
};
use super::several;
use crate::model::{Address, Arg, Bytes, Call, Cred, Domain, Kind, Outcome, Status};
use crate::script::{ReadOption, ShutdownHow, SocketOption};

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
        addr: Address,
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
        addr: Address,
    },
    Recv {
        fd: i32,
        max: u32,
    },
    /// send(2) where `to` is none, as it is too when the sender to answer had no
    /// address; sendto(2) otherwise. `data: None` sends what the last recv on `fd`
    /// received.
    Send {
        fd: i32,
        to: Option<Address>,
        data: Option<Vec<u8>>,
    },
    /// A send of that many zero bytes.
    Zeros {
        fd: i32,
        len: u32,
    },
    Recvfrom {
        fd: i32,
        max: u32,
    },
    Getsockopt {
        fd: i32,
        option: ReadOption,
    },
    Unlink {
        path: String,
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
    /// The address the call filled in: accept, recvfrom.
    pub address: Option<Address>,
    /// The bytes the call filled in or sent: recv, send.
    pub bytes: Option<Bytes>,
    /// How the child ended: wait.
    pub status: Option<Status>,
    /// Each descriptor that was asked about, with its `revents`: poll.
    pub reported: Vec<(i32, i16)>,
    /// The credentials the call filled in: getsockopt.
    pub cred: Option<Cred>,
}

impl Done {
    /// How long the call lasted.
    pub fn took(&self) -> Duration {
        Duration::from_nanos(self.took_ns)
    }

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
            cred: None,
        }
    }
}

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
                    match domain {
                        Domain::Inet | Domain::Inet6 => constant(0, "IPPROTO_IP"),
                        Domain::Unix | Domain::Other(_) => Arg::Int(0),
                    },
                ],
            ),
            Op::Setsockopt { fd, option, on } => {
                let [level, option] = option_constants(*option);
                let value = Arg::IntAt((*on).into());
                (
                    "setsockopt",
                    vec![Arg::Fd(*fd), level, option, value, Arg::Int(4)],
                )
            }
            Op::Getsockopt {
                fd,
                option: ReadOption::Peercred,
            } => ("getsockopt", peercred_args(*fd, done)),
            Op::Bind { fd, addr } => ("bind", with_address(*fd, *addr)),
            Op::Connect { fd, addr } => ("connect", with_address(*fd, *addr)),
            Op::Listen { fd, backlog } => {
                ("listen", vec![Arg::Fd(*fd), Arg::Int((*backlog).into())])
            }
            Op::Accept { fd } => ("accept", accept_args(*fd, done)),
            Op::Recv { fd, max } => ("recvfrom", recv_args(*fd, *max, done)),
            Op::Recvfrom { fd, max } => ("recvfrom", recvfrom_args(*fd, *max, done)),
            Op::Send { fd, to, data } => {
                let bytes = sent(data.as_deref(), done, echo);
                ("sendto", send_args(*fd, bytes, *to))
            }
            Op::Zeros { fd, len } => ("sendto", send_args(*fd, Bytes::zeros(*len), None)),
            Op::Unlink { path } => unlink(path),
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
            Op::Recv { max, .. } | Op::Recvfrom { max, .. } => Some(u64::from(*max)),
            Op::Send {
                data: Some(data), ..
            } => Some(data.len() as u64),
            Op::Zeros { len, .. } => Some(u64::from(*len)),
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
            Op::Recv { .. } | Op::Recvfrom { .. } => libc::SYS_recvfrom,
            Op::Send { .. } | Op::Zeros { .. } => libc::SYS_sendto,
            Op::Getsockopt { .. } => libc::SYS_getsockopt,
            Op::Unlink { .. } => UNLINK,
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
