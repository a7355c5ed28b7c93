//! One line of the script, parsed: one system call of one actor.

use serde::{Deserialize, Serialize};

use super::constants::{Direction, SockOpt};
use super::text::unescape;
use super::vars::Vars;
use super::verbs::{Verb, Word};
use super::words::{DomainWord, KindWord};
use crate::model::{Address, Arg, Bytes, Call, Domain, Kind, Makes, Param, Syscall};

/// A line, parsed once. Its names become descriptors when it is performed: see
/// [`Action::call`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    pub(super) verb: &'static Verb,
    pub(super) words: Words,
}

/// The words behind a verb; those that it does not take are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    pub sockets: Vec<String>,
    pub actor: Option<String>,
    /// `as NAME`
    pub makes: Option<String>,
    pub domain: Option<DomainWord>,
    pub kind: Option<KindWord>,
    pub address: Option<Place>,
    pub option: Option<&'static SockOpt>,
    pub on: Option<bool>,
    pub direction: Option<&'static Direction>,
    /// A backlog, a size, a code, a timeout: no verb takes two.
    pub number: Option<i64>,
    pub path: Option<Written>,
    pub payload: Option<Payload>,
}

/// A word of a line that may hold placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Written {
    AsIs(String),
    Template(String),
}

/// An address of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
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
        text.parse().map(Place::Given)
    }

    /// The same; `sender` is one too.
    pub(super) fn parse_or_sender(text: &str) -> Result<Place, String> {
        match text {
            "sender" => Ok(Place::Sender),
            address => Place::parse(address),
        }
    }
}

/// What a send sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Payload {
    /// A text of the script: placeholders and escapes are still in it.
    Text(String),
    /// These bytes.
    Bytes(Vec<u8>),
    /// What the last recv on the same socket received.
    Received,
    /// That many zero bytes.
    Zeros(u64),
}

/// What the names of a line stand for when it is performed.
pub trait Names {
    /// The open socket of that name.
    fn fd(&self, socket: &str) -> Option<i32>;
    /// The process of that actor.
    fn pid(&self, actor: &str) -> Option<u32>;
    /// Who sent what a recvfrom received last on `fd`: `None` if nothing was
    /// received by a call that asks, `Some(None)` if the sender has no address.
    fn sender(&self, fd: i32) -> Option<Option<Address>>;
    /// What was received last on `fd`.
    fn received(&self, fd: i32) -> Option<Bytes>;
}

/// A call that can be made: its names have become numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    pub call: Call,
    /// What it sends, in full.
    pub payload: Option<Payload>,
}

impl Action {
    /// The removal of a file, whatever its name is.
    pub fn unlink(path: String) -> Option<Action> {
        let words = Words {
            path: Some(Written::AsIs(path)),
            ..Words::default()
        };
        let verb = Verb::named("unlink")?;
        Some(Action { verb, words })
    }

    /// The system call that it makes.
    pub fn syscall(&self) -> Option<&'static Syscall> {
        self.verb.syscall()
    }

    /// The names of the sockets that must be there before it.
    pub fn uses(&self) -> &[String] {
        &self.words.sockets
    }

    /// The actor, a child of the one that does it, that must have been made before.
    pub fn actor(&self) -> Option<&str> {
        self.words.actor.as_deref()
    }

    /// The name it gives to a new descriptor, if it makes one.
    pub fn creates(&self) -> Option<&str> {
        self.made(Makes::Descriptor)
    }

    /// The actor it makes, if it is a fork.
    pub fn creates_actor(&self) -> Option<&str> {
        self.made(Makes::Process)
    }

    fn made(&self, what: Makes) -> Option<&str> {
        let makes = self.verb.syscall()?.makes;
        self.words.makes.as_deref().filter(|_| makes == what)
    }

    /// The call that the line makes, with its names and placeholders resolved. The
    /// error says what is not there.
    pub fn call(&self, names: &dyn Names, vars: &Vars) -> Result<Planned, String> {
        let syscall = self.verb.syscall().ok_or("a verb without a call")?;
        let given = Given::of(self, names, vars)?;
        let args = syscall.params.iter().map(|param| given.arg(*param));
        Ok(Planned {
            call: Call {
                syscall,
                args: args.collect(),
                note: None,
            },
            payload: given.payload,
        })
    }

    /// Can its placeholders be filled with these values? Names may stand for
    /// anything.
    pub fn check(&self, vars: &Vars) -> Result<Planned, String> {
        self.call(&Anything, vars)
    }
}

