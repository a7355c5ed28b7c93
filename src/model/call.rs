//! A system call with its arguments, and what it returned.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Address, Arg, Bytes, Errno, Makes, Param, Syscall};

/// What a call of several purposes is about.
const PURPOSE: [Param; 8] = [
    Param::Flags,
    Param::Level,
    Param::Option,
    Param::Value,
    Param::Direction,
    Param::Command,
    Param::Request,
    Param::EpollOperation,
];

/// One system call, with what is known of its arguments so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Call {
    /// Which one: the C library's `recv` and `send` are `recvfrom` and `sendto`
    /// without an address.
    #[serde(serialize_with = "to_name", deserialize_with = "from_name")]
    pub syscall: &'static Syscall,
    /// In the order of [`Syscall::params`].
    pub args: Vec<Arg>,
    /// What strace prints in brackets behind the value that was returned:
    /// `[{fd=3, revents=POLLIN}]`, `Timeout`.
    pub note: Option<String>,
}

fn to_name<S: Serializer>(call: &&Syscall, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(call.name)
}

fn from_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static Syscall, D::Error> {
    let name = String::deserialize(deserializer)?;
    Syscall::named(&name).ok_or_else(|| serde::de::Error::custom("a call of an unknown name"))
}

/// What a call returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// The value, 0 or more.
    Value(i64),
    /// -1 and errno.
    Failed(Errno),
    /// It never returns, for it has ended the process: exit_group(2).
    Never,
    /// A signal has come: with its handler decides whether the call is made again. The
    /// kernel's own number for how, from 512 on.
    Again(i32),
}

impl Outcome {
    /// The error, if it failed.
    pub(crate) fn errno(self) -> Option<Errno> {
        match self {
            Outcome::Value(_) | Outcome::Never | Outcome::Again(_) => None,
            Outcome::Failed(errno) => Some(errno),
        }
    }

    /// As strace prints it after the `=`.
    pub(crate) fn strace(self) -> String {
        match self {
            Outcome::Value(value) => value.to_string(),
            Outcome::Failed(errno) => format!("-1 {errno}"),
            Outcome::Never => "?".into(),
            Outcome::Again(how) => {
                let (name, when) = match how {
                    512 => ("ERESTARTSYS", "To be restarted if SA_RESTART is set"),
                    513 => ("ERESTARTNOINTR", "To be restarted"),
                    514 => ("ERESTARTNOHAND", "To be restarted if no handler"),
                    _ => ("ERESTART_RESTARTBLOCK", "Interrupted by signal"),
                };
                format!("? {name} ({when})")
            }
        }
    }
}

/// An argument as strace prints it.
pub(crate) struct Labelled<'a>(&'static str, &'a Arg);

impl fmt::Display for Labelled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0, self.1)
    }
}

