//! What socklab tells, held against what strace sees: call by call, arguments
//! and results.

use std::collections::{BTreeMap, BTreeSet};

use super::strace_line::{LOOKS, StraceLine, without_address};
use super::{Run, Socklab, TempDir, dir_of_test, is};

/// The calls of a socket's life.
const LIFE: [&str; 28] = [
    "socket",
    "setsockopt",
    "bind",
    "listen",
    "accept",
    "connect",
    "recvfrom",
    "sendto",
    "shutdown",
    "close",
    "fcntl",
    "poll",
    "read",
    "write",
    "accept4",
    "dup",
    "dup2",
    "epoll_ctl",
    "epoll_wait",
    "socketpair",
    "epoll_create1",
    "readv",
    "writev",
    "sendmsg",
    "recvmsg",
    "sendfile",
    "openat",
    "pselect6",
];

/// Everything that could touch a descriptor.
const TRACED: &str = "trace=%network,close,read,write,readv,writev,pread64,pwrite64,ioctl,fcntl,\
                      dup,dup2,dup3,openat,sendfile,splice,preadv,pwritev,fstat,lseek,poll,\
                      clone,exit_group,wait4,unlink,unlinkat,\
                      epoll_create1,epoll_ctl,epoll_wait,pselect6,kill,rt_sigaction";

/// A call that strace saw.
#[derive(Debug)]
struct Seen {
    call: String,
    /// It may be an observation's, which is not told.
    may_be_a_look: bool,
}

impl Seen {
    fn of(call: &StraceLine) -> Seen {
        Seen {
            call: call.call(),
            may_be_a_look: call.may_be_a_look(),
        }
    }
}

/// strace around a run, which writes into a folder of its own.
pub struct Strace {
    dir: TempDir,
}

impl Strace {
    pub fn new() -> Strace {
        Strace { dir: dir_of_test() }
    }

    /// Runs it under strace.
    pub fn around(&self, socklab: Socklab) -> Socklab {
        // One file a process (-ff): no call is cut in two by another's.
        let prefix = self.dir.join("trace").display().to_string();
        socklab.under([
            "strace",
            "-f",
            "-ff",
            "-o",
            &prefix,
            "-e",
            TRACED,
            "-e",
            "abbrev=!setsockopt",
            "--",
        ])
    }

    /// What it saw of the run, which told the same.
    pub fn saw(self, run: Run) -> StracedRun {
        let mut traces = BTreeMap::new();
        for entry in std::fs::read_dir(self.dir.path()).unwrap() {
            let path = entry.unwrap().path();
            let pid = path.extension().unwrap().to_string_lossy().parse().unwrap();
            let text = std::fs::read_to_string(path).unwrap();
            traces.insert(pid, text.lines().filter_map(StraceLine::parse).collect());
        }
        let straced = StracedRun { run, traces };
        straced.assert_same();
        straced
    }
}

/// Runs it under strace to its end; what it told is what strace saw.
pub fn straced(socklab: Socklab) -> StracedRun {
    let strace = Strace::new();
    let run = strace.around(socklab).run();
    strace.saw(run)
}

/// A traced run: what it told, and per process what strace saw.
pub struct StracedRun {
    pub run: Run,
    traces: BTreeMap<u64, Vec<StraceLine>>,
}

impl StracedRun {
    /// The actors, by name.
    pub fn actors(&self) -> BTreeMap<String, u64> {
        let enters = self.run.all("enter");
        let name = |event: &serde_json::Value| event["task"].as_str().unwrap().to_string();
        enters
            .iter()
            .map(|event| (name(event), event["pid"].as_u64().unwrap()))
            .collect()
    }

    /// What socklab told of an actor, as strace would print it.
    pub fn told(&self, actor: &str) -> Vec<String> {
        let mut told = Vec::new();
        let mut entered: Option<serde_json::Value> = None;
        for event in self.run.events() {
            if event["task"] != actor {
                continue;
            }
            if is(&event, "enter") {
                assert!(entered.is_none(), "two calls at once: {event}");
                entered = Some(event);
            } else if is(&event, "exit") && event["call"] == "clone" && event["ret"] == 0 {
                // A child comes out of a fork that its parent went into.
                assert!(told.is_empty() && entered.is_none(), "{event}");
            } else if is(&event, "exit") {
                let enter = entered.take().expect("a call ended that never began");
                assert_eq!(enter["call"], event["call"]);
                assert_eq!(enter["pid"], event["pid"]);
                let args: Vec<&str> = strings(&event["args"]);
                assert_entered_with(&strings(&enter["args"]), &args);
                let mut line = format!(
                    "{}({}) = {}",
                    event["call"].as_str().unwrap(),
                    args.join(", ")
                        .split(", ")
                        .map(without_address)
                        .collect::<Vec<_>>()
                        .join(", "),
                    event["ret"]
                        .as_i64()
                        .map_or("?".into(), |ret| ret.to_string())
                );
                if let Some(note) = event["note"].as_str() {
                    line.push_str(&format!(" ({note})"));
                }
                if let Some(errno) = event["errno"].as_str() {
                    line.push_str(&format!(" {errno}"));
                }
                told.push(line);
            }
        }
        assert!(entered.is_none(), "a call that never ended");
        told
    }

    /// The names of the calls that an actor was told to have made.
    pub fn names<C: FromIterator<String>>(&self, actor: &str) -> C {
        let told = self.told(actor).into_iter();
        told.map(|call| call.split('(').next().unwrap().to_string())
            .collect()
    }

