//! What socklab tells is what strace sees: call by call, arguments and results.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use crate::support::{CourseDir, Run, Socklab, TempDir, dir_of_test, is};

/// The calls of a socket's life.
const LIFE: [&str; 12] = [
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
];

/// What the C library's fork(2) makes of it.
const FORK: &str = "flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD";

/// What observation may do with an fd of the lesson: read, without effect.
const LOOKS: [&str; 5] = [
    "getsockopt",
    "getsockname",
    "getpeername",
    "ioctl(FIONREAD)",
    "ioctl(TIOCOUTQ)",
];

/// Everything that could touch a descriptor.
const TRACED: &str = "trace=%network,close,read,write,readv,writev,pread64,pwrite64,ioctl,fcntl,\
                      dup,dup2,dup3,sendfile,splice,preadv,pwritev,fstat,lseek,poll,\
                      clone,exit_group,wait4,unlink,unlinkat";

/// One line of strace.
struct Traced {
    name: String,
    args: String,
    result: String,
}

impl Traced {
    fn parse(line: &str) -> Option<Traced> {
        let (name, rest) = line.split_once('(')?;
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return None;
        }
        let (args, result) = rest.rsplit_once(" = ")?;
        let args = args.trim_end().strip_suffix(')')?;
        Some(Traced {
            name: name.into(),
            args: args.into(),
            result: result.into(),
        })
    }

    fn fd(&self) -> Option<&str> {
        let first = self.args.split(',').next()?;
        Some(first.strip_prefix("[{fd=").unwrap_or(first))
    }

    /// Is it a call about processes of the lesson's, or about files?
    fn is_of_no_socket(&self) -> bool {
        match self.name.as_str() {
            "clone" => self.args.contains(FORK),
            name => ["exit_group", "wait4", "unlink", "unlinkat"].contains(&name),
        }
    }

    /// The whole call. A buffer that the kernel left alone is a bare address,
    /// which is `...` to socklab; behind an errno's name stands its text, behind
    /// the count of a poll what it found.
    fn call(&self) -> String {
        let args: Vec<String> = self.args.split(", ").map(without_address).collect();
        let result = match self.result.starts_with('-') {
            true => self.result.split(" (").next().unwrap(),
            false => &self.result,
        };
        format!("{}({}) = {result}", self.name, args.join(", "))
    }
}

fn without_address(arg: &str) -> String {
    match arg.rsplit_once("0x") {
        Some((before, digits)) if digits.chars().all(|c| c.is_ascii_hexdigit()) => {
            format!("{before}...")
        }
        _ => arg.into(),
    }
}

/// A traced run: what it told, and per process what strace saw.
pub struct Witnessed {
    pub run: Run,
    traces: BTreeMap<u64, Vec<Traced>>,
}

pub fn under_strace(socklab: Socklab, dir: &TempDir) -> Socklab {
    // One file a process (-ff): no call is cut in two by another's.
    let prefix = dir.join("trace").display().to_string();
    socklab.under(["strace", "-f", "-ff", "-o", &prefix, "-e", TRACED, "--"])
}

pub fn witnessed(run: Run, dir: &TempDir) -> Witnessed {
    let mut traces = BTreeMap::new();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let pid = path.extension().unwrap().to_string_lossy().parse().unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        traces.insert(pid, text.lines().filter_map(Traced::parse).collect());
    }
    Witnessed { run, traces }
}

