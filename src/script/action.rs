//! One line of the script, parsed: one system call of one actor.

use serde::{Deserialize, Serialize};

use super::constants::{Constant, Direction, Disposition};
use super::option::OptionValue;
use super::sockopt::SockOpt;
use super::vars::Vars;
use super::verbs::{Verb, Word};
use crate::model::{Address, Bytes, Call, Cred, Domain, Kind, Makes, Syscall, UnixAddr};

/// A line, parsed once. Its names become descriptors when it is performed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Action {
    pub(super) verb: &'static Verb,
    pub(super) words: Words,
}

/// The words behind a verb; those that it does not take are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    pub sockets: Vec<String>,
    pub actor: Option<String>,
    /// `as NAME`, `as NAME NAME`
    pub makes: Vec<String>,
    /// `None` is that of the walk's address.
    pub domain: Option<Domain>,
    pub kind: Option<Kind>,
    /// Of a socket that speaks ICMP without ports: raw, or as ping(8) does.
    pub is_icmp: bool,
    /// Of an unlink, the path.
    pub address: Option<Place>,
    pub option: Option<&'static SockOpt>,
    pub value: Option<OptionValue>,
    pub on: bool,
    /// Of a new descriptor, of what is sent or received, of epoll.
    pub flags: Vec<Constant>,
    /// A request, a signal, an operation: no verb takes two.
    pub constant: Option<(i64, &'static str)>,
    pub direction: Option<&'static Direction>,
    /// What a signal does to the process.
    pub disposition: Option<&'static Disposition>,
    /// The parts of a message, or a name that is resolved.
    pub texts: Vec<String>,
    /// The sizes of the buffers of a vector.
    pub sizes: Vec<i64>,
    /// The credentials of the process go with a message, or there is room for some.
    pub credentials: bool,
    /// There is room for the address of who has sent a message.
    pub asks_sender: bool,
    /// Of select(2): readable, writable, exceptional.
    pub sets: [Vec<String>; 3],
    /// A backlog, a size, a code, a timeout: no verb takes two.
    pub number: i64,
    pub payload: Option<Payload>,
}

/// An address of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Given(Address),
    /// With placeholders: `127.0.0.2:{port}`.
    Template(String),
    /// Who sent what was received last on the socket.
    Sender,
}

impl Place {
    /// Reads an address, or one with placeholders.
    pub(super) fn parse(text: &str) -> Result<Place, String> {
        if text.contains('{') {
            return Ok(Place::Template(text.into()));
        }
        parsed(text, text).map(Place::Given)
    }
}

/// The address that `text` is, written so in the line. What begins with an @ is an
/// abstract name of the unix domain.
fn parsed(text: &str, written: &str) -> Result<Address, String> {
    let named = match text.strip_prefix('@') {
        Some(name) => UnixAddr::of(&[b"\0", name.as_bytes()].concat())
            .map(Address::Unix)
            .ok_or_else(|| "an abstract name has at most 107 bytes".to_string()),
        None => text.parse(),
    };
    named.map_err(|why| format!("'{written}': {why}"))
}

/// What a send sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Payload {
    /// A text of the script: placeholders and escapes are still in it.
    Text(String),
    /// These bytes.
    Bytes(Vec<u8>),
    /// What the last recv on the same socket received.
    Received,
    /// That many zero bytes.
    Zeros(u64),
    /// The parts of a message, the descriptors and the credentials that go with it.
    Message {
        parts: Vec<Vec<u8>>,
        fds: Vec<i32>,
        cred: Option<Cred>,
    },
    /// What a signal does: the number of a handler that has one, and flags.
    Disposition(Option<i32>, i32),
    /// The room for one: for its parts, descriptors, credentials and sender.
    Room {
        sizes: Vec<u32>,
        fds: usize,
        cred: bool,
        sender: bool,
    },
    /// What the last send on the same socket did not take.
    Rest,
}

