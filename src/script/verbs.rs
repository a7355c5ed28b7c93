//! The verbs of the script: which call each makes, and which words it takes.

use crate::model::Syscall;

/// What a line says behind its verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// The name of a socket, or of several.
    Socket,
    Sockets,
    /// `as NAME`: what the script will call the new socket, or the new actor.
    As,
    /// The name of an actor.
    Actor,
    Domain,
    Type,
    /// An address as it is: the wildcard stays one.
    Address,
    /// Where to connect to: of the wildcard, loopback.
    Target,
    /// The same, or `sender`: who sent what was received last.
    Destination,
    /// No word of a line: the call asks for the address of the other end.
    From,
    /// An option that is switched, or one that is read.
    Setting,
    Reading,
    /// What an option is set to: by its kind.
    Value,
    /// on or off
    Switch,
    Backlog,
    Max,
    /// `--nonblock`, `--cloexec`: of a new descriptor.
    MakeFlags,
    /// `--oob`, `--peek` … of what is received and sent.
    RecvFlags,
    SendFlags,
    /// `as NAME NAME`
    Pair,
    /// The number that a duplicate gets.
    Number,
    /// What is asked of ioctl(2).
    Request,
    Signal,
    /// Of epoll: what is done, to which socket, and for what.
    Operation,
    Other,
    Events,
    /// What is sent: a text, `--received`, and of a stream `--zeros N`.
    Message,
    Data,
    Direction,
    Path,
    Code,
    Timeout,
    /// The room of a vector, of a message, or of what is copied from a file.
    Rooms,
    Room,
    Size,
    /// The parts of a message, and what goes with it.
    Texts,
    Passed,
    /// `as NAME…` of descriptors that come with a message, and room for more.
    Taken,
    /// Names, `--write NAME…`, `--except NAME…`.
    Sets,
    /// `--in`, `--out` of poll(2).
    PollFlags,
    /// What a signal does.
    Disposition,
    /// No word: which signal it is.
    Stop,
    Continue,
    /// A name that is resolved.
    Host,
}

/// A verb: one line of the script is one call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Verb {
    pub word: &'static str,
    /// The name of its call, as the kernel or a book has it.
    pub call: &'static str,
    pub words: &'static [Word],
}

impl Verb {
    /// The verb that a line begins with.
    pub(crate) fn named(word: &str) -> Option<&'static Verb> {
        VERBS.iter().find(|verb| verb.word == word)
    }

    /// The call that it makes. A test holds every verb to the table of calls.
    pub(crate) fn syscall(&self) -> Option<&'static Syscall> {
        Syscall::named(self.call)
    }
}

const fn verb(word: &'static str, call: &'static str, words: &'static [Word]) -> Verb {
    Verb { word, call, words }
}

/// The architectures that came last have no dup2(2) and no epoll_wait(2): the C library
/// makes others of them.
const DUP2: &str = if cfg!(target_arch = "x86_64") {
    "dup2"
} else {
    "dup3"
};
const EPOLL_WAIT: &str = if cfg!(target_arch = "x86_64") {
    "epoll_wait"
} else {
    "epoll_pwait"
};

/// Everything that a line can do.
pub(super) static VERBS: &[Verb] = {
    use Word::*;
    &[
        verb("socket", "socket", &[Domain, Type, As, MakeFlags]),
        verb("socketpair", "socketpair", &[Domain, Type, Pair, MakeFlags]),
        verb("setsockopt", "setsockopt", &[Socket, Setting, Value]),
        verb("getsockopt", "getsockopt", &[Socket, Reading]),
        verb("bind", "bind", &[Socket, Address]),
        verb("listen", "listen", &[Socket, Backlog]),
        verb("accept", "accept", &[Socket, From, As]),
        verb("accept4", "accept4", &[Socket, From, As, MakeFlags]),
        verb("connect", "connect", &[Socket, Target]),
        verb("recv", "recvfrom", &[Socket, Max, RecvFlags]),
        verb("send", "sendto", &[Socket, Data, SendFlags]),
        verb("read", "read", &[Socket, Max]),
        verb("write", "write", &[Socket, Data]),
        verb("readv", "readv", &[Socket, Rooms]),
        verb("writev", "writev", &[Socket, Texts]),
        verb("recvmsg", "recvmsg", &[Socket, Room, Taken, RecvFlags]),
        verb("sendmsg", "sendmsg", &[Socket, Texts, Passed, SendFlags]),
        verb("open", "openat", &[Path, As]),
        verb("sendfile", "sendfile", &[Socket, Other, Size]),
        verb("recvfrom", "recvfrom", &[Socket, Max, From, RecvFlags]),
        verb(
            "sendto",
            "sendto",
            &[Socket, Destination, Message, SendFlags],
        ),
        verb("getsockname", "getsockname", &[Socket, From]),
        verb("getpeername", "getpeername", &[Socket, From]),
        verb("unlink", "unlink", &[Path]),
        verb("shutdown", "shutdown", &[Socket, Direction]),
        verb("close", "close", &[Socket]),
        verb("dup", "dup", &[Socket, As]),
        verb("dup2", DUP2, &[Socket, Number, As]),
        verb("ioctl", "ioctl", &[Socket, Request]),
        verb("fork", "fork", &[As]),
        verb("exit", "exit", &[Code]),
        verb("wait", "wait4", &[Actor]),
        verb("nonblock", "fcntl", &[Socket, Switch]),
        verb("poll", "poll", &[Sockets, PollFlags, Timeout]),
        verb("select", "pselect6", &[Sets, Timeout]),
        verb("epoll_create", "epoll_create1", &[As]),
        verb(
            "epoll_ctl",
            "epoll_ctl",
            &[Socket, Operation, Other, Events],
        ),
        verb("epoll_wait", EPOLL_WAIT, &[Socket, Timeout]),
        verb("kill", "kill", &[Actor, Signal]),
        verb("stop", "kill", &[Actor, Stop]),
        verb("cont", "kill", &[Actor, Continue]),
        verb("handle", "rt_sigaction", &[Signal, Disposition]),
        verb("resolve", "getaddrinfo", &[Host]),
    ]
};

#[cfg(test)]
mod tests {
    use super::VERBS;

    #[test]
    fn every_verb_makes_a_call_of_the_table() {
        for verb in VERBS {
            assert!(verb.syscall().is_some(), "{}", verb.word);
        }
    }
}
