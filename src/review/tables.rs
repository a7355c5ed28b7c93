//! Which socket each descriptor of each process is: what the calls say.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::{
    Address, Arg, Call, Event, Fact, MachineEvent, Outcome, Param, SocketView, Source, What, Why,
    World,
};

/// A socket, from the call that made it to the end of the trace.
#[derive(Clone, Debug)]
pub(crate) struct Socket {
    /// The call that made it, as strace prints it.
    pub made: String,
    /// The process that made it.
    pub maker: u32,
    pub is_stream: bool,
    /// IPv4 or IPv6.
    pub is_inet: bool,
    pub role: Role,
    pub is_nonblocking: bool,
    /// The address that it was bound to, as asked for.
    pub bound: Option<Address>,
    /// As it was last seen.
    pub view: Option<SocketView>,
    /// As it was last seen with another end: a connection that has ended tells none.
    pub connected: Option<SocketView>,
    /// It was sent to another process, which was not seen to have it yet.
    pub is_on_its_way: bool,
}

/// What a socket is for, as far as the calls show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    New,
    Listener,
    /// It came out of the queue of that listener.
    Accepted(usize),
    /// It was sent to connect.
    Connecting,
}

impl Socket {
    /// Is it one end of a connection?
    pub(crate) fn is_connection(&self) -> bool {
        matches!(self.role, Role::Accepted(_) | Role::Connecting)
    }
}

/// An event, with the sockets that it is about.
pub(crate) struct Step<'e> {
    pub event: &'e Event,
    /// The socket that the call works on.
    pub socket: Option<usize>,
    /// The one that it has made.
    pub made: Option<usize>,
    /// What the call does: [`Syscall::does`](crate::model::Syscall::does), and for
    /// splice(2) which way the bytes go.
    pub does: &'static str,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    socket: usize,
    /// It is closed by execve(2).
    ends_at_exec: bool,
}

/// The tables of descriptors of all processes, as far as they are sockets. Every event
/// of a trace goes through it, in order.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    processes: HashMap<u32, BTreeMap<i32, Open>>,
    /// Those of processes that have ended, as they were then.
    ended: BTreeMap<u32, BTreeMap<i32, Open>>,
    /// Every socket there was, oldest first.
    pub sockets: Vec<Socket>,
    /// The call that each thread is in: its socket, and what it does.
    inside: HashMap<u32, (Option<usize>, &'static str)>,
    /// Descriptors that came with a message: a look says what they refer to.
    arrived: HashSet<(u32, i32)>,
}

