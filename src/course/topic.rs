//! What is to be explained, in the words that the keys of explain.toml are made of.

use crate::model::{Address, CALLS, Call, Domain, Errno, Finding, Side, SocketView, TcpState};
use crate::script::{Vars, verbs};
use crate::words::fill;

/// A call that failed or has not returned.
#[derive(Clone, Copy)]
pub(crate) struct Topic<'a> {
    /// `None` when there was none yet.
    pub call: Option<&'a Call>,
    /// `None` when it has not returned.
    pub errno: Option<Errno>,
    /// The socket that it works on.
    pub socket: Option<&'a SocketView>,
    /// Where the server is, for a call that names no address.
    pub server: Address,
    /// Which end of the conversation makes it.
    pub by: Side,
    /// The caller is a program of the learner's: no option of socklab's changes what it
    /// does, and its other end is whatever it talks to.
    pub is_traced: bool,
    /// What a look has found out about it.
    pub found: Option<&'a Finding>,
}

/// The placeholders of every text.
const ALWAYS: [&str; 6] = ["addr", "host", "port", "path", "call", "peer"];

/// The words of a key. `any` is the key of what is said where nothing else is.
pub(super) fn words_of(key: &str) -> impl Iterator<Item = &str> {
    key.split_whitespace().filter(|word| *word != "any")
}

/// Of what kind a word of a key is, from the most general to the most telling. `None`
/// for what is no such word.
pub(super) fn kind(word: &str) -> Option<u32> {
    Some(match word {
        _ if CALLS.iter().any(|call| call.book_name == word) => 0,
        _ if verbs().any(|verb| verb.word == word) => 0,
        _ if Errno::from_name(word).is_some() => 1,
        "inet" | "unix" => 2,
        "stream" | "dgram" => 3,
        "server" | "client" => 4,
        "reuseaddr" => 5,
        "traced" => 6,
        _ if brought(word).is_some() => 7,
        _ if TcpState::ALL.iter().any(|state| state.name() == word) => 8,
        _ if fault(word).is_some() => 9,
        _ => return None,
    })
}

/// The placeholders that a finding brings.
fn brought(word: &str) -> Option<&'static [&'static str]> {
    let (_, placeholders) = Finding::WORDS.iter().find(|(known, _)| *known == word)?;
    Some(placeholders)
}

/// The placeholders that a fault of a running program brings.
fn fault(word: &str) -> Option<&'static [&'static str]> {
    let (_, placeholders) = Finding::FAULTS.iter().find(|(known, _)| *known == word)?;
    Some(placeholders)
}

/// The placeholders that a text under that key may have.
pub(super) fn placeholders(key: &str) -> Vec<&'static str> {
    // Of a program that runs no call is known.
    if words_of(key).any(|word| matches!(kind(word), Some(8 | 9))) {
        let brought = words_of(key).filter_map(fault).flatten();
        return brought.copied().collect();
    }
    let brought = words_of(key).filter_map(brought).flatten();
    ALWAYS.iter().chain(brought).copied().collect()
}

impl<'a> Topic<'a> {
    /// The same with what was found.
    pub(super) fn with(self, found: Option<&'a Finding>) -> Topic<'a> {
        Topic { found, ..self }
    }

    /// The words that say what it is.
    pub(super) fn words(&self) -> Vec<String> {
        let named = self.call.and_then(Call::address).map(Address::domain);
        let socket = self.socket;
        let domain = socket.and_then(|socket| socket.domain.value().copied());
        let family = match named.or(domain) {
            Some(Domain::Inet | Domain::Inet6) => Some("inet"),
            Some(Domain::Unix) => Some("unix"),
            _ => None,
        };
        let kind = socket.and_then(|socket| socket.kind.value().copied());
        let reuses = socket.is_some_and(|socket| socket.reuseaddr.value() == Some(&true));
        let words = [
            self.call.map(|call| call.book_name().to_string()),
            self.errno.map(Errno::name),
            family.map(str::to_string),
            kind.map(|kind| kind.word().into_owned()),
            Some(self.by.word().to_string()),
            reuses.then(|| "reuseaddr".to_string()),
            self.found.map(|found| found.word.to_string()),
            self.is_traced.then(|| "traced".to_string()),
        ];
        words.into_iter().flatten().collect()
    }

    /// A text with its placeholders filled in.
    pub(super) fn fill(&self, text: &str) -> String {
        let addr = self.call.and_then(Call::address).unwrap_or(self.server);
        let found = self.found.map_or(&[][..], |found| &found.values);
        fill(text, |name| match name {
            "call" => Some(self.call.map_or("", Call::book_name).into()),
            "peer" => Some(self.by.other().word().into()),
            _ => match found.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => Some(value.clone()),
                None => Vars { addr, pid: None }.word(name),
            },
        })
    }
}
