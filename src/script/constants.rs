//! The words of the script that stand for one constant: options, directions.

use libc::c_int;

/// An option of a socket: socket(7), tcp(7), ipv6(7), unix(7).
#[derive(Debug, PartialEq, Eq)]
pub struct SockOpt {
    pub word: &'static str,
    pub level: (c_int, &'static str),
    pub name: (c_int, &'static str),
    /// It is on or off, and can be set. Others can be read.
    pub is_switch: bool,
}

impl SockOpt {
    /// The option that a line names so.
    pub fn named(word: &str) -> Option<&'static SockOpt> {
        OPTIONS.iter().find(|option| option.word == word)
    }
}

macro_rules! option {
    ($word:literal, $level:ident, $name:ident, $is_switch:literal) => {
        SockOpt {
            word: $word,
            level: (libc::$level, stringify!($level)),
            name: (libc::$name, stringify!($name)),
            is_switch: $is_switch,
        }
    };
}

/// The options that a line can name.
pub static OPTIONS: &[SockOpt] = &[
    option!("reuseaddr", SOL_SOCKET, SO_REUSEADDR, true),
    option!("keepalive", SOL_SOCKET, SO_KEEPALIVE, true),
    option!("nodelay", SOL_TCP, TCP_NODELAY, true),
    option!("v6only", SOL_IPV6, IPV6_V6ONLY, true),
    option!("peercred", SOL_SOCKET, SO_PEERCRED, false),
];

/// A direction of a connection that shutdown(2) closes: its word and its constant.
pub type Direction = (&'static str, c_int, &'static str);

/// The directions.
pub static DIRECTIONS: &[Direction] = &[
    ("read", libc::SHUT_RD, "SHUT_RD"),
    ("write", libc::SHUT_WR, "SHUT_WR"),
    ("both", libc::SHUT_RDWR, "SHUT_RDWR"),
];
