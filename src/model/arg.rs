//! The arguments of a call, and how strace prints them.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::{Address, Cred, Param, Status, UnixName, poll_events};

/// Flags of recv(2) and send(2) with which a call does something else than without: leaves
/// the bytes, moves others, waits for all of them.
const TELLING: i64 = (libc::MSG_PEEK | libc::MSG_OOB | libc::MSG_WAITALL) as i64;

/// An argument of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Arg {
    /// A file descriptor.
    Fd(i32),
    /// A socket address structure that is passed or was filled in.
    Addr(Address),
    /// A structure or buffer the kernel will fill in.
    Pending,
    /// A buffer the kernel left alone: a pointer strace prints as an address.
    Untouched,
    /// A named constant.
    Constant { raw: i64, name: String },
    /// A number.
    Int(i64),
    /// A pointer to one number: `[1]`.
    IntAt(i64),
    /// A length passed in and changed by the kernel: `[128 => 16]`.
    LengthAt { given: u32, taken: Option<u32> },
    /// Bytes passed or received.
    Bytes(Bytes),
    /// A null pointer.
    Null,
    /// Another pointer, of which nothing was read.
    Pointer(u64),
    /// An argument that this call has not: strace does not print it.
    Unused,
    /// What is shown alone: a structure, as strace prints it.
    Shown(String),
    /// Of a message that the kernel will fill in, the room for its sender's name.
    Room(u32),
    /// The parts of a message or a vector, as strace prints it, and the bytes that it
    /// moves.
    Parts {
        shown: String,
        bytes: Bytes,
        name: Option<Address>,
        /// The descriptors that go with it.
        fds: Vec<i32>,
    },
    /// struct timespec that a call waits at the most, in milliseconds.
    Timeout(i64),
    /// A set of descriptors: `[3 4]`.
    Fds(Vec<i32>),
    /// The descriptors a poll asks about, and what for: `POLL*` of poll(2).
    PollFds(Vec<(i32, i16)>),
    /// Two descriptors that were made: `[3, 4]`.
    Pair(i32, i32),
    /// How a process ended, as wait(2) tells it.
    Status(Status),
    /// A path, which strace prints in full.
    Path(String),
    /// struct ucred, as SO_PEERCRED fills it in.
    Cred(Cred),
}

/// Bytes that crossed a socket: the beginning, and how many there were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bytes {
    /// At most [`Bytes::HEAD`] bytes. Untrusted: escape before showing.
    pub head: Vec<u8>,
    /// The whole count.
    pub len: usize,
}

impl Bytes {
    /// How many bytes are kept for showing.
    pub(crate) const HEAD: usize = 200;

    /// The record of `data`.
    pub(crate) fn of(data: &[u8]) -> Bytes {
        Bytes {
            head: data[..data.len().min(Bytes::HEAD)].to_vec(),
            len: data.len(),
        }
    }

    /// The record of that many zeros.
    pub(crate) fn zeros(len: u64) -> Bytes {
        let len = len as usize;
        Bytes {
            head: vec![0; len.min(Bytes::HEAD)],
            len,
        }
    }
}

impl Arg {
    /// A named constant.
    pub(crate) fn constant(raw: i32, name: impl Into<String>) -> Arg {
        Arg::Constant {
            raw: raw.into(),
            name: name.into(),
        }
    }

    /// A pointer of which nothing was read.
    pub(crate) fn pointer(address: u64) -> Arg {
        match address {
            0 => Arg::Null,
            address => Arg::Pointer(address),
        }
    }

    /// What this argument says of the purpose of its call. Of a value only whether it turns
    /// something off, of a structure all, of flags those that make another call of it.
    pub(super) fn purpose(&self, param: Param) -> Option<String> {
        match (param, self) {
            (Param::Value, Arg::IntAt(value)) => Some((*value == 0).to_string()),
            (Param::Value, Arg::Shown(structure)) => Some(structure.clone()),
            (Param::Value, _) => None,
            (Param::Flags, _) => {
                let telling = self.number()? & TELLING;
                (telling != 0).then(|| format!("{telling:#x}"))
            }
            _ => Some(self.to_string()),
        }
    }

    /// The number that is passed, where one is.
    pub(crate) fn number(&self) -> Option<i64> {
        match self {
            Arg::Fd(fd) => Some((*fd).into()),
            Arg::Constant { raw, .. } | Arg::Int(raw) | Arg::IntAt(raw) => Some(*raw),
            _ => None,
        }
    }
}

