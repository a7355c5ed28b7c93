//! Which descriptors of a process are sockets.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::decode::{Raw, waited_for};
use crate::model::{Arg, Call, Outcome, Param};
use crate::observe::{is_open, open_sockets};

/// The sockets in a table of descriptors: processes that share it share this.
#[derive(Clone, Debug, Default)]
pub(super) struct Sockets(Rc<RefCell<Numbers>>);

#[derive(Clone, Debug, Default)]
struct Numbers {
    open: BTreeSet<i32>,
    /// Those that were closed, and that no other file was seen to have since.
    closed: BTreeSet<i32>,
}

/// close_range(2): the descriptors stay open until execve(2).
const CLOSE_RANGE_CLOEXEC: i64 = 4;

impl Sockets {
    /// Those that a process has now: /proc/PID/fd.
    pub(super) fn of(pid: u32) -> Sockets {
        let (open, closed) = (open_sockets(pid).into_iter().collect(), BTreeSet::new());
        Sockets(Rc::new(RefCell::new(Numbers { open, closed })))
    }

    /// A table of its own with the same sockets, as fork(2) makes it.
    pub(super) fn copy(&self) -> Sockets {
        Sockets(Rc::new(RefCell::new(self.0.borrow().clone())))
    }

    /// Is that descriptor a socket?
    pub(super) fn has(&self, fd: i32) -> bool {
        self.0.borrow().open.contains(&fd)
    }

    /// Was it one, and is it no descriptor any more? A call that is given such a number
    /// fails, and the program means the socket.
    fn was(&self, fd: i32, tid: u32) -> bool {
        if !self.0.borrow().closed.contains(&fd) {
            return false;
        }
        let is_free = !is_open(tid, fd);
        if !is_free {
            self.0.borrow_mut().closed.remove(&fd);
        }
        is_free
    }

    /// Is the call about a socket, or about processes? One that reads a file is not.
    pub(super) fn concern(&self, raw: &Raw) -> bool {
        let number = |place: usize| raw.args[place] as i32;
        let has = |place: usize| self.has(number(place));
        let was = |place: usize| self.was(number(place), raw.memory.tid);
        match raw.syscall.name {
            // What has failed to make a socket has returned -1.
            "read" | "write" | "readv" | "writev" => has(0) || number(0) < 0 || was(0),
            "close" | "fcntl" | "fcntl64" | "ioctl" | "dup" => has(0) || was(0),
            "dup2" | "dup3" | "sendfile" => has(0) || has(1),
            "splice" => has(0) || has(2),
            "poll" | "ppoll" | "select" | "pselect6" => {
                waited_for(raw).iter().any(|fd| self.has(*fd))
            }
            // A filter of its own, which may refuse calls before they are seen.
            "prctl" => raw.args[0] as i32 == libc::PR_SET_SECCOMP,
            "seccomp" => raw.args[0] <= 1,
            "close_range" => {
                let (first, last) = (raw.args[0] as u32, raw.args[1] as u32);
                let sockets = self.0.borrow();
                let mut sockets = sockets.open.iter().map(|fd| fd.cast_unsigned());
                sockets.any(|fd| (first..=last).contains(&fd))
            }
            _ => true,
        }
    }

    /// The call begins: what it closes counts no more. Another thread may be given the
    /// number before the call returns.
    pub(super) fn begins(&self, call: &Call) {
        let mut numbers = self.0.borrow_mut();
        let number = |place: usize| match call.args.get(place).and_then(Arg::number) {
            Some(number) => number as i32,
            None => -1,
        };
        match call.name() {
            "close" => numbers.close(number(0)),
            "dup2" | "dup3" if number(0) != number(1) => numbers.close(number(1)),
            "close_range" if call.number(Param::RangeFlags) != Some(CLOSE_RANGE_CLOEXEC) => {
                let (first, last) = (number(0).cast_unsigned(), number(1).cast_unsigned());
                let within = |fd: &i32| (first..=last).contains(&fd.cast_unsigned());
                let closed: Vec<i32> = numbers.open.iter().copied().filter(within).collect();
                closed.into_iter().for_each(|fd| numbers.close(fd));
            }
            _ => {}
        }
    }

    /// The call has returned: what it made counts from now on.
    pub(super) fn ended(&self, call: &Call, outcome: Outcome, pid: u32) {
        let Outcome::Value(value) = outcome else {
            return;
        };
        let made = value as i32;
        let old = call.fd().unwrap_or(-1);
        match call.name() {
            "socket" | "accept" | "accept4" => self.add(made),
            "dup" | "dup2" | "dup3" if self.has(old) => self.add(made),
            "fcntl" | "fcntl64" if is_duplicate(call) => self.add(made),
            "socketpair" => {
                if let Some(Arg::Pair(one, other)) = call.arg(Param::Pair) {
                    self.add(*one);
                    self.add(*other);
                }
            }
            "recvmsg" => {
                if let Some(Arg::Parts { fds, .. }) = call.arg(Param::MessageOut)
                    && !fds.is_empty()
                {
                    let open = open_sockets(pid);
                    let sockets = fds.iter().filter(|fd| open.contains(fd));
                    sockets.for_each(|fd| self.add(*fd));
                }
            }
            _ => {}
        }
    }

    fn add(&self, fd: i32) {
        let mut numbers = self.0.borrow_mut();
        numbers.open.insert(fd);
        numbers.closed.remove(&fd);
    }
}

impl Numbers {
    fn close(&mut self, fd: i32) {
        if self.open.remove(&fd) {
            self.closed.insert(fd);
        }
    }
}

fn is_duplicate(call: &Call) -> bool {
    let command = call.number(Param::Command);
    let duplicates = [libc::F_DUPFD, libc::F_DUPFD_CLOEXEC].map(i64::from);
    command.is_some_and(|command| duplicates.contains(&command))
}
