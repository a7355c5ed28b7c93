//! The arguments of a call, as far as they are known before it is made.

use super::constants::Constant;
use super::given::{Given, joined};
use super::message;
use super::option::{OptionValue, shown};
use crate::model::{Address, Arg, Domain, Kind, Param};

impl Given<'_> {
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
                let value = words
                    .value
                    .as_ref()
                    .map_or_else(Vec::new, OptionValue::bytes);
                shown(option.0, option.1, &value)
            }
            Param::ValueLen => {
                let value = words
                    .value
                    .as_ref()
                    .map_or_else(Vec::new, OptionValue::bytes);
                Arg::Int(value.len() as i64)
            }
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
            Param::Vector => message::passed(self.payload.as_ref(), None, false),
            Param::Message => message::passed(self.payload.as_ref(), self.address, true),
            Param::VectorOut => Arg::Pending,
            Param::MessageOut => Arg::Room(0),
            Param::Time if words.number < 0 => Arg::Null,
            Param::Time => Arg::Timeout(words.number),
            Param::SetCount => {
                let highest = self.fds.iter().max();
                Arg::Int(highest.map_or(0, |fd| i64::from(*fd) + 1))
            }
            Param::OpenFlags => Arg::constant(libc::O_RDONLY, "O_RDONLY"),
            Param::Offset | Param::MaskAndSize | Param::OldAction => Arg::Null,
            Param::Action => self.action(),
            Param::Host => Arg::Path(words.texts.concat()),
            Param::Hints => Arg::Shown("{ai_family=AF_UNSPEC, ai_socktype=SOCK_STREAM}".into()),
            Param::Addresses => Arg::Pending,
            // No verb makes a call that has others.
            _ => Arg::Unused,
        }
    }

    /// struct sigaction, as the C library passes it. The address of a handler is left out:
    /// it tells nothing.
    fn action(&self) -> Arg {
        let Some((_, handler, flags)) = self.words.disposition else {
            return Arg::Null;
        };
        let handler = handler.map_or("...", |it| it.1);
        let flags = flags.map(|it| it.1);
        let (mine, restorer) = if cfg!(target_arch = "x86_64") {
            (Some("SA_RESTORER"), ", sa_restorer=...")
        } else {
            (None, "")
        };
        let flags: Vec<&str> = mine.into_iter().chain(flags).collect();
        let flags = if flags.is_empty() {
            "0".into()
        } else {
            flags.join("|")
        };
        Arg::Shown(format!(
            "{{sa_handler={handler}, sa_mask=[], sa_flags={flags}{restorer}}}"
        ))
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

    /// Of socket(2): the domain, the type, or the protocol.
    fn of_socket(&self, param: Param) -> Arg {
        let words = self.words;
        match param {
            Param::Domain => Arg::constant(self.domain.number(), self.domain.constant()),
            Param::Type => {
                let kind = words.kind.unwrap_or(Kind::Stream);
                let (flags, name) = joined(&words.flags);
                let name = [kind.constant(), name].join("|");
                Arg::constant(kind.number() | flags, name.trim_end_matches('|'))
            }
            _ => match self.domain {
                Domain::Inet if words.is_icmp => Arg::constant(libc::IPPROTO_ICMP, "IPPROTO_ICMP"),
                Domain::Inet6 if words.is_icmp => {
                    Arg::constant(libc::IPPROTO_ICMPV6, "IPPROTO_ICMPV6")
                }
                Domain::Inet | Domain::Inet6 => Arg::constant(0, "IPPROTO_IP"),
                Domain::Unix | Domain::Other(_) => Arg::Int(0),
            },
        }
    }

    /// One argument of the call, as far as it is known before it is made.
    pub(super) fn arg(&self, param: Param) -> Arg {
        let words = self.words;
        match param {
            Param::Domain | Param::Type | Param::Protocol => self.of_socket(param),
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

/// The room socket2 offers for an address: `struct sockaddr_storage`.
const SOCKADDR_STORAGE: u32 = 128;

/// A length that the kernel may change.
fn length(given: u32) -> Arg {
    Arg::LengthAt { given, taken: None }
}

fn named(constant: Option<Constant>) -> Arg {
    constant.map_or(Arg::Int(0), |(raw, name)| Arg::constant(raw, name))
}
