//! A process as /proc shows it: its fd table, what it is doing, how it has ended.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::sync::OnceLock;
use std::time::Duration;

use rustix::process::geteuid;

use crate::model::{Fact, FdEntry, Process, Source, Status, Why};
use crate::sys;

/// Does a file stand at that path? lstat(2): a link is a file too.
pub(crate) fn file_stands_at(path: &str) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// A process's fd table in number order: /proc/PID/fd.
pub(crate) fn fd_table(pid: u32) -> Fact<Vec<FdEntry>> {
    let entries = entries(pid).map(|entries| {
        let mut entries: Vec<FdEntry> = entries.collect();
        entries.sort_by_key(|entry| entry.fd);
        entries
    });
    Fact::from_io(Source::Proc, entries)
}

/// The same in any order, one by one.
pub(super) fn entries(pid: u32) -> io::Result<impl Iterator<Item = FdEntry>> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd"))?;
    // An fd that closes while the folder is read is no entry any more.
    Ok(entries.flatten().filter_map(|entry| {
        let fd = entry.file_name().to_str()?.parse().ok()?;
        let target = fs::read_link(entry.path()).ok()?;
        let target = target.to_string_lossy().into_owned();
        Some(FdEntry { fd, target })
    }))
}

/// The descriptors of a process that are sockets; none where that may not be seen.
pub(crate) fn open_sockets(pid: u32) -> Vec<i32> {
    let entries = entries(pid).into_iter().flatten();
    let sockets = entries.filter(|entry| socket_inode(&entry.target).is_some());
    sockets.map(|entry| entry.fd).collect()
}

/// The program that a process runs, and what of it a tracer cannot see or changes: the
/// file /proc/PID/exe.
pub(crate) fn executable(pid: u32) -> (String, Vec<String>) {
    let link = format!("/proc/{pid}/exe");
    let program = fs::read_link(&link).unwrap_or_default();
    let mut notes = Vec::new();
    let mut head = [0; 20];
    let read = fs::File::open(&link).and_then(|mut file| file.read_exact(&mut head));
    // The ELF header: EI_CLASS, and e_machine behind e_type.
    let own = [2, OWN_MACHINE as u8, (OWN_MACHINE >> 8) as u8];
    if read.is_ok() && [head[4], head[18], head[19]] != own {
        notes.push(
            "it is of another architecture: its calls have other numbers, and are not seen".into(),
        );
    }
    let set_id = fs::metadata(&link).is_ok_and(|file| file.mode() & 0o6000 != 0);
    if set_id && !geteuid().is_root() {
        notes.push(
            "it is a set-user-ID or set-group-ID file: under a tracer it runs without the \
             rights that this gives"
                .into(),
        );
    }
    (program.to_string_lossy().into_owned(), notes)
}

/// e_machine of a program for this architecture: EM_X86_64, EM_AARCH64.
const OWN_MACHINE: u16 = if cfg!(target_arch = "x86_64") {
    62
} else {
    183
};

/// The inode of the socket at a descriptor: what the link /proc/PID/fd/N says.
pub(crate) fn inode_at(pid: impl std::fmt::Display, fd: i32) -> io::Result<u64> {
    let link = fs::read_link(format!("/proc/{pid}/fd/{fd}"))?;
    socket_inode(&link.to_string_lossy()).ok_or_else(|| io::Error::other("not a socket"))
}

/// Is that a descriptor of the process, of whatever file? Where that may not be seen, yes.
pub(crate) fn is_open(pid: u32, fd: i32) -> bool {
    let link = fs::symlink_metadata(format!("/proc/{pid}/fd/{fd}"));
    !link.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// What the kernel tells of a descriptor: /proc/PID/fdinfo/N.
pub(super) fn fd_info(pid: u32, fd: i32) -> io::Result<String> {
    fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}"))
}

/// Is O_NONBLOCK among the flags, which are in octal?
pub(super) fn is_nonblocking(pid: u32, fd: i32) -> Fact<bool> {
    let flags = fd_info(pid, fd).and_then(|info| {
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
        let flags = flags.and_then(|flags| i32::from_str_radix(flags.trim(), 8).ok());
        flags.ok_or_else(|| io::Error::other("fdinfo has an unknown form"))
    });
    Fact::from_io(Source::Proc, flags).map(|flags| flags & libc::O_NONBLOCK != 0)
}

/// The number in `socket:[17162]`.
pub(super) fn socket_inode(target: &str) -> Option<u64> {
    target
        .strip_prefix("socket:[")?
        .strip_suffix(']')?
        .parse()
        .ok()
}

/// What a process is doing: /proc/PID/stat, and where readable wchan and syscall.
pub(crate) fn process(pid: u32) -> Fact<Process> {
    doing(&format!("/proc/{pid}"))
}

