use std::str::FromStr;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::model::{Address, Domain, Kind};

/// Where a sendto goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Back to who sent the last datagram received on the socket.
    Sender,
    Address(Address),
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Destination, String> {
        match text {
            "sender" => Ok(Destination::Sender),
            address => address.parse().map(Destination::Address),
        }
    }
}

/// The options an action can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum ReadOption {
    /// SO_PEERCRED of unix(7)
    Peercred,
}

/// The domains an action and a track can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DomainWord {
    Unix,
    Inet,
    Inet6,
}

impl From<DomainWord> for Domain {
    fn from(word: DomainWord) -> Domain {
        match word {
            DomainWord::Unix => Domain::Unix,
            DomainWord::Inet => Domain::Inet,
            DomainWord::Inet6 => Domain::Inet6,
        }
    }
}

/// The types an action and a track can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KindWord {
    Stream,
    Dgram,
}

impl From<KindWord> for Kind {
    fn from(word: KindWord) -> Kind {
        match word {
            KindWord::Stream => Kind::Stream,
            KindWord::Dgram => Kind::Dgram,
        }
    }
}

/// The options of socket(7), tcp(7) and ipv6(7) that an action can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum SocketOption {
    /// SO_REUSEADDR
    Reuseaddr,
    /// SO_KEEPALIVE
    Keepalive,
    /// TCP_NODELAY
    Nodelay,
    /// IPV6_V6ONLY
    V6only,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

/// Which direction shutdown(2) closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum ShutdownHow {
    /// SHUT_RD
    Read,
    /// SHUT_WR
    Write,
    /// SHUT_RDWR
    Both,
}
