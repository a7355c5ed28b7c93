//! A program run under strace and under socklab: what each says of its calls, thread by
//! thread.

use std::collections::HashMap;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Socklab, dir_of_test};

/// What both watch.
const WATCHED: &str = "trace=network,read,write,readv,writev,close,dup,dup2,dup3,fcntl,ioctl,\
    poll,ppoll,select,pselect6,epoll_create,epoll_create1,epoll_ctl,epoll_wait,epoll_pwait,\
    epoll_pwait2,sendfile,splice,fork,vfork,clone,clone3,execve,execveat,wait4,kill,exit_group";

/// Those that are told where their descriptor is a socket.
const OF_SOCKETS: [&str; 17] = [
    "read",
    "write",
    "readv",
    "writev",
    "close",
    "fcntl",
    "ioctl",
    "dup",
    "dup2",
    "dup3",
    "sendfile",
    "splice",
    "poll",
    "ppoll",
    "select",
    "pselect6",
    "close_range",
];

/// The calls of each thread, in the order in which the threads were born.
type Calls = Vec<Vec<String>>;

/// Runs it under both, and holds what they say against each other.
pub fn assert_same(program: &[&str]) {
    let (theirs, ours) = (by_strace(program), by_socklab(program));
    assert!(
        theirs.iter().map(Vec::len).sum::<usize>() > 2,
        "{theirs:#?}"
    );
    for (at, (theirs, ours)) in theirs.iter().zip(&ours).enumerate() {
        for (theirs, ours) in theirs.iter().zip(ours) {
            assert_eq!(ours, theirs, "thread {at}");
        }
        assert_eq!(
            ours.len(),
            theirs.len(),
            "thread {at}: {ours:#?} {theirs:#?}"
        );
    }
    assert_eq!(ours.len(), theirs.len());
}

/// Those that only wait, and those that make, begin and await processes: how often differs
/// from run to run where several threads take turns.
const IN_TURNS: [&str; 20] = [
    "poll",
    "ppoll",
    "select",
    "pselect6",
    "epoll_create",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "epoll_pwait",
    "epoll_pwait2",
    "fork",
    "vfork",
    "clone",
    "clone3",
    "execve",
    "wait4",
    "exit_group",
    "kill",
    "ioctl",
    "fcntl",
];

/// Runs a program under both whose threads take turns as they like, and holds the calls of
/// all of them against each other, in whatever order they were made and on whatever
/// descriptor. What had to be tried again is left out.
pub fn assert_same_in_any_order(program: &[&str]) {
    let (theirs, ours) = (by_strace(program), by_socklab(program));
    let (theirs, ours) = (in_any_order(&theirs), in_any_order(&ours));
    assert!(theirs.len() > 5, "{theirs:#?}");
    let missing: Vec<_> = theirs.iter().filter(|it| !ours.contains(it)).collect();
    assert_eq!(missing, Vec::<&String>::new(), "of {ours:#?}");
    assert_eq!(ours, theirs);
}

fn in_any_order(calls: &Calls) -> Vec<String> {
    let calls = calls.iter().flatten().filter_map(|call| {
        let (name, args) = call.split_once('(').unwrap();
        let (args, result) = args.rsplit_once(" = ").unwrap();
        let is_again = result.contains("EAGAIN") || result.contains("EINTR") || result == "?";
        if IN_TURNS.contains(&name) || is_again {
            return None;
        }
        let (first, rest) = args.split_once([',', ')']).unwrap_or((args, ""));
        let is_number = |text: &str| text.parse::<u32>().is_ok();
        let first = if is_number(first) { "FD" } else { first };
        let is_fd = matches!(name, "socket" | "accept" | "accept4" | "dup") && is_number(result);
        Some(format!(
            "{name}({first},{rest} = {}",
            if is_fd { "FD" } else { result }
        ))
    });
    let mut calls: Vec<String> = calls.collect();
    calls.sort();
    calls
}

