//! The actor process itself: it makes the calls that it is sent, one at a time.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use socket2::{SockAddr, Socket};

use super::channel::{Answer, Inbox, Request, send};
use super::done::Done;
use super::several;
use crate::model::{Address, Arg, Bytes, Call, Errno, Outcome, Param, SocketView};
use crate::observe::{self, Access};
use crate::script::{Payload, Planned};
use crate::sys;

/// The hidden subcommand by which socklab starts itself as an actor:
/// `socklab __actor NAME PARENT`.
pub const ACTOR_COMMAND: &str = "__actor";

/// What an actor process does: it makes the calls that arrive on fd 0, answers on
/// fd 1, and ends when the channel or the parent does.
pub fn run_actor(parent: u32) -> io::Result<()> {
    // Ctrl-C is meant for the controller.
    sys::own_group()?;
    if !sys::die_with_parent(parent)? {
        return Ok(());
    }
    // It was started as /proc/self/exe, which would call it "exe".
    sys::set_name(c"socklab")?;
    // Descriptors that the shell left open would give the first socket another
    // number than 3. Before Linux 5.9 they stay, which is no reason to fail.
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
            // After a fork two processes come here, each with its own channel.
            Some(Request::Perform(planned)) => {
                send(&mut output, &Answer::Done(actor.perform(planned)))?;
            }
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

/// What a call returned, and how long it took where more than the call was done.
pub(super) struct Returned {
    pub value: i64,
    pub took: Option<Duration>,
}

impl From<i64> for Returned {
    fn from(value: i64) -> Returned {
        Returned { value, took: None }
    }
}

impl From<()> for Returned {
    fn from((): ()) -> Returned {
        Returned::from(0)
    }
}

impl Performer {
    fn look(&self, fds: &[i32]) -> Vec<SocketView> {
        fds.iter()
            .filter_map(|fd| self.sockets.get(fd))
            .map(|socket| Access::Own(socket.as_fd()).view())
            .collect()
    }

    fn perform(&mut self, planned: Planned) -> Done {
        let Planned { mut call, payload } = planned;
        let started = Instant::now();
        let answer = self.make(&mut call, payload);
        let elapsed = started.elapsed();
        let (outcome, took) = match answer {
            Ok(returned) => (Outcome::Value(returned.value), returned.took),
            Err(error) => {
                call.leave_unfilled();
                // socket2 gives errno; anything else would be its own refusal.
                let errno = Errno(error.raw_os_error().unwrap_or(libc::EINVAL));
                (Outcome::Failed(errno), None)
            }
        };
        let took = took.unwrap_or(elapsed).as_nanos();
        Done {
            call,
            outcome,
            took_ns: u64::try_from(took).unwrap_or(u64::MAX),
        }
    }

    /// Makes the call, and fills in what the kernel has filled in.
    fn make(&mut self, call: &mut Call, payload: Option<Payload>) -> io::Result<Returned> {
        let number = |param| call.number(param).unwrap_or_default() as i32;
        let (fd, address) = (number(Param::Fd), call.address());
        match call.book_name() {
            "socket" => {
                let (domain, kind) = (number(Param::Domain), number(Param::Type));
                Ok(self.keep(Socket::new_raw(domain.into(), kind.into(), None)?))
            }
            "setsockopt" => {
                let (level, option) = (number(Param::Level), number(Param::Option));
                let socket = self.socket(fd)?.as_fd();
                sys::set_socket_option(socket, level, option, number(Param::Value))
                    .map(Returned::from)
            }
            "getsockopt" => {
                let cred = observe::cred(sys::peer_cred(self.socket(fd)?.as_fd())?);
                call.fill(Param::ValueOut, Arg::Cred(cred));
                Ok(0.into())
            }
            "getsockname" => {
                let addr = self.socket(fd)?.local_addr()?;
                call.fill_address(Some(observe::address(&addr)));
                Ok(0.into())
            }
            "bind" => self
                .socket(fd)?
                .bind(&sock_addr(address)?)
                .map(Returned::from),
            "listen" => self
                .socket(fd)?
                .listen(number(Param::Backlog))
                .map(Returned::from),
            "accept" => {
                let (socket, peer) = self.socket(fd)?.accept_raw()?;
                call.fill_address(Some(observe::address(&peer)));
                Ok(self.keep(socket))
            }
            "connect" => self
                .socket(fd)?
                .connect(&sock_addr(address)?)
                .map(Returned::from),
            "recvfrom" => self.recv(call, fd),
            "sendto" => self.send(fd, address, payload),
            "unlink" => match call.arg(Param::Path) {
                Some(Arg::Path(path)) => std::fs::remove_file(path).map(Returned::from),
                _ => Err(io::ErrorKind::InvalidInput.into()),
            },
            "shutdown" => {
                let how = match number(Param::Direction) {
                    libc::SHUT_RD => std::net::Shutdown::Read,
                    libc::SHUT_WR => std::net::Shutdown::Write,
                    _ => std::net::Shutdown::Both,
                };
                self.socket(fd)?.shutdown(how).map(Returned::from)
            }
            "close" => {
                let socket = self.sockets.remove(&fd).ok_or_else(not_open)?;
                self.received.remove(&fd);
                sys::close(OwnedFd::from(socket)).map(Returned::from)
            }
            "fcntl" => {
                let flags = number(Param::FileFlags);
                sys::set_file_flags(self.socket(fd)?.as_fd(), flags).map(Returned::from)
            }
            "fork" => several::fork(self.passed.take()),
            "exit" => sys::exit_now(number(Param::ExitCode)),
            "wait4" => several::wait(call),
            "poll" => several::poll(call),
            // The actor does not know this call.
            _ => Err(io::Error::from_raw_os_error(libc::ENOSYS)),
        }
    }

    /// recv(2) where the call asks for no address, recvfrom(2) where it does.
    fn recv(&mut self, call: &mut Call, fd: i32) -> io::Result<Returned> {
        let mut buffer = vec![0; call.number(Param::Max).unwrap_or_default() as usize];
        let mut socket = self.socket(fd)?;
        let count = if call.arg(Param::AddressOut) == Some(&Arg::Null) {
            // `Read` of socket2 is recv(2) with no flags.
            socket.read(&mut buffer)?
        } else {
            let (count, from) = sys::recv_from(socket, &mut buffer)?;
            // A stream gives no sender's address, nor does a unix socket without a name.
            call.fill_address((from.len() > 0).then(|| observe::address(&from)));
            count
        };
        buffer.truncate(count);
        call.fill(Param::BytesOut, Arg::Bytes(Bytes::of(&buffer)));
        self.received.insert(fd, buffer);
        Ok((count as i64).into())
    }

    /// send(2), or sendto(2) where there is an address.
    fn send(&self, fd: i32, to: Option<Address>, payload: Option<Payload>) -> io::Result<Returned> {
        let stored = || self.received.get(&fd).cloned().unwrap_or_default();
        let data = match payload {
            Some(Payload::Bytes(bytes)) => bytes,
            // Zero pages take no memory until they are written to.
            Some(Payload::Zeros(count)) => vec![0; count as usize],
            _ => stored(),
        };
        let mut socket = self.socket(fd)?;
        let sent = match to {
            // `Write` of socket2 is send(2) with no flags.
            None => socket.write(&data)?,
            Some(to) => socket.send_to(&data, &sock_addr(Some(to))?)?,
        };
        Ok((sent as i64).into())
    }

    fn socket(&self, fd: i32) -> io::Result<&Socket> {
        self.sockets.get(&fd).ok_or_else(not_open)
    }

    /// Keeps a new socket and gives its descriptor as the call's value.
    fn keep(&mut self, socket: Socket) -> Returned {
        let fd = socket.as_raw_fd();
        self.sockets.insert(fd, socket);
        i64::from(fd).into()
    }
}

fn not_open() -> io::Error {
    io::Error::from_raw_os_error(libc::EBADF)
}

/// An address as socket2 takes it. A name of a unix socket is passed with the
/// length that unix(7) asks for: up to and with the null byte behind a path.
fn sock_addr(addr: Option<Address>) -> io::Result<SockAddr> {
    match addr {
        Some(Address::Inet(addr)) => Ok(addr.into()),
        Some(Address::Unix(addr)) => SockAddr::unix(addr.as_path()),
        Some(Address::Other { .. }) | None => Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT)),
    }
}
