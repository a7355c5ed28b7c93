use serde::{Deserialize, Serialize};

use super::{Address, Cred, Errno, Status, UnixAddr, UnixName};

/// One system call, with what is known of its arguments so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The kernel's name for it, which is what strace prints: the C library's
    /// `recv` and `send` are `recvfrom` and `sendto` without an address.
    pub name: &'static str,
    pub args: Vec<Arg>,
    /// What strace prints in brackets behind the value that was returned:
    /// `[{fd=3, revents=POLLIN}]`, `Timeout`.
    pub note: Option<String>,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
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
    /// The descriptors a poll asks about, for POLLIN.
    PollFds(Vec<i32>),
    /// How a process ended, as wait(2) tells it.
    Status(Status),
    /// An argument that strace prints with its name: `child_stack=NULL`.
    Named { name: &'static str, arg: Box<Arg> },
    /// A path, which strace prints in full.
    Path(String),
    /// struct ucred, as SO_PEERCRED fills it in.
    Cred(Cred),
}

/// Bytes that crossed a socket: the beginning, and how many there were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bytes {
    /// At most [`Bytes::HEAD`] bytes. Untrusted: escape before showing.
    pub head: Vec<u8>,
    /// The whole count.
    pub len: usize,
}

impl Bytes {
    /// How many bytes are kept for showing.
    pub const HEAD: usize = 200;

    /// The record of `data`.
    pub fn of(data: &[u8]) -> Bytes {
        Bytes {
            head: data[..data.len().min(Bytes::HEAD)].to_vec(),
            len: data.len(),
        }
    }

    /// The record of that many zeros.
    pub fn zeros(len: u32) -> Bytes {
        let len = len as usize;
        Bytes {
            head: vec![0; len.min(Bytes::HEAD)],
            len,
        }
    }
}

/// What a call returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The value, 0 or more.
    Value(i64),
    /// -1 and errno.
    Failed(Errno),
    /// It never returns, for it has ended the process: exit_group(2).
    Never,
}

impl Outcome {
    /// The error, if it failed.
    pub fn errno(self) -> Option<Errno> {
        match self {
            Outcome::Value(_) | Outcome::Never => None,
            Outcome::Failed(errno) => Some(errno),
        }
    }

    /// As strace prints it after the `=`.
    pub fn strace(self) -> String {
        match self {
            Outcome::Value(value) => value.to_string(),
            Outcome::Failed(errno) => format!("-1 {errno}"),
            Outcome::Never => "?".into(),
        }
    }
}

impl Call {
    /// The arguments as strace prints them, one string each.
    pub fn strace_args(&self) -> Vec<String> {
        self.args.iter().map(Arg::strace).collect()
    }

    /// The call as strace prints it, without the result.
    pub fn strace(&self) -> String {
        format!("{}({})", self.name, self.strace_args().join(", "))
    }

    /// The result as strace prints it after the `=`, the note behind the value
    /// included.
    pub fn strace_result(&self, outcome: Outcome) -> String {
        match &self.note {
            Some(note) => format!("{} ({note})", outcome.strace()),
            None => outcome.strace(),
        }
    }

    /// The name that people call it by, where the C library's function of that
    /// name makes another call: fork(2) makes clone(2), _exit(2) exit_group(2).
    pub fn book_name(&self) -> &'static str {
        match self.name {
            "clone" => "fork",
            "exit_group" => "exit",
            other => other,
        }
    }

    /// The call as a textbook writes it: like strace, but for a protocol of 0,
    /// which strace spells `IPPROTO_IP` and every book `0`, and for what fork(2)
    /// passes to the kernel, which is the C library's business.
    pub fn textbook(&self) -> String {
        let name = self.book_name();
        if name == "fork" {
            return "fork()".into();
        }
        let args: Vec<String> = self
            .args
            .iter()
            .map(|arg| match arg {
                // Only the protocol: SHUT_RD is 0 as well, and has its name in books.
                Arg::Constant { raw: 0, name } if name.starts_with("IPPROTO_") => "0".into(),
                other => other.strace(),
            })
            .collect();
        format!("{name}({})", args.join(", "))
    }

    /// The descriptor it works on, if its first argument is one.
    pub fn fd(&self) -> Option<i32> {
        match self.args.first() {
            Some(Arg::Fd(fd)) => Some(*fd),
            _ => None,
        }
    }

    /// The address it names, if it names one.
    pub fn address(&self) -> Option<Address> {
        self.args.iter().find_map(|arg| match arg {
            Arg::Addr(address) => Some(*address),
            _ => None,
        })
    }

    /// The bytes it carries, if it carries any.
    pub fn bytes(&self) -> Option<&Bytes> {
        self.args.iter().find_map(|arg| match arg {
            Arg::Bytes(bytes) => Some(bytes),
            _ => None,
        })
    }
}

