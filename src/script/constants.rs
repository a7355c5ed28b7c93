//! The words of the script that stand for constants: flags, directions, signals.

use libc::c_int;

use crate::model::Kind;

/// A constant of the C library and its name, as strace prints it.
pub(super) type Constant = (c_int, &'static str);

macro_rules! constant {
    ($name:ident) => {
        (libc::$name, stringify!($name))
    };
}
pub(super) use constant;

/// A word of the script for a flag, and the constant.
pub(super) type Flag = (&'static str, Constant);

/// Of a new descriptor: socket(2), in strace's order.
pub(super) static MAKE_FLAGS: &[Flag] = &[
    ("--cloexec", constant!(SOCK_CLOEXEC)),
    ("--nonblock", constant!(SOCK_NONBLOCK)),
];

/// Of recv(2), in strace's order.
pub(super) static RECV_FLAGS: &[Flag] = &[
    ("--oob", constant!(MSG_OOB)),
    ("--peek", constant!(MSG_PEEK)),
    ("--trunc", constant!(MSG_TRUNC)),
    ("--dontwait", constant!(MSG_DONTWAIT)),
    ("--waitall", constant!(MSG_WAITALL)),
];

/// Of send(2), in strace's order.
pub(super) static SEND_FLAGS: &[Flag] = &[
    ("--oob", constant!(MSG_OOB)),
    ("--dontwait", constant!(MSG_DONTWAIT)),
    ("--nosignal", constant!(MSG_NOSIGNAL)),
    ("--more", constant!(MSG_MORE)),
];

/// What ioctl(2) is asked for: tcp(7), socket(7).
pub(super) static REQUESTS: &[(&str, libc::Ioctl, &str)] = &[
    ("nread", libc::FIONREAD, "FIONREAD"),
    ("outq", libc::TIOCOUTQ, "TIOCOUTQ"),
    ("atmark", 0x8905, "SIOCATMARK"),
];

/// The signals that kill(2) sends: signal(7).
pub(super) static SIGNALS: &[Flag] = &[
    ("STOP", constant!(SIGSTOP)),
    ("CONT", constant!(SIGCONT)),
    ("INT", constant!(SIGINT)),
    ("TERM", constant!(SIGTERM)),
    ("KILL", constant!(SIGKILL)),
    ("HUP", constant!(SIGHUP)),
    ("PIPE", constant!(SIGPIPE)),
    ("ALRM", constant!(SIGALRM)),
    ("CHLD", constant!(SIGCHLD)),
    ("URG", constant!(SIGURG)),
    ("IO", constant!(SIGIO)),
    ("USR1", constant!(SIGUSR1)),
    ("USR2", constant!(SIGUSR2)),
];

/// What a signal does to a process: the word, the handler, and the flags of
/// sigaction(2). A handler has no number that is known before.
pub(super) type Disposition = (&'static str, Option<Constant>, Option<Constant>);

/// The first one where none is said.
pub(super) static DISPOSITIONS: &[Disposition] = &[
    ("interrupt", None, None),
    ("restart", None, Some(constant!(SA_RESTART))),
    ("ignore", Some((libc::SIG_IGN as c_int, "SIG_IGN")), None),
    ("default", Some((libc::SIG_DFL as c_int, "SIG_DFL")), None),
];

/// The types of a socket, and whether it speaks ICMP: raw(7), icmp(7).
pub(super) static TYPES: &[(&str, Kind, bool)] = &[
    ("stream", Kind::Stream, false),
    ("dgram", Kind::Dgram, false),
    ("seqpacket", Kind::Seqpacket, false),
    ("raw", Kind::Raw, true),
    ("ping", Kind::Dgram, true),
];

/// What poll(2) waits for, in strace's order.
pub(super) static POLL_FLAGS: &[Flag] = &[
    ("--in", (libc::POLLIN as c_int, "POLLIN")),
    ("--pri", (libc::POLLPRI as c_int, "POLLPRI")),
    ("--out", (libc::POLLOUT as c_int, "POLLOUT")),
    ("--rdhup", (libc::POLLRDHUP as c_int, "POLLRDHUP")),
];

/// What epoll_ctl(2) does.
pub(super) static OPERATIONS: &[Flag] = &[
    ("add", constant!(EPOLL_CTL_ADD)),
    ("del", constant!(EPOLL_CTL_DEL)),
    ("mod", constant!(EPOLL_CTL_MOD)),
];

/// What epoll waits for: epoll_ctl(2), in strace's order.
pub(super) static EVENTS: &[Flag] = &[
    ("in", constant!(EPOLLIN)),
    ("pri", constant!(EPOLLPRI)),
    ("out", constant!(EPOLLOUT)),
    ("rdhup", constant!(EPOLLRDHUP)),
    ("oneshot", constant!(EPOLLONESHOT)),
    ("et", constant!(EPOLLET)),
];

/// A direction of a connection that shutdown(2) closes: its word and its constant.
pub(super) type Direction = (&'static str, Constant);

/// The directions.
pub(super) static DIRECTIONS: &[Direction] = &[
    ("read", constant!(SHUT_RD)),
    ("write", constant!(SHUT_WR)),
    ("both", constant!(SHUT_RDWR)),
];
