//! The domains and types that a line and a track can name.

use clap::ValueEnum;
use serde::Deserialize;

use crate::model::{Domain, Kind};

/// An address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DomainWord {
    Unix,
    Inet,
    Inet6,
    /// That of the walk's address. Only in a line.
    #[value(name = "{domain}")]
    #[serde(skip)]
    OfWalk,
}

impl DomainWord {
    /// The family, where `walk` is that of the walk's address.
    pub fn domain(self, walk: Domain) -> Domain {
        match self {
            DomainWord::Unix => Domain::Unix,
            DomainWord::Inet => Domain::Inet,
            DomainWord::Inet6 => Domain::Inet6,
            DomainWord::OfWalk => walk,
        }
    }
}

/// A type of socket.
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