/// What the names of a line stand for when it is performed.
pub(crate) trait Names {
    /// The open socket of that name.
    fn fd(&self, socket: &str) -> Option<i32>;
    /// Who makes the call.
    fn cred(&self) -> Cred;
    /// The process of that actor.
    fn pid(&self, actor: &str) -> Option<u32>;
    /// Who sent what a recvfrom received last on `fd`: `None` if nothing was
    /// received by a call that asks, `Some(None)` if the sender has no address.
    fn sender(&self, fd: i32) -> Option<Option<Address>>;
    /// What was received last on `fd`.
    fn received(&self, fd: i32) -> Option<Bytes>;
    /// What the last send on `fd` did not take.
    fn rest(&self, fd: i32) -> Option<Payload>;
}

/// A call that can be made: its names have become numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Planned {
    pub call: Call,
    /// What it sends, in full.
    pub payload: Option<Payload>,
}

impl Action {
    /// The removal of a file.
    pub(crate) fn unlink(path: UnixAddr) -> Option<Action> {
        let words = Words {
            address: Some(Place::Given(path.into())),
            ..Words::default()
        };
        let verb = Verb::named("unlink")?;
        Some(Action { verb, words })
    }

    /// The system call that it makes.
    pub(crate) fn syscall(&self) -> Option<&'static Syscall> {
        self.verb.syscall()
    }

    /// The names of the sockets that must be there before it.
    pub(crate) fn uses(&self) -> &[String] {
        &self.words.sockets
    }

    /// The actor, a child of the one that does it, that must have been made before.
    pub(crate) fn actor(&self) -> Option<&str> {
        self.words.actor.as_deref()
    }

    /// The names it gives to new descriptors.
    pub(crate) fn creates(&self) -> &[String] {
        if self.is_fork() {
            &[]
        } else {
            &self.words.makes
        }
    }

    /// The actor it makes, if it is a fork.
    pub(crate) fn creates_actor(&self) -> Option<&str> {
        let name = self.words.makes.first().filter(|_| self.is_fork())?;
        Some(name)
    }

    /// The name that it resolves.
    pub(super) fn host(&self) -> Option<&str> {
        let host = self
            .words
            .texts
            .first()
            .filter(|_| self.takes(Word::Host))?;
        Some(host)
    }

    /// What a call of this line leaves to be sent, if it offered these bytes and the kernel
    /// took so many; `before` is what was left of the call before it.
    pub(crate) fn rest(
        &self,
        offered: &Bytes,
        taken: usize,
        before: Option<&Payload>,
    ) -> Option<Payload> {
        let payload = match &self.words.payload {
            Some(Payload::Rest) => before,
            payload => payload.as_ref(),
        };
        match payload? {
            Payload::Zeros(_) => Some(Payload::Zeros((offered.len - taken) as u64)),
            // Of what is longer, its record has only the head.
            _ if offered.len > offered.head.len() => None,
            _ => Some(Payload::Bytes(offered.head.get(taken..)?.to_vec())),
        }
    }

    fn is_fork(&self) -> bool {
        let call = self.verb.syscall();
        call.is_some_and(|call| call.makes == Makes::Process)
    }

    pub(super) fn takes(&self, word: Word) -> bool {
        self.verb.words.contains(&word)
    }

    /// The address that the line says, its placeholders filled in with these values. A
    /// sender is known only once it has sent something.
    pub(crate) fn address(&self, vars: &Vars) -> Result<Option<Address>, String> {
        let address = match &self.words.address {
            None | Some(Place::Sender) => return Ok(None),
            Some(Place::Given(address)) => *address,
            Some(Place::Template(text)) => parsed(&vars.fill_word(text), text)?,
        };
        // A server binds the wildcard; a client cannot connect to it.
        let as_it_is = self.takes(Word::Address);
        Ok(Some(if as_it_is { address } else { address.reached() }))
    }
}
