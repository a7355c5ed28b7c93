//! An output that may block: a terminal at Ctrl-S, a pipe that nobody reads. Signals
//! are heeded meanwhile.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::rc::Rc;
use std::time::Duration;

use crate::sys::{self, Signals};

/// Standard output or standard error. Once a signal has asked to end, what cannot be
/// written at once is dropped.
pub(crate) struct Output {
    file: File,
    /// A write gives EAGAIN where it would block.
    fails: bool,
    /// `None` where signals have their default actions: they end a write, too.
    signals: Option<Rc<Signals>>,
    given_up: bool,
}

/// So much a pipe takes without blocking if it takes anything: PIPE_BUF.
const CHUNK: usize = 4096;
/// How long an output may take to take more once a signal has asked to end.
const GRACE: Duration = Duration::from_millis(100);

impl Output {
    /// Writes to this descriptor: 1 or 2.
    pub(crate) fn new(fd: BorrowedFd<'_>, signals: Option<Rc<Signals>>) -> io::Result<Output> {
        let own = signals.as_ref().and_then(|_| without_blocking(fd));
        // A write to a file of a disk ends by itself.
        let signals = signals.filter(|_| own.is_some() || !is_on_disk(fd));
        Ok(Output {
            fails: own.is_some(),
            file: match own {
                Some(own) => own,
                None => File::from(fd.try_clone_to_owned()?),
            },
            signals,
            given_up: false,
        })
    }

    /// Waits until more can be written, or gives up.
    fn until_writable(&mut self) -> io::Result<()> {
        let Some(signals) = &self.signals else {
            return Ok(());
        };
        loop {
            let limit = signals.ask_to_end().then_some(GRACE);
            if sys::wait_to_write(self.file.as_raw_fd(), signals.as_raw_fd(), limit)? {
                return Ok(());
            }
            if limit.is_some() {
                self.given_up = true;
                return Ok(());
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.fails {
            self.until_writable()?;
        }
        loop {
            if self.given_up {
                return Ok(bytes.len());
            }
            let most = self.signals.as_ref().map_or(bytes.len(), |_| CHUNK);
            match self.file.write(&bytes[..bytes.len().min(most)]) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.until_writable()?,
                written => return written,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn is_on_disk(fd: BorrowedFd<'_>) -> bool {
    let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
    std::fs::metadata(path).is_ok_and(|file| file.is_file())
}

/// Opens a terminal or a pipe once more, without blocking: O_NONBLOCK on the
/// description that we were given would be there for all who share it, and stay.
/// `None` for others, and for who may not.
fn without_blocking(fd: BorrowedFd<'_>) -> Option<File> {
    let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
    let kind = std::fs::metadata(&path).ok()?.file_type();
    if !kind.is_char_device() && !kind.is_fifo() {
        return None;
    }
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    let mut open = OpenOptions::new();
    open.write(true).custom_flags(flags).open(path).ok()
}
