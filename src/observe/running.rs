//! The processes of this host: which there are, and how to find one.

use std::collections::HashSet;
use std::path::Path;
use std::{fs, io};

use super::process::{behind_name, entries, socket_inode};
use crate::model::{Fact, Source};

/// A process by its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The process's number, where a thread's was asked for.
    pub pid: u32,
    /// /proc/PID/comm: untrusted, escape before showing.
    pub name: String,
    pub standing: Standing,
}

/// What a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Running,
    /// A thread of the kernel: it has no program.
    Kernel,
    /// A zombie: it has ended, and nobody has waited for it.
    Ended,
}

/// PF_KTHREAD of include/linux/sched.h.
const KERNEL_THREAD: u32 = 0x0020_0000;

/// Who has that number, a process or a thread of one; `None` if nobody has.
pub(crate) fn identity(number: u32) -> Option<Identity> {
    let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    let fields = behind_name(&stat)?;
    let flags: u32 = fields.get(6)?.parse().ok()?;
    let standing = match *fields.first()? {
        "Z" | "X" => Standing::Ended,
        _ if flags & KERNEL_THREAD != 0 => Standing::Kernel,
        _ => Standing::Running,
    };
    let pid = status(number, "Tgid:", 0).ok()?;
    Some(Identity {
        pid,
        name: name_of(pid),
        standing,
    })
}

/// The user that a process acts as: the effective one in /proc/PID/status.
pub(super) fn user_of(pid: u32) -> Fact<u32> {
    Fact::from_io(Source::Proc, status(pid, "Uid:", 1))
}

/// A number of /proc/PID/status.
fn status(pid: u32, label: &str, nth: usize) -> io::Result<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(label));
    let number = line.and_then(|line| line.split_whitespace().nth(nth)?.parse().ok());
    number.ok_or_else(|| io::Error::other("status has an unknown form"))
}

/// /proc/PID/comm
pub(super) fn name_of(pid: u32) -> String {
    let name = fs::read(format!("/proc/{pid}/comm")).unwrap_or_default();
    let name = String::from_utf8_lossy(&name);
    name.trim_end_matches('\n').into()
}

/// The words of its command line: /proc/PID/cmdline.
pub(super) fn command(pid: u32) -> Vec<String> {
    let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words = String::from_utf8_lossy(&words);
    let words = words.trim_end_matches('\0').split('\0');
    words
        .filter(|word| !word.is_empty())
        .map(str::to_string)
        .collect()
}

/// The processes of a program, by its name or by that of the script that it runs.
pub(crate) fn named(name: &str) -> Vec<u32> {
    let file = |path: &str| {
        let name = Path::new(path).file_name();
        name.map(|name| name.to_string_lossy().into_owned())
    };
    let wanted = file(name).unwrap_or_else(|| name.into());
    let fits = |pid: &u32| {
        let command = command(*pid);
        let words = command.iter().take(2).filter(|word| !word.starts_with('-'));
        let mut names = words.filter_map(|word| file(word));
        name_of(*pid) == wanted || names.any(|name| name == wanted)
    };
    let runs = |pid: &u32| identity(*pid).is_some_and(|it| it.standing == Standing::Running);
    let mut found: Vec<u32> = all().filter(fits).filter(runs).collect();
    found.retain(|&pid| pid != std::process::id());
    found.sort_unstable();
    found
}

/// The processes that hold one of these sockets, as far as they may be looked into.
pub(super) fn holders(inodes: &HashSet<u64>) -> Vec<u32> {
    let holds = |pid: &u32| {
        let mut fds = entries(*pid).into_iter().flatten();
        fds.any(|entry| socket_inode(&entry.target).is_some_and(|inode| inodes.contains(&inode)))
    };
    let mut found: Vec<u32> = all().filter(holds).collect();
    found.sort_unstable();
    found
}

/// Every process.
fn all() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_known_by_its_number_and_its_threads() {
        let own = std::process::id();
        let seen = identity(own).unwrap();
        assert_eq!((seen.pid, seen.standing), (own, Standing::Running));
        let threads: Vec<u32> = fs::read_dir("/proc/self/task")
            .unwrap()
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        assert!(threads.iter().all(|&tid| identity(tid).unwrap().pid == own));
        assert_eq!(identity(u32::MAX), None);
        assert!(user_of(own).value().is_some() && !command(own).is_empty());
    }
}
