//! What is taken for a message: bytes have no boundaries, and a send may take a part.

use std::collections::{HashMap, HashSet};

use super::lines::{asked, begins, ends};
use super::rule::Rule;
use super::tables::{Step, Tables};
use crate::model::{Bytes, Call, Found, Outcome, Param};
use crate::words::say;

/// So much of a line that is not complete is kept, in bytes.
const KEPT: usize = 2000;

/// Looks for partial-send, one-recv-one-message and nul-sent.
#[derive(Default)]
pub(super) struct Messages {
    /// Sends of which the rest is not sent yet.
    partial: HashMap<usize, Partial>,
    /// Pieces of a line that were received last.
    pieces: HashMap<usize, Piece>,
    /// Connections on which the other end sends zero bytes as well.
    zeros: HashSet<usize>,
    found: Vec<Found>,
}

struct Partial {
    line: String,
    left: u64,
    bytes: Option<Bytes>,
}

/// What was received of a line that is not complete.
struct Piece {
    line: String,
    /// What came so far, at most [`KEPT`] bytes, and how much of it last.
    bytes: Vec<u8>,
    last: usize,
    /// What was sent before the line was complete.
    answer: Option<String>,
}

impl Messages {
    fn tell(&mut self, id: &'static str, evidence: Vec<String>) {
        if self.found.iter().all(|found| found.id != id) {
            self.found.push(Found { id, evidence });
        }
    }

    /// The rest of a partial send is never sent: something else comes.
    fn abandons(&mut self, socket: usize, line: String) {
        if let Some(partial) = self.partial.remove(&socket) {
            let left = say!("seen-not-taken", count = partial.left);
            self.tell("partial-send", vec![partial.line, left, line]);
        }
    }

    fn sends_more(&mut self, socket: usize, call: &Call) {
        let Some(partial) = self.partial.get(&socket) else {
            return;
        };
        // Bytes that are all the same look the same from anywhere.
        let tells_places = |bytes: &&Bytes| bytes.head.windows(2).any(|two| two[0] != two[1]);
        let bytes = call.bytes().filter(tells_places);
        let begins_anew = bytes.is_some() && bytes == partial.bytes.as_ref();
        if begins_anew && asked(call) != Some(partial.left) {
            self.abandons(socket, call.strace());
        } else {
            self.partial.remove(&socket);
        }
    }

    fn sent(&mut self, socket: usize, call: &Call, value: i64) {
        let line = || call.returned(Outcome::Value(value));
        let count = value.unsigned_abs();
        let offered = asked(call).unwrap_or(count);
        if count < offered && call.name() != "sendfile" {
            self.partial.insert(
                socket,
                Partial {
                    line: line(),
                    left: offered - count,
                    bytes: call.bytes().cloned(),
                },
            );
        }
        let Some(bytes) = call.bytes() else { return };
        if ends_as_in_c(bytes) && !self.zeros.contains(&socket) {
            let nul = say!("seen-nul", count = bytes.len);
            self.tell("nul-sent", vec![line(), nul]);
        }
        if let Some(piece) = self.pieces.get_mut(&socket)
            && count > 0
            && !piece.is_passed_on(bytes)
        {
            piece.answer.get_or_insert_with(line);
        }
    }

    fn received(&mut self, socket: usize, call: &Call, outcome: Outcome) {
        let line = || call.returned(outcome);
        let Some(bytes) = call.bytes() else { return };
        if bytes.head.contains(&0) {
            self.zeros.insert(socket);
        }
        let mut before = Vec::new();
        match self.pieces.remove(&socket) {
            Some(Piece {
                line: first,
                answer: Some(answer),
                ..
            }) if is_text(bytes) && bytes.head.contains(&b'\n') => {
                self.tell("one-recv-one-message", vec![first, answer, line()]);
            }
            Some(piece) => before = piece.bytes,
            None => {}
        }
        // Behind a line there may be a body whose length the line has told. And who never
        // ends a line has other messages.
        let is_whole = bytes.head.len() < bytes.len || bytes.head.contains(&b'\n');
        // Who asks for just so many bytes knows how long the message is.
        let is_asked_for = asked(call) == Some(bytes.len as u64);
        if !is_whole && !is_asked_for && is_text(bytes) {
            before.extend(&bytes.head);
            before.drain(..before.len().saturating_sub(KEPT));
            let piece = Piece {
                line: line(),
                bytes: before,
                last: bytes.len,
                answer: None,
            };
            self.pieces.insert(socket, piece);
        }
    }

