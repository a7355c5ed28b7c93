//! Calls that take structures: messages, vectors, sets of descriptors; and what else a
//! program does beside its sockets.

use std::io;

use rustix::fs::sendfile;
use socket2::SockAddr;

use super::perform::{Performer, errno, sock_addr};
use super::trace::{Memory, Raw};
use crate::model::{Arg, Call, Errno, Outcome, Param};
use crate::script::{Payload, control, control_room};
use crate::sys::{self, Resolved};

impl Performer {
    /// Makes the call, and fills in what the kernel has filled in.
    pub(super) fn make_of_parts(
        &mut self,
        call: &mut Call,
        payload: Option<Payload>,
    ) -> io::Result<i64> {
        let number = |param| call.number(param).unwrap_or_default() as i32;
        let fd = call.fd().unwrap_or(-1);
        match call.book_name() {
            "sendmsg" | "writev" => self.send_parts(call, fd, payload),
            "recvmsg" | "readv" => self.receive_parts(call, fd, payload),
            "pselect6" => self.select(call),
            "sendfile" => {
                let file = call.args.get(1).and_then(Arg::number).unwrap_or(-1);
                let count = call.number(Param::Size).unwrap_or_default() as usize;
                let (out, file) = (self.open(fd)?, self.open(file as i32)?);
                Ok(sendfile(out, file, None, count)? as i64)
            }
            "openat" => {
                let Some(Arg::Path(path)) = call.arg(Param::Path) else {
                    return Err(errno(libc::EINVAL));
                };
                let file = sys::open_to_read(path)?;
                Ok(self.keep(file))
            }
            "rt_sigaction" => {
                let Some(Payload::Disposition(handler, flags)) = payload else {
                    return Err(errno(libc::EINVAL));
                };
                let handler = handler.map(|it| it.cast_unsigned() as usize);
                sys::on_signal(number(Param::Signal), handler, flags).map(|()| 0)
            }
            "getaddrinfo" => resolve(call),
            // The actor does not know this call.
            _ => Err(errno(libc::ENOSYS)),
        }
    }

    fn send_parts(&self, call: &Call, fd: i32, payload: Option<Payload>) -> io::Result<i64> {
        let Some(Payload::Message { parts, fds, cred }) = payload else {
            return Err(errno(libc::EINVAL));
        };
        let to = call.address();
        let to: Option<SockAddr> = to.map(|to| sock_addr(Some(to))).transpose()?;
        let mut message = sys::Message::of(parts, to.as_ref(), &control(&fds, cred));
        let socket = self.open(fd)?;
        if call.name() == "writev" {
            return message.write(socket);
        }
        message.send(socket, call.number(Param::Flags).unwrap_or_default() as i32)
    }

    fn receive_parts(
        &mut self,
        call: &mut Call,
        fd: i32,
        payload: Option<Payload>,
    ) -> io::Result<i64> {
        let Some(Payload::Room {
            sizes,
            fds,
            cred,
            sender,
        }) = payload
        else {
            return Err(errno(libc::EINVAL));
        };
        let name_len = if sender { SOCKADDR_STORAGE } else { 0 };
        let mut message = sys::Message::room(&sizes, control_room(fds, cred), name_len);
        let socket = self.open(fd)?;
        let made = if call.name() == "readv" {
            message.read(socket)
        } else {
            call.fill(Param::MessageOut, Arg::Room(name_len as u32));
            let flags = call.number(Param::Flags).unwrap_or_default() as i32;
            let received = message.receive(socket, flags);
            received.map(|(count, passed)| {
                passed.into_iter().for_each(|fd| {
                    self.keep(fd);
                });
                count
            })
        };
        let place = if call.name() == "readv" {
            let (vector, count) = message.vector();
            [fd as u64, vector, count as u64, 0, 0, 0]
        } else {
            [fd as u64, message.header(), 0, 0, 0, 0]
        };
        self.describe(call, place, &made);
        if let Ok(count) = made {
            self.received.insert(fd, message.bytes(count));
        }
        made
    }

    fn select(&self, call: &mut Call) -> io::Result<i64> {
        let set = |place: usize| match call.args.get(place) {
            Some(Arg::Fds(fds)) => Some(fds.as_slice()),
            _ => None,
        };
        let count = call.number(Param::SetCount).unwrap_or_default() as i32;
        let timeout = match call.arg(Param::Time) {
            Some(Arg::Timeout(ms)) => Some(*ms),
            _ => None,
        };
        let mut sets = sys::Sets::of(count, [set(1), set(2), set(3)], timeout);
        let made = sets.wait();
        self.describe(call, sets.args(), &made);
        made
    }

    /// Fills in what the kernel has filled in, read from where it was passed.
    fn describe(&self, call: &mut Call, args: [u64; 6], made: &io::Result<i64>) {
        let raw = Raw {
            syscall: call.syscall,
            args,
            memory: Memory { tid: self.pid },
        };
        let outcome = match made {
            Ok(value) => Outcome::Value(*value),
            Err(error) => Outcome::Failed(Errno(error.raw_os_error().unwrap_or(libc::EINVAL))),
        };
        raw.ends(call, outcome);
    }
}

/// The room for an address of any family.
const SOCKADDR_STORAGE: usize = 128;

/// getaddrinfo(3): what the name stands for, in the order in which the library gives it.
fn resolve(call: &mut Call) -> io::Result<i64> {
    let Some(Arg::Path(host)) = call.arg(Param::Host) else {
        return Err(errno(libc::EINVAL));
    };
    match sys::resolve(host)? {
        Resolved::To(found) => {
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            let shown = format!("[{}]", found.join(", "));
            call.fill(Param::Addresses, Arg::Shown(shown));
            Ok(0)
        }
        Resolved::Failed(code, text) => {
            call.fill(Param::Addresses, Arg::Untouched);
            call.note = Some(text);
            Ok(code.into())
        }
    }
}
