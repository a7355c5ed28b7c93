//! Two hosts on one machine: network namespaces joined by a cable.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::{Socklab, output};

/// The addresses of the two, in each version of IP.
pub const HOSTS: [[&str; 2]; 2] = [["10.99.0.1", "10.99.0.2"], ["fd99::1", "fd99::2"]];

/// Two network namespaces; they end with the processes that hold them.
pub struct TwoHosts {
    holders: [Child; 2],
}

/// What holds a namespace: it says that it is there, and waits for its end.
const HOLD: [&str; 3] = ["sh", "-c", "echo; exec cat"];

fn hold(words: &[&str]) -> Child {
    let mut child = Command::new(words[0])
        .args(&words[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let out = child.stdout.as_mut().unwrap();
    BufReader::new(out).read_line(&mut line).unwrap();
    assert_eq!(line, "\n", "{words:?}");
    child
}

fn enter(pid: u32) -> Vec<String> {
    let target = pid.to_string();
    let words = [
        "nsenter",
        "--preserve-credentials",
        "-U",
        "-n",
        "-t",
        &target,
        "--",
    ];
    words.map(str::to_string).to_vec()
}

impl TwoHosts {
    /// Needs an unprivileged user namespace or root.
    pub fn new() -> TwoHosts {
        let first = hold(&[&["unshare", "-Urn"], &HOLD[..]].concat());
        let inside = enter(first.id());
        let inside: Vec<&str> = inside.iter().map(String::as_str).collect();
        let second = hold(&[&inside[..], &["unshare", "-n"], &HOLD].concat());
        let hosts = TwoHosts {
            holders: [first, second],
        };
        let other = hosts.holders[1].id();
        hosts.sh(
            0,
            &format!("ip link add cable type veth peer name cable netns {other}"),
        );
        for (side, addresses) in [0, 1]
            .into_iter()
            .zip([0, 1].map(|at| HOSTS.map(|v| v[at])))
        {
            let [v4, v6] = addresses;
            hosts.sh(
                side,
                // Without the wait for somebody who has the same address.
                &format!(
                    "ip link set lo up; ip addr add {v4}/24 dev cable
                     ip addr add {v6}/64 dev cable nodad; ip link set cable up"
                ),
            );
        }
        hosts
    }

    /// Shell commands on that host.
    pub fn sh(&self, side: usize, script: &str) -> String {
        let mut words = enter(self.holders[side].id());
        words.extend(["sh", "-ec", script].map(str::to_string));
        output(&words[0], &words[1..])
    }

    /// Runs it on that host.
    pub fn on(&self, side: usize, socklab: Socklab) -> Socklab {
        socklab.under(enter(self.holders[side].id()))
    }
}

impl Drop for TwoHosts {
    fn drop(&mut self) {
        for holder in &mut self.holders {
            let _ = holder.kill();
            let _ = holder.wait();
        }
    }
}
