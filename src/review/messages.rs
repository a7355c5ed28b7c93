//! What is taken for a message: bytes have no boundaries, and a send may take a part.

use std::collections::HashMap;

use super::lines::{asked, begins, ends};
use super::rule::Rule;
use super::tables::{Step, Tables};
use crate::model::{Bytes, Call, Found, Outcome, Param};
use crate::words::say;

/// Looks for partial-send and one-recv-one-message.
#[derive(Default)]
pub(super) struct Messages {
    /// Sends of which the rest is not sent yet.
    partial: HashMap<usize, Partial>,
    /// Pieces of a line that were received last.
    pieces: HashMap<usize, Piece>,
    found: Vec<Found>,
}

struct Partial {
    line: String,
    left: u64,
    bytes: Option<Bytes>,
}

struct Piece {
    line: String,
    bytes: Bytes,
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
        let begins_anew = call.bytes().is_some() && call.bytes() == partial.bytes.as_ref();
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
        if let (Some(piece), Some(sent)) = (self.pieces.get_mut(&socket), call.bytes())
            && count > 0
            && !is_echo(&piece.bytes.head, &sent.head)
        {
            piece.answer.get_or_insert_with(line);
        }
    }

    fn received(&mut self, socket: usize, call: &Call, outcome: Outcome) {
        let line = || call.returned(outcome);
        let Some(bytes) = call.bytes() else { return };
        if let Some(Piece {
            line: first,
            answer: Some(answer),
            ..
        }) = self.pieces.remove(&socket)
            && is_text(bytes)
            && bytes.head.contains(&b'\n')
        {
            self.tell("one-recv-one-message", vec![first, answer, line()]);
        }
        // Behind a line there may be a body whose length the line has told. And who never
        // ends a line has other messages.
        let is_whole = bytes.head.len() < bytes.len || bytes.head.contains(&b'\n');
        if !is_whole && is_text(bytes) {
            let (bytes, answer) = (bytes.clone(), None);
            self.pieces.insert(
                socket,
                Piece {
                    line: line(),
                    bytes,
                    answer,
                },
            );
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
            ("recv", Outcome::Value(1..)) if !is_of_given_length(call) => {
                self.received(socket, call, outcome);
            }
            _ => {}
        }
    }

    fn found(&self, _: &Tables) -> Vec<Found> {
        self.found.clone()
    }
}

/// Does it take no bytes, or wait for as many as it asks for? Neither is a guess at where a
/// message ends.
fn is_of_given_length(call: &Call) -> bool {
    let flags = call.number(Param::Flags).unwrap_or(0);
    flags & i64::from(libc::MSG_PEEK | libc::MSG_WAITALL) != 0
}

/// Is what was sent a part of what was received, or the other way round?
fn is_echo(received: &[u8], sent: &[u8]) -> bool {
    let holds = |whole: &[u8], part: &[u8]| {
        !part.is_empty() && whole.windows(part.len()).any(|window| window == part)
    };
    holds(received, sent) || holds(sent, received)
}

/// Is it a line that people read? Only there a line's end is a message's.
fn is_text(bytes: &Bytes) -> bool {
    let is_printed = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
    bytes.head.iter().all(is_printed) && std::str::from_utf8(&bytes.head).is_ok()
}
