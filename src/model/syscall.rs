//! The table of system calls. A row serves the verbs of the script, the process
//! that makes the call, its description, and the check whether somebody sleeps in it.
// Long because: it is one table, and a row is found where one looks for it.

/// What an argument of a call is: how a script gives it and how it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Param {
    Fd,
    /// Of socket(2): address family, type, protocol.
    Domain,
    Type,
    Protocol,
    /// A socket address that is passed, and its length.
    Address,
    AddressLen,
    /// A socket address that the kernel fills in, and its length.
    AddressOut,
    AddressOutLen,
    Backlog,
    /// Bytes that are passed, and how many.
    Bytes,
    BytesLen,
    /// A buffer that the kernel fills, and its size.
    BytesOut,
    Max,
    /// `MSG_*` of send(2) and recv(2).
    Flags,
    /// Of setsockopt(2) and getsockopt(2).
    Level,
    Option,
    Value,
    ValueLen,
    ValueOut,
    ValueOutLen,
    /// `SHUT_*`
    Direction,
    /// Of fcntl(2): the command and the file status flags.
    Command,
    FileFlags,
    /// Of poll(2): struct pollfd[], how many, milliseconds.
    PollFds,
    PollCount,
    Timeout,
    /// Of epoll_wait(2): the epoll descriptor, which watches others.
    EpollFd,
    /// Of select(2): one more than the highest descriptor, and three sets of them.
    SetCount,
    FdSet,
    /// Of wait4(2).
    Pid,
    StatusOut,
    WaitOptions,
    UsageOut,
    ExitCode,
    /// The folder that a path of unlinkat(2) begins in, the path, and its flags.
    Folder,
    Path,
    #[cfg_attr(
        any(target_arch = "x86_64", target_arch = "x86", target_arch = "arm"),
        expect(dead_code, reason = "these have unlink(2)")
    )]
    PathFlags,
    /// What fork(3) of the C library passes to clone(2).
    ChildStack,
    CloneFlags,
    ParentTid,
    Tls,
    ChildTid,
    /// struct clone_args of clone3(2), and its size.
    CloneArgs,
    Number,
    Size,
    /// Of socketpair(2).
    Pair,
    /// `SOCK_*` of accept4(2), `O_*` of dup3(2).
    MakeFlags,
    DupFlags,
    /// struct msghdr of sendmsg(2), struct mmsghdr[] of sendmmsg(2).
    Message,
    MessageOut,
    Messages,
    MessagesOut,
    /// struct iovec[].
    Vector,
    VectorOut,
    /// Of ioctl(2).
    Request,
    RequestValue,
    /// struct timespec and struct timeval that a wait lasts at the most.
    Time,
    #[cfg_attr(
        not(target_arch = "x86_64"),
        expect(dead_code, reason = "only x86_64 has select(2)")
    )]
    TimeVal,
    /// A signal mask; with its size in a structure of pselect6(2).
    Mask,
    MaskAndSize,
    /// Of epoll_create1(2), epoll_ctl(2) and epoll_wait(2).
    EpollFlags,
    EpollOperation,
    EpollEvent,
    EpollEvents,
    Offset,
    SpliceFlags,
    /// Of execve(2) and execveat(2).
    Words,
    Environment,
    ExecFlags,
    /// Of kill(2).
    Signal,
    /// Of close_range(2).
    RangeFlags,
    Operation,
    /// Of openat(2).
    OpenFlags,
    /// Of rt_sigaction(2): struct sigaction, and the former one.
    Action,
    OldAction,
    /// Of getaddrinfo(3): a name, what is wanted, and what there is.
    Host,
    Hints,
    Addresses,
}

impl Param {
    /// What strace prints before the argument: `flags=`. Only clone(2) has such.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Param::ChildStack => "child_stack=",
            Param::CloneFlags => "flags=",
            Param::ParentTid => "parent_tid=",
            Param::Tls => "tls=",
            Param::ChildTid => "child_tidptr=",
            _ => "",
        }
    }
}

/// What a call makes that a script can name afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Makes {
    Nothing,
    /// A descriptor, which it returns.
    Descriptor,
    /// A process, whose id it returns.
    Process,
}

