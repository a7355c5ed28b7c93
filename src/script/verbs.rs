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

const fn verb(word: &'static str, call: &'static str, words: &'static [Word]) -> Verb {
    Verb { word, call, words }
}

/// Everything that a line can do.
pub static VERBS: &[Verb] = {
    use Word::*;
    &[
        verb("socket", "socket", &[Domain, Type, As]),
        verb("setsockopt", "setsockopt", &[Socket, Setting, Switch]),
        verb("getsockopt", "getsockopt", &[Socket, Reading]),
        verb("bind", "bind", &[Socket, Address]),
        verb("listen", "listen", &[Socket, Backlog]),
        verb("accept", "accept", &[Socket, From, As]),
        verb("connect", "connect", &[Socket, Target]),
        verb("recv", "recvfrom", &[Socket, Max]),
        verb("send", "sendto", &[Socket, Data]),
        verb("recvfrom", "recvfrom", &[Socket, Max, From]),
        verb("sendto", "sendto", &[Socket, Destination, Message]),
        verb("getsockname", "getsockname", &[Socket, From]),
        verb("unlink", "unlink", &[Path]),
        verb("shutdown", "shutdown", &[Socket, Direction]),
        verb("close", "close", &[Socket]),
        verb("fork", "fork", &[As]),
        verb("exit", "exit", &[Code]),
        verb("wait", "wait4", &[Actor]),
        verb("nonblock", "fcntl", &[Socket, Switch]),
        verb("poll", "poll", &[Sockets, Timeout]),
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
