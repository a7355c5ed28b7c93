//! What /proc says, as a witness beside the screen.

use std::collections::HashSet;
use std::fs;

use rustix::process::{Pid, Signal, kill_process};

/// A process that is not mistaken for a later one with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proc {
    pub pid: u32,
    parent: u32,
    state: char,
    started: u64,
}

impl Proc {
    /// The process of that number, if there is one.
    pub fn of(pid: u32) -> Option<Proc> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The command name in brackets may hold anything: proc_pid_stat(5).
        let fields: Vec<&str> = stat[stat.rfind(')')? + 1..].split_whitespace().collect();
        Some(Proc {
            pid,
            parent: fields.get(1)?.parse().ok()?,
            state: fields.first()?.chars().next()?,
            started: fields.get(19)?.parse().ok()?,
        })
    }

    /// Does it still run? A zombie does not: it waits only for its parent.
    pub fn is_alive(&self) -> bool {
        Proc::of(self.pid)
            .is_some_and(|now| now.started == self.started && !matches!(now.state, 'Z' | 'X'))
    }

    pub fn kill(&self) {
        if let (true, Some(pid)) = (self.is_alive(), Pid::from_raw(self.pid as i32)) {
            // It may have ended just now.
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// The state letter of a process.
pub fn state(pid: u32) -> Option<char> {
    Proc::of(pid).map(|process| process.state)
}

/// Where in the kernel it sleeps.
pub fn wchan(pid: u32) -> String {
    fs::read_to_string(format!("/proc/{pid}/wchan")).unwrap_or_default()
}

/// All descendants of a process.
pub fn below(pid: u32) -> Vec<Proc> {
    let all: Vec<Proc> = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(Proc::of)
        .collect();
    let mut found: Vec<Proc> = Vec::new();
    let mut parents = vec![pid];
    while let Some(parent) = parents.pop() {
        for process in all.iter().filter(|process| process.parent == parent) {
            parents.push(process.pid);
            found.push(process.clone());
        }
    }
    found
}

/// The inodes of the sockets that a process holds.
pub fn sockets_of(pid: u32) -> Vec<u64> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let target = fs::read_link(entry.path()).ok()?;
            let target = target.to_str()?;
            target
                .strip_prefix("socket:[")?
                .strip_suffix(']')?
                .parse()
                .ok()
        })
        .collect()
}

/// States as /proc/net/tcp writes them.
pub const ESTABLISHED: &str = "01";
pub const SYN_SENT: &str = "02";
pub const FIN_WAIT_2: &str = "05";
pub const LISTEN: &str = "0A";

/// A row of /proc/net/tcp or tcp6.
pub struct Row {
    pub local_port: u16,
    pub peer_port: u16,
    pub state: String,
    pub inode: u64,
}

/// The rows of every TCP socket with an address.
pub fn tcp_rows() -> Vec<Row> {
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .flat_map(|text| text.lines().skip(1).filter_map(row).collect::<Vec<_>>())
        .collect()
}

fn row(line: &str) -> Option<Row> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let port = |at: usize| {
        let (_, port) = fields.get(at)?.rsplit_once(':')?;
        u16::from_str_radix(port, 16).ok()
    };
    Some(Row {
        local_port: port(1)?,
        peer_port: port(2)?,
        state: (*fields.get(3)?).to_string(),
        inode: fields.get(9)?.parse().ok()?,
    })
}

/// The inodes of every TCP socket with an address.
pub fn listed_inodes() -> HashSet<u64> {
    tcp_rows().iter().map(|row| row.inode).collect()
}
