//! The call that a line makes: its words as the kernel takes them.

use super::action::{Action, Names, Payload, Place, Planned, Words};
use super::constants::Constant;
use super::message;
use super::option::OptionValue;
use super::text::unescape;
use super::vars::Vars;
use super::verbs::Word;
use crate::model::{Address, Arg, Bytes, Call, Domain, Param};

impl Action {
    /// The call that the line makes, with its names and placeholders resolved. The
    /// error says what is not there.
    pub(crate) fn call(&self, names: &dyn Names, vars: &Vars) -> Result<Planned, String> {
        let syscall = self.verb.syscall().ok_or("a verb without a call")?;
        let given = Given::of(self, names, vars)?;
        let mut fds = given.fds.iter();
        // Of epoll_wait(2): how many events at the most, and how long.
        let mut sets = given.sets();
        // Of readv(2) and writev(2) how many parts, of sendfile(2) how many bytes, of
        // rt_sigaction(2) how long a mask is.
        let size = match syscall.name {
            "readv" => self.words.sizes.len() as i64,
            "writev" => self.words.texts.len() as i64,
            "rt_sigaction" => MASK,
            _ => self.words.number,
        };
        let mut numbers = [MOST_EVENTS, self.words.number].into_iter();
        let args = syscall.params.iter().map(|param| match param {
            Param::Fd | Param::EpollFd => Arg::Fd(fds.next().copied().unwrap_or(-1)),
            Param::Number => Arg::Int(numbers.next().unwrap_or_default()),
            Param::FdSet => sets.next().unwrap_or(Arg::Null),
            Param::Size => Arg::Int(size),
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

impl Action {
    /// What sets the call apart from others of its name: [`Call::purpose`].
    pub(crate) fn purpose(&self) -> Vec<String> {
        let Some(syscall) = self.verb.syscall() else {
            return Vec::new();
        };
        let nameless = Given {
            words: &self.words,
            fds: Vec::new(),
            pid: 0,
            domain: Domain::Inet,
            address: None,
            asks_address: false,
            bytes: Bytes::of(&[]),
            payload: None,
        };
        let args = syscall.params.iter().map(|param| nameless.arg(*param));
        let (args, note) = (args.collect(), None);
        Call {
            syscall,
            args,
            note,
        }
        .purpose()
    }
}

/// The words of a line, its names and placeholders resolved.
pub(super) struct Given<'a> {
    pub words: &'a Words,
    pub fds: Vec<i32>,
    pub pid: u32,
    pub domain: Domain,
    pub address: Option<Address>,
    /// The call asks for the address of the other end.
    pub asks_address: bool,
    pub bytes: Bytes,
    pub payload: Option<Payload>,
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
        let filled = |text: &String| unescape(&vars.fill_word(text));
        let payload = match &words.payload {
            Some(Payload::Text(text)) => Some(Payload::Bytes(filled(text)?)),
            None if action.takes(Word::Texts) => {
                let parts = words.texts.iter().map(filled).collect::<Result<_, _>>()?;
                let passed = fds.get(1..).unwrap_or_default();
                Some(message::payload(words, parts, passed, names.cred()))
            }
            None if words.disposition.is_some() => words.disposition(),
            None if !words.sizes.is_empty() => Some(message::room(words)),
            Some(Payload::Rest) => {
                let rest = first.and_then(|fd| names.rest(fd));
                Some(rest.ok_or("nothing that was sent on it is known to be left")?)
            }
            other => other.clone(),
        };
        // What the kernel is passed in place of a number.
        let payload = payload.or_else(|| {
            let events = || joined(&words.flags).0.to_ne_bytes().to_vec();
            let value = words.value.as_ref().map(OptionValue::bytes);
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

    /// The sets of select(2), and then none.
    fn sets(&self) -> impl Iterator<Item = Arg> + use<> {
        let mut fds = self.fds.iter().copied();
        let sets = self.words.sets.each_ref().map(|set| set.len());
        let sets = sets.map(|count| fds.by_ref().take(count).collect::<Vec<i32>>());
        let shown = |mut fds: Vec<i32>| {
            fds.sort_unstable();
            fds.dedup();
            if fds.is_empty() {
                Arg::Null
            } else {
                Arg::Fds(fds)
            }
        };
        sets.into_iter().map(shown)
    }
}

/// Flags, and their names.
pub(super) fn joined(flags: &[Constant]) -> (libc::c_int, String) {
    let names: Vec<&str> = flags.iter().map(|flag| flag.1).collect();
    let all = flags.iter().fold(0, |all, flag| all | flag.0);
    (all, names.join("|"))
}

/// So many events one epoll_wait takes at the most.
const MOST_EVENTS: i64 = 32;

/// The size of a signal mask of the kernel's, in bytes.
const MASK: i64 = 8;

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
            fn cred(&self) -> crate::model::Cred {
                let (pid, uid, gid) = (1, 2, 3);
                crate::model::Cred { pid, uid, gid }
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
            select s conn --write s --timeout 1500 => pselect6(6, [3 5], [3], NULL, {tv_sec=1, tv_nsec=500000000}, NULL)
            writev s 'a' 'bc' => writev(3, [{iov_base="a", iov_len=1}, {iov_base="bc", iov_len=2}], 2)
            readv s 5 6 => readv(3, {...}, 2)
            sendfile s conn 10 => sendfile(3, 5, NULL, 10)
            sendmsg s 'a' --fd conn => sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="a", iov_len=1}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[5]}], msg_controllen=24, msg_flags=0}, 0)
            recvmsg s 9 --peek => recvmsg(3, {...}, MSG_PEEK)
            socket inet6 ping as s => socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6)
            open ./x as f => openat(AT_FDCWD, "./x", O_RDONLY)
            handle PIPE ignore => rt_sigaction(SIGPIPE, {sa_handler=SIG_IGN, sa_mask=[], sa_flags=SA_RESTORER, sa_restorer=...}, NULL, 8)
            stop child => kill(1078, SIGSTOP)
            bind s @name => bind(3, {sa_family=AF_UNIX, sun_path=@"name"}, 7)
            poll s --in --out --timeout 5 => poll([{fd=3, events=POLLIN|POLLOUT}], 1, 5)
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