impl Arg {
    /// As strace 6 prints it with its default settings.
    pub fn strace(&self) -> String {
        match self {
            Arg::Fd(fd) => fd.to_string(),
            Arg::Addr(address) => strace_address(*address),
            Arg::Pending => "{...}".into(),
            Arg::Untouched => "...".into(),
            Arg::Constant { name, .. } => name.clone(),
            Arg::Int(value) => value.to_string(),
            Arg::IntAt(value) => format!("[{value}]"),
            Arg::LengthAt {
                given,
                taken: Some(taken),
            } if given != taken => format!("[{given} => {taken}]"),
            Arg::LengthAt { given, .. } => format!("[{given}]"),
            Arg::Bytes(bytes) => strace_string(&bytes.head, bytes.len),
            Arg::Null => "NULL".into(),
            Arg::PollFds(fds) => {
                let asked = fds.iter().map(|fd| format!("{{fd={fd}, events=POLLIN}}"));
                format!("[{}]", asked.collect::<Vec<_>>().join(", "))
            }
            Arg::Status(status) => format!("[{{{status}}}]"),
            Arg::Named { name, arg } => format!("{name}={}", arg.strace()),
            Arg::Path(path) => quoted(path.as_bytes()),
            Arg::Cred(cred) => cred.strace(),
        }
    }
}

fn strace_address(address: Address) -> String {
    use std::net::SocketAddr;
    match address {
        Address::Inet(SocketAddr::V4(addr)) => format!(
            "{{sa_family=AF_INET, sin_port=htons({}), sin_addr=inet_addr(\"{}\")}}",
            addr.port(),
            addr.ip()
        ),
        Address::Inet(SocketAddr::V6(addr)) => format!(
            "{{sa_family=AF_INET6, sin6_port=htons({}), sin6_flowinfo=htonl({}), \
             inet_pton(AF_INET6, \"{}\", &sin6_addr), sin6_scope_id={}}}",
            addr.port(),
            addr.flowinfo(),
            addr.ip(),
            addr.scope_id()
        ),
        Address::Unix(addr) => strace_unix(&addr),
        Address::Other { family } => format!("{{sa_family={family}, ...}}"),
    }
}

/// A name of a unix socket is never cut short.
fn strace_unix(addr: &UnixAddr) -> String {
    match addr.name() {
        UnixName::Unnamed => "{sa_family=AF_UNIX}".into(),
        UnixName::Path(path) => format!("{{sa_family=AF_UNIX, sun_path={}}}", quoted(path)),
        UnixName::Abstract(name) => format!("{{sa_family=AF_UNIX, sun_path=@{}}}", quoted(name)),
    }
}

/// How many bytes of a string strace prints by default (`-s 32`).
const STRACE_STRING: usize = 32;

/// Bytes as strace prints a string: C escapes, octal where C has none, cut at
/// 32 with `...` behind the quote. Whatever the bytes are, the result is
/// printable ASCII, so it may go to a terminal.
pub fn strace_string(head: &[u8], len: usize) -> String {
    let mut out = quoted(&head[..head.len().min(STRACE_STRING)]);
    if len > STRACE_STRING {
        out.push_str("...");
    }
    out
}

/// Bytes in quotes with strace's escapes, all of them.
fn quoted(shown: &[u8]) -> String {
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
        let shown = |bytes: &[u8]| strace_address(UnixAddr::of(bytes).unwrap().into());
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

    #[test]
    fn a_zero_protocol_is_spelled_by_strace_and_not_by_textbooks() {
        let call = Call {
            name: "socket",
            args: vec![
                Arg::Constant {
                    raw: 2,
                    name: "AF_INET".into(),
                },
                Arg::Constant {
                    raw: 0,
                    name: "IPPROTO_IP".into(),
                },
            ],
            note: None,
        };
        assert_eq!(call.strace(), "socket(AF_INET, IPPROTO_IP)");
        assert_eq!(call.textbook(), "socket(AF_INET, 0)");
    }
}