/// Names before anything was performed.
struct Anything;

impl Names for Anything {
    fn fd(&self, _: &str) -> Option<i32> {
        Some(0)
    }

    fn pid(&self, _: &str) -> Option<u32> {
        Some(0)
    }

    fn sender(&self, _: i32) -> Option<Option<Address>> {
        Some(None)
    }

    fn received(&self, _: i32) -> Option<Bytes> {
        None
    }
}

/// The words of a line as the kernel takes them.
struct Given<'a> {
    words: &'a Words,
    fds: Vec<i32>,
    pid: i64,
    domain: Domain,
    kind: Kind,
    address: Option<Address>,
    /// The call asks for the address of the other end.
    asks_address: bool,
    path: String,
    bytes: Bytes,
    payload: Option<Payload>,
}

impl<'a> Given<'a> {
    fn of(action: &'a Action, names: &dyn Names, vars: &Vars) -> Result<Given<'a>, String> {
        let words = &action.words;
        let fd = |name: &String| {
            names
                .fd(name)
                .ok_or_else(|| format!("there is no open socket '{name}'"))
        };
        let fds = words
            .sockets
            .iter()
            .map(fd)
            .collect::<Result<Vec<_>, _>>()?;
        let first = fds.first().copied();
        let pid = match &words.actor {
            Some(actor) => names
                .pid(actor)
                .ok_or_else(|| format!("there is no actor '{actor}' yet"))?,
            None => 0,
        };
        let address = match &words.address {
            None => None,
            Some(Place::Given(address)) => Some(*address),
            Some(Place::Template(text)) => {
                let filled = vars.fill_word(text).parse::<Address>();
                Some(filled.map_err(|error| format!("'{text}': {error}"))?)
            }
            Some(Place::Sender) => names
                .sender(first.unwrap_or(-1))
                .ok_or("nothing was received on it that has a sender: a recvfrom comes first")?,
        };
        let takes = |word| action.verb.words.contains(&word);
        let payload = match words.payload.clone() {
            Some(Payload::Text(text)) => Some(Payload::Bytes(unescape(&vars.fill_word(&text))?)),
            other => other,
        };
        Ok(Given {
            pid: pid.into(),
            domain: words
                .domain
                .map_or(Domain::Inet, |word| word.domain(vars.addr.domain())),
            kind: words.kind.map_or(Kind::Stream, Kind::from),
            address: match takes(Word::Address) {
                true => address,
                false => address.map(Address::reached),
            },
            asks_address: takes(Word::From),
            path: match &words.path {
                None => String::new(),
                Some(Written::AsIs(path)) => path.clone(),
                Some(Written::Template(path)) => vars.fill_word(path),
            },
            bytes: match &payload {
                Some(Payload::Bytes(bytes)) => Bytes::of(bytes),
                Some(Payload::Zeros(count)) => Bytes::zeros(*count),
                _ => first
                    .and_then(|fd| names.received(fd))
                    .unwrap_or_else(|| Bytes::of(&[])),
            },
            words,
            fds,
            payload,
        })
    }

    /// One argument of the call, as far as it is known before it is made.
    fn arg(&self, param: Param) -> Arg {
        let number = Arg::Int(self.words.number.unwrap_or_default());
        let on = self.words.on.unwrap_or_default();
        let constant = |constant: Option<(i32, &str)>| match constant {
            Some((raw, name)) => Arg::constant(raw, name),
            None => Arg::Int(0),
        };
        match param {
            Param::Fd => Arg::Fd(self.fds.first().copied().unwrap_or(-1)),
            Param::Domain => Arg::constant(self.domain.number(), self.domain.constant()),
            Param::Type => Arg::constant(self.kind.number(), self.kind.constant()),
            Param::Protocol => match self.domain {
                Domain::Inet | Domain::Inet6 => Arg::constant(0, "IPPROTO_IP"),
                Domain::Unix | Domain::Other(_) => Arg::Int(0),
            },
            Param::Address => self.address.map_or(Arg::Null, Arg::Addr),
            Param::AddressLen => Arg::Int(self.address.map_or(0, Address::socklen).into()),
            Param::AddressOut if self.asks_address => Arg::Pending,
            Param::AddressOutLen if self.asks_address => length(SOCKADDR_STORAGE),
            Param::AddressOut | Param::AddressOutLen => Arg::Null,
            Param::Backlog | Param::Max | Param::ExitCode | Param::Timeout => number,
            Param::Bytes => Arg::Bytes(self.bytes.clone()),
            Param::BytesLen => Arg::Int(self.bytes.len as i64),
            Param::ChildTid if cfg!(target_env = "musl") => Arg::Unused,
            Param::BytesOut | Param::ChildTid => Arg::Untouched,
            Param::Flags | Param::WaitOptions | Param::PathFlags => Arg::Int(0),
            Param::Level => constant(self.words.option.map(|option| option.level)),
            Param::Option => constant(self.words.option.map(|option| option.name)),
            Param::Value => Arg::IntAt(on.into()),
            Param::ValueLen => Arg::Int(size_of::<libc::c_int>() as i64),
            Param::ValueOut | Param::StatusOut => Arg::Pending,
            Param::ValueOutLen => length(size_of::<libc::ucred>() as u32),
            Param::Direction => constant(self.words.direction.map(|(_, raw, name)| (*raw, *name))),
            Param::Command => Arg::constant(libc::F_SETFL, "F_SETFL"),
            Param::FileFlags if on => {
                Arg::constant(libc::O_RDWR | libc::O_NONBLOCK, "O_RDWR|O_NONBLOCK")
            }
            Param::FileFlags => Arg::constant(libc::O_RDWR, "O_RDWR"),
            Param::PollFds => Arg::PollFds(self.fds.iter().map(|fd| (*fd, libc::POLLIN)).collect()),
            Param::PollCount => Arg::Int(self.fds.len() as i64),
            Param::Pid => Arg::Int(self.pid),
            Param::UsageOut | Param::ChildStack => Arg::Null,
            Param::ParentTid | Param::Tls => Arg::Unused,
            Param::Folder => Arg::constant(libc::AT_FDCWD, "AT_FDCWD"),
            Param::Path => Arg::Path(self.path.clone()),
            Param::CloneFlags if cfg!(target_env = "musl") => {
                Arg::constant(libc::SIGCHLD, "SIGCHLD")
            }
            Param::CloneFlags => Arg::constant(
                libc::CLONE_CHILD_CLEARTID | libc::CLONE_CHILD_SETTID | libc::SIGCHLD,
                "CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD",
            ),
            // No verb makes a call that has others.
            _ => Arg::Unused,
        }
    }
}

/// The room socket2 offers for an address: `struct sockaddr_storage`.
const SOCKADDR_STORAGE: u32 = 128;

/// A length that the kernel may change.
fn length(given: u32) -> Arg {
    Arg::LengthAt { given, taken: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Outcome, Status};

    fn planned(line: &str) -> Call {
        struct Some3;
        impl Names for Some3 {
            fn fd(&self, name: &str) -> Option<i32> {
                Some(if name == "conn" { 5 } else { 3 })
            }
            fn pid(&self, _: &str) -> Option<u32> {
                Some(1078)
            }
            fn sender(&self, _: i32) -> Option<Option<Address>> {
                Some(None)
            }
            fn received(&self, _: i32) -> Option<Bytes> {
                Some(Bytes::of(b"hi"))
            }
        }
        let addr = "0.0.0.0:6789".parse().unwrap();
        let vars = Vars { addr, pid: None };
        let action = Action::parse(line).unwrap();
        action.call(&Some3, &vars).unwrap().call
    }

    /// Witness: strace 6.1 of C programs, glibc 2.36 on x86-64.
    #[test]
    #[cfg(all(target_arch = "x86_64", not(target_env = "musl")))]
    fn calls_are_written_as_strace_writes_them() {
        for (line, wanted) in [
            (
                "socket {domain} stream as s",
                "socket(AF_INET, SOCK_STREAM, IPPROTO_IP)",
            ),
            ("socket unix dgram as s", "socket(AF_UNIX, SOCK_DGRAM, 0)"),
            (
                "setsockopt s nodelay on",
                "setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4)",
            ),
            (
                "getsockopt s peercred",
                "getsockopt(3, SOL_SOCKET, SO_PEERCRED, {...}, [12])",
            ),
            ("listen s -1", "listen(3, -1)"),
            ("accept s as conn", "accept(3, {...}, [128])"),
            ("recv conn 9", "recvfrom(5, ..., 9, 0, NULL, NULL)"),
            ("recvfrom s 9", "recvfrom(3, ..., 9, 0, {...}, [128])"),
            (r"send s 'a\n'", r#"sendto(3, "a\n", 2, 0, NULL, 0)"#),
            (
                "sendto s sender --received",
                r#"sendto(3, "hi", 2, 0, NULL, 0)"#,
            ),
            ("shutdown s write", "shutdown(3, SHUT_WR)"),
            ("nonblock s on", "fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK)"),
            ("nonblock s off", "fcntl(3, F_SETFL, O_RDWR)"),
            (
                "poll s conn",
                "poll([{fd=3, events=POLLIN}, {fd=5, events=POLLIN}], 2, -1)",
            ),
            ("wait child", "wait4(1078, {...}, 0, NULL)"),
            ("exit 3", "exit_group(3)"),
            ("unlink ./x", r#"unlink("./x")"#),
            (
                "fork as child",
                "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, \
                 child_tidptr=...)",
            ),
        ] {
            assert_eq!(planned(line).strace(), wanted);
        }
        assert_eq!(planned("fork as child").textbook(), "fork()");
        assert_eq!(planned("exit 3").textbook(), "exit(3)");
    }

    #[test]
    fn a_client_reaches_the_wildcard_by_loopback_and_a_server_binds_it() {
        assert!(planned("bind s {addr}").strace().contains("0.0.0.0"));
        assert!(planned("connect s {addr}").strace().contains("127.0.0.1"));
        assert!(
            planned("connect s 127.0.0.2:{port}")
                .strace()
                .contains("127.0.0.2")
        );
    }

    #[test]
    fn what_the_kernel_filled_in_is_told() {
        let mut wait = planned("wait child");
        wait.fill(Param::StatusOut, Arg::Status(Status(0)));
        let args = "wait4(1078, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL)";
        assert_eq!(wait.strace(), args);
        let mut failed = planned("wait child");
        failed.leave_unfilled();
        assert_eq!(failed.strace(), "wait4(1078, ..., 0, NULL)");
        let mut accept = planned("accept s as conn");
        accept.fill_address(None);
        assert_eq!(accept.strace(), "accept(3, ..., [128 => 0])");
        let mut poll = planned("poll s");
        poll.note = Some("Timeout".into());
        assert_eq!(poll.strace_result(Outcome::Value(0)), "0 (Timeout)");
    }
}