    /// A connection is given up. What came behind the piece that was received is unread.
    fn gives_up(&mut self, socket: usize, line: String, tables: &Tables) {
        let view = tables.sockets[socket].view.as_ref();
        let unread = view.and_then(|view| view.recv_q.value().copied());
        if let Some(piece) = self.pieces.remove(&socket)
            && let Some(unread @ 1..) = unread
        {
            let rest = say!("seen-more-bytes", count = unread);
            self.tell("one-recv-one-message", vec![piece.line, rest, line]);
        }
    }
}

impl Rule for Messages {
    fn take(&mut self, step: &Step<'_>, tables: &Tables) {
        let pid = step.event.who.pid;
        if let Some(call) = begins(step) {
            match (step.does, step.socket) {
                ("send", Some(socket)) => self.sends_more(socket, call),
                ("close", Some(socket)) if tables.is_given_up(socket) => {
                    self.gives_up(socket, call.strace(), tables);
                    self.abandons(socket, call.strace());
                }
                ("shutdown", Some(socket)) => self.abandons(socket, call.strace()),
                ("exit", _) => {
                    for socket in tables.of(pid) {
                        self.gives_up(socket, call.strace(), tables);
                        self.abandons(socket, call.strace());
                    }
                }
                _ => {}
            }
        }
        let (Some((call, outcome)), Some(socket)) = (ends(step), step.socket) else {
            return;
        };
        let known = &tables.sockets[socket];
        if !known.is_connection() || !known.is_stream {
            return;
        }
        match (step.does, outcome) {
            ("send", Outcome::Value(value)) => {
                self.sent(socket, call, value);
            }
            // The other end is gone: nothing can be sent any more.
            ("send" | "recv", Outcome::Failed(errno)) if errno.0 != libc::EAGAIN => {
                self.partial.remove(&socket);
                self.pieces.remove(&socket);
            }
            ("recv", Outcome::Value(1..)) if !peeks(call) => {
                self.received(socket, call, outcome);
            }
            _ => {}
        }
    }

    fn found(&self, _: &Tables) -> Vec<Found> {
        self.found.clone()
    }
}

impl Piece {
    /// Does what is sent pass on what came, byte by byte? That takes no piece for a
    /// message: an echo, or the same in capital letters.
    fn is_passed_on(&self, sent: &Bytes) -> bool {
        let mut parts = self.bytes.windows(sent.head.len().max(1));
        sent.len == self.last || parts.any(|part| part.eq_ignore_ascii_case(&sent.head))
    }
}

/// Does it leave the bytes where they are?
fn peeks(call: &Call) -> bool {
    let flags = call.number(Param::Flags).unwrap_or(0);
    flags & i64::from(libc::MSG_PEEK) != 0
}

/// Does it end as a string of C does? A number of four or eight bytes looks otherwise.
fn ends_as_in_c(bytes: &Bytes) -> bool {
    match bytes.head.split_last() {
        Some((0, text)) if bytes.head.len() == bytes.len => text.len() > 1 && is_printed(text),
        _ => false,
    }
}

/// Is it a line that people read? Only there a line's end is a message's.
fn is_text(bytes: &Bytes) -> bool {
    is_printed(&bytes.head)
}

fn is_printed(text: &[u8]) -> bool {
    let is_printed = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
    text.iter().all(is_printed) && std::str::from_utf8(text).is_ok()
}