/// A system call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Syscall {
    /// The kernel's name for it, which is what strace prints.
    pub name: &'static str,
    /// The name that people call it by, where the C library's function of that name
    /// makes another call: fork(2) makes clone(2), _exit(2) exit_group(2).
    pub book_name: &'static str,
    /// Its numbers on this architecture, one of which /proc/PID/syscall shows: the C
    /// library may make it by another call.
    numbers: [i64; 2],
    pub params: &'static [Param],
    pub makes: Makes,
    /// It may sleep until something comes from outside.
    pub blocks: bool,
}

impl Syscall {
    /// The call of that name, the kernel's or a book's.
    pub(crate) fn named(name: &str) -> Option<&'static Syscall> {
        CALLS
            .iter()
            .find(|call| call.name == name || call.book_name == name)
    }

    /// The call of that number. Of two that have it, the kernel's own name is the later's.
    pub(crate) fn numbered(number: i64) -> Option<&'static Syscall> {
        let all = CALLS.iter().rev().chain(SLEEPS);
        let mut all = all.filter(|call| call.has_number(number));
        let first = all.next()?;
        let exact = |call: &&Syscall| call.number() == number;
        Some(
            Some(first)
                .filter(exact)
                .or(all.find(exact))
                .unwrap_or(first),
        )
    }

    /// Its number, by which it is filtered.
    pub(crate) fn number(&self) -> i64 {
        self.numbers[0]
    }

    /// True if it is this number that the kernel shows of a process in this call.
    pub(crate) fn has_number(&self, number: i64) -> bool {
        self.numbers.contains(&number)
    }

    /// The place of an argument.
    pub(crate) fn place(&self, param: Param) -> Option<usize> {
        self.params.iter().position(|known| *known == param)
    }

    const fn called(self, book_name: &'static str) -> Syscall {
        Syscall { book_name, ..self }
    }

    const fn making(self, makes: Makes) -> Syscall {
        Syscall { makes, ..self }
    }

    const fn blocking(self) -> Syscall {
        Syscall {
            blocks: true,
            ..self
        }
    }

    #[allow(dead_code, reason = "not every architecture needs it")]
    const fn or(self, number: libc::c_long) -> Syscall {
        Syscall {
            numbers: [self.numbers[0], wide(number)],
            ..self
        }
    }
}

#[allow(
    clippy::unnecessary_cast,
    reason = "libc's c_long has 32 bits elsewhere"
)]
const fn wide(number: libc::c_long) -> i64 {
    number as i64
}

const fn row(name: &'static str, number: libc::c_long, params: &'static [Param]) -> Syscall {
    Syscall {
        name,
        book_name: name,
        numbers: [wide(number); 2],
        params,
        makes: Makes::Nothing,
        blocks: false,
    }
}

/// A call about sockets. glibc makes it by socketcall(2) where the kernel had no others
/// before Linux 4.3.
const fn of_socket(name: &'static str, number: libc::c_long, params: &'static [Param]) -> Syscall {
    let made = row(name, number, params);
    #[cfg(any(target_arch = "x86", target_arch = "s390x"))]
    let made = made.or(libc::SYS_socketcall);
    // Without an address the C library's recv(2) and send(2) are calls of their own.
    #[cfg(target_arch = "arm")]
    let made = match number {
        libc::SYS_recvfrom => made.or(libc::SYS_recv),
        libc::SYS_sendto => made.or(libc::SYS_send),
        _ => made,
    };
    made
}

