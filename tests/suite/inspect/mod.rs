//! `socklab inspect`: running programs, seen from outside, beside other witnesses.

mod arguments;
mod faults;
mod hidden;
mod many;
mod seen;
mod threads;
mod watch;

use std::process::Command;

use serde_json::Value;

use crate::support::{Peer, Run, Socklab};

/// A Python program that is `ready()` when it has done what it is to do, and stays until
/// its input ends. It has modules and a list `kept` at hand.
pub fn python(script: &str) -> Peer {
    python_told(script).0
}

/// The same, with the number that it calls `told`.
pub fn python_told(script: &str) -> (Peer, u32) {
    let head = "
import ctypes, os, select, socket, sys, threading
kept, told = [], 0
def ready(): print(f'{told:09}', flush=True)
";
    let tail = "\nready()\nsys.stdin.read()\n";
    let mut command = Command::new("python3");
    command.args(["-c", &format!("{head}{script}{tail}")]);
    let mut program = Peer::spawn(command);
    let told = program.printed("000000000\n".len());
    let told = String::from_utf8(told).unwrap().trim().parse().unwrap();
    (program, told)
}

/// What is told of the program of that id.
pub fn inspected(pid: u32) -> Value {
    run(pid).only("program")
}

/// A run on that process.
pub fn run(pid: u32) -> Run {
    let run = Socklab::new(["inspect", &pid.to_string(), "--json"]).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run
}

/// What the screen shows of it, in one line.
pub fn shown(pid: u32) -> String {
    let run = Socklab::new(["inspect", &pid.to_string()]).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stdout()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The words of what looks wrong.
pub fn faults(program: &Value) -> Vec<&str> {
    let faults = program["faults"].as_array().unwrap().iter();
    faults.map(|it| it["fault"].as_str().unwrap()).collect()
}

/// What looks wrong by that word.
pub fn fault(program: &Value, word: &str) -> Value {
    let mut all = program["faults"].as_array().unwrap().iter();
    let found = all.find(|it| it["fault"] == word);
    found
        .unwrap_or_else(|| panic!("{word}: {:?}", faults(program)))
        .clone()
}

/// Its sockets.
pub fn sockets(program: &Value) -> &[Value] {
    program["sockets"].as_array().unwrap()
}

/// A listener on loopback that has accepted nobody, in Python.
pub const LISTENER: &str = "
l = socket.socket()
l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
l.bind(('127.0.0.1', 0))
l.listen(5)
port = l.getsockname()[1]
";
