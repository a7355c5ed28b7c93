//! A program that begins only when it is traced: fork(2), execve(2).

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsRawFd;

use super::check::check;
use super::process::{exit_now, fork};
use super::seccomp::Filter;
use super::signals::{Mask, not_ignored};

/// What is to be run, and how.
pub(crate) struct Launch {
    /// The file.
    pub program: CString,
    /// Its arguments, its own name first.
    pub words: Vec<CString>,
    pub filter: Filter,
    /// What it has as standard input, output and error in place of ours.
    pub stdio: [Option<File>; 3],
    /// The signals that it blocks, where they are not those of this process.
    pub mask: Option<Mask>,
}

/// A process that waits for [`Launched::go`] to become the program.
pub(crate) struct Launched {
    pub pid: u32,
    go: PipeWriter,
    failed: PipeReader,
}

/// What a process could not do before it became the program.
pub(crate) enum Refused {
    /// The kernel takes no filter.
    Filter(io::Error),
    /// The kernel does not run the file.
    Exec(io::Error),
}

impl Launch {
    /// Makes the process. It has this one's terminal, group, limits and folder, the
    /// signals as they are now, and those that socklab ignores for itself as usual.
    /// Must be called while this process has one thread.
    pub(crate) fn start(&self) -> io::Result<Launched> {
        let (wait, go) = io::pipe()?;
        let (failed, report) = io::pipe()?;
        match fork()? {
            Some(pid) => Ok(Launched {
                pid: pid.as_raw_pid().cast_unsigned(),
                go,
                failed,
            }),
            None => {
                drop(go);
                self.become_program(wait, report)
            }
        }
    }

    fn become_program(&self, mut wait: PipeReader, mut report: PipeWriter) -> ! {
        // Nobody says to go: whoever would trace is gone.
        if wait.read_exact(&mut [0]).is_err() {
            exit_now(1);
        }
        not_ignored(&[libc::SIGPIPE, libc::SIGXFSZ]);
        if let Some(mask) = &self.mask {
            mask.set();
        }
        let (stage, error) = match self.prepare() {
            Err(error) => (0, error),
            Ok(()) => (1, exec(&self.program, &self.words)),
        };
        let errno = error.raw_os_error().unwrap_or(libc::EINVAL);
        let mut message = vec![stage];
        message.extend(errno.to_ne_bytes());
        let _ = report.write_all(&message);
        let not_found = errno == libc::ENOENT;
        exit_now(if not_found { 127 } else { 126 })
    }

    fn prepare(&self) -> io::Result<()> {
        for (number, file) in (0..).zip(&self.stdio) {
            if let Some(file) = file {
                // SAFETY: integers only; 0, 1 and 2 belong to this process as a whole.
                check(unsafe { libc::dup2(file.as_raw_fd(), number) })?;
            }
        }
        self.filter.install()
    }
}

impl Launched {
    /// Lets the process become the program.
    pub(crate) fn go(&mut self) -> io::Result<()> {
        self.go.write_all(&[1])
    }

    /// When the process has ended or become the program: what it could not do.
    pub(crate) fn refused(&mut self) -> Option<Refused> {
        let mut message = [0; 5];
        self.failed.read_exact(&mut message).ok()?;
        let [stage, errno @ ..] = message;
        let error = io::Error::from_raw_os_error(i32::from_ne_bytes(errno));
        Some(match stage {
            0 => Refused::Filter(error),
            _ => Refused::Exec(error),
        })
    }
}

/// Becomes the program; returns only if that fails.
fn exec(program: &CStr, words: &[CString]) -> io::Error {
    let words = words.iter().map(|word| word.as_ptr());
    let words: Vec<_> = words.chain([std::ptr::null()]).collect();
    // SAFETY: `words` is an array of live strings with a null pointer behind them.
    unsafe { libc::execv(program.as_ptr(), words.as_ptr()) };
    io::Error::last_os_error()
}