impl Witnessed {
    /// The actors, by name.
    fn actors(&self) -> BTreeMap<String, u64> {
        let enters = self.run.all("enter");
        let name = |event: &serde_json::Value| event["actor"].as_str().unwrap().to_string();
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
            if event["actor"] != actor {
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
                    args.join(", "),
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

    /// What strace saw of the lesson's sockets in that process: the calls of
    /// their life, and those about processes. An fd is the lesson's from the socket or accept that returned
    /// it to the close that gives it back, so the control channel (0 and 1), and
    /// what the loader opened before, are not among them.
    fn seen(&self, pid: u64) -> Vec<String> {
        self.watch(pid, None).0
    }

    /// The lesson's fds that a child has from its parent.
    fn inherited(&self, pid: u64) -> BTreeSet<String> {
        let pid = pid.to_string();
        let is_fork = |call: &Traced| call.name == "clone" && call.result == pid;
        let mut traces = self.traces.iter();
        match traces.find(|(_, calls)| calls.iter().any(is_fork)) {
            Some((parent, _)) => self.watch(*parent, Some(&pid)).1,
            None => BTreeSet::new(),
        }
    }

    /// What was seen of a process, and its fds of the lesson, in the end or when
    /// it forked `until`.
    fn watch(&self, pid: u64, until: Option<&str>) -> (Vec<String>, BTreeSet<String>) {
        let mut ours = self.inherited(pid);
        let mut seen = Vec::new();
        for call in &self.traces[&pid] {
            if call.is_of_no_socket() {
                if call.name == "clone" && Some(call.result.as_str()) == until {
                    break;
                }
                seen.push(call.call());
                continue;
            }
            let makes = match call.name.as_str() {
                "socket" => true,
                "accept" | "accept4" => call.fd().is_some_and(|fd| ours.contains(fd)),
                _ => false,
            };
            let on_ours = call.name != "socket" && call.fd().is_some_and(|fd| ours.contains(fd));
            if !makes && !on_ours {
                continue;
            }
            if call.name == "close" {
                ours.remove(call.fd().unwrap());
            }
            if LIFE.contains(&call.name.as_str()) || makes {
                seen.push(call.call());
            } else {
                let look = match call.name.as_str() {
                    "ioctl" => format!("ioctl({})", call.args.split(", ").nth(1).unwrap()),
                    name => name.to_string(),
                };
                assert!(LOOKS.contains(&look.as_str()), "{}", call.call());
            }
            if makes && !call.result.starts_with('-') {
                ours.insert(call.result.clone());
            }
        }
        (seen, ours)
    }

    pub fn assert_same(&self) {
        for (actor, pid) in self.actors() {
            // A getsockopt of the lesson looks as one of the observer does.
            let (asked, told): (Vec<String>, Vec<String>) = self
                .told(&actor)
                .into_iter()
                .partition(|call| call.starts_with("getsockopt("));
            for call in asked {
                let mut traced = self.traces[&pid].iter();
                assert!(traced.any(|seen| seen.call() == call), "{call}");
            }
            let seen = self.seen(pid);
            for (told, seen) in told.iter().zip(&seen) {
                assert_eq!(told, seen, "{actor}");
            }
            assert_eq!(told.len(), seen.len(), "{actor}: {seen:#?}");
        }
        let all = self.traces.values().flatten();
        for call in all {
            assert!(!call.args.contains("SO_ERROR"), "{}", call.call());
        }
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

fn whole_walk(addr: &str) {
    let dir = dir_of_test();
    let socklab = Socklab::new(["walk", "--auto", "--json", "--addr", addr]);
    let run = under_strace(socklab, &dir).run();
    run.assert_done();
    let witnessed = witnessed(run, &dir);
    witnessed.assert_same();
    let actors: Vec<String> = witnessed.actors().into_keys().collect();
    assert_eq!(actors, ["client", "server"]);
    // Both lives in full: no call of them is missing on both sides alike.
    let names = |actor: &str| -> BTreeSet<String> {
        let told = witnessed.told(actor).into_iter();
        told.map(|call| call.split('(').next().unwrap().to_string())
            .collect()
    };
    let wanted = |names: &[&str]| names.iter().map(|name| (*name).to_string()).collect();
    let server: BTreeSet<String> = wanted(&[
        "socket",
        "setsockopt",
        "bind",
        "listen",
        "accept",
        "recvfrom",
        "sendto",
        "close",
    ]);
    let client: BTreeSet<String> = wanted(&[
        "socket", "connect", "recvfrom", "sendto", "shutdown", "close",
    ]);
    assert_eq!(names("server"), server);
    assert_eq!(names("client"), client);
}

#[test]
#[ignore = "needs strace"]
fn every_call_of_a_walk_is_told_as_strace_sees_it() {
    whole_walk("127.0.0.1:0");
}

#[test]
#[ignore = "needs strace"]
fn every_call_of_an_ipv6_walk_is_told_as_strace_sees_it() {
    whole_walk("[::1]:0");
}

/// Bytes that need every rule of strace's strings, and more than it shows.
#[test]
#[ignore = "needs strace"]
fn whatever_a_peer_sends_is_told_as_strace_prints_it() {
    let all: Vec<u8> = (0..=255).collect();
    let mut lines: Vec<Vec<u8>> = all.chunks(16).map(<[u8]>::to_vec).collect();
    lines.extend([
        vec![0, b'1', 7, b'9', 0o33, b'[', 0xff, b'0', b'"', b'\\'],
        vec![b'a'; 32],
        vec![b'a'; 33],
        // An octal escape cut off from the digit behind it.
        [&[b'a'; 31][..], &[1, b'5', b'5']].concat(),
        vec![0x1b; 5000],
    ]);
    let dir = dir_of_test();
    let socklab = Socklab::walk().args(["--peer", "nc"]);
    let mut running = under_strace(socklab, &dir).start();
    let mut client = TcpStream::connect(("127.0.0.1", running.wait_port())).unwrap();
    for line in &lines {
        client.write_all(line).unwrap();
        let mut echo = vec![0; line.len()];
        client.read_exact(&mut echo).unwrap();
        assert_eq!(&echo, line);
    }
    client.shutdown(Shutdown::Write).unwrap();
    let run = running.finish();
    run.assert_done();
    let witnessed = witnessed(run, &dir);
    witnessed.assert_same();
    let sent = witnessed.run.exits("server", "sendto");
    assert!(sent.len() >= lines.len(), "{}", sent.len());
}

/// Calls that fail: a send to a peer that is gone, an accept on no listener.
#[test]
#[ignore = "needs strace"]
fn failed_calls_are_told_as_strace_prints_them() {
    let gone = CourseDir::listener()
        .step("accept server as conn")
        .step("recv conn 10000")
        .step("setsockopt conn keepalive on")
        .step("send conn --received")
        .step("recv conn 10000")
        .step("close conn")
        .write();
    let dir = dir_of_test();
    let socklab = Socklab::walk().args(["--peer", "nc"]).chapters(&gone);
    let mut running = under_strace(socklab, &dir).start();
    let port = running.wait_port();
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    running.wait_blocked("recvfrom");
    let zero = Some(std::time::Duration::ZERO);
    socket2::SockRef::from(&client).set_linger(zero).unwrap();
    client.write_all(b"last words").unwrap();
    drop(client);
    let run = running.finish();
    let witnessed = witnessed(run, &dir);
    witnessed.assert_same();
    let failed: Vec<String> = witnessed
        .told("server")
        .into_iter()
        .filter(|call| call.contains(" = -1 "))
        .collect();
    assert!(!failed.is_empty());

    let no_listener = CourseDir::new()
        .step("socket {domain} stream as server")
        .step("accept server as conn")
        .write();
    let dir = dir_of_test();
    let run = under_strace(Socklab::walk().chapters(&no_listener), &dir).run();
    let witnessed = self::witnessed(run, &dir);
    witnessed.assert_same();
    let told = witnessed.told("server");
    assert_eq!(told[1], "accept(3, ..., [128]) = -1 EINVAL");
}