impl Call {
    /// The kernel's name for it.
    pub(crate) fn name(&self) -> &'static str {
        self.syscall.name
    }

    /// The name that people call it by: [`Syscall::book_name`].
    pub(crate) fn book_name(&self) -> &'static str {
        self.syscall.book_name
    }

    /// The arguments as strace prints them, each with its label before it.
    pub(crate) fn labelled_args(&self) -> impl Iterator<Item = Labelled<'_>> {
        let args = self.syscall.params.iter().zip(&self.args);
        let args = args.filter(|(_, arg)| !matches!(arg, Arg::Unused));
        args.map(|(param, arg)| Labelled(param.label(), arg))
    }

    /// The same, one string each.
    pub(crate) fn strace_args(&self) -> Vec<String> {
        self.labelled_args().map(|arg| arg.to_string()).collect()
    }

    /// The call as strace prints it, without the result.
    pub(crate) fn strace(&self) -> String {
        format!("{}({})", self.name(), self.strace_args().join(", "))
    }

    /// The result as strace prints it after the `=`, the note behind the value
    /// included.
    pub(crate) fn strace_result(&self, outcome: Outcome) -> String {
        match (&self.note, outcome) {
            // What is made of flags reads better as such.
            (Some(note), Outcome::Value(value)) if note.starts_with("flags ") => {
                format!("{value:#x} ({note})")
            }
            (Some(note), _) => format!("{} ({note})", outcome.strace()),
            (None, _) => outcome.strace(),
        }
    }

    /// The call and its result, as strace prints them.
    pub(crate) fn returned(&self, outcome: Outcome) -> String {
        let (args, result) = (self.strace_args().join(", "), self.strace_result(outcome));
        format!("{}({args}) = {result}", self.name())
    }

    /// The call as a textbook writes it: like strace, but for a protocol of 0,
    /// which strace spells `IPPROTO_IP` and every book `0`, and for what fork(2)
    /// passes to the kernel, which is the C library's business.
    pub(crate) fn textbook(&self) -> String {
        let name = self.book_name();
        if self.syscall.makes == Makes::Process {
            return format!("{name}()");
        }
        let args = self.args.iter().filter(|arg| **arg != Arg::Unused);
        let args: Vec<String> = args
            .map(|arg| match arg {
                // Only the protocol: SHUT_RD is 0 as well, and has its name in books.
                Arg::Constant { raw: 0, name } if name.starts_with("IPPROTO_") => "0".into(),
                other => other.to_string(),
            })
            .collect();
        format!("{name}({})", args.join(", "))
    }

    /// An argument.
    pub(crate) fn arg(&self, param: Param) -> Option<&Arg> {
        self.args.get(self.syscall.place(param)?)
    }

    /// The number that is passed as an argument, where one is.
    pub(crate) fn number(&self, param: Param) -> Option<i64> {
        self.arg(param)?.number()
    }

    /// Fills in an argument.
    pub(crate) fn fill(&mut self, param: Param, arg: Arg) {
        if let Some(place) = self.syscall.place(param)
            && let Some(known) = self.args.get_mut(place)
        {
            *known = arg;
        }
    }

    /// Fills in the address of the other end, where the call has asked for it. Where it
    /// succeeded and there was none, the kernel says so by a length of 0.
    pub(crate) fn fill_address(&mut self, address: Option<Address>) {
        let taken = Some(address.map_or(0, Address::socklen));
        if let Some(Arg::LengthAt { given, .. }) = self.arg(Param::AddressOutLen) {
            let given = *given;
            self.fill(Param::AddressOut, address.map_or(Arg::Untouched, Arg::Addr));
            self.fill(Param::AddressOutLen, Arg::LengthAt { given, taken });
        }
    }

    /// The call failed: what the kernel would have filled in it has left alone.
    pub(crate) fn leave_unfilled(&mut self) {
        for arg in &mut self.args {
            if *arg == Arg::Pending {
                *arg = Arg::Untouched;
            }
        }
    }

    /// How many bytes it offers or asks for, if it moves bytes.
    pub(crate) fn offered(&self) -> Option<u64> {
        let parts = match self.arg(Param::Message).or(self.arg(Param::Vector)) {
            Some(Arg::Parts { bytes, .. }) => Some(bytes.len as i64),
            _ => None,
        };
        let asked = self.number(Param::Max).or(self.number(Param::BytesLen));
        u64::try_from(asked.or(parts)?).ok()
    }

    /// The descriptor it works on, if its first argument is one.
    pub(crate) fn fd(&self) -> Option<i32> {
        match self.args.first() {
            Some(Arg::Fd(fd)) => Some(*fd),
            _ => None,
        }
    }

    /// The address it names, if it names one.
    pub(crate) fn address(&self) -> Option<Address> {
        self.args.iter().find_map(|arg| match arg {
            Arg::Addr(address) => Some(*address),
            Arg::Parts { name, .. } => *name,
            _ => None,
        })
    }

    /// The error that a getsockopt of SO_ERROR has handed over, if one waited.
    pub(crate) fn waiting_error(&self) -> Option<Errno> {
        let is_asked = self.number(Param::Level) == Some(libc::SOL_SOCKET.into())
            && self.number(Param::Option) == Some(libc::SO_ERROR.into());
        let told = self.arg(Param::ValueOut).filter(|_| is_asked)?.to_string();
        Errno::from_name(told.trim_matches(['[', ']']))
    }

    /// The same as the call that books teach for it: read(2) of a socket is recv(2).
    pub(crate) fn as_taught(&self) -> Call {
        let taught = match self.name() {
            "accept4" => "accept",
            "read" | "readv" | "recvmsg" | "recvmmsg" => "recvfrom",
            "write" | "writev" | "sendmsg" | "sendmmsg" => "sendto",
            "ppoll" => "poll",
            name => name,
        };
        Call {
            syscall: Syscall::named(taught).unwrap_or(self.syscall),
            ..self.clone()
        }
    }

    /// What sets it apart from other calls of its name: which option, request, operation or
    /// direction it is about, and whether a switch is turned off.
    pub(crate) fn purpose(&self) -> Vec<String> {
        let params = PURPOSE.iter();
        let given = params.filter_map(|param| Some((*param, self.arg(*param)?)));
        given
            .filter_map(|(param, arg)| arg.purpose(param))
            .collect()
    }

    /// The descriptors that it has made or worked on.
    pub(crate) fn touched(&self, outcome: Outcome) -> Vec<i32> {
        if outcome == Outcome::Never || self.syscall.makes == Makes::Process {
            return Vec::new();
        }
        let mut fds = Vec::new();
        for arg in &self.args {
            match arg {
                Arg::Fd(fd) => fds.push(*fd),
                Arg::Pair(one, other) => fds.extend([*one, *other]),
                Arg::Parts { fds: passed, .. } => fds.extend(passed),
                _ => {}
            }
        }
        fds.extend(self.made(outcome));
        fds
    }

    /// The descriptors that go with its message.
    pub(crate) fn passed(&self) -> &[i32] {
        let mut args = self.args.iter();
        let fds = args.find_map(|arg| match arg {
            Arg::Parts { fds, .. } => Some(fds.as_slice()),
            _ => None,
        });
        fds.unwrap_or_default()
    }

    /// The descriptor that it has made.
    pub(crate) fn made(&self, outcome: Outcome) -> Option<i32> {
        match (self.syscall.makes, outcome) {
            (Makes::Descriptor, Outcome::Value(fd)) => i32::try_from(fd).ok(),
            _ => None,
        }
    }

    /// The bytes it carries, if it carries any.
    pub(crate) fn bytes(&self) -> Option<&Bytes> {
        self.args.iter().find_map(|arg| match arg {
            Arg::Bytes(bytes) | Arg::Parts { bytes, .. } => Some(bytes),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_protocol_is_spelled_by_strace_and_not_by_textbooks() {
        let call = Call {
            syscall: Syscall::named("socket").unwrap(),
            args: vec![
                Arg::constant(2, "AF_INET"),
                Arg::constant(1, "SOCK_STREAM"),
                Arg::constant(0, "IPPROTO_IP"),
            ],
            note: None,
        };
        assert_eq!(call.strace(), "socket(AF_INET, SOCK_STREAM, IPPROTO_IP)");
        assert_eq!(call.textbook(), "socket(AF_INET, SOCK_STREAM, 0)");
        let line = serde_json::to_string(&call).unwrap();
        assert_eq!(serde_json::from_str::<Call>(&line).unwrap(), call);
        assert!(serde_json::from_str::<Call>(&line.replace("socket", "sock")).is_err());
    }
}
