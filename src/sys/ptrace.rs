//! Watching the system calls of another process: ptrace(2), waitpid(2),
//! process_vm_readv(2).

use std::io;
use std::mem::MaybeUninit;

use super::check::check;

/// The type of a request, which C libraries disagree about.
#[cfg(target_env = "musl")]
type Request = libc::c_int;
#[cfg(not(target_env = "musl"))]
type Request = libc::c_uint;

/// linux/ptrace.h, of which libc has not everything everywhere.
const PTRACE_GET_SYSCALL_INFO: Request = 0x420e;
const INFO_ENTRY: u8 = 1;
const INFO_EXIT: u8 = 2;
const INFO_SECCOMP: u8 = 3;

/// How calls are told apart from signals, which events stop a thread, and that a program
/// started here ends with its tracer: without one its filtered calls would fail.
const FOLLOW: libc::c_int = libc::PTRACE_O_TRACESYSGOOD
    | libc::PTRACE_O_TRACEFORK
    | libc::PTRACE_O_TRACEVFORK
    | libc::PTRACE_O_TRACECLONE
    | libc::PTRACE_O_TRACEEXEC;

/// Why a thread is stopped, or how it has ended: what waitpid(2) says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// A call begins that the filter names, or of an unfiltered thread begins or ends.
    Seccomp,
    Syscall,
    /// A thread was made by fork(2), vfork(2) or clone(2): its number.
    Made(u32),
    /// It runs another program now. Before, this was the thread of that number.
    Exec(u32),
    /// A signal is about to be delivered.
    Signal(i32),
    /// It has stopped as a whole process does: signal(7).
    Group(i32),
    /// It has begun to be traced, or was continued while stopped.
    Trap,
    /// It is gone, with the status of wait(2).
    Gone(i32),
}

/// What happens in a system call at a stop: PTRACE_GET_SYSCALL_INFO, Linux 5.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inside {
    /// It begins, with these arguments.
    Begins { number: i64, args: [u64; 6] },
    /// It has returned that; a failure has the negative error number.
    Ends { value: i64, is_error: bool },
    /// It is in no call.
    Nothing,
}

/// Begins to trace a thread without stopping it. `filtered`: it is one of our own, whose
/// filter says which calls stop it.
pub(crate) fn seize(tid: u32, filtered: bool) -> io::Result<()> {
    let own = libc::PTRACE_O_TRACESECCOMP | libc::PTRACE_O_EXITKILL;
    let options = if filtered { FOLLOW | own } else { FOLLOW };
    request(libc::PTRACE_SEIZE, tid, options as usize)
}

/// The threads of a process: /proc/PID/task.
pub(crate) fn threads_of(pid: u32) -> io::Result<Vec<u32>> {
    let found = std::fs::read_dir(format!("/proc/{pid}/task"))?;
    let tids = found.flatten();
    Ok(tids
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect())
}

/// Stops a running thread, which then reports [`Stop::Trap`].
pub(crate) fn interrupt(tid: u32) -> io::Result<()> {
    request(libc::PTRACE_INTERRUPT, tid, 0)
}

/// Lets a stopped thread go on, with that signal or 0. `to_call`: it stops again where a
/// call begins or ends.
pub(crate) fn resume(tid: u32, to_call: bool, signal: i32) -> io::Result<()> {
    let how = if to_call {
        libc::PTRACE_SYSCALL
    } else {
        libc::PTRACE_CONT
    };
    request(how, tid, signal as usize)
}

/// Leaves a thread in its group stop, until its process is continued.
pub(crate) fn listen(tid: u32) -> io::Result<()> {
    request(libc::PTRACE_LISTEN, tid, 0)
}

/// Lets a stopped thread go for good, with that signal or 0.
pub(crate) fn detach(tid: u32, signal: i32) -> io::Result<()> {
    request(libc::PTRACE_DETACH, tid, signal as usize)
}

/// What the stopped thread is inside of.
pub(crate) fn inside(tid: u32) -> io::Result<Inside> {
    // struct ptrace_syscall_info: the kind in the first byte, and from the fourth word on
    // either the number and six arguments, or the value and whether it is an error.
    let mut info = [0u64; 11];
    // SAFETY: the kernel writes at most the size passed to `info`, which is live.
    check(unsafe {
        libc::ptrace(
            PTRACE_GET_SYSCALL_INFO,
            tid,
            size_of_val(&info),
            info.as_mut_ptr(),
        )
    })?;
    let kind = info[0].to_ne_bytes()[0];
    Ok(match kind {
        INFO_ENTRY | INFO_SECCOMP => Inside::Begins {
            number: info[3].cast_signed(),
            args: [info[4], info[5], info[6], info[7], info[8], info[9]],
        },
        INFO_EXIT => Inside::Ends {
            value: info[3].cast_signed(),
            is_error: info[4].to_ne_bytes()[0] != 0,
        },
        _ => Inside::Nothing,
    })
}

