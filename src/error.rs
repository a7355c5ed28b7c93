//! What ends a run, and the status it exits with.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::model::{Call, Ended, Errno, signal_name};

/// What ends a run before its end. Failing system calls of the lesson are not
/// among them: they are events, and taught.
#[derive(Debug)]
pub(crate) enum Error {
    /// The arguments do not fit: what is wrong and what would fit.
    Usage(String),
    /// A word is missing: the help that says which there are.
    Help(String),
    /// The course could not be loaded: its problems, one a line.
    Course(String),
    /// The machine refused something that socklab itself needs.
    System {
        /// What was tried.
        doing: String,
        source: io::Error,
    },
    /// A process that makes the calls ended, though nobody here ended it.
    ActorGone {
        /// Its name in the script.
        actor: String,
        /// By what, if by a signal.
        signal: Option<i32>,
    },
    /// A call did not return for as long as an unattended run may wait.
    NeverReturned(Box<Call>),
    /// What an actor waits for beside the step never came.
    PeerWaits { who: String, call: Box<Call> },
    /// An actor that acts beside the step got no connection. It has no part to play
    /// then, and nobody should wait for it.
    NoConnection {
        who: String,
        call: Box<Call>,
        errno: Errno,
    },
    /// The learner left, a signal came, or a call failed: that was told already.
    Ended(Ended),
    /// What was asked for is not there: what, and how to find what is.
    NotThere(String),
    /// Progress could not be kept, read or forgotten: what was tried and why not.
    Progress(String),
    /// Whoever read our output, or the terminal, is gone.
    Closed,
}

impl Error {
    /// A refusal while `doing` something.
    pub(crate) fn system(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::System {
            doing: doing.into(),
            source,
        }
    }

    /// The same for the output and the terminal, which may have been closed.
    pub(crate) fn output(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Error {
        move |source| match source.raw_os_error() {
            Some(libc::EPIPE | libc::EIO) => Error::Closed,
            _ => Error::system(doing)(source),
        }
    }

    /// A signal asks to end.
    pub(crate) fn interrupted(signal: i32) -> Error {
        Error::Ended(Ended::Interrupted { signal })
    }

    /// The status to exit with.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Error::Usage(_) | Error::Help(_) => ExitCode::from(2),
            Error::Closed => ExitCode::from(0),
            Error::Ended(ended) => exit_code(*ended),
            _ => ExitCode::from(1),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Usage(text)
            | Error::Help(text)
            | Error::Course(text)
            | Error::NotThere(text)
            | Error::Progress(text) => f.write_str(text),
            Error::System { doing, source } => match source.raw_os_error().map(Errno) {
                Some(errno @ Errno(libc::EMFILE)) => write!(
                    f,
                    "{doing}: {errno}: this process may have no more descriptors; \
                     raise the limit: ulimit -n 64"
                ),
                Some(errno @ Errno(libc::ENOEXEC)) => write!(
                    f,
                    "{doing}: {errno}: socklab starts itself for it, and this kernel is of \
                     another architecture; qemu-user needs binfmt_misc for that"
                ),
                Some(errno) => write!(f, "{doing}: {errno}"),
                None => write!(f, "{doing}: {source}"),
            },
            Error::ActorGone {
                actor,
                signal: Some(signal),
            } => {
                let signal = signal_name(*signal);
                write!(f, "the {actor} process was ended by {signal}")
            }
            Error::ActorGone { actor, .. } => write!(f, "the {actor} process has ended"),
            Error::NeverReturned(call) => write!(f, "{} has not returned", call.book_name()),
            Error::PeerWaits { who, call } | Error::NoConnection { who, call, .. } => {
                write!(f, "{} of the {who} did not succeed", call.book_name())
            }
            Error::Ended(_) => f.write_str("the run has ended"),
            Error::Closed => f.write_str("the output was closed"),
        }
    }
}

/// The status a run exits with: 0 done or left by the learner, 1 a call or an
/// expectation failed, 128 + signal when interrupted (130 for Ctrl-C).
pub(crate) fn exit_code(ended: Ended) -> ExitCode {
    match ended {
        Ended::Done | Ended::Quit => ExitCode::from(0),
        Ended::Failed => ExitCode::from(1),
        Ended::Interrupted { signal } => {
            ExitCode::from(u8::try_from(128 + signal).unwrap_or(u8::MAX))
        }
    }
}