impl Tables {
    /// Takes an event in. What a close closes is out of the table when it begins:
    /// another thread may be given the number before it returns.
    pub(crate) fn take<'e>(&mut self, event: &'e Event) -> Step<'e> {
        let mut step = Step {
            event,
            socket: None,
            made: None,
            does: "",
        };
        let (pid, tid) = (event.who.pid, event.who.tid);
        let What::Machine(machine) = &event.what else {
            return step;
        };
        match machine {
            MachineEvent::Born { by } if pid == tid => {
                let table = by.and_then(|by| self.processes.get(&by)).cloned();
                self.processes.insert(pid, table.unwrap_or_default());
            }
            MachineEvent::Exec { .. } => {
                let table = self.processes.entry(pid).or_default();
                table.retain(|_, open| !open.ends_at_exec);
            }
            MachineEvent::Gone(_) if pid == tid => {
                let table = self.processes.remove(&pid);
                self.ended.extend(table.map(|table| (pid, table)));
            }
            MachineEvent::Enter(call) => {
                (step.socket, step.does) = self.about(pid, call);
                self.inside.insert(tid, (step.socket, step.does));
                self.begins(pid, call);
            }
            MachineEvent::Exit { call, outcome, .. } => {
                let inside = self.inside.remove(&tid);
                (step.socket, step.does) = inside.unwrap_or((None, call.syscall.does()));
                self.doubt_queue(&step);
                if step.does == "recv" {
                    self.arrived
                        .extend(call.passed().iter().map(|fd| (pid, *fd)));
                }
                if let Outcome::Value(value) = outcome {
                    step.made = self.ended(pid, call, *value, step.socket);
                } else if is_under_way(call, *outcome) {
                    self.set_role(step.socket, Role::Connecting);
                }
            }
            MachineEvent::Look(look) => self.saw(&look.seen),
            _ => {}
        }
        step
    }

    /// Takes in a look that is no event.
    pub(crate) fn saw(&mut self, seen: &World) {
        for view in &seen.sockets {
            if self.arrived.remove(&(seen.pid, view.fd)) {
                self.arrives(seen.pid, view);
            }
            if let Some(socket) = self.at(seen.pid, view.fd) {
                let socket = &mut self.sockets[socket];
                if view.peer.value().is_some() {
                    socket.connected = Some(view.clone());
                }
                socket.view = Some(view.clone());
            }
        }
    }

    /// Bytes were received: how many are left, the next look says, if there is one.
    fn doubt_queue(&mut self, step: &Step<'_>) {
        if let ("recv", Some(socket)) = (step.does, step.socket)
            && let Some(view) = &mut self.sockets[socket].view
        {
            view.recv_q = Fact::Unknown(Why::not_asked(Source::Ioctl));
        }
    }

    /// The socket at a descriptor of a process.
    pub(crate) fn at(&self, pid: u32, fd: i32) -> Option<usize> {
        Some(self.processes.get(&pid)?.get(&fd)?.socket)
    }

    /// The descriptors that refer to a socket: process and number.
    pub(crate) fn holders(&self, socket: usize) -> Vec<(u32, i32)> {
        let tables = self.processes.iter();
        let mut all: Vec<(u32, i32)> = tables
            .flat_map(|(pid, table)| table.iter().map(move |(fd, open)| (*pid, *fd, open.socket)))
            .filter_map(|(pid, fd, held)| (held == socket).then_some((pid, fd)))
            .collect();
        all.sort_unstable();
        all
    }

    /// Does that process hold the socket?
    pub(crate) fn holds(&self, pid: u32, socket: usize) -> bool {
        let table = self.processes.get(&pid);
        table.is_some_and(|table| table.values().any(|open| open.socket == socket))
    }

    /// The descriptors by which that process holds the socket, or did when it ended.
    pub(crate) fn kept(&self, pid: u32, socket: usize) -> Vec<i32> {
        let table = self.processes.get(&pid).or(self.ended.get(&pid));
        let held = table.into_iter().flatten();
        held.filter_map(|(fd, open)| (open.socket == socket).then_some(*fd))
            .collect()
    }

    /// Every process there was.
    pub(crate) fn everybody(&self) -> Vec<u32> {
        let mut all = self.processes();
        all.extend(self.ended.keys());
        all
    }

    /// The sockets that a process holds.
    pub(crate) fn of(&self, pid: u32) -> Vec<usize> {
        let table = self.processes.get(&pid).into_iter().flatten();
        let mut all: Vec<usize> = table.map(|(_, open)| open.socket).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The processes that live.
    pub(crate) fn processes(&self) -> Vec<u32> {
        let mut all: Vec<u32> = self.processes.keys().copied().collect();
        all.sort_unstable();
        all
    }

    /// The socket of a call that begins, and what the call does with it.
    fn about(&self, pid: u32, call: &Call) -> (Option<usize>, &'static str) {
        let at = |place: usize| {
            let fd = call.args.get(place).and_then(Arg::number)?;
            self.at(pid, i32::try_from(fd).ok()?)
        };
        let first = call.fd().and_then(|_| at(0));
        match (call.name(), first) {
            ("splice", Some(_)) => (first, "recv"),
            ("splice", None) => (at(2), "send"),
            _ => (first, call.syscall.does()),
        }
    }

    fn begins(&mut self, pid: u32, call: &Call) {
        for fd in call.passed() {
            if let Some(socket) = self.at(pid, *fd) {
                self.sockets[socket].is_on_its_way = true;
            }
        }
        let Some(table) = self.processes.get_mut(&pid) else {
            return;
        };
        let number = |place: usize| {
            let number = call.args.get(place).and_then(Arg::number);
            number.map_or(-1, |number| number as i32)
        };
        match call.name() {
            "close" => drop(table.remove(&number(0))),
            "dup2" | "dup3" if number(0) != number(1) => drop(table.remove(&number(1))),
            "close_range" => {
                let flags = call.number(Param::RangeFlags).unwrap_or(0);
                let (first, last) = (number(0).cast_unsigned(), number(1).cast_unsigned());
                let hits = |fd: &i32| (first..=last).contains(&fd.cast_unsigned());
                if flags & CLOSE_RANGE_CLOEXEC != 0 {
                    let closed = table.iter_mut().filter(|(fd, _)| hits(fd));
                    closed.for_each(|(_, open)| open.ends_at_exec = true);
                } else {
                    table.retain(|fd, _| !hits(fd));
                }
            }
            _ => {}
        }
    }

    /// A call has succeeded: what it makes of the table.
    fn ended(&mut self, pid: u32, call: &Call, value: i64, about: Option<usize>) -> Option<usize> {
        let fd = value as i32;
        match call.syscall.does() {
            "socket" => {
                let made = self.new_socket(pid, call, value, Role::New);
                Some(self.open(pid, fd, made, call.number(Param::Type)))
            }
            "accept" => {
                let listener = about?;
                let made = self.new_socket(pid, call, value, Role::Accepted(listener));
                let parent = &self.sockets[listener];
                let (is_stream, is_inet) = (parent.is_stream, parent.is_inet);
                let flags = call.number(Param::MakeFlags);
                let socket = &mut self.sockets[made];
                (socket.is_stream, socket.is_inet) = (is_stream, is_inet);
                socket.is_nonblocking = has(flags, libc::SOCK_NONBLOCK);
                Some(self.open(pid, fd, made, flags))
            }
            "bind" => {
                let bound = call.address();
                self.sockets[about?].bound = bound;
                None
            }
            "listen" => self.set_role(about, Role::Listener),
            "connect" => self.set_role(about, Role::Connecting),
            "dup" | "dup2" | "dup3" => {
                let flags = call.number(Param::DupFlags);
                Some(self.open(pid, fd, about?, flags))
            }
            "fcntl" => self.fcntl(pid, call, fd, about),
            "ioctl" if call.strace_args().get(1).is_some_and(|it| it == "FIONBIO") => {
                let on = call.strace_args().get(2).is_some_and(|it| it == "[1]");
                self.sockets[about?].is_nonblocking = on;
                None
            }
            _ => None,
        }
    }

    fn fcntl(&mut self, pid: u32, call: &Call, made: i32, about: Option<usize>) -> Option<usize> {
        let command = call.number(Param::Command)? as i32;
        let third = call.args.get(2).and_then(Arg::number);
        match command {
            libc::F_DUPFD => return Some(self.open(pid, made, about?, None)),
            libc::F_DUPFD_CLOEXEC => {
                return Some(self.open(pid, made, about?, Some(libc::O_CLOEXEC.into())));
            }
            libc::F_SETFL => {
                self.sockets[about?].is_nonblocking = has(third, libc::O_NONBLOCK);
            }
            libc::F_SETFD => {
                let fd = call.fd()?;
                let open = self.processes.get_mut(&pid)?.get_mut(&fd)?;
                open.ends_at_exec = has(third, libc::FD_CLOEXEC);
            }
            _ => {}
        }
        None
    }

    fn new_socket(&mut self, maker: u32, call: &Call, value: i64, role: Role) -> usize {
        let kind = call.number(Param::Type).unwrap_or(0) as i32;
        let domain = call.number(Param::Domain).unwrap_or(0) as i32;
        self.sockets.push(Socket {
            made: call.returned(Outcome::Value(value)),
            maker,
            is_stream: kind & 0xf == libc::SOCK_STREAM,
            is_inet: [libc::AF_INET, libc::AF_INET6].contains(&domain),
            role,
            is_nonblocking: kind & libc::SOCK_NONBLOCK != 0,
            bound: None,
            view: None,
            connected: None,
            is_on_its_way: false,
        });
        self.sockets.len() - 1
    }

    /// A descriptor refers to the socket from now on.
    pub(super) fn open(&mut self, pid: u32, fd: i32, socket: usize, flags: Option<i64>) -> usize {
        let open = Open {
            socket,
            ends_at_exec: has(flags, libc::SOCK_CLOEXEC),
        };
        self.processes.entry(pid).or_default().insert(fd, open);
        socket
    }

    fn set_role(&mut self, socket: Option<usize>, role: Role) -> Option<usize> {
        self.sockets.get_mut(socket?)?.role = role;
        None
    }
}

/// close_range(2): the descriptors stay open until execve(2).
const CLOSE_RANGE_CLOEXEC: i64 = 4;

fn has(flags: Option<i64>, flag: i32) -> bool {
    flags.is_some_and(|flags| flags & i64::from(flag) != 0)
}

/// A connect of a socket that is not to wait.
fn is_under_way(call: &Call, outcome: Outcome) -> bool {
    let errno = outcome.errno().map(|errno| errno.0);
    call.name() == "connect" && errno == Some(libc::EINPROGRESS)
}

#[cfg(test)]
mod tests;
