//! The actor process itself: it makes the calls that it is sent, one at a time.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

use rustix::thread::set_name;
use socket2::{SockAddr, SockRef, Socket};

use super::channel::{Answer, Done, Inbox, Request, send};
use super::several::{become_actor, belong_to, poll, wait};
use crate::model::{Address, Arg, Call, Errno, Outcome, Param, SocketView};
use crate::observe::{self, Access};
use crate::script::{Payload, Planned};
use crate::sys;

/// The hidden subcommand by which socklab starts itself as an actor:
/// `socklab __actor NAME PARENT`.
pub(crate) const ACTOR_COMMAND: &str = "__actor";

/// What an actor process does: it makes the calls that arrive on fd 0, answers on
/// fd 1, and ends when the channel or the parent does.
pub(crate) fn run_actor(parent: u32) -> io::Result<()> {
    if !belong_to(parent)? {
        return Ok(());
    }
    // It was started as /proc/self/exe, which would call it "exe".
    set_name(c"socklab")?;
    sys::interrupts(libc::SIGINT)?;
    // Descriptors that the shell left open would give the first socket another
    // number than 3. Before Linux 5.9 they stay, which is no reason to fail.
    let _ = sys::close_range(3, u32::MAX);
    let mut actor = Performer {
        pid: std::process::id(),
        fds: HashMap::new(),
        received: HashMap::new(),
        passed: None,
    };
    // Through std's own handles: a duplicate would take the number 3.
    let (input, output) = (io::stdin(), io::stdout());
    let mut inbox = Inbox::default();
    loop {
        let answer = match inbox.next()? {
            // After a fork two processes come here, each with its own channel.
            Some(Request::Perform(planned)) => Answer::Done(actor.perform(planned)),
            Some(Request::Look(fds)) => Answer::Views(actor.look(&fds)),
            None => match inbox.fill(&input) {
                Ok(passed) => {
                    actor.passed = passed.or(actor.passed.take());
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
                Err(error) => return Err(error),
            },
        };
        send(&output, &answer, None)?;
    }
}

pub(super) struct Performer {
    /// Its process id.
    pub(super) pid: u32,
    pub(super) fds: HashMap<i32, OwnedFd>,
    /// What the last recv on each descriptor received.
    pub(super) received: HashMap<i32, Vec<u8>>,
    /// The descriptor that came with the last request: the channel of the child that a
    /// fork is to make.
    passed: Option<OwnedFd>,
}

impl Performer {
    fn look(&self, fds: &[i32]) -> Vec<SocketView> {
        let open = fds.iter().filter_map(|fd| self.fds.get(fd));
        open.map(|fd| Access::Own(fd.as_fd()).view()).collect()
    }

    fn perform(&mut self, planned: Planned) -> Done {
        let Planned { mut call, payload } = planned;
        let started = Instant::now();
        let made = self.make(&mut call, payload);
        let took = started.elapsed();
        if let Some(channel) = self.passed.take() {
            self.after_fork(channel, matches!(made, Ok(0)));
        }
        let outcome = match made {
            Ok(value) => Outcome::Value(value),
            Err(error) => {
                call.leave_unfilled();
                // socket2 gives errno; anything else would be its own refusal.
                Outcome::Failed(Errno(error.raw_os_error().unwrap_or(libc::EINVAL)))
            }
        };
        Done {
            call,
            outcome,
            took,
        }
    }

    /// The parent goes on with the channel it has, the child with that one. Both give up
    /// its number, so that their descriptors are those of a program that did nothing but
    /// fork.
    fn after_fork(&mut self, channel: OwnedFd, in_child: bool) {
        if !in_child {
            return sys::put_away(channel);
        }
        if !become_actor(channel, self.pid).unwrap_or(false) {
            // The parent is gone, or fds 0 and 1 are still its channel: no answer.
            sys::exit_now(1);
        }
        self.pid = std::process::id();
    }

    /// Makes the call, and fills in what the kernel has filled in.
    fn make(&mut self, call: &mut Call, payload: Option<Payload>) -> io::Result<i64> {
        let number = |param| call.number(param).unwrap_or_default() as i32;
        let (fd, address) = (number(Param::Fd), call.address());
        match call.book_name() {
            "socket" => {
                let (domain, kind) = (number(Param::Domain), number(Param::Type));
                let protocol = match number(Param::Protocol) {
                    0 => None,
                    other => Some(other.into()),
                };
                let socket = Socket::new_raw(domain.into(), kind.into(), protocol)?;
                return Ok(self.keep(socket.into()));
            }
            "getsockname" => {
                let addr = self.socket(fd)?.local_addr()?;
                call.fill_address(Some(observe::address(&addr)));
            }
            "bind" => self.socket(fd)?.bind(&sock_addr(address)?)?,
            "listen" => self.socket(fd)?.listen(number(Param::Backlog))?,
            "accept" => {
                let (socket, peer) = self.socket(fd)?.accept_raw()?;
                call.fill_address(Some(observe::address(&peer)));
                return Ok(self.keep(socket.into()));
            }
            "connect" => self.socket(fd)?.connect(&sock_addr(address)?)?,
            "recvfrom" => return self.recv(call, fd),
            "sendto" => return self.send(call, fd, payload),
            "unlink" => match call.arg(Param::Path) {
                Some(Arg::Path(path)) => std::fs::remove_file(path)?,
                _ => return Err(io::ErrorKind::InvalidInput.into()),
            },
            "shutdown" => self.socket(fd)?.shutdown(match number(Param::Direction) {
                libc::SHUT_RD => std::net::Shutdown::Read,
                libc::SHUT_WR => std::net::Shutdown::Write,
                _ => std::net::Shutdown::Both,
            })?,
            "close" => {
                let open = self.fds.remove(&fd).ok_or_else(|| errno(libc::EBADF))?;
                self.received.remove(&fd);
                sys::close(open)?;
            }
            "fcntl" => sys::set_file_flags(self.open(fd)?, number(Param::FileFlags))?,
            // The kernel drops a passed descriptor when the table is full.
            "fork" if self.passed.is_none() => return Err(errno(libc::EMFILE)),
            // Both processes return from here, the child with 0.
            "fork" => return Ok(sys::fork()?.map_or(0, |pid| pid.as_raw_pid().into())),
            "exit" => sys::exit_now(number(Param::ExitCode)),
            "wait4" => return wait(call),
            "poll" => return poll(call),
            _ => return self.make_other(call, payload),
        }
        Ok(0)
    }

    /// recv(2) where the call asks for no address, recvfrom(2) where it does.
    fn recv(&mut self, call: &mut Call, fd: i32) -> io::Result<i64> {
        let mut buffer = vec![0; call.number(Param::Max).unwrap_or_default() as usize];
        let flags = call.number(Param::Flags).unwrap_or_default() as i32;
        let socket = self.socket(fd)?;
        let count = if call.arg(Param::AddressOut) == Some(&Arg::Null) {
            sys::recv(&socket, &mut buffer, flags)?
        } else {
            let (count, from) = sys::recv_from(&socket, &mut buffer, flags)?;
            // A stream gives no sender's address, nor does a unix socket without a name.
            call.fill_address((from.len() > 0).then(|| observe::address(&from)));
            count
        };
        // With MSG_TRUNC it is how long the datagram was.
        Ok(self.keep_received(call, fd, buffer, count))
    }

    /// send(2), or sendto(2) where there is an address.
    fn send(&self, call: &Call, fd: i32, payload: Option<Payload>) -> io::Result<i64> {
        let data = self.data(fd, payload);
        let flags = call.number(Param::Flags).unwrap_or_default() as i32;
        let socket = self.socket(fd)?;
        let sent = match call.address() {
            None => socket.send_with_flags(&data, flags)?,
            Some(to) => socket.send_to_with_flags(&data, &sock_addr(Some(to))?, flags)?,
        };
        Ok(sent as i64)
    }

    /// What is sent.
    pub(super) fn data(&self, fd: i32, payload: Option<Payload>) -> Vec<u8> {
        match payload {
            Some(Payload::Bytes(bytes)) => bytes,
            // Zero pages take no memory until they are written to.
            Some(Payload::Zeros(count)) => vec![0; count as usize],
            _ => self.received.get(&fd).cloned().unwrap_or_default(),
        }
    }

    pub(super) fn socket(&self, fd: i32) -> io::Result<SockRef<'_>> {
        let open = self.fds.get(&fd).ok_or_else(|| errno(libc::EBADF))?;
        Ok(SockRef::from(open))
    }
}

pub(super) fn errno(code: i32) -> io::Error {
    io::Error::from_raw_os_error(code)
}

/// An address as socket2 takes it. A name of a unix socket is passed with the
/// length that unix(7) asks for: up to and with the null byte behind a path.
pub(super) fn sock_addr(addr: Option<Address>) -> io::Result<SockAddr> {
    match addr {
        Some(Address::Inet(addr)) => Ok(addr.into()),
        Some(Address::Unix(addr)) => SockAddr::unix(addr.as_path()),
        Some(Address::Other { .. }) | None => Err(errno(libc::EAFNOSUPPORT)),
    }
}
