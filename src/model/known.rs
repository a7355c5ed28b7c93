use serde::{Deserialize, Serialize};

use super::Errno;

/// Where in the kernel a fact was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// getsockname(2)
    Getsockname,
    /// getpeername(2)
    Getpeername,
    /// getsockopt(2)
    Getsockopt,
    /// ioctl(2): SIOCINQ, SIOCOUTQ
    Ioctl,
    /// sock_diag(7) over netlink
    SockDiag,
    /// proc(5)
    Proc,
    /// lstat(2)
    Lstat,
}

impl Source {
    /// The name a learner can look up in the manual.
    pub fn name(self) -> &'static str {
        match self {
            Source::Getsockname => "getsockname",
            Source::Getpeername => "getpeername",
            Source::Getsockopt => "getsockopt",
            Source::Ioctl => "ioctl",
            Source::SockDiag => "sock_diag",
            Source::Proc => "/proc",
            Source::Lstat => "lstat",
        }
    }
}

/// Why a fact could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// What was asked.
    pub via: Source,
    /// What it answered.
    pub errno: Option<Errno>,
    /// What that means here, where the errno alone does not say it.
    pub note: Option<String>,
}

impl Why {
    /// A refusal by errno alone.
    pub fn errno(via: Source, errno: Errno) -> Why {
        Why {
            via,
            errno: Some(errno),
            note: None,
        }
    }

    /// A reason in words.
    pub fn note(via: Source, note: impl Into<String>) -> Why {
        Why {
            via,
            errno: None,
            note: Some(note.into()),
        }
    }
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.via.name())?;
        if let Some(errno) = self.errno {
            write!(f, ": {}", errno.name())?;
        }
        if let Some(note) = &self.note {
            write!(f, ": {note}")?;
        }
        Ok(())
    }
}

/// A fact of the machine: read from the kernel, or not available and why.
/// Never left out, never guessed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Known<T> {
    /// What the kernel said, and which interface said it.
    Seen { value: T, via: Source },
    /// What it would not say.
    Unavailable(Why),
}

impl<T> Known<T> {
    /// A fact read from `via`.
    pub fn seen(value: T, via: Source) -> Known<T> {
        Known::Seen { value, via }
    }

    /// Turns an answer of the kernel into a fact or a refusal.
    pub fn from_io(via: Source, answer: std::io::Result<T>) -> Known<T> {
        match answer {
            Ok(value) => Known::Seen { value, via },
            Err(error) => Known::Unavailable(match error.raw_os_error() {
                Some(code) => Why::errno(via, Errno(code)),
                None => Why::note(via, error.to_string()),
            }),
        }
    }

    /// The value, if it could be read.
    pub fn value(&self) -> Option<&T> {
        match self {
            Known::Seen { value, .. } => Some(value),
            Known::Unavailable(_) => None,
        }
    }

    /// The same fact, expressed otherwise.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Known::Seen { value, via } => Known::Seen {
                value: change(value),
                via,
            },
            Known::Unavailable(why) => Known::Unavailable(why),
        }
    }
}
