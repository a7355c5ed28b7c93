//! The verbs of the script: which call each makes, and which words it takes.

use crate::model::Syscall;

/// What a line says behind its verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
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
    /// on or off
    Switch,
    Backlog,
    Max,
    /// What is sent: a text, `--received`, and of a stream `--zeros N`.
    Message,
    Data,
    Direction,
    Path,
    Code,
    Timeout,
}

/// A verb: one line of the script is one call.
#[derive(Debug, PartialEq, Eq)]
pub struct Verb {
    pub word: &'static str,
    /// The name of its call, as the kernel or a book has it.
    pub call: &'static str,
    pub words: &'static [Word],
    pub about: &'static str,
}

impl Verb {
    /// The verb that a line begins with.
    pub fn named(word: &str) -> Option<&'static Verb> {
        VERBS.iter().find(|verb| verb.word == word)
    }

    /// The call that it makes. A test holds every verb to the table of calls.
    pub fn syscall(&self) -> Option<&'static Syscall> {
        Syscall::named(self.call)
    }
}

const fn verb(
    word: &'static str,
    call: &'static str,
    words: &'static [Word],
    about: &'static str,
) -> Verb {
    Verb {
        word,
        call,
        words,
        about,
    }
}

/// Everything that a line can do.
#[rustfmt::skip]
pub static VERBS: &[Verb] = {
    use Word::*;
    &[
        verb("socket", "socket", &[Domain, Type, As], "Make a socket: socket(2)"),
        verb("setsockopt", "setsockopt", &[Socket, Setting, Switch], "Set an option of a socket: setsockopt(2)"),
        verb("getsockopt", "getsockopt", &[Socket, Reading], "Read an option of a socket: getsockopt(2)"),
        verb("bind", "bind", &[Socket, Address], "Give a socket its address: bind(2)"),
        verb("listen", "listen", &[Socket, Backlog], "Make a socket passive: listen(2)"),
        verb("accept", "accept", &[Socket, From, As], "Take a finished connection from the queue: accept(2)"),
        verb("connect", "connect", &[Socket, Target], "Reach out to a listening socket: connect(2)"),
        verb("recv", "recvfrom", &[Socket, Max], "Receive bytes: recv(2)"),
        verb("send", "sendto", &[Socket, Data], "Send bytes: send(2)"),
        verb("recvfrom", "recvfrom", &[Socket, Max, From], "Receive bytes, and from whom: recvfrom(2)"),
        verb("sendto", "sendto", &[Socket, Destination, Message], "Send bytes to an address: sendto(2)"),
        verb("getsockname", "getsockname", &[Socket, From], "Ask for the address a socket has: getsockname(2)"),
        verb("unlink", "unlink", &[Path], "Remove a file, such as the one that a unix socket leaves: unlink(2)"),
        verb("shutdown", "shutdown", &[Socket, Direction], "Close one direction of a connection: shutdown(2)"),
        verb("close", "close", &[Socket], "Give a descriptor back: close(2)"),
        verb("fork", "fork", &[As], "Make a copy of the actor, which is an actor of its own: fork(2)"),
        verb("exit", "exit", &[Code], "End the actor's process: _exit(2)"),
        verb("wait", "wait4", &[Actor], "Wait until a child of the actor has ended: wait4(2)"),
        verb("nonblock", "fcntl", &[Socket, Switch], "Have calls fail instead of block: O_NONBLOCK by fcntl(2)"),
        verb("poll", "poll", &[Sockets, Timeout], "Wait until a socket can be read from, or accepted from: poll(2)"),
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
