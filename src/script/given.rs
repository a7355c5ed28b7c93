//! The call that a line makes: its words as the kernel takes them.

use super::action::{Action, Names, Payload, Place, Planned, Words};
use super::constants::Constant;
use super::option::{OptionValue, shown};
use super::text::unescape;
use super::vars::Vars;
use super::verbs::Word;
use crate::model::{Address, Arg, Bytes, Call, Domain, Kind, Param};

impl Action {
    /// The call that the line makes, with its names and placeholders resolved. The
    /// error says what is not there.
    pub(crate) fn call(&self, names: &dyn Names, vars: &Vars) -> Result<Planned, String> {
        let syscall = self.verb.syscall().ok_or("a verb without a call")?;
        let given = Given::of(self, names, vars)?;
        let mut fds = given.fds.iter();
        // Of epoll_wait(2): how many events at the most, and how long.
        let mut numbers = [MOST_EVENTS, self.words.number].into_iter();
        let args = syscall.params.iter().map(|param| match param {
            Param::Fd | Param::EpollFd => Arg::Fd(fds.next().copied().unwrap_or(-1)),
            Param::Number => Arg::Int(numbers.next().unwrap_or_default()),
            param => given.arg(*param),
        });
        let (args, note) = (args.collect(), None);
        Ok(Planned {
            call: Call {
                syscall,
                args,
                note,
            },
            payload: given.payload,
        })
    }
}

/// The words of a line, its names and placeholders resolved.
struct Given<'a> {
    words: &'a Words,
    fds: Vec<i32>,
    pid: u32,
    domain: Domain,
    address: Option<Address>,
    /// The call asks for the address of the other end.
    asks_address: bool,
    bytes: Bytes,
    payload: Option<Payload>,
}

