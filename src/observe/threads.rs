//! The threads of a process, and what each waits for: /proc/PID/task.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

use super::process::{doing, fd_info, numbers_are_ours};
use crate::model::{Asleep, Fact, Param, Source, Syscall, Thread, Why};

/// So many descriptors a call of others may wait for; with more it is no sane call.
const MOST: usize = 1 << 16;

/// The threads of a process, its first one first.
pub(super) fn threads(pid: u32) -> Fact<Vec<Thread>> {
    let folder = match fs::read_dir(format!("/proc/{pid}/task")) {
        Ok(folder) => folder,
        Err(error) => return Fact::Unknown(Why::error(Source::Proc, &error)),
    };
    let tids = folder.flatten();
    let tids = tids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let mut tids: Vec<u32> = tids.collect();
    tids.sort_unstable();
    // One that ends meanwhile is no thread any more.
    let threads = tids.into_iter().filter_map(|tid| thread(pid, tid));
    Fact::Seen(threads.collect(), Source::Proc)
}

fn thread(pid: u32, tid: u32) -> Option<Thread> {
    let folder = format!("/proc/{pid}/task/{tid}");
    let name = fs::read_to_string(format!("{folder}/comm")).ok()?;
    let syscall = fs::read_to_string(format!("{folder}/syscall"));
    let call = match syscall {
        Ok(_) if !numbers_are_ours() => {
            Fact::Unknown(Why::note(Source::Proc, "a kernel of another architecture"))
        }
        Ok(line) => Fact::of_option(asleep(pid, &line), Source::Proc),
        Err(error) => Fact::Unknown(Why::error(Source::Proc, &error)),
    };
    Some(Thread {
        tid,
        name: name.trim_end_matches('\n').into(),
        doing: doing(&folder).value()?.clone(),
        call,
    })
}

/// The call that a line of /proc/PID/syscall tells: its number and six arguments, the
/// stack pointer and the program counter. `running`, and -1 outside of a call.
fn asleep(pid: u32, line: &str) -> Option<Asleep> {
    let mut words = line.split_whitespace();
    let number: i64 = words.next()?.parse().ok()?;
    if number < 0 {
        return None;
    }
    let hex = |word: &str| u64::from_str_radix(word.trim_start_matches("0x"), 16).ok();
    let args: Vec<u64> = words.filter_map(hex).take(6).collect();
    let call = Syscall::numbered(number);
    let place = |param| call.and_then(|call| call.place(param));
    let arg = |param| args.get(place(param)?).copied();
    // The upper half of a register says nothing of an int.
    let fd = |param| arg(param).map(|value| value as u32 as i32);
    let watching = if let Some(epoll) = fd(Param::EpollFd) {
        Fact::from_io(Source::Proc, watched(pid, epoll))
    } else if let (Some(at), Some(count)) = (arg(Param::PollFds), arg(Param::PollCount)) {
        Fact::from_io(Source::Proc, polled(pid, at, count as usize))
    } else if let (Some(first), Some(count)) = (place(Param::FdSet), arg(Param::SetCount)) {
        let sets = args.get(first..first + 3).unwrap_or_default();
        Fact::from_io(Source::Proc, selected(pid, sets, count as usize))
    } else {
        Fact::None
    };
    Some(Asleep {
        number,
        call,
        fd: fd(Param::Fd).or(fd(Param::EpollFd)),
        watching,
    })
}

/// The descriptors that an epoll watches: the `tfd:` lines of its fdinfo.
fn watched(pid: u32, epoll: i32) -> io::Result<Vec<i32>> {
    let info = fd_info(pid, epoll)?;
    let fds = info.lines().filter_map(|line| {
        let rest = line.strip_prefix("tfd:")?;
        rest.split_whitespace().next()?.parse().ok()
    });
    let mut fds: Vec<i32> = fds.collect();
    fds.sort_unstable();
    Ok(fds)
}

/// The descriptors in an array of struct pollfd: poll(2). One below 0 is left out there.
fn polled(pid: u32, at: u64, count: usize) -> io::Result<Vec<i32>> {
    let bytes = memory(pid, at, count.min(MOST) * size_of::<libc::pollfd>())?;
    let fds = bytes.chunks_exact(size_of::<libc::pollfd>());
    let fds = fds.filter_map(|entry| Some(i32::from_ne_bytes(entry.get(..4)?.try_into().ok()?)));
    Ok(fds.filter(|&fd| fd >= 0).collect())
}

/// The descriptors that stand in one of the sets of select(2), a bit each.
fn selected(pid: u32, sets: &[u64], count: usize) -> io::Result<Vec<i32>> {
    let count = count.min(MOST);
    let mut is_in = vec![false; count];
    for &set in sets.iter().filter(|&&set| set != 0) {
        let words = memory(pid, set, count.div_ceil(64) * size_of::<u64>())?;
        let words = words.chunks_exact(size_of::<u64>());
        let words = words.filter_map(|word| Some(u64::from_ne_bytes(word.try_into().ok()?)));
        for (at, word) in words.enumerate() {
            for bit in (0..64).filter(|bit| word >> bit & 1 == 1) {
                if let Some(seen) = is_in.get_mut(at * 64 + bit) {
                    *seen = true;
                }
            }
        }
    }
    Ok((0i32..)
        .zip(is_in)
        .filter_map(|(fd, seen)| seen.then_some(fd))
        .collect())
}

/// So many bytes of a process's memory, which it goes on using: /proc/PID/mem.
fn memory(pid: u32, at: u64, len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; len];
    File::open(format!("/proc/{pid}/mem"))?.read_exact_at(&mut bytes, at)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_syscall_is_a_call_on_a_descriptor() {
        let line = format!(
            "{} 0x3 0x0 0x0 0x0 0x0 0x0 0x7ffe 0x7f1c\n",
            libc::SYS_accept4
        );
        let seen = asleep(0, &line).unwrap();
        assert_eq!(seen.call.unwrap().name, "accept4");
        assert!(seen.waits_for(3) && !seen.waits_for(4));
        assert_eq!(asleep(0, "running\n"), None);
        assert_eq!(asleep(0, "-1 0x7ffe 0x7f1c\n"), None);
        assert_eq!(asleep(0, ""), None);
        let unknown = asleep(0, "99999 0x3\n").unwrap();
        assert_eq!((unknown.call, unknown.fd), (None, None));
    }
}
