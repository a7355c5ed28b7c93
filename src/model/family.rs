//! What socket(2) is asked for: domain, type and protocol.

use serde::{Deserialize, Serialize};

/// The address domain of socket(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Domain {
    Unix,
    Inet,
    Inet6,
    Other(i32),
}

impl Domain {
    /// From SO_DOMAIN.
    pub fn from_kernel(number: i32) -> Domain {
        match number {
            1 => Domain::Unix,
            2 => Domain::Inet,
            10 => Domain::Inet6,
            other => Domain::Other(other),
        }
    }

    /// The kernel's `AF_` number (the same on every Linux architecture).
    pub fn number(self) -> i32 {
        match self {
            Domain::Unix => 1,
            Domain::Inet => 2,
            Domain::Inet6 => 10,
            Domain::Other(number) => number,
        }
    }

    /// The word of the action vocabulary and of the JSON.
    pub fn word(self) -> String {
        match self {
            Domain::Unix => "unix".into(),
            Domain::Inet => "inet".into(),
            Domain::Inet6 => "inet6".into(),
            Domain::Other(number) => number.to_string(),
        }
    }

    /// The constant as strace prints it; of AF_UNIX, AF_LOCAL is the older name.
    pub fn constant(self) -> String {
        match self {
            Domain::Unix => "AF_UNIX".into(),
            Domain::Inet => "AF_INET".into(),
            Domain::Inet6 => "AF_INET6".into(),
            Domain::Other(number) => number.to_string(),
        }
    }

    /// What a person calls it.
    pub fn label(self) -> String {
        match self {
            Domain::Unix => "Unix".into(),
            Domain::Inet => "IPv4".into(),
            Domain::Inet6 => "IPv6".into(),
            Domain::Other(number) => format!("domain {number}"),
        }
    }
}

/// The type of socket(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Stream,
    Dgram,
    Other(i32),
}

impl Kind {
    /// From SO_TYPE.
    pub fn from_kernel(number: i32) -> Kind {
        match number {
            1 => Kind::Stream,
            2 => Kind::Dgram,
            other => Kind::Other(other),
        }
    }

    /// The kernel's `SOCK_` number (x86 and ARM; MIPS swaps the two).
    pub fn number(self) -> i32 {
        match self {
            Kind::Stream => 1,
            Kind::Dgram => 2,
            Kind::Other(number) => number,
        }
    }

    /// The word of the action vocabulary and of the JSON.
    pub fn word(self) -> String {
        match self {
            Kind::Stream => "stream".into(),
            Kind::Dgram => "dgram".into(),
            Kind::Other(number) => number.to_string(),
        }
    }

    /// The constant as strace prints it.
    pub fn constant(self) -> String {
        match self {
            Kind::Stream => "SOCK_STREAM".into(),
            Kind::Dgram => "SOCK_DGRAM".into(),
            Kind::Other(number) => number.to_string(),
        }
    }

    /// What a person calls it.
    pub fn label(self) -> String {
        match self {
            Kind::Stream => "stream".into(),
            Kind::Dgram => "datagram".into(),
            Kind::Other(number) => format!("type {number}"),
        }
    }
}

/// The protocol the kernel chose: SO_PROTOCOL. A unix socket has none: 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    Tcp,
    Udp,
    Mptcp,
    Other(i32),
}

impl Protocol {
    /// From SO_PROTOCOL (IANA numbers; 262 is Linux's MPTCP).
    pub fn from_kernel(number: i32) -> Protocol {
        match number {
            6 => Protocol::Tcp,
            17 => Protocol::Udp,
            262 => Protocol::Mptcp,
            other => Protocol::Other(other),
        }
    }

    /// The word of the JSON.
    pub fn word(self) -> String {
        match self {
            Protocol::Tcp => "tcp".into(),
            Protocol::Udp => "udp".into(),
            Protocol::Mptcp => "mptcp".into(),
            Protocol::Other(number) => number.to_string(),
        }
    }
}