    /// What strace saw of the lesson's sockets in that process: the calls of
    /// their life, and those about processes and paths. An fd is the lesson's
    /// from the socket or accept that returned it to the close that gives it
    /// back, so the control channel (0 and 1), and what the loader opened
    /// before, are not among them.
    fn seen(&self, pid: u64) -> Vec<Seen> {
        self.watch(pid, None).0
    }

    /// The lesson's fds that a child has from its parent.
    fn inherited(&self, pid: u64) -> BTreeSet<String> {
        let pid = pid.to_string();
        let is_fork = |call: &StraceLine| call.name == "clone" && call.result == pid;
        let mut traces = self.traces.iter();
        match traces.find(|(_, calls)| calls.iter().any(is_fork)) {
            Some((parent, _)) => self.watch(*parent, Some(&pid)).1,
            None => BTreeSet::new(),
        }
    }

    /// What was seen of a process, and its fds of the lesson, in the end or when
    /// it forked `until`.
    fn watch(&self, pid: u64, until: Option<&str>) -> (Vec<Seen>, BTreeSet<String>) {
        let mut ours = self.inherited(pid);
        let mut seen = Vec::new();
        let calls = &self.traces[&pid];
        let resolves = self
            .run
            .events()
            .iter()
            .any(|event| event["pid"] == pid && event["call"] == "getaddrinfo");
        for (at, call) in calls.iter().enumerate() {
            let again = |next: &StraceLine| (&next.name, &next.args) == (&call.name, &call.args);
            if call.was_interrupted() && calls[at + 1..].iter().any(again) {
                // It goes on sleeping.
                continue;
            }
            if call.is_about_no_fd() {
                if call.name == "clone" && Some(call.result.as_str()) == until {
                    break;
                }
                seen.push(Seen::of(call));
                continue;
            }
            let makes = match call.name.as_str() {
                // The library's own have the flag, by which it looks a name up.
                "socket" if resolves => !call.args.contains("SOCK_CLOEXEC"),
                "socket" | "socketpair" | "epoll_create1" => true,
                // The loader and the library open theirs with O_CLOEXEC.
                "openat" => call.args.ends_with(", O_RDONLY"),
                "accept" | "accept4" | "dup" | "dup2" => {
                    call.fd().is_some_and(|fd| ours.contains(fd))
                }
                _ => false,
            };
            let on_ours =
                !call.name.starts_with("socket") && call.fd().is_some_and(|fd| ours.contains(fd));
            if !makes && !on_ours {
                continue;
            }
            if call.name == "recvmsg"
                && let Some((_, passed)) = call.args.split_once("SCM_RIGHTS, cmsg_data=[")
            {
                let passed = passed.split(']').next().unwrap().split(", ");
                ours.extend(passed.map(String::from));
            }
            if call.name == "close" {
                ours.remove(call.fd().unwrap());
            }
            if LIFE.contains(&call.name.as_str())
                || call.asks_for_the_mark()
                || makes
                || call.may_be_a_look()
            {
                seen.push(Seen::of(call));
            } else {
                let look = match call.name.as_str() {
                    "ioctl" => format!("ioctl({})", call.args.split(", ").nth(1).unwrap()),
                    name => name.to_string(),
                };
                assert!(LOOKS.contains(&look.as_str()), "{}", call.call());
            }
            if makes && !call.result.starts_with('-') {
                if call.name == "socketpair" {
                    let pair = call.args.split(['[', ',', ']']).map(str::trim);
                    let numbers = pair.filter(|it| it.parse::<i32>().is_ok_and(|it| it > 2));
                    ours.extend(numbers.map(String::from));
                    continue;
                }
                ours.insert(call.result.clone());
            }
        }
        (seen, ours)
    }

    /// Every actor did what was told of it, and nothing else.
    fn assert_same(&self) {
        for (actor, pid) in self.actors() {
            let mut told = self.told(&actor);
            // It is no system call.
            told.retain(|call| !call.starts_with("getaddrinfo("));
            let seen = self.seen(pid);
            let mut left = seen.iter().peekable();
            for told in &told {
                // A look that was not this call.
                while left
                    .next_if(|one| one.may_be_a_look && one.call != *told)
                    .is_some()
                {}
                let one = left.next().map(|one| &one.call);
                assert_eq!(Some(told), one, "{actor}");
            }
            let untold: Vec<&Seen> = left.filter(|one| !one.may_be_a_look).collect();
            assert!(untold.is_empty(), "{actor}: {untold:#?}");
        }
        // Reading it clears it: only for a step that says so.
        let reads = |call: &str| call.contains("SO_ERROR");
        let all = self.traces.values().flatten();
        let made = all.filter(|call| reads(&call.args)).count();
        let actors = self.actors();
        let told = actors.keys().flat_map(|actor| self.told(actor));
        assert_eq!(made, told.filter(|call| reads(call)).count());
        // Whoever is no actor makes no socket of the internet.
        let actors: BTreeSet<u64> = self.actors().into_values().collect();
        for (pid, calls) in &self.traces {
            for call in calls {
                let inet = call.name == "socket" && call.args.starts_with("AF_INET");
                assert!(!inet || actors.contains(pid), "{pid}: {}", call.call());
            }
        }
    }
}

fn strings(list: &serde_json::Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|arg| arg.as_str().unwrap()).collect()
}

/// What was told before the call is what was told after it, but for what the
/// kernel fills in.
fn assert_entered_with(enter: &[&str], exit: &[&str]) {
    assert_eq!(enter.len(), exit.len());
    for (before, after) in enter.iter().zip(exit) {
        let filled_in = ["...", "{...}"].contains(before);
        let length = before.starts_with('[') && after.starts_with(before.trim_end_matches(']'));
        assert!(filled_in || length || before == after, "{before} {after}");
    }
}
