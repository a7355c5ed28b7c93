use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use socket2::{SockAddr, Socket};

use super::channel::{Answer, Inbox, Request, send};
use super::op::{Done, Op};
use super::several;
use crate::model::{Address, Bytes, Cred, Errno, Outcome, SocketView, Status};
use crate::observe;
use crate::script::{ReadOption, ShutdownHow, SocketOption};
use crate::sys;

/// The hidden subcommand by which socklab starts itself as an actor:
/// `socklab __actor NAME PARENT`.
pub const ACTOR_COMMAND: &str = "__actor";

/// The life of an actor process: performs what arrives on fd 0, answers on
/// fd 1, and ends when the channel or the parent does.
pub fn run_actor(parent: u32) -> io::Result<()> {
    // Away from Ctrl-C, which is meant for the controller.
    sys::own_group()?;
    if !sys::die_with_parent(parent)? {
        return Ok(());
    }
    // It was started as /proc/self/exe and would be called "exe".
    sys::set_name(c"socklab")?;
    // What the shell left open would make the first socket another number than
    // 3. Linux before 5.9 cannot close it in one call; it is not worth failing.
    let _ = sys::close_range(3, u32::MAX);
    let mut actor = Performer {
        sockets: HashMap::new(),
        received: HashMap::new(),
        passed: None,
    };
    // Through std's own handles: a duplicate would take the number 3.
    let input = io::stdin();
    let mut output = io::stdout().lock();
    let mut inbox = Inbox::default();
    loop {
        match inbox.next()? {
            // After a fork there are two of us here, each with its own channel.
            Some(Request::Perform(op)) => send(&mut output, &Answer::Done(actor.perform(&op)))?,
            Some(Request::Look(fds)) => send(&mut output, &Answer::Views(actor.look(&fds)))?,
            None => match inbox.fill(|buffer| {
                let (count, passed) = sys::receive_with_fd(input.as_fd(), buffer)?;
                actor.passed = passed.or(actor.passed.take());
                Ok(count)
            }) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
                other => other?,
            },
        }
    }
}

struct Performer {
    sockets: HashMap<i32, Socket>,
    /// What the last recv on each descriptor received.
    received: HashMap<i32, Vec<u8>>,
    /// The descriptor that came with the last request: a child's channel.
    passed: Option<OwnedFd>,
}

/// What a call gave besides its value.
#[derive(Default)]
pub(super) struct Gave {
    pub(super) value: i64,
    pub(super) address: Option<Address>,
    pub(super) bytes: Option<Bytes>,
    pub(super) status: Option<Status>,
    pub(super) reported: Vec<(i32, i16)>,
    pub(super) cred: Option<Cred>,
    /// How long it took, where more than the call was to be done.
    pub(super) took: Option<Duration>,
}

impl From<()> for Gave {
    fn from((): ()) -> Gave {
        Gave::default()
    }
}

impl Performer {
    fn look(&self, fds: &[i32]) -> Vec<SocketView> {
        fds.iter()
            .filter_map(|fd| self.sockets.get(fd))
            .map(|socket| observe::look(socket.as_fd()))
            .collect()
    }

    fn perform(&mut self, op: &Op) -> Done {
        let started = Instant::now();
        let answer = self.call(op);
        let elapsed = started.elapsed();
        let (outcome, gave) = match answer {
            Ok(gave) => (Outcome::Value(gave.value), gave),
            Err(error) => (
                // socket2 gives errno; anything else would be its own refusal.
                Outcome::Failed(Errno(error.raw_os_error().unwrap_or(libc::EINVAL))),
                Gave::default(),
            ),
        };
        let took = gave.took.unwrap_or(elapsed).as_nanos();
        Done {
            outcome,
            took_ns: u64::try_from(took).unwrap_or(u64::MAX),
            address: gave.address,
            bytes: gave.bytes,
            status: gave.status,
            reported: gave.reported,
            cred: gave.cred,
        }
    }

