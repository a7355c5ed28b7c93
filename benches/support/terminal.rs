//! socklab in a terminal of its own.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::process::{ioctl_tiocsctty, setsid};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// The binary.
pub const SOCKLAB: &str = env!("CARGO_BIN_EXE_socklab");

/// socklab in a terminal of its own.
pub struct Terminal {
    pub master: File,
    pub child: Child,
}

impl Terminal {
    /// Starts it with these arguments.
    pub fn start(arguments: &[&str]) -> io::Result<Terminal> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?;
        let slave = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty())?;
        let (ws_row, ws_col) = (24, 80);
        tcsetwinsize(
            &slave,
            Winsize {
                ws_row,
                ws_col,
                ws_xpixel: 0,
                ws_ypixel: 0,
            },
        )?;
        let end = |slave: &OwnedFd| -> io::Result<Stdio> { Ok(slave.try_clone()?.into()) };
        let mut command = Command::new(SOCKLAB);
        command
            .args(arguments)
            // The prompt of the pause is what is waited for, and nobody's progress.
            .args(["--no-predict", "--no-progress"])
            .stdin(end(&slave)?)
            .stdout(end(&slave)?)
            .stderr(end(&slave)?);
        // SAFETY: two system calls between fork and exec, which allocate nothing.
        unsafe {
            command.pre_exec(|| {
                setsid()?;
                ioctl_tiocsctty(io::stdin().as_fd())?;
                Ok(())
            });
        }
        let child = command.spawn()?;
        Ok(Terminal {
            master: File::from(master),
            child,
        })
    }

    /// Reads more of the screen. `false` when nothing came within `patience`, or
    /// the terminal has closed.
    pub fn read(&mut self, screen: &mut Vec<u8>, patience: Option<Duration>) -> io::Result<bool> {
        let limit = patience.map(|patience| Timespec {
            tv_sec: patience.as_secs() as i64,
            tv_nsec: patience.subsec_nanos().into(),
        });
        if poll(
            &mut [PollFd::new(&self.master, PollFlags::IN)],
            limit.as_ref(),
        )? == 0
        {
            return Ok(false);
        }
        let mut buffer = [0; 65536];
        match self.master.read(&mut buffer) {
            Ok(count) => {
                screen.extend_from_slice(&buffer[..count]);
                Ok(count > 0)
            }
            // The other end of a terminal has closed: EIO.
            Err(_) => Ok(false),
        }
    }

    /// Reads until the program has ended.
    pub fn end(mut self) -> io::Result<()> {
        while self.read(&mut Vec::new(), None)? {}
        self.child.wait()?;
        Ok(())
    }
}