/// The same of a process or a thread by its folder in /proc.
pub(super) fn doing(folder: &str) -> Fact<Process> {
    // First: who is seen inside a call that blocks is still there when the rest
    // is read. The other way round, the rest could be of the sleep before it.
    let line = fs::read_to_string(format!("{folder}/syscall")).unwrap_or_default();
    let mut words = line.split_whitespace();
    let syscall = words.next().and_then(|number| number.parse().ok());
    let syscall = syscall.filter(|_| numbers_are_ours());
    let first = words.next().and_then(|arg| arg.strip_prefix("0x"));
    let first = first.and_then(|arg| u64::from_str_radix(arg, 16).ok());
    let stat = match fs::read_to_string(format!("{folder}/stat")) {
        Ok(stat) => stat,
        // The file is not there, or was read too late: the process is gone.
        Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ESRCH)) => {
            return Fact::None;
        }
        Err(error) => return Fact::Unknown(Why::error(Source::Proc, &error)),
    };
    match parse_stat(&stat) {
        None => Fact::Unknown(Why::note(Source::Proc, "stat has an unknown form")),
        Some((state, cpu_ticks)) => Fact::Seen(
            Process {
                state,
                wchan: fs::read_to_string(format!("{folder}/wchan"))
                    .ok()
                    .filter(|name| !name.is_empty() && name != "0"),
                syscall: syscall.filter(|&number| number >= 0),
                first,
                // USER_HZ is 100 on every architecture socklab runs on: proc(5).
                cpu_ms: cpu_ticks * 10,
            },
            Source::Proc,
        ),
    }
}

/// Does this kernel number its calls as this program does? Under an emulator it is one of
/// another architecture: the call in which this file is read tells.
pub(super) fn numbers_are_ours() -> bool {
    static OURS: OnceLock<bool> = OnceLock::new();
    *OURS.get_or_init(|| {
        let line = fs::read_to_string("/proc/self/syscall").unwrap_or_default();
        let number = line
            .split_whitespace()
            .next()
            .and_then(|it| it.parse().ok());
        number.is_none_or(|number: libc::c_long| number == libc::SYS_read)
    })
}

/// How a process has ended that nobody has waited for yet: /proc/PID/stat, field
/// exit_code. `None` for one that lives or is gone.
pub(crate) fn zombie(pid: u32) -> Option<Status> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    parse_exit_code(&stat)
}

/// Gives a process that was just spoken to the moment it takes to go back to
/// sleep, two milliseconds at the most.
pub(crate) fn until_asleep(pid: u32) {
    for _ in 0..20 {
        let running = process(pid).value().is_some_and(|seen| seen.state == 'R');
        // A wait that is cut short is only a shorter wait.
        if !running || sys::wait(&[], Some(Duration::from_micros(100))).is_err() {
            break;
        }
    }
}

/// The fields of /proc/PID/stat from the third on. The command name in brackets may
/// itself hold brackets and spaces.
pub(super) fn behind_name(stat: &str) -> Option<Vec<&str>> {
    let rest = &stat[stat.rfind(')')? + 1..];
    Some(rest.split_whitespace().collect())
}

/// The state letter and utime + stime of /proc/PID/stat (fields 3, 14 and 15).
fn parse_stat(stat: &str) -> Option<(char, u64)> {
    let fields = behind_name(stat)?;
    let state = fields.first()?.chars().next()?;
    let utime: u64 = fields.get(11)?.parse().ok()?;
    let stime: u64 = fields.get(12)?.parse().ok()?;
    Some((state, utime + stime))
}

/// The exit_code of /proc/PID/stat (field 52), if its state is a zombie's.
fn parse_exit_code(stat: &str) -> Option<Status> {
    let fields = behind_name(stat)?;
    let is_zombie = *fields.first()? == "Z";
    let status = fields.get(49)?.parse().ok()?;
    is_zombie.then_some(Status(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_survives_a_name_with_brackets() {
        let stat = "42 (a) b (c)) S 1 42 42 0 -1 4194304 90 0 0 0 3 4 0 0 20 0 1 0";
        assert_eq!(parse_stat(stat), Some(('S', 7)));
        assert_eq!(parse_stat("42 (x"), None);
    }

    /// Witness: a process that abort(3) ended without a core, not waited for.
    #[test]
    fn a_zombie_says_how_it_ended() {
        let stat = "14062 (a) Z) (x) Z 14021 14019 31486 0 -1 4228684 673 0 2 0 0 0 0 0 20 \
                    0 1 0 1650262 0 0 18446744073709551615 0 0 0 0 0 0 0 16781312 2 1 0 0 \
                    17 0 0 0 0 0 0 0 0 0 0 0 0 0 6";
        assert_eq!(parse_exit_code(stat), Some(Status(libc::SIGABRT)));
        let alive = stat.replace("(x) Z", "(x) S");
        assert_eq!(parse_exit_code(&alive), None);
        assert_eq!(parse_exit_code("9 (a) Z 8"), None);
    }

    #[test]
    fn socket_links_have_an_inode() {
        assert_eq!(socket_inode("socket:[17162]"), Some(17162));
        assert_eq!(socket_inode("/dev/pts/0"), None);
    }
}