    fn call(&mut self, op: &Op) -> io::Result<Gave> {
        match op {
            Op::Socket { domain, kind } => {
                let socket = Socket::new_raw(domain.number().into(), kind.number().into(), None)?;
                Ok(self.keep(socket))
            }
            Op::Setsockopt { fd, option, on } => {
                let socket = self.socket(*fd)?;
                match option {
                    SocketOption::Reuseaddr => socket.set_reuse_address(*on)?,
                    SocketOption::Keepalive => socket.set_keepalive(*on)?,
                    SocketOption::Nodelay => socket.set_tcp_nodelay(*on)?,
                    SocketOption::V6only => socket.set_only_v6(*on)?,
                }
                Ok(Gave::default())
            }
            Op::Getsockopt {
                fd,
                option: ReadOption::Peercred,
            } => Ok(Gave {
                cred: Some(observe::cred(sys::peer_cred(self.socket(*fd)?.as_fd())?)),
                ..Gave::default()
            }),
            Op::Bind { fd, addr } => self.socket(*fd)?.bind(&sock_addr(*addr)?).map(Gave::from),
            Op::Listen { fd, backlog } => self.socket(*fd)?.listen(*backlog).map(Gave::from),
            Op::Accept { fd } => {
                let (socket, peer) = self.socket(*fd)?.accept_raw()?;
                Ok(Gave {
                    address: Some(observe::address(&peer)),
                    ..self.keep(socket)
                })
            }
            Op::Connect { fd, addr } => self
                .socket(*fd)?
                .connect(&sock_addr(*addr)?)
                .map(Gave::from),
            Op::Recv { fd, max } => self.recv(*fd, *max),
            Op::Recvfrom { fd, max } => self.recvfrom(*fd, *max),
            Op::Send { fd, to, data } => self.send(*fd, *to, data.as_deref()),
            Op::Zeros { fd, len } => {
                // Fresh zero pages: none is there until it is written to.
                let data = vec![0; *len as usize];
                let mut socket = self.socket(*fd)?;
                let sent = socket.write(&data)?;
                Ok(Gave {
                    value: sent as i64,
                    bytes: Some(Bytes::zeros(*len)),
                    ..Gave::default()
                })
            }
            Op::Unlink { path } => std::fs::remove_file(path).map(Gave::from),
            Op::Shutdown { fd, how } => {
                let how = match how {
                    ShutdownHow::Read => std::net::Shutdown::Read,
                    ShutdownHow::Write => std::net::Shutdown::Write,
                    ShutdownHow::Both => std::net::Shutdown::Both,
                };
                self.socket(*fd)?.shutdown(how).map(Gave::from)
            }
            Op::Close { fd } => {
                let socket = self
                    .sockets
                    .remove(fd)
                    .ok_or_else(|| io::Error::from_raw_os_error(libc::EBADF))?;
                self.received.remove(fd);
                sys::close(OwnedFd::from(socket)).map(Gave::from)
            }
            Op::Fork => several::fork(self.passed.take()),
            Op::Exit { code } => sys::exit_now(*code),
            Op::Wait { pid } => several::wait(*pid),
            Op::Nonblock { fd, on } => {
                sys::set_nonblocking(self.socket(*fd)?.as_fd(), *on).map(Gave::from)
            }
            Op::Poll { fds, timeout_ms } => several::poll(fds, *timeout_ms),
        }
    }

    fn recv(&mut self, fd: i32, max: u32) -> io::Result<Gave> {
        let mut buffer = vec![0; max as usize];
        let mut socket = self.socket(fd)?;
        // `Read` of socket2 is recv(2) with no flags.
        let count = socket.read(&mut buffer)?;
        buffer.truncate(count);
        Ok(self.took_in(fd, buffer))
    }

    fn recvfrom(&mut self, fd: i32, max: u32) -> io::Result<Gave> {
        let mut buffer = vec![0; max as usize];
        let (count, from) = sys::recv_from(self.socket(fd)?, &mut buffer)?;
        buffer.truncate(count);
        Ok(Gave {
            // A stream names nobody, nor does a unix socket that has no name.
            address: (from.len() > 0).then(|| observe::address(&from)),
            ..self.took_in(fd, buffer)
        })
    }

    /// Keeps what was received, and gives it.
    fn took_in(&mut self, fd: i32, received: Vec<u8>) -> Gave {
        let gave = Gave {
            value: received.len() as i64,
            bytes: Some(Bytes::of(&received)),
            ..Gave::default()
        };
        self.received.insert(fd, received);
        gave
    }

    /// Sends `data`, or what was received last.
    fn send(&self, fd: i32, to: Option<Address>, data: Option<&[u8]>) -> io::Result<Gave> {
        let stored = self.received.get(&fd).map_or(&[][..], Vec::as_slice);
        let data = data.unwrap_or(stored);
        let mut socket = self.socket(fd)?;
        let sent = match to {
            // `Write` of socket2 is send(2) with no flags.
            None => socket.write(data)?,
            Some(to) => socket.send_to(data, &sock_addr(to)?)?,
        };
        Ok(Gave {
            value: sent as i64,
            bytes: Some(Bytes::of(data)),
            ..Gave::default()
        })
    }

    fn socket(&self, fd: i32) -> io::Result<&Socket> {
        self.sockets
            .get(&fd)
            .ok_or_else(|| io::Error::from_raw_os_error(libc::EBADF))
    }

    /// Keeps a new socket and gives its descriptor as the call's value.
    fn keep(&mut self, socket: Socket) -> Gave {
        let fd = socket.as_raw_fd();
        self.sockets.insert(fd, socket);
        Gave {
            value: fd.into(),
            ..Gave::default()
        }
    }
}

/// An address as socket2 takes it. A name of a unix socket is passed with the
/// length that unix(7) asks for: up to and with the null byte behind a path.
fn sock_addr(addr: Address) -> io::Result<SockAddr> {
    match addr {
        Address::Inet(addr) => Ok(addr.into()),
        Address::Unix(addr) => SockAddr::unix(addr.as_path()),
        Address::Other { .. } => Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT)),
    }
}