/// The calls that a lesson can make, and behind them the others that a program makes
/// with sockets.
#[rustfmt::skip]
pub(crate) static CALLS: &[Syscall] = {
    use Makes::{Descriptor, Process};
    use Param::*;
    &[
        of_socket("socket", libc::SYS_socket, &[Domain, Type, Protocol]).making(Descriptor),
        of_socket("setsockopt", libc::SYS_setsockopt, &[Fd, Level, Option, Value, ValueLen]),
        of_socket("getsockopt", libc::SYS_getsockopt, &[Fd, Level, Option, ValueOut, ValueOutLen]),
        of_socket("bind", libc::SYS_bind, &[Fd, Address, AddressLen]),
        of_socket("listen", libc::SYS_listen, &[Fd, Backlog]),
        of_socket("accept", ACCEPT, &[Fd, AddressOut, AddressOutLen]).making(Descriptor).blocking(),
        of_socket("connect", libc::SYS_connect, &[Fd, Address, AddressLen]).blocking(),
        of_socket("recvfrom", libc::SYS_recvfrom,
            &[Fd, BytesOut, Max, Flags, AddressOut, AddressOutLen]).blocking(),
        of_socket("sendto", libc::SYS_sendto,
            &[Fd, Bytes, BytesLen, Flags, Address, AddressLen]).blocking(),
        of_socket("getsockname", libc::SYS_getsockname, &[Fd, AddressOut, AddressOutLen]),
        of_socket("shutdown", libc::SYS_shutdown, &[Fd, Direction]),
        row("close", libc::SYS_close, &[Fd]),
        FCNTL.called("fcntl"),
        row("poll", POLL, &[PollFds, PollCount, Timeout]).blocking(),
        FORK.called("fork").making(Process),
        row("wait4", libc::SYS_wait4, &[Pid, StatusOut, WaitOptions, UsageOut]).blocking(),
        row("exit_group", libc::SYS_exit_group, &[ExitCode]).called("exit"),
        UNLINK,
        row("socketpair", libc::SYS_socketpair, &[Domain, Type, Protocol, Pair]),
        row("accept4", libc::SYS_accept4, &[Fd, AddressOut, AddressOutLen, MakeFlags])
            .making(Descriptor)
            .blocking(),
        row("getpeername", libc::SYS_getpeername, &[Fd, AddressOut, AddressOutLen]),
        row("sendmsg", libc::SYS_sendmsg, &[Fd, Message, Flags]).blocking(),
        row("recvmsg", libc::SYS_recvmsg, &[Fd, MessageOut, Flags]).blocking(),
        row("sendmmsg", libc::SYS_sendmmsg, &[Fd, Messages, Size, Flags]).blocking(),
        row("recvmmsg", libc::SYS_recvmmsg, &[Fd, MessagesOut, Size, Flags, Time]).blocking(),
        row("read", libc::SYS_read, &[Fd, BytesOut, Max]).blocking(),
        row("write", libc::SYS_write, &[Fd, Bytes, BytesLen]).blocking(),
        row("readv", libc::SYS_readv, &[Fd, VectorOut, Size]).blocking(),
        row("writev", libc::SYS_writev, &[Fd, Vector, Size]).blocking(),
        row("sendfile", libc::SYS_sendfile, &[Fd, Fd, Offset, Size]).blocking(),
        row("splice", libc::SYS_splice, &[Fd, Offset, Fd, Offset, Size, SpliceFlags]).blocking(),
        row("dup", libc::SYS_dup, &[Fd]).making(Descriptor),
        row("dup3", libc::SYS_dup3, &[Fd, Fd, DupFlags]).making(Descriptor),
        row("close_range", libc::SYS_close_range, &[Size, Size, RangeFlags]),
        row("ioctl", libc::SYS_ioctl, &[Fd, Request, RequestValue]),
        row("ppoll", libc::SYS_ppoll, &[PollFds, PollCount, Time, Mask, Size]).blocking(),
        row("pselect6", libc::SYS_pselect6, &[SetCount, FdSet, FdSet, FdSet, Time, MaskAndSize])
            .blocking(),
        row("epoll_create1", libc::SYS_epoll_create1, &[EpollFlags]),
        row("epoll_ctl", libc::SYS_epoll_ctl, &[Fd, EpollOperation, Fd, EpollEvent]),
        row("epoll_pwait", libc::SYS_epoll_pwait, &[EpollFd, EpollEvents, Number, Number, Mask, Size])
            .blocking(),
        row("epoll_pwait2", libc::SYS_epoll_pwait2, &[EpollFd, EpollEvents, Number, Time, Mask, Size])
            .blocking(),
        row("clone3", libc::SYS_clone3, &[CloneArgs, Size]).making(Process),
        row("execve", libc::SYS_execve, &[Path, Words, Environment]),
        row("execveat", libc::SYS_execveat, &[Folder, Path, Words, Environment, ExecFlags]),
        row("seccomp", libc::SYS_seccomp, &[Operation, Number]),
        row("prctl", libc::SYS_prctl, &[Operation, Number]),
        row("kill", libc::SYS_kill, &[Pid, Signal]),
        row("restart_syscall", libc::SYS_restart_syscall, &[]).blocking(),
        row("openat", libc::SYS_openat, &[Folder, Path, OpenFlags]).making(Descriptor),
        row("rt_sigaction", libc::SYS_rt_sigaction, &[Signal, Action, OldAction, Size]),
        // No system call, but many of the C library's.
        row("getaddrinfo", NO_CALL, &[Host, Hints, Addresses]),
        #[cfg(target_arch = "x86_64")]
        row("dup2", libc::SYS_dup2, &[Fd, Fd]).making(Descriptor),
        #[cfg(target_arch = "x86_64")]
        row("select", libc::SYS_select, &[SetCount, FdSet, FdSet, FdSet, TimeVal]).blocking(),
        #[cfg(target_arch = "x86_64")]
        row("epoll_create", libc::SYS_epoll_create, &[Number]),
        #[cfg(target_arch = "x86_64")]
        row("epoll_wait", libc::SYS_epoll_wait, &[EpollFd, EpollEvents, Number, Number]).blocking(),
        #[cfg(target_arch = "x86_64")]
        row("fork", libc::SYS_fork, &[]).making(Process),
        #[cfg(target_arch = "x86_64")]
        row("vfork", libc::SYS_vfork, &[]).making(Process),
    ]
};