fn by_strace(program: &[&str]) -> Calls {
    let dir = dir_of_test();
    let file = dir.path().join("strace");
    let status = Command::new("strace")
        .args(["-f", "-y", "-e", WATCHED, "-o"])
        .arg(&file)
        .args(program)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.is_ok(), "{status:?}");
    let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
    let mut threads = Threads::default();
    let mut begun: HashMap<String, String> = HashMap::new();
    for line in text.lines() {
        let (tid, line) = line.split_once(' ').unwrap();
        let mut line = line.trim_start().to_string();
        let calls = threads.of(tid);
        if let Some(begin) = line.strip_suffix(" <unfinished ...>") {
            begun.insert(tid.into(), begin.into());
            continue;
        }
        // A thread that becomes another program goes on as the first of its process.
        if let Some((begin, first)) = line.split_once(" <pid changed to ") {
            begun.insert(first.trim_end_matches(" ...>").into(), begin.into());
            continue;
        }
        if line.starts_with("<... ") {
            let (_, rest) = line.split_once(" resumed>").unwrap();
            line = begun.remove(tid).unwrap() + rest;
        }
        let Some((call, result)) = line.rsplit_once(" = ") else {
            continue;
        };
        let Some((name, args)) = call.trim_end().split_once('(') else {
            continue;
        };
        let is_of_sockets = OF_SOCKETS.contains(&name);
        if is_of_sockets && !args.contains("<socket:") {
            continue;
        }
        let result = match result {
            failed if failed.starts_with("-1 ") => failed.split(" (").next().unwrap(),
            again if again.starts_with('?') => "?",
            value => value,
        };
        let args = args.strip_suffix(')').unwrap_or(args);
        calls.push(bare(&format!("{name}({args}) = {result}")));
    }
    threads.normal()
}

fn by_socklab(program: &[&str]) -> Calls {
    let dir = dir_of_test();
    let file = dir.path().join("json");
    let json = format!("--json={}", file.display());
    Socklab::new(["trace", &json, "-o", "/dev/null", "--"])
        .args(program)
        .run();
    let text = std::fs::read_to_string(&file).unwrap();
    let mut threads = Threads::default();
    for line in text.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        if event["event"] == "run" {
            continue;
        }
        let calls = threads.of(&event["tid"].to_string());
        // strace is not asked for this one: it is told where there are sockets in its range.
        if event["event"] == "exit" && event["call"] != "close_range" {
            calls.push(told(&event));
        }
    }
    threads.normal()
}

/// A call as strace would print it.
fn told(event: &Value) -> String {
    let args = event["args"].as_array().unwrap().iter();
    let args: Vec<&str> = args.map(|arg| arg.as_str().unwrap()).collect();
    let note = event["note"].as_str();
    let result = match (event["errno"].as_str(), event["ret"].as_i64(), note) {
        (Some(errno), ..) => format!("-1 {errno}"),
        (_, None, _) => "?".into(),
        (_, Some(value), Some(note)) if note.starts_with("flags ") => {
            format!("{value:#x} ({note})")
        }
        (_, Some(value), Some(note)) => format!("{value} ({note})"),
        (_, Some(value), None) => value.to_string(),
    };
    format!(
        "{}({}) = {result}",
        event["call"].as_str().unwrap(),
        args.join(", ")
    )
}

/// The threads in the order in which they were first seen.
#[derive(Default)]
struct Threads {
    tids: Vec<String>,
    calls: Calls,
}

impl Threads {
    fn of(&mut self, tid: &str) -> &mut Vec<String> {
        let at = self.tids.iter().position(|known| known == tid);
        let at = at.unwrap_or_else(|| {
            self.tids.push(tid.into());
            self.calls.push(Vec::new());
            self.calls.len() - 1
        });
        &mut self.calls[at]
    }

    /// Without what differs from run to run.
    fn normal(self) -> Calls {
        let calls = self.calls.iter();
        calls
            .map(|calls| calls.iter().map(|call| normal(call, &self.tids)).collect())
            .collect()
    }
}

/// Without what `strace -y` says of descriptors: `3<socket:[17162]>`.
fn bare(call: &str) -> String {
    let mut out = String::new();
    let mut rest = call;
    while let Some(at) = rest.find('<') {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        let is_of_fd = before.ends_with(|c: char| c.is_ascii_digit())
            && ["<socket:", "<pipe:", "<anon_inode:", "</"]
                .iter()
                .any(|it| behind.starts_with(it));
        match behind.find('>') {
            Some(end) if is_of_fd => rest = &behind[end + 1..],
            _ => {
                out.push('<');
                rest = &behind[1..];
            }
        }
    }
    out + rest
}

/// Pointers, ports, process ids and what is left of a time are other ones each run.
fn normal(call: &str, tids: &[String]) -> String {
    let mut out = String::new();
    let mut rest = call;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let len = rest
            .find(|c| !is_word(c))
            .unwrap_or(rest.len())
            .max(first.len_utf8());
        let (word, behind) = rest.split_at(len);
        rest = behind;
        if out.ends_with("left ") {
            rest = rest.split_once('}').map_or(rest, |(_, rest)| rest);
            out.push_str("TIME");
        } else if word.starts_with("0x") && word.len() > 7 {
            out.push_str("POINTER");
        } else if out.ends_with("htons(") || out.ends_with("u64=") || behind.starts_with(" var") {
            out.push('N');
        } else if let Some(at) = tids.iter().position(|tid| tid == word) {
            out.push_str(&format!("TID{at}"));
        } else {
            out.push_str(word);
        }
    }
    out
}
