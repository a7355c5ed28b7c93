//! Somebody at the keys of a lesson: only what is done there is kept.

use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::process::ExitStatus;

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, ptsname, unlockpt};

use crate::support::{Run, Running, Socklab};

/// A lesson whose keys are a pseudo-terminal's and whose screen is a pipe.
pub struct Lesson {
    running: Running,
    keys: File,
    /// Kept open, so that the terminal is there for whoever opens it.
    _terminal: OwnedFd,
}

impl Lesson {
    /// Starts one; it is before its first call.
    pub fn start(socklab: Socklab) -> Lesson {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let keys = openpt(flags).unwrap();
        grantpt(&keys).unwrap();
        unlockpt(&keys).unwrap();
        let terminal = ioctl_tiocgptpeer(&keys, flags).unwrap();
        let name = ptsname(&keys, Vec::new()).unwrap().into_string().unwrap();
        let from_terminal = ["sh", "-c", "exec \"$@\" <\"$0\"", &name];
        Lesson {
            running: socklab.under(from_terminal).start(),
            keys: keys.into(),
            _terminal: terminal,
        }
    }

    /// Plays `create` to its end and leaves.
    pub fn whole(socklab: Socklab) -> Run {
        let mut lesson = Lesson::start(socklab);
        lesson.create();
        lesson.leave()
    }

    /// The process that is at work.
    pub fn pid(&self) -> u32 {
        self.running.pid()
    }

    fn wait(&mut self, text: &str) {
        self.running.wait_line(text, |line| line.contains(text));
    }

    /// Types.
    pub fn send(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the pause of `create`.
    pub fn wait_pause(&mut self) {
        self.wait("next    socket(");
    }

    /// From the start to the choice at the end of `create`.
    pub fn create(&mut self) {
        self.wait_pause();
        self.finish_create();
    }

    /// From its pause to that choice.
    pub fn finish_create(&mut self) {
        self.send("\r");
        self.running.wait_said("Type a number");
    }

    /// From there to the choice at the end of `bind`.
    pub fn bind(&mut self) {
        self.send("1\r");
        self.wait("next    setsockopt(");
        self.send("c");
        self.running.wait_said("Type a number");
    }

    /// Leaves at such a choice.
    pub fn leave(self) -> Run {
        self.leave_by("q\r")
    }

    /// Leaves at a pause.
    pub fn leave_pause(self) -> Run {
        self.leave_by("q")
    }

    fn leave_by(mut self, keys: &str) -> Run {
        self.send(keys);
        let run = self.running.finish();
        assert_eq!(run.code, Some(0), "{}{}", run.stdout(), run.stderr);
        run
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.running.signal(libc::SIGKILL);
        self.status();
    }

    /// How it ended by itself.
    pub fn status(&mut self) -> ExitStatus {
        self.running.status()
    }
}
