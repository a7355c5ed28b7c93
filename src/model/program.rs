//! A running program, as it is seen from outside.

use std::ops::Range;

use super::{
    Address, Fact, Holder, Process, Relation, SocketView, Syscall, TcpState, World, takes,
};

/// A process that this one did not start, and what its sockets are doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Program {
    /// /proc/PID/comm: untrusted, escape before showing.
    pub name: String,
    /// Its command line, as untrusted.
    pub command: Vec<String>,
    /// The user that it acts as.
    pub uid: Fact<u32>,
    pub threads: Fact<Vec<Thread>>,
    /// Where its descriptors may not be seen: the sockets of its user that no process
    /// holds that can be seen. Some of them may be its own.
    pub hidden: Vec<Holder>,
    /// Its descriptors, its sockets, and the rows around them.
    pub seen: World,
}

impl Program {
    /// What each thread waits for, by its number.
    pub(crate) fn doing(&self) -> Vec<(u32, &Fact<Asleep>)> {
        let threads = self.threads.value().into_iter().flatten();
        threads.map(|thread| (thread.tid, &thread.call)).collect()
    }

    /// How many connections of a listener stand in TIME-WAIT.
    pub(crate) fn in_time_wait(&self, listener: &SocketView) -> usize {
        let Some(address) = listener.local.value().and_then(|local| local.inet()) else {
            return 0;
        };
        let ended = self.seen.rows().iter().filter(|row| {
            let at = row.local.inet().is_some_and(|local| takes(address, local));
            at && row.state == TcpState::TimeWait && row.relation == Relation::Left
        });
        ended.count()
    }

    /// The connections to a listener of it, by state: of its own, and of those that no
    /// descriptor of it holds, with their relation.
    pub(crate) fn clients(&self, listener: &SocketView) -> Vec<(Option<Relation>, TcpState)> {
        let Some(&address) = listener.local.value() else {
            return Vec::new();
        };
        let is_at = |local: Address| match (address, local) {
            (Address::Inet(listener), Address::Inet(local)) => takes(listener, local),
            (listener, local) => listener == local,
        };
        let own = self
            .seen
            .sockets
            .iter()
            .filter(|it| it.peer.value().is_some());
        let own = own.filter(|it| it.local.value().is_some_and(|&local| is_at(local)));
        let own = own.filter_map(|it| Some((None, *it.state.value()?)));
        let others = self.seen.rows().iter().filter(|row| match row.relation {
            Relation::Peer => false,
            Relation::Connecting => is_at(row.remote),
            _ => is_at(row.local),
        });
        let others = others.map(|row| (Some(row.relation), row.state));
        own.chain(others).collect()
    }
}

/// A thread of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Thread {
    pub tid: u32,
    /// Its own name, as untrusted.
    pub name: String,
    pub doing: Process,
    /// The call that it sleeps in; none of one that runs.
    pub call: Fact<Asleep>,
}

/// A call that a thread sleeps in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asleep {
    pub number: i64,
    /// The row of [`super::CALLS`]; `None` of a call that is not there.
    pub call: Option<&'static Syscall>,
    /// The descriptor that it works on.
    pub fd: Option<i32>,
    /// Of a call that waits for several, which; none of others.
    pub watching: Fact<Vec<i32>>,
}

impl Asleep {
    /// Does it wait for that descriptor? Where it cannot be known it may.
    pub(crate) fn waits_for(&self, fd: i32) -> bool {
        match &self.watching {
            Fact::Seen(fds, _) => fds.contains(&fd),
            Fact::Unknown(_) => true,
            Fact::None => self.fd == Some(fd),
        }
    }
}

/// Ports that the kernel gives to whoever does not ask for one:
/// net.ipv4.ip_local_port_range, as it is by default.
pub(crate) const EPHEMERAL: Range<u16> = 32768..61000;

/// What is asked to be inspected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Pid(u32),
    Port(u16),
    /// The name of a program, or of the script that an interpreter runs.
    Name(String),
}

impl std::str::FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Target, String> {
        if let Some(port) = text.strip_prefix(':') {
            return match port.parse() {
                Ok(port @ 1..) => Ok(Target::Port(port)),
                _ => Err(format!(
                    "'{port}' is no port: write a number from 1 to 65535"
                )),
            };
        }
        if !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) {
            return match text.parse() {
                Ok(pid @ 1..) => Ok(Target::Pid(pid)),
                _ => Err("that is no process id; for a port write :PORT".into()),
            };
        }
        match text {
            "" => Err("write a process id, :PORT, or the name of a program".into()),
            name => Ok(Target::Name(name.into())),
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Target::Pid(pid) => write!(f, "{pid}"),
            Target::Port(port) => write!(f, ":{port}"),
            Target::Name(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_process_a_port_or_a_name() {
        let read = |text: &str| text.parse::<Target>();
        assert_eq!(read("12"), Ok(Target::Pid(12)));
        assert_eq!(read(":8000"), Ok(Target::Port(8000)));
        assert_eq!(read("python3"), Ok(Target::Name("python3".into())));
        assert_eq!(read("7z"), Ok(Target::Name("7z".into())));
        for text in ["0", ":0", ":99999", ":x", ":", "", "99999999999", ":-1"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read("99999").is_ok());
        assert!(read("0").unwrap_err().contains("write :PORT"));
    }
}
