//! Facts of the machine: seen, not known, or not there.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Errno;
use super::words::words;

/// Where in the kernel a fact was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Source {
    /// getsockname(2)
    Getsockname,
    /// getpeername(2)
    Getpeername,
    /// getsockopt(2)
    Getsockopt,
    /// ioctl(2): SIOCINQ, SIOCOUTQ
    Ioctl,
    /// fcntl(2): F_GETFL
    Fcntl,
    /// sock_diag(7) over netlink
    SockDiag,
    /// proc(5)
    Proc,
    /// lstat(2)
    Lstat,
    /// pidfd_getfd(2): a duplicate of another process's descriptor
    Duplicate,
    /// packet(7): the packets themselves
    Packets,
}

// Names that a learner can look up in the manual.
words! { Source, name:
    Getsockname = "getsockname",
    Getpeername = "getpeername",
    Getsockopt = "getsockopt",
    Ioctl = "ioctl",
    Fcntl = "fcntl",
    SockDiag = "sock_diag",
    Proc = "/proc",
    Lstat = "lstat",
    Duplicate = "pidfd_getfd",
    Packets = "packet",
}

/// Why a fact could not be read. Behind a pointer: every fact has room for one, and few
/// have one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Why(Box<Reason>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Reason {
    /// What was asked.
    via: Source,
    /// What it answered.
    errno: Option<Errno>,
    /// What that means here, where the errno alone does not say it.
    note: Option<Cow<'static, str>>,
}

impl Why {
    /// What `via` answered, and what that means.
    pub(crate) fn new(via: Source, errno: Option<Errno>, note: Option<Cow<'static, str>>) -> Why {
        Why(Box::new(Reason { via, errno, note }))
    }

    /// The error that `via` answered with.
    pub(crate) fn error(via: Source, error: &std::io::Error) -> Why {
        let errno = error.raw_os_error().map(Errno);
        let note = errno.is_none().then(|| error.to_string().into());
        Why::new(via, errno, note)
    }

    /// Nobody has asked yet.
    pub(crate) fn not_asked(via: Source) -> Why {
        Why::note(via, "not asked")
    }

    /// A reason in words.
    pub(crate) fn note(via: Source, note: impl Into<Cow<'static, str>>) -> Why {
        Why::new(via, None, Some(note.into()))
    }

    /// The reason in words, where there are any.
    pub(crate) fn words(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// What was asked.
    pub(crate) fn via(&self) -> Source {
        self.0.via
    }
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.via.name())?;
        if let Some(errno) = self.0.errno {
            write!(f, ": {}", errno.name())?;
        }
        if let Some(note) = &self.0.note {
            write!(f, ": {note}")?;
        }
        Ok(())
    }
}

/// A fact of the machine. Never left out, never guessed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Fact<T> {
    /// There is no such thing here: it does not apply, or the kernel says that there
    /// is none.
    #[default]
    None,
    /// What the kernel said, and which interface said it.
    Seen(T, Source),
    /// What it would not say.
    Unknown(Why),
}

/// A dash where there is no such thing; that it is not available and why.
impl<T: std::fmt::Display> std::fmt::Display for Fact<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fact::Seen(value, _) => value.fmt(f),
            Fact::None => f.write_str("—"),
            Fact::Unknown(why) => write!(f, "not available ({why})"),
        }
    }
}

impl<T> Fact<T> {
    /// Turns an answer of the kernel into a fact or a refusal.
    pub(crate) fn from_io(via: Source, answer: std::io::Result<T>) -> Fact<T> {
        match answer {
            Ok(value) => Fact::Seen(value, via),
            Err(error) => Fact::Unknown(Why::error(via, &error)),
        }
    }

    /// What the kernel said, or that it said there is none.
    pub(crate) fn of_option(value: Option<T>, via: Source) -> Fact<T> {
        value.map_or(Fact::None, |value| Fact::Seen(value, via))
    }

    /// The value, if there is one and it is known.
    pub(crate) fn value(&self) -> Option<&T> {
        match self {
            Fact::Seen(value, _) => Some(value),
            Fact::None | Fact::Unknown(_) => None,
        }
    }

    /// The same fact, borrowed.
    pub(crate) fn as_ref(&self) -> Fact<&T> {
        match self {
            Fact::None => Fact::None,
            Fact::Seen(value, via) => Fact::Seen(value, *via),
            Fact::Unknown(why) => Fact::Unknown(why.clone()),
        }
    }

    /// The same fact, expressed otherwise.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Fact<U> {
        self.and_then(|value, via| Fact::Seen(change(value), via))
    }

    /// Do both say the same, whoever said it, or are both unknown?
    pub(crate) fn is_same(&self, other: &Fact<T>) -> bool
    where
        T: PartialEq,
    {
        match (self, other) {
            (Fact::Seen(one, _), Fact::Seen(other, _)) => one == other,
            (Fact::None, Fact::None) | (Fact::Unknown(_), Fact::Unknown(_)) => true,
            _ => false,
        }
    }

    /// What was known of it may be so no longer, and could not be read again.
    pub(crate) fn doubt(&mut self, why: &Why) {
        if let Fact::Seen(..) = self {
            *self = Fact::Unknown(why.clone());
        }
    }

    /// What follows from the value and its source, where there is one.
    pub(crate) fn and_then<U>(self, next: impl FnOnce(T, Source) -> Fact<U>) -> Fact<U> {
        match self {
            Fact::None => Fact::None,
            Fact::Seen(value, via) => next(value, via),
            Fact::Unknown(why) => Fact::Unknown(why),
        }
    }
}
