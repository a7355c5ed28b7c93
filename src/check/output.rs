//! What a program prints while it is checked: read so that it never waits for us.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};

use crate::source::trace::Command;

/// How much of the end is kept, in bytes.
const KEPT: usize = 2000;

/// The program's standard output and error, and an input that never says anything.
pub(super) struct Output {
    /// `None` once everybody has closed it.
    from: Option<PipeReader>,
    /// Nothing is ever written to it: whoever reads waits.
    _input: PipeWriter,
    last: Vec<u8>,
}

impl Output {
    /// Gives the program its standard descriptors.
    pub(super) fn of(command: &mut Command) -> io::Result<Output> {
        let (from, to) = io::pipe()?;
        let (input, keep) = io::pipe()?;
        rustix::io::ioctl_fionbio(from.as_fd(), true)?;
        let file = |fd: OwnedFd| Some(File::from(fd));
        command.stdio = [
            file(input.into()),
            file(to.try_clone()?.into()),
            file(to.into()),
        ];
        Ok(Output {
            from: Some(from),
            _input: keep,
            last: Vec::new(),
        })
    }

    /// To wait for.
    pub(super) fn fd(&self) -> Option<RawFd> {
        self.from.as_ref().map(AsRawFd::as_raw_fd)
    }

    /// Takes what has been printed. At most some of it: a program that prints for ever
    /// must not keep us here.
    pub(super) fn take(&mut self) {
        let mut buffer = [0; 64 << 10];
        let Some(from) = &mut self.from else { return };
        match from.read(&mut buffer) {
            Ok(0) => self.from = None,
            Ok(count) => {
                self.last.extend_from_slice(&buffer[..count]);
                let more = self.last.len().saturating_sub(KEPT);
                self.last.drain(..more);
            }
            Err(_) => {}
        }
    }

    /// The last lines that were printed, at most so many.
    pub(super) fn last_lines(&self, most: usize) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.last);
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let from = lines.len().saturating_sub(most);
        lines[from..].iter().map(|line| (*line).into()).collect()
    }
}