/// As strace 6 prints it with its default settings.
impl fmt::Display for Arg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Arg::Fd(fd) => write!(f, "{fd}"),
            Arg::Addr(address) => strace_address(f, *address),
            Arg::Pending | Arg::Room(_) => f.write_str("{...}"),
            Arg::Untouched => f.write_str("..."),
            Arg::Constant { name, .. } => f.write_str(name),
            Arg::Int(value) => write!(f, "{value}"),
            Arg::IntAt(value) => write!(f, "[{value}]"),
            Arg::LengthAt {
                given,
                taken: Some(taken),
            } if given != taken => write!(f, "[{given} => {taken}]"),
            Arg::LengthAt { given, .. } => write!(f, "[{given}]"),
            Arg::Bytes(bytes) => f.write_str(&strace_string(&bytes.head, bytes.len)),
            Arg::Null => f.write_str("NULL"),
            Arg::Pointer(address) => write!(f, "{address:#x}"),
            Arg::Unused => Ok(()),
            Arg::Shown(text) | Arg::Parts { shown: text, .. } => f.write_str(text),
            Arg::PollFds(fds) => {
                f.write_str("[")?;
                for (place, (fd, events)) in fds.iter().enumerate() {
                    let comma = if place > 0 { ", " } else { "" };
                    write!(f, "{comma}{{fd={fd}")?;
                    // One that is negative is passed over, whatever is asked.
                    if *fd >= 0 {
                        write!(f, ", events={}", poll_events(*events))?;
                    }
                    f.write_str("}")?;
                }
                f.write_str("]")
            }
            Arg::Timeout(ms) => {
                let (seconds, nanos) = (ms / 1000, ms % 1000 * 1_000_000);
                write!(f, "{{tv_sec={seconds}, tv_nsec={nanos}}}")
            }
            Arg::Fds(fds) => {
                let fds: Vec<String> = fds.iter().map(i32::to_string).collect();
                write!(f, "[{}]", fds.join(" "))
            }
            Arg::Pair(one, other) => write!(f, "[{one}, {other}]"),
            Arg::Status(status) => write!(f, "[{{{status}}}]"),
            Arg::Path(path) => f.write_str(&quoted(path.as_bytes())),
            Arg::Cred(cred) => f.write_str(&cred.strace()),
        }
    }
}

fn strace_address(f: &mut fmt::Formatter<'_>, address: Address) -> fmt::Result {
    match address {
        Address::Inet(SocketAddr::V4(addr)) => write!(
            f,
            "{{sa_family=AF_INET, sin_port=htons({}), sin_addr=inet_addr(\"{}\")}}",
            addr.port(),
            addr.ip()
        ),
        Address::Inet(SocketAddr::V6(addr)) => write!(
            f,
            "{{sa_family=AF_INET6, sin6_port=htons({}), sin6_flowinfo=htonl({}), \
             inet_pton(AF_INET6, \"{}\", &sin6_addr), sin6_scope_id={}}}",
            addr.port(),
            addr.flowinfo(),
            addr.ip(),
            addr.scope_id()
        ),
        // A name of a unix socket is never cut short.
        Address::Unix(addr) => match addr.name() {
            UnixName::Unnamed => f.write_str("{sa_family=AF_UNIX}"),
            UnixName::Path(path) => {
                write!(f, "{{sa_family=AF_UNIX, sun_path={}}}", quoted(path))
            }
            UnixName::Abstract(name) => {
                write!(f, "{{sa_family=AF_UNIX, sun_path=@{}}}", quoted(name))
            }
        },
        Address::Other { family } => write!(f, "{{sa_family={family}, ...}}"),
    }
}

/// How many bytes of a string strace prints by default (`-s 32`).
pub(crate) const STRACE_STRING: usize = 32;

/// Bytes as strace prints a string: C escapes, octal where C has none, cut at
/// 32 with `...` behind the quote. Whatever the bytes are, the result is
/// printable ASCII, so it may go to a terminal.
pub(crate) fn strace_string(head: &[u8], len: usize) -> String {
    let mut out = quoted(&head[..head.len().min(STRACE_STRING)]);
    if len > STRACE_STRING {
        out.push_str("...");
    }
    out
}

/// Bytes in quotes with strace's escapes, all of them.
pub(crate) fn quoted(shown: &[u8]) -> String {
    let mut out = String::from("\"");
    for (at, &byte) in shown.iter().enumerate() {
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            0x0b => out.push_str("\\v"),
            0x0c => out.push_str("\\f"),
            b'\r' => out.push_str("\\r"),
            b' '..=b'~' => out.push(byte as char),
            // The shortest octal, unless an octal digit follows and would join it.
            _ if matches!(shown.get(at + 1), Some(b'0'..=b'7')) => {
                out.push_str(&format!("\\{byte:03o}"));
            }
            _ => out.push_str(&format!("\\{byte:o}")),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UnixAddr;

    #[test]
    fn strings_are_written_as_strace_writes_them() {
        // Witness: strace 6.1 printing a sendto of these 47 bytes.
        let data = b"hi\x1b[31m\x001\n\"q\\ \xff and a lot of stuff more than 32";
        assert_eq!(
            strace_string(data, data.len()),
            r#""hi\33[31m\0001\n\"q\\ \377 and a lot of stu"..."#
        );
        assert_eq!(strace_string(b"", 0), r#""""#);
        assert_eq!(strace_string(&[b'a'; 32], 32).len(), 34);
    }

    #[test]
    fn unix_names_are_written_as_strace_writes_them() {
        let shown = |bytes: &[u8]| Arg::Addr(UnixAddr::of(bytes).unwrap().into()).to_string();
        // Witness: strace 6.1 printing binds of python3.
        assert_eq!(
            shown(b"/tmp/q\"\\\n\xc3\xa9\0"),
            r#"{sa_family=AF_UNIX, sun_path="/tmp/q\"\\\n\303\251"}"#
        );
        assert_eq!(
            shown(b"\0abs\x01name"),
            r#"{sa_family=AF_UNIX, sun_path=@"abs\1name"}"#
        );
        assert_eq!(shown(b""), "{sa_family=AF_UNIX}");
        let long = [b'x'; 107];
        assert!(shown(&long).contains(std::str::from_utf8(&long).unwrap()));
    }
}
