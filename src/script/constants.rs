//! The words of the script that stand for one constant: options, directions.

use libc::c_int;

/// A constant of the C library and its name, as strace prints it.
pub type Constant = (c_int, &'static str);

macro_rules! constant {
    ($name:ident) => {
        (libc::$name, stringify!($name))
    };
}

/// An option of a socket: socket(7), tcp(7), ipv6(7), unix(7).
#[derive(Debug, PartialEq, Eq)]
pub struct SockOpt {
    pub word: &'static str,
    pub level: Constant,
    pub name: Constant,
}

macro_rules! option {
    ($word:literal, $level:ident, $name:ident) => {
        SockOpt {
            word: $word,
            level: constant!($level),
            name: constant!($name),
        }
    };
}

/// The options that a line can switch on or off.
pub static SWITCHES: &[SockOpt] = &[
    option!("reuseaddr", SOL_SOCKET, SO_REUSEADDR),
    option!("keepalive", SOL_SOCKET, SO_KEEPALIVE),
    option!("nodelay", SOL_TCP, TCP_NODELAY),
    option!("v6only", SOL_IPV6, IPV6_V6ONLY),
];

/// The options that a line can read.
pub static READINGS: &[SockOpt] = &[option!("peercred", SOL_SOCKET, SO_PEERCRED)];

/// A direction of a connection that shutdown(2) closes: its word and its constant.
pub type Direction = (&'static str, Constant);

/// The directions.
pub static DIRECTIONS: &[Direction] = &[
    ("read", constant!(SHUT_RD)),
    ("write", constant!(SHUT_WR)),
    ("both", constant!(SHUT_RDWR)),
];