/// The next thread that has stopped or ended, if any has: waitpid(2) without waiting.
/// ECHILD says that there is none left. (nix's fails on real-time signals.)
pub(crate) fn next_stop() -> io::Result<Option<(u32, Stop)>> {
    let mut status = 0;
    // SAFETY: `status` is a live int.
    let tid = check(unsafe { libc::waitpid(-1, &mut status, libc::__WALL | libc::WNOHANG) })?;
    if tid == 0 {
        return Ok(None);
    }
    let tid = tid.cast_unsigned();
    Ok(Some((tid, stop_of(tid, status))))
}

fn stop_of(tid: u32, status: i32) -> Stop {
    if !libc::WIFSTOPPED(status) {
        return Stop::Gone(status);
    }
    let signal = libc::WSTOPSIG(status);
    // A thread killed meanwhile tells no number, and soon that it is gone.
    let told = || event_message(tid).unwrap_or(0);
    match status >> 16 {
        0 if signal == libc::SIGTRAP | 0x80 => Stop::Syscall,
        0 => Stop::Signal(signal),
        libc::PTRACE_EVENT_SECCOMP => Stop::Seccomp,
        libc::PTRACE_EVENT_FORK | libc::PTRACE_EVENT_VFORK | libc::PTRACE_EVENT_CLONE => {
            Stop::Made(told())
        }
        libc::PTRACE_EVENT_EXEC => Stop::Exec(told()),
        libc::PTRACE_EVENT_STOP if signal != libc::SIGTRAP => Stop::Group(signal),
        _ => Stop::Trap,
    }
}

fn event_message(tid: u32) -> io::Result<u32> {
    let mut message: libc::c_ulong = 0;
    // SAFETY: the kernel writes one unsigned long to `message`, which is live.
    check(unsafe { libc::ptrace(libc::PTRACE_GETEVENTMSG, tid, 0, &raw mut message) })?;
    Ok(message as u32)
}

/// Copies memory of a stopped thread: as many bytes as could be read from `address` on.
pub(crate) fn read_memory(tid: u32, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let local = libc::iovec {
        iov_base: buffer.as_mut_ptr().cast(),
        iov_len: buffer.len(),
    };
    let remote = libc::iovec {
        iov_base: std::ptr::without_provenance_mut(address as usize),
        iov_len: buffer.len(),
    };
    // SAFETY: `local` describes `buffer`, which is live and writable; the other address
    // is of the other process and is checked by the kernel.
    let read = unsafe { libc::process_vm_readv(tid.cast_signed(), &local, 1, &remote, 1, 0) };
    Ok(check(read)?.cast_unsigned())
}

fn request(what: Request, tid: u32, data: usize) -> io::Result<()> {
    // SAFETY: none of these requests touches memory of this process: their data is a
    // number.
    check(unsafe { libc::ptrace(what, tid, 0usize, data) })?;
    Ok(())
}

/// The CPUs that a thread may run on: sched_setaffinity(2).
pub(crate) struct Cpus(libc::cpu_set_t);

impl Cpus {
    /// Those of a thread; 0 is the calling one.
    pub(crate) fn of(tid: u32) -> io::Result<Cpus> {
        let mut set = MaybeUninit::<libc::cpu_set_t>::zeroed();
        let size = size_of::<libc::cpu_set_t>();
        // SAFETY: `set` is live and of the size passed; all bits zero is a valid set, and
        // so is what the kernel makes of it.
        unsafe {
            let pid = tid.cast_signed();
            check(libc::sched_getaffinity(pid, size, set.as_mut_ptr()))?;
            Ok(Cpus(set.assume_init()))
        }
    }

    /// The one that this thread runs on now.
    pub(crate) fn here() -> io::Result<Cpus> {
        // SAFETY: takes nothing.
        let cpu = check(unsafe { libc::sched_getcpu() })?;
        let mut set = MaybeUninit::<libc::cpu_set_t>::zeroed();
        // SAFETY: all bits zero is a valid set; CPU_SET checks that the bit is in it.
        unsafe {
            libc::CPU_SET(cpu as usize, set.assume_init_mut());
            Ok(Cpus(set.assume_init()))
        }
    }

    /// Lets a thread run on these only; 0 is the calling one.
    pub(crate) fn allow(&self, tid: u32) -> io::Result<()> {
        let size = size_of::<libc::cpu_set_t>();
        // SAFETY: the set is live and of the size passed.
        check(unsafe { libc::sched_setaffinity(tid.cast_signed(), size, &self.0) })?;
        Ok(())
    }
}