/// The number of what is no system call.
const NO_CALL: libc::c_long = libc::c_long::MIN;

/// Calls that have to do with no socket, in which a thread can be seen asleep.
static SLEEPS: &[Syscall] = &[
    row("futex", libc::SYS_futex, &[]).blocking(),
    row("nanosleep", libc::SYS_nanosleep, &[]).blocking(),
    row("clock_nanosleep", libc::SYS_clock_nanosleep, &[]).blocking(),
    row("waitid", libc::SYS_waitid, &[]).blocking(),
    row("rt_sigtimedwait", libc::SYS_rt_sigtimedwait, &[]).blocking(),
    row("rt_sigsuspend", libc::SYS_rt_sigsuspend, &[]).blocking(),
    row("io_uring_enter", libc::SYS_io_uring_enter, &[Param::Fd]).blocking(),
    #[cfg(target_arch = "x86_64")]
    row("pause", libc::SYS_pause, &[]).blocking(),
];

/// The call that the C library's fork(2) makes: clone(2), but for musl where the
/// kernel still has a call of that name.
const FORK: Syscall = if cfg!(all(target_env = "musl", target_arch = "x86_64")) {
    // The number of fork(2) there: `SYS_fork` is not defined elsewhere.
    row("fork", 57, &[])
} else {
    row("clone", libc::SYS_clone, CLONE_PARAMS)
};
/// In the order in which strace prints them.
const CLONE_PARAMS: &[Param] = {
    use Param::*;
    &[ChildStack, CloneFlags, ParentTid, Tls, ChildTid]
};

/// These kernels have accept(2) only as a part of socketcall(2).
#[cfg(any(target_arch = "x86", target_arch = "s390x"))]
const ACCEPT: libc::c_long = libc::SYS_accept4;
#[cfg(not(any(target_arch = "x86", target_arch = "s390x")))]
const ACCEPT: libc::c_long = libc::SYS_accept;

/// Where files can be larger than a pointer reaches, fcntl(2) comes with 64 bits.
#[cfg(any(target_arch = "x86", target_arch = "arm"))]
const FCNTL: Syscall = row("fcntl64", libc::SYS_fcntl64, FCNTL_PARAMS);
#[cfg(not(any(target_arch = "x86", target_arch = "arm")))]
const FCNTL: Syscall = row("fcntl", libc::SYS_fcntl, FCNTL_PARAMS);
const FCNTL_PARAMS: &[Param] = &[Param::Fd, Param::Command, Param::FileFlags];

/// The architectures that came last have no unlink(2) and no poll(2): the C library's
/// functions make unlinkat(2) and ppoll(2). strace prints ppoll there, and we poll.
#[cfg(any(
    target_arch = "aarch64",
    target_arch = "riscv64",
    target_arch = "riscv32",
    target_arch = "loongarch64"
))]
mod late {
    use super::{Param, Syscall, row};

    pub(super) const UNLINK: Syscall = row(
        "unlinkat",
        libc::SYS_unlinkat,
        &[Param::Folder, Param::Path, Param::PathFlags],
    )
    .called("unlink");
    pub(super) const POLL: libc::c_long = libc::SYS_ppoll;
}
#[cfg(not(any(
    target_arch = "aarch64",
    target_arch = "riscv64",
    target_arch = "riscv32",
    target_arch = "loongarch64"
)))]
mod late {
    use super::{Param, Syscall, row};

    pub(super) const UNLINK: Syscall = row("unlink", libc::SYS_unlink, &[Param::Path]);
    pub(super) const POLL: libc::c_long = libc::SYS_poll;
}
use late::{POLL, UNLINK};
