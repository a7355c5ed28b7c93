//! Calls for which an actor needs more than a socket's methods: descriptors of other
//! kinds, options by their bytes, signals.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::event::epoll;
use rustix::io::{dup, read, write};
use socket2::{SockFilter, Socket};

use super::perform::{Performer, errno};
use super::trace::shown_event;
use crate::model::{Arg, Bytes, Call, Param};
use crate::observe;
use crate::script::{Payload, option_shown};
use crate::sys;

impl Performer {
    /// Makes the call, and fills in what the kernel has filled in.
    pub(super) fn make_other(
        &mut self,
        call: &mut Call,
        payload: Option<Payload>,
    ) -> io::Result<i64> {
        let number = |param| call.number(param).unwrap_or_default() as i32;
        let fd = call.fd().unwrap_or(-1);
        match call.book_name() {
            "setsockopt" => {
                let (level, option) = (number(Param::Level), number(Param::Option));
                let value = bytes(payload);
                if (level, option) == (libc::SOL_SOCKET, libc::SO_ATTACH_FILTER) {
                    // The kernel takes a pointer to the code, the line has the code.
                    self.socket(fd)?.attach_filter(&[instruction(&value)])?;
                } else {
                    sys::set_option(self.open(fd)?, level, option, &value)?;
                }
            }
            "getsockopt" => return self.get_option(call, fd),
            "getpeername" => {
                let addr = self.socket(fd)?.peer_addr()?;
                call.fill_address(Some(observe::address(&addr)));
            }
            "socketpair" => self.pair(call)?,
            "accept4" => {
                let (socket, peer) = sys::accept4(self.open(fd)?, number(Param::MakeFlags))?;
                call.fill_address(Some(observe::address(&peer)));
                return Ok(self.keep(socket));
            }
            "read" => {
                let mut buffer = vec![0; number(Param::Max).cast_unsigned() as usize];
                let count = read(self.open(fd)?, &mut buffer)?;
                return Ok(self.keep_received(call, fd, buffer, count));
            }
            "write" => return Ok(write(self.open(fd)?, &self.data(fd, payload))? as i64),
            "dup" => {
                let duplicate = dup(self.open(fd)?)?;
                return Ok(self.keep(duplicate));
            }
            "dup2" | "dup3" => return self.dup_to(call, fd),
            "ioctl" => {
                let request = call.number(Param::Request).unwrap_or_default();
                let value = sys::ioctl_int(self.open(fd)?, request.cast_unsigned())?;
                call.fill(Param::RequestValue, Arg::IntAt(value.into()));
            }
            "epoll_create1" => return Ok(self.keep(epoll::create(epoll::CreateFlags::empty())?)),
            "epoll_ctl" => self.epoll_ctl(call, fd, payload)?,
            "epoll_wait" | "epoll_pwait" => return self.epoll_wait(call, fd),
            "kill" => sys::kill(number(Param::Pid), number(Param::Signal))?,
            _ => return self.make_of_parts(call, payload),
        }
        Ok(0)
    }

    fn pair(&mut self, call: &mut Call) -> io::Result<()> {
        let number = |param| call.number(param).unwrap_or_default() as i32;
        let (domain, kind) = (number(Param::Domain), number(Param::Type));
        let (one, other) = Socket::pair_raw(domain.into(), kind.into(), None)?;
        call.fill(Param::Pair, Arg::Pair(one.as_raw_fd(), other.as_raw_fd()));
        self.keep(one.into());
        self.keep(other.into());
        Ok(())
    }

    fn dup_to(&mut self, call: &Call, fd: i32) -> io::Result<i64> {
        let to = second_fd(call, 1);
        // The channel is no part of the lesson.
        if to < 3 {
            return Err(errno(libc::EBADF));
        }
        let duplicate = sys::dup_to(self.open(fd)?, to)?;
        // What was open there the kernel has closed.
        if let Some(replaced) = self.fds.remove(&to) {
            sys::forget(replaced);
        }
        Ok(self.keep(duplicate))
    }

    fn epoll_ctl(&self, call: &Call, fd: i32, payload: Option<Payload>) -> io::Result<()> {
        let operation = call.number(Param::EpollOperation).unwrap_or_default() as i32;
        let events = <[u8; 4]>::try_from(bytes(payload)).map_or(0, u32::from_ne_bytes);
        let (epoll, to) = (self.open(fd)?, self.open(second_fd(call, 2))?);
        sys::epoll_ctl(epoll, operation, to, events)
    }

    fn get_option(&self, call: &mut Call, fd: i32) -> io::Result<i64> {
        let number = |param| call.number(param).unwrap_or_default() as i32;
        let (level, option) = (number(Param::Level), number(Param::Option));
        let Some(Arg::LengthAt { given, .. }) = call.arg(Param::ValueOutLen) else {
            return Err(errno(libc::EINVAL));
        };
        let given = *given;
        let value = sys::get_option(self.open(fd)?, level, option, given as usize)?;
        let taken = Some(value.len() as u32);
        call.fill(Param::ValueOut, option_shown(level, option, &value));
        call.fill(Param::ValueOutLen, Arg::LengthAt { given, taken });
        Ok(0)
    }

    /// Puts what was received into the call, and keeps it for whoever sends it back.
    pub(super) fn keep_received(
        &mut self,
        call: &mut Call,
        fd: i32,
        mut buffer: Vec<u8>,
        count: usize,
    ) -> i64 {
        buffer.truncate(count);
        call.fill(Param::BytesOut, Arg::Bytes(Bytes::of(&buffer)));
        self.received.insert(fd, buffer);
        count as i64
    }

    fn epoll_wait(&self, call: &mut Call, fd: i32) -> io::Result<i64> {
        let numbers: Vec<i32> = call.args[2..4]
            .iter()
            .map(|arg| arg.number().unwrap_or_default() as i32)
            .collect();
        let events = sys::epoll_wait(self.open(fd)?, numbers[0], numbers[1])?;
        let shown = events.iter().map(|(events, fd)| shown_event(*events, *fd));
        let shown = format!("[{}]", shown.collect::<Vec<_>>().join(", "));
        call.fill(Param::EpollEvents, Arg::Shown(shown));
        Ok(events.len() as i64)
    }

    /// An open descriptor of the lesson.
    pub(super) fn open(&self, fd: i32) -> io::Result<BorrowedFd<'_>> {
        let open = self.fds.get(&fd).ok_or_else(|| errno(libc::EBADF))?;
        Ok(open.as_fd())
    }

    /// Keeps a new descriptor and gives its number as the call's value.
    pub(super) fn keep(&mut self, new: OwnedFd) -> i64 {
        let fd = new.as_raw_fd();
        self.fds.insert(fd, new);
        fd.into()
    }
}

fn bytes(payload: Option<Payload>) -> Vec<u8> {
    match payload {
        Some(Payload::Bytes(bytes)) => bytes,
        _ => Vec::new(),
    }
}

/// One instruction of BPF, as its eight bytes say it.
fn instruction(bytes: &[u8]) -> SockFilter {
    let bytes = <[u8; 8]>::try_from(bytes).unwrap_or_default();
    let [code, code_high, jt, jf, k @ ..] = bytes;
    let code = u16::from_le_bytes([code, code_high]);
    SockFilter::new(code, jt, jf, u32::from_le_bytes(k))
}

/// The descriptor that stands at that place.
fn second_fd(call: &Call, place: usize) -> i32 {
    let number = call.args.get(place).and_then(Arg::number);
    number.map_or(-1, |fd| fd as i32)
}
