//! The table of system calls. A row serves the verbs of the script, the process
//! that makes the call, its description, and the check whether somebody sleeps in it.

/// What an argument of a call is: how a script gives it and how it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param {
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
    /// Of wait4(2).
    Pid,
    StatusOut,
    WaitOptions,
    UsageOut,
    ExitCode,
    /// The folder that a path of unlinkat(2) begins in, the path, and its flags.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(dead_code, reason = "x86_64 has unlink(2)")
    )]
    Folder,
    Path,
    #[cfg_attr(
        target_arch = "x86_64",
        expect(dead_code, reason = "x86_64 has unlink(2)")
    )]
    PathFlags,
    /// What fork(3) of the C library passes to clone(2).
    ChildStack,
    CloneFlags,
    ChildTid,
}

impl Param {
    /// What strace prints before the argument: `flags=`. Only clone(2) has such.
    pub fn label(self) -> &'static str {
        match self {
            Param::ChildStack => "child_stack=",
            Param::CloneFlags => "flags=",
            Param::ChildTid => "child_tidptr=",
            _ => "",
        }
    }
}

/// What a call makes that a script can name afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Makes {
    Nothing,
    /// A descriptor, which it returns.
    Descriptor,
    /// A process, whose id it returns.
    Process,
}

/// A system call.
#[derive(Debug, PartialEq, Eq)]
pub struct Syscall {
    /// The kernel's name for it, which is what strace prints.
    pub name: &'static str,
    /// The name that people call it by, where the C library's function of that name
    /// makes another call: fork(2) makes clone(2), _exit(2) exit_group(2).
    pub book_name: &'static str,
    /// Its number on this architecture, as /proc/PID/syscall shows it.
    pub number: i64,
    pub params: &'static [Param],
    pub makes: Makes,
    /// It may sleep until something comes from outside.
    pub blocks: bool,
}

impl Syscall {
    /// The call of that name, the kernel's or a book's.
    pub fn named(name: &str) -> Option<&'static Syscall> {
        CALLS
            .iter()
            .find(|call| call.name == name || call.book_name == name)
    }

    /// The place of an argument.
    pub fn place(&self, param: Param) -> Option<usize> {
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
}

#[allow(
    clippy::unnecessary_cast,
    reason = "libc's c_long has 32 bits elsewhere"
)]
const fn call(name: &'static str, number: libc::c_long, params: &'static [Param]) -> Syscall {
    Syscall {
        name,
        book_name: name,
        number: number as i64,
        params,
        makes: Makes::Nothing,
        blocks: false,
    }
}

/// The calls that a lesson can make.
pub static CALLS: &[Syscall] = {
    use Makes::{Descriptor, Process};
    use Param::*;
    &[
        call("socket", libc::SYS_socket, &[Domain, Type, Protocol]).making(Descriptor),
        call(
            "setsockopt",
            libc::SYS_setsockopt,
            &[Fd, Level, Option, Value, ValueLen],
        ),
        call(
            "getsockopt",
            libc::SYS_getsockopt,
            &[Fd, Level, Option, ValueOut, ValueOutLen],
        ),
        call("bind", libc::SYS_bind, &[Fd, Address, AddressLen]),
        call("listen", libc::SYS_listen, &[Fd, Backlog]),
        call("accept", libc::SYS_accept, &[Fd, AddressOut, AddressOutLen])
            .making(Descriptor)
            .blocking(),
        call("connect", libc::SYS_connect, &[Fd, Address, AddressLen]).blocking(),
        call(
            "recvfrom",
            libc::SYS_recvfrom,
            &[Fd, BytesOut, Max, Flags, AddressOut, AddressOutLen],
        )
        .blocking(),
        call(
            "sendto",
            libc::SYS_sendto,
            &[Fd, Bytes, BytesLen, Flags, Address, AddressLen],
        )
        .blocking(),
        call(
            "getsockname",
            libc::SYS_getsockname,
            &[Fd, AddressOut, AddressOutLen],
        ),
        call("shutdown", libc::SYS_shutdown, &[Fd, Direction]),
        call("close", libc::SYS_close, &[Fd]),
        call("fcntl", libc::SYS_fcntl, &[Fd, Command, FileFlags]),
        call("poll", POLL, &[PollFds, PollCount, Timeout]).blocking(),
        FORK.called("fork").making(Process),
        call(
            "wait4",
            libc::SYS_wait4,
            &[Pid, StatusOut, WaitOptions, UsageOut],
        )
        .blocking(),
        call("exit_group", libc::SYS_exit_group, &[ExitCode]).called("exit"),
        UNLINK,
    ]
};

/// The call that the C library's fork(2) makes: clone(2), but for musl where the
/// kernel still has a call of that name.
const FORK: Syscall = if cfg!(all(target_env = "musl", target_arch = "x86_64")) {
    // The number of fork(2) there: `SYS_fork` is not defined elsewhere.
    call("fork", 57, &[])
} else if cfg!(target_env = "musl") {
    call(
        "clone",
        libc::SYS_clone,
        &[Param::ChildStack, Param::CloneFlags],
    )
} else {
    call(
        "clone",
        libc::SYS_clone,
        &[Param::ChildStack, Param::CloneFlags, Param::ChildTid],
    )
};

/// Newer architectures have no unlink(2): the C library's function makes unlinkat(2).
#[cfg(target_arch = "x86_64")]
const UNLINK: Syscall = call("unlink", libc::SYS_unlink, &[Param::Path]);
#[cfg(not(target_arch = "x86_64"))]
const UNLINK: Syscall = call(
    "unlinkat",
    libc::SYS_unlinkat,
    &[Param::Folder, Param::Path, Param::PathFlags],
)
.called("unlink");

/// What poll(2) of the C library is: ppoll(2) on the architectures that came after
/// it. strace and socklab then differ in the name.
#[cfg(any(
    target_arch = "x86_64",
    target_arch = "s390x",
    target_arch = "powerpc64"
))]
const POLL: libc::c_long = libc::SYS_poll;
#[cfg(not(any(
    target_arch = "x86_64",
    target_arch = "s390x",
    target_arch = "powerpc64"
)))]
const POLL: libc::c_long = libc::SYS_ppoll;
