//! A process in the place of the shell: it leads the session whose terminal the
//! program has, and lives on when the program is killed. Without it the kernel would
//! hang the terminal up together with the program (setsid(2), tty_ioctl(4)), and what
//! is done for the shell's sake afterwards could not be seen.

use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};

use rustix::fs::{OFlags, fcntl_setfl};

/// What is known of a program by its leader.
pub struct Leader {
    process: Child,
    news: io::PipeReader,
    /// The program's pid.
    pub pid: u32,
    /// How the program ended.
    pub status: Option<ExitStatus>,
    /// How often it was stopped.
    pub stops: usize,
}

impl Leader {
    /// Starts the program as a job in the foreground of the terminal that is its
    /// stdin.
    pub fn start(mut command: Command) -> Leader {
        let (mut news, writer) = io::pipe().unwrap();
        let fd = writer.as_raw_fd();
        // SAFETY: the process that is forked here has one thread and calls only
        // async-signal-safe functions until it calls exec or ends.
        unsafe {
            command.pre_exec(move || lead(fd));
        }
        let process = command.spawn().unwrap();
        drop(writer);
        let mut pid = [0; 4];
        news.read_exact(&mut pid).unwrap();
        fcntl_setfl(&news, OFlags::NONBLOCK).unwrap();
        Leader {
            process,
            news,
            pid: u32::from_ne_bytes(pid),
            status: None,
            stops: 0,
        }
    }

    /// A copy of what is readable when there are news.
    pub fn readable(&self) -> OwnedFd {
        self.news.try_clone().unwrap().into()
    }

    /// Reads what has happened.
    pub fn look(&mut self) {
        let mut word = [0; 4];
        while self.status.is_none() && self.news.read_exact(&mut word).is_ok() {
            let status = ExitStatus::from_raw(i32::from_ne_bytes(word));
            match status.stopped_signal() {
                Some(_) => self.stops += 1,
                None => self.status = Some(status),
            }
        }
    }
}

impl Drop for Leader {
    /// The program must have been ended.
    fn drop(&mut self) {
        let _ = self.process.wait();
    }
}

/// Becomes the leader; only the program's own process returns from here. The leader
/// says on `news`, four bytes each: the pid, and every status of waitpid(2).
fn lead(news: i32) -> io::Result<()> {
    let checked = |result: i32| match result {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result),
    };
    // SAFETY: integers and live variables only; each call is async-signal-safe.
    unsafe {
        checked(libc::setsid())?;
        checked(libc::ioctl(0, libc::TIOCSCTTY, 0))?;
        let pid = checked(libc::fork())?;
        if pid == 0 {
            // A background process that sets the foreground is stopped, unless it
            // ignores the signal: tcsetpgrp(3).
            libc::signal(libc::SIGTTOU, libc::SIG_IGN);
            checked(libc::setpgid(0, 0))?;
            checked(libc::tcsetpgrp(0, libc::getpid()))?;
            libc::signal(libc::SIGTTOU, libc::SIG_DFL);
            // The tests may run under nohup.
            libc::signal(libc::SIGHUP, libc::SIG_DFL);
            return Ok(());
        }
        for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGTERM, libc::SIGQUIT] {
            libc::signal(signal, libc::SIG_IGN);
        }
        // The pipe by which std learns that exec worked is open here, too.
        libc::dup2(news, 3);
        libc::syscall(libc::SYS_close_range, 4u32, u32::MAX, 0u32);
        libc::write(3, (&raw const pid).cast(), 4);
        let mut status = 0;
        while libc::waitpid(pid, &raw mut status, libc::WUNTRACED) == pid {
            libc::write(3, (&raw const status).cast(), 4);
        }
        libc::_exit(0)
    }
}