impl<'a> Given<'a> {
    fn of(action: &'a Action, names: &dyn Names, vars: &Vars) -> Result<Given<'a>, String> {
        let words = &action.words;
        let fd = |name: &String| {
            let fd = names.fd(name);
            fd.ok_or_else(|| format!("there is no open socket '{name}'"))
        };
        let mut fds: Vec<i32> = words.sockets.iter().map(fd).collect::<Result<_, _>>()?;
        let first = fds.first().copied();
        if action.takes(Word::Number) {
            fds.push(words.number as i32);
        }
        let pid = |name: &String| {
            let pid = names.pid(name);
            pid.ok_or_else(|| format!("there is no actor '{name}' yet"))
        };
        let address = match &words.address {
            Some(Place::Sender) => names
                .sender(first.unwrap_or(-1))
                .ok_or("nothing was received on it that has a sender: a recvfrom comes first")?,
            _ => action.address(vars)?,
        };
        let payload = match &words.payload {
            Some(Payload::Text(text)) => Some(Payload::Bytes(unescape(&vars.fill_word(text))?)),
            Some(Payload::Rest) => {
                let rest = first.and_then(|fd| names.rest(fd));
                Some(rest.ok_or("nothing that was sent on it is known to be left")?)
            }
            other => other.clone(),
        };
        // What the kernel is passed in place of a number.
        let payload = payload.or_else(|| {
            let events = || joined(&words.flags).0.to_ne_bytes().to_vec();
            let value = words.value.map(OptionValue::bytes);
            let raw = value.or_else(|| action.takes(Word::Events).then(events));
            raw.map(Payload::Bytes)
        });
        let received = || first.and_then(|fd| names.received(fd));
        Ok(Given {
            pid: words.actor.as_ref().map_or(Ok(0), pid)?,
            domain: words.domain.unwrap_or(vars.addr.domain()),
            address,
            asks_address: action.takes(Word::From),
            bytes: match &payload {
                Some(Payload::Bytes(bytes)) => Bytes::of(bytes),
                Some(Payload::Zeros(count)) => Bytes::zeros(*count),
                _ => received().unwrap_or_else(|| Bytes::of(&[])),
            },
            words,
            fds,
            payload,
        })
    }

    /// An argument that is a flag, an option, or what the kernel will fill in.
    fn of_constants(&self, param: Param) -> Arg {
        let words = self.words;
        match param {
            Param::Flags | Param::MakeFlags if !words.flags.is_empty() => {
                let (flags, names) = joined(&words.flags);
                Arg::constant(flags, names)
            }
            Param::Flags | Param::MakeFlags | Param::DupFlags | Param::EpollFlags => Arg::Int(0),
            Param::Level => named(words.option.map(|option| option.level)),
            Param::Option => named(words.option.map(|option| option.name)),
            Param::Value => {
                let option = words.option.map_or((0, 0), |it| (it.level.0, it.name.0));
                let value = words.value.map_or_else(Vec::new, OptionValue::bytes);
                shown(option.0, option.1, &value)
            }
            Param::ValueLen => Arg::Int(self.option_size().into()),
            Param::ValueOut | Param::StatusOut | Param::Pair => Arg::Pending,
            Param::RequestValue | Param::EpollEvents => Arg::Pending,
            Param::ValueOutLen => length(self.option_size()),
            Param::Request | Param::Signal | Param::EpollOperation => match words.constant {
                Some((raw, name)) => Arg::Constant {
                    raw,
                    name: name.into(),
                },
                None => Arg::Int(0),
            },
            Param::EpollEvent => self.epoll_event(),
            // No verb makes a call that has others.
            _ => Arg::Unused,
        }
    }

    fn option_size(&self) -> u32 {
        self.words.option.map_or(0, |option| option.kind.size())
    }

    /// `{events=EPOLLIN, data={u32=3, u64=3}}`
    fn epoll_event(&self) -> Arg {
        let (events, names) = joined(&self.words.flags);
        if events == 0 {
            return Arg::Null;
        }
        let fd = self.fds.get(1).copied().unwrap_or(-1);
        Arg::Shown(format!("{{events={names}, data={{u32={fd}, u64={fd}}}}}"))
    }

    /// One argument of the call, as far as it is known before it is made.
    fn arg(&self, param: Param) -> Arg {
        let words = self.words;
        match param {
            Param::Domain => Arg::constant(self.domain.number(), self.domain.constant()),
            Param::Type => {
                let kind = words.kind.unwrap_or(Kind::Stream);
                let (flags, name) = joined(&words.flags);
                let name = [kind.constant(), name].join("|");
                Arg::constant(kind.number() | flags, name.trim_end_matches('|'))
            }
            Param::Protocol => match self.domain {
                Domain::Inet | Domain::Inet6 => Arg::constant(0, "IPPROTO_IP"),
                Domain::Unix | Domain::Other(_) => Arg::Int(0),
            },
            Param::Address => self.address.map_or(Arg::Null, Arg::Addr),
            Param::AddressLen => Arg::Int(self.address.map_or(0, Address::socklen).into()),
            Param::AddressOut if self.asks_address => Arg::Pending,
            Param::AddressOutLen if self.asks_address => length(SOCKADDR_STORAGE),
            Param::Backlog | Param::Max | Param::ExitCode | Param::Timeout => {
                Arg::Int(words.number)
            }
            Param::Bytes => Arg::Bytes(self.bytes.clone()),
            Param::BytesLen => Arg::Int(self.bytes.len as i64),
            Param::ChildTid if cfg!(target_env = "musl") => Arg::Unused,
            Param::BytesOut | Param::ChildTid => Arg::Untouched,
            Param::WaitOptions | Param::PathFlags => Arg::Int(0),
            Param::Direction => named(words.direction.map(|(_, constant)| *constant)),
            Param::Command => Arg::constant(libc::F_SETFL, "F_SETFL"),
            Param::FileFlags if words.on => {
                Arg::constant(libc::O_RDWR | libc::O_NONBLOCK, "O_RDWR|O_NONBLOCK")
            }
            Param::FileFlags => Arg::constant(libc::O_RDWR, "O_RDWR"),
            Param::PollFds => {
                let events = match joined(&words.flags).0 {
                    0 => libc::POLLIN,
                    events => events as i16,
                };
                Arg::PollFds(self.fds.iter().map(|fd| (*fd, events)).collect())
            }
            Param::PollCount => Arg::Int(self.fds.len() as i64),
            Param::Pid => Arg::Int(self.pid.into()),
            Param::AddressOut | Param::AddressOutLen | Param::UsageOut | Param::ChildStack => {
                Arg::Null
            }
            Param::ParentTid | Param::Tls => Arg::Unused,
            Param::Folder => Arg::constant(libc::AT_FDCWD, "AT_FDCWD"),
            Param::Path => Arg::Path(self.address.map_or_else(String::new, Address::bare)),
            Param::CloneFlags if cfg!(target_env = "musl") => {
                Arg::constant(libc::SIGCHLD, "SIGCHLD")
            }
            Param::CloneFlags => Arg::constant(
                libc::CLONE_CHILD_CLEARTID | libc::CLONE_CHILD_SETTID | libc::SIGCHLD,
                "CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD",
            ),
            other => self.of_constants(other),
        }
    }
}

/// Flags, and their names.
fn joined(flags: &[Constant]) -> (libc::c_int, String) {
    let names: Vec<&str> = flags.iter().map(|flag| flag.1).collect();
    let all = flags.iter().fold(0, |all, flag| all | flag.0);
    (all, names.join("|"))
}

/// So many events one epoll_wait takes at the most.
const MOST_EVENTS: i64 = 32;

/// The room socket2 offers for an address: `struct sockaddr_storage`.
const SOCKADDR_STORAGE: u32 = 128;

/// A length that the kernel may change.
fn length(given: u32) -> Arg {
    Arg::LengthAt { given, taken: None }
}

fn named(constant: Option<Constant>) -> Arg {
    constant.map_or(Arg::Int(0), |(raw, name)| Arg::constant(raw, name))
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
            fn rest(&self, _: i32) -> Option<Payload> {
                Some(Payload::Bytes(b"gh".into()))
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
        let table = r#"
            socket {domain} stream as s => socket(AF_INET, SOCK_STREAM, IPPROTO_IP)
            socket unix dgram as s      => socket(AF_UNIX, SOCK_DGRAM, 0)
            setsockopt s nodelay on     => setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4)
            getsockopt s peercred       => getsockopt(3, SOL_SOCKET, SO_PEERCRED, {...}, [12])
            listen s -1                 => listen(3, -1)
            accept s as conn            => accept(3, {...}, [128])
            recv conn 9                 => recvfrom(5, ..., 9, 0, NULL, NULL)
            recvfrom s 9                => recvfrom(3, ..., 9, 0, {...}, [128])
            send s 'a\n'                => sendto(3, "a\n", 2, 0, NULL, 0)
            sendto s sender --received  => sendto(3, "hi", 2, 0, NULL, 0)
            send s --rest               => sendto(3, "gh", 2, 0, NULL, 0)
            shutdown s write            => shutdown(3, SHUT_WR)
            nonblock s on               => fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK)
            nonblock s off              => fcntl(3, F_SETFL, O_RDWR)
            poll s conn => poll([{fd=3, events=POLLIN}, {fd=5, events=POLLIN}], 2, -1)
            poll s --out => poll([{fd=3, events=POLLOUT}], 1, -1)
            wait child                  => wait4(1078, {...}, 0, NULL)
            exit 3                      => exit_group(3)
            unlink ./x                  => unlink("./x")
            fork as child => clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=...)"#;
        for (line, wanted) in table.lines().filter_map(|row| row.split_once(" => ")) {
            assert_eq!(planned(line).strace(), wanted);
        }
        assert_eq!(planned("fork as child").textbook(), "fork()");
        assert_eq!(planned("exit 3").textbook(), "exit(3)");
    }

    #[test]
    fn a_client_reaches_the_wildcard_by_loopback_and_a_server_binds_it() {
        assert!(planned("bind s {addr}").strace().contains("0.0.0.0"));
        assert!(planned("connect s {addr}").strace().contains("127.0.0.1"));
        let other = planned("connect s 127.0.0.2:{port}").strace();
        assert!(other.contains("127.0.0.2") && other.contains("6789"));
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
