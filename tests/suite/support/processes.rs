//! What /proc says of processes, read by the tests themselves and not by socklab.

use std::fs;

/// A process that is not mistaken for a later one with its number.
#[derive(Clone, Debug)]
pub struct Process {
    pub pid: u32,
    pub parent: u32,
    pub state: char,
    started: u64,
}

impl Process {
    /// The process of that number, if there is one.
    pub fn of(pid: u32) -> Option<Process> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The command name in brackets may hold anything: proc_pid_stat(5).
        let fields: Vec<&str> = stat[stat.rfind(')')? + 1..].split_whitespace().collect();
        Some(Process {
            pid,
            parent: fields.get(1)?.parse().ok()?,
            state: fields.first()?.chars().next()?,
            started: fields.get(19)?.parse().ok()?,
        })
    }

    /// Does it still run? A zombie does not: it waits only for its parent.
    pub fn is_alive(&self) -> bool {
        Process::of(self.pid)
            .is_some_and(|now| now.started == self.started && !matches!(now.state, 'Z' | 'X'))
    }
}

/// The state letter of a process.
pub fn state(pid: u32) -> Option<char> {
    Process::of(pid).map(|process| process.state)
}

/// Is it stopped by SIGSTOP?
pub fn is_stopped(pid: u32) -> bool {
    state(pid) == Some('T')
}

/// Is that process an actor of socklab's, and alive? A zombie has no command
/// line, and a process that got the same number is no actor.
pub fn actor_lives(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/cmdline"))
        .is_ok_and(|words| words.split('\0').any(|word| word == "__actor"))
}

/// Where in the kernel it sleeps; nothing where the kernel hides it (0).
pub fn wchan(pid: u32) -> Option<String> {
    let place = fs::read_to_string(format!("/proc/{pid}/wchan")).ok()?;
    Some(place).filter(|place| place != "0")
}

/// All descendants of a process.
pub fn below(pid: u32) -> Vec<Process> {
    let all: Vec<Process> = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(Process::of)
        .collect();
    let mut found: Vec<Process> = Vec::new();
    let mut parents = vec![pid];
    while let Some(parent) = parents.pop() {
        for process in all.iter().filter(|process| process.parent == parent) {
            parents.push(process.pid);
            found.push(process.clone());
        }
    }
    found
}

/// /proc/PID/fd, in number order; empty of a process that is gone.
pub fn fd_targets(pid: u32) -> Vec<(i64, String)> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd"));
    let entry = |entry: fs::DirEntry| {
        let fd = entry.file_name().to_str()?.parse().ok()?;
        let target = fs::read_link(entry.path()).ok()?;
        Some((fd, target.to_string_lossy().into_owned()))
    };
    let entries = entries.into_iter().flatten().flatten();
    let mut found: Vec<(i64, String)> = entries.filter_map(entry).collect();
    found.sort();
    found
}

/// The inodes of the sockets that a process holds.
pub fn sockets_of(pid: u32) -> Vec<u64> {
    let inode = |(_, target): (i64, String)| {
        let inode = target.strip_prefix("socket:[")?.strip_suffix(']')?;
        inode.parse().ok()
    };
    fd_targets(pid).into_iter().filter_map(inode).collect()
}

/// Sends a signal.
pub fn kill(pid: u32, signal: i32) {
    // SAFETY: kill takes integers.
    let result = unsafe { libc::kill(i32::try_from(pid).unwrap(), signal) };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
}
