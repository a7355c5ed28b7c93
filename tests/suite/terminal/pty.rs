//! The real binary in a real pseudo-terminal, its screen read back through a
//! terminal emulator.

use std::collections::HashSet;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::num::NonZeroU16;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{LocalModes, Termios, Winsize, tcgetattr, tcsetwinsize};

use super::leader::Leader;
use super::view::View;
use crate::support::{DEADLINE, Process, Socklab, below, kill, listed_inodes, sockets_of};

/// What is looked at between two checks of something that sends no news.
const TICK: Duration = Duration::from_millis(5);

/// Rows kept above the screen.
const SCROLLBACK: usize = 5000;

/// `socklab` running in a terminal of its own.
pub struct Terminal {
    leader: Leader,
    /// Readable when the leader has something to say.
    news: OwnedFd,
    /// `None` once the terminal was closed.
    master: Option<File>,
    /// Kept open, so that the modes can be asked for when all others are gone.
    slave: OwnedFd,
    parser: vt100::Parser,
    /// Everything that was written, as it was written.
    raw: Vec<u8>,
    /// The modes before the start.
    before: String,
    /// How many stops were waited for.
    stops: usize,
    /// How much was written when Enter was pressed last to go on.
    went_on: usize,
}

/// What is to be gone after the end.
pub struct Traces {
    processes: Vec<Process>,
    inodes: HashSet<u64>,
}

impl Traces {
    /// How many processes there were, the controller not counted.
    pub fn count(&self) -> usize {
        self.processes.len()
    }
}

/// Starts `socklab` with these words in a terminal of 80 columns. It asks no questions.
pub fn socklab(words: &[&str]) -> Terminal {
    Socklab::new(words).args(["--no-predict"]).in_terminal(80)
}

impl Socklab {
    /// Starts it as a shell would, in a new session whose controlling terminal is a new
    /// pseudo-terminal of so many columns and 24 lines.
    pub fn in_terminal(self, cols: u16) -> Terminal {
        self.in_terminal_of(cols, 24)
    }

    /// The same of so many lines.
    pub fn in_terminal_of(self, cols: u16, rows: u16) -> Terminal {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let slave = ioctl_tiocgptpeer(&master, flags).unwrap();
        tcsetwinsize(&slave, winsize(cols, rows)).unwrap();
        let before = modes(&tcgetattr(&slave).unwrap());
        let end = || Stdio::from(slave.try_clone().unwrap());
        // Not where the runs without a terminal keep theirs: those list nothing as done.
        let state = concat!(env!("CARGO_TARGET_TMPDIR"), "/terminal");
        let mut command = self
            .default_env("TERM", "xterm-256color")
            .default_env("XDG_STATE_HOME", state)
            .command();
        command.stdin(end()).stdout(end()).stderr(end());
        let leader = Leader::start(command);
        Terminal {
            news: leader.readable(),
            leader,
            master: Some(File::from(master)),
            slave,
            parser: vt100::Parser::new(size(rows), size(cols), SCROLLBACK),
            raw: Vec::new(),
            before,
            stops: 0,
            went_on: 0,
        }
    }
}

fn size(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).unwrap()
}

fn winsize(cols: u16, rows: u16) -> Winsize {
    Winsize {
        ws_row: rows,
        ws_col: cols,
        ws_xpixel: 0,
        ws_ypixel: 0,
    }
}

fn modes(termios: &Termios) -> String {
    format!("{termios:?}")
}

/// A text without its CSI sequences.
pub fn without_escapes(text: &str) -> String {
    let mut pieces = text.split("\x1b[");
    let mut out = pieces.next().unwrap_or_default().to_string();
    for piece in pieces {
        let end = piece.find(|c: char| c.is_ascii_alphabetic());
        out.push_str(end.map_or("", |end| &piece[end + 1..]));
    }
    out
}

fn timespec(limit: Duration) -> Timespec {
    Timespec {
        tv_sec: limit.as_secs() as i64,
        tv_nsec: i64::from(limit.subsec_nanos()),
    }
}

impl Terminal {
    /// Types.
    pub fn send(&mut self, keys: &str) {
        let master = self.master.as_mut().unwrap();
        master.write_all(keys.as_bytes()).unwrap();
    }

    /// The screen as it is now.
    pub fn view(&self) -> View {
        View::of(self.parser.screen())
    }

    /// The same with its looks.
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// Everything that was written so far, escape sequences and all.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }

    /// The same without colours and cursor movements.
    pub fn written(&self) -> String {
        without_escapes(&self.raw())
    }

    /// Waits until the screen is as wanted, and returns it.
    pub fn wait(&mut self, what: &str, wanted: impl Fn(&View) -> bool) -> View {
        let began = Instant::now();
        loop {
            let view = self.view();
            if wanted(&view) {
                return view;
            }
            if view.has_more() && self.went_on < self.raw.len() {
                self.went_on = self.raw.len();
                self.send("\r");
            }
            let left = DEADLINE.saturating_sub(began.elapsed());
            if left.is_zero() {
                panic!("waited in vain for {what}:\n{}", view.show());
            }
            if !self.read(left) && self.has_ended() && !self.read(Duration::ZERO) {
                panic!(
                    "socklab ended ({:?}) while waiting for {what}:\n{}",
                    self.status(),
                    view.show()
                );
            }
        }
    }

    /// Waits until more than `before` bytes were written and `wanted` holds, which is
    /// also told whether the program has ended.
    pub fn wait_until_written(
        &mut self,
        before: usize,
        mut wanted: impl FnMut(&View, bool) -> bool,
    ) {
        let began = Instant::now();
        loop {
            let ended = self.has_ended() && !self.read(Duration::ZERO);
            let view = self.view();
            if self.raw.len() > before && wanted(&view, ended) {
                return;
            }
            let left = DEADLINE.saturating_sub(began.elapsed());
            assert!(!left.is_zero(), "waited in vain:\n{}", view.show());
            self.read(left.min(Duration::from_millis(200)));
        }
    }

    /// Waits for something that the screen does not tell, reading on meanwhile.
    pub fn wait_until(&mut self, what: &str, mut holds: impl FnMut() -> bool) {
        self.poll_until(what, |_| holds());
    }

    fn poll_until(&mut self, what: &str, mut holds: impl FnMut(&mut Terminal) -> bool) {
        let began = Instant::now();
        while !holds(self) {
            if began.elapsed() > DEADLINE {
                panic!("waited in vain until {what}:\n{}", self.view().show());
            }
            self.read(TICK);
        }
    }

    /// Waits until keys come one by one again, without echo.
    pub fn wait_until_it_has_the_keys(&mut self) {
        self.poll_until("it takes the terminal", |it| !it.has_its_modes());
    }

    /// Waits until Ctrl-Z has stopped it.
    pub fn wait_stopped(&mut self) {
        self.poll_until("it stops", |it| {
            it.leader.look();
            it.leader.stops > it.stops
        });
        self.stops = self.leader.stops;
    }

    /// Looks on for so long. For what must *not* happen; no test waits so for
    /// something that must.
    pub fn watch(&mut self, time: Duration) -> View {
        let end = Instant::now() + time;
        while self.read(end.saturating_duration_since(Instant::now())) {}
        self.view()
    }

    /// Reads what has been written, for at most `limit`. Was there something?
    fn read(&mut self, limit: Duration) -> bool {
        let Some(master) = &mut self.master else {
            // Nothing to read: only the end of the process can be waited for.
            let mut fds = [PollFd::new(&self.news, PollFlags::IN)];
            let _ = poll(&mut fds, Some(&timespec(limit.min(TICK))));
            return false;
        };
        let ended = self.leader.status.is_some();
        let mut fds = [
            PollFd::from_borrowed_fd(master.as_fd(), PollFlags::IN),
            PollFd::new(&self.news, PollFlags::IN),
        ];
        // The pipe of a leader that has ended is always ready: it must not end the
        // wait for what others still write.
        let polled = if ended { &mut fds[..1] } else { &mut fds[..] };
        poll(polled, Some(&timespec(limit))).unwrap();
        if !fds[0].revents().contains(PollFlags::IN) {
            return false;
        }
        let mut buffer = [0; 4096];
        let count = match master.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => return true,
            Err(error) => panic!("reading the terminal: {error}"),
        };
        self.raw.extend_from_slice(&buffer[..count]);
        self.parser.process(&buffer[..count]);
        true
    }

    fn has_ended(&mut self) -> bool {
        self.leader.look();
        self.leader.status.is_some()
    }

    fn status(&self) -> Option<ExitStatus> {
        self.leader.status
    }

    /// Waits for the end and returns the exit status, 128 + n for signal n (as a
    /// shell would).
    pub fn wait_exit(&mut self) -> i32 {
        let began = Instant::now();
        while !self.has_ended() {
            if began.elapsed() > DEADLINE {
                panic!("it does not end:\n{}", self.view().show());
            }
            self.read(DEADLINE);
        }
        while self.read(Duration::ZERO) {}
        let status = self.status().unwrap();
        status
            .code()
            .unwrap_or_else(|| 128 + status.signal().unwrap())
    }

    /// Gives the terminal another size, as dragging its window does.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.parser.set_size(size(rows), size(cols));
        tcsetwinsize(&self.slave, winsize(cols, rows)).unwrap();
    }

    /// Sends a signal to the controller.
    pub fn signal(&self, signal: i32) {
        kill(self.leader.pid, signal);
    }

    /// Closes the terminal, as closing its window does.
    pub fn hang_up(&mut self) {
        self.master = None;
    }

    /// The controller's pid.
    pub fn pid(&self) -> u32 {
        self.leader.pid
    }

    /// Waits until keys are read as they come: before, Ctrl-Z would stop the run.
    pub fn wait_raw(&mut self) {
        let is_raw = |it: &mut Terminal| {
            let modes = tcgetattr(&it.slave).unwrap().local_modes;
            !modes.contains(LocalModes::ISIG)
        };
        self.poll_until("keys are read as they come", is_raw);
    }

    /// Are the terminal's modes those from before the start?
    pub fn has_its_modes(&self) -> bool {
        modes(&tcgetattr(&self.slave).unwrap()) == self.before
    }

    /// What has to be gone when this is over: the processes below the controller
    /// and the sockets they hold.
    pub fn traces(&self) -> Traces {
        let processes = below(self.leader.pid);
        let inodes = processes
            .iter()
            .flat_map(|process| sockets_of(process.pid))
            .collect();
        Traces { processes, inodes }
    }

    /// Waits until nothing is left of it: no process, and no socket with a port.
    pub fn wait_gone(&mut self, traces: &Traces) {
        self.wait_until("its processes are gone", || {
            traces.processes.iter().all(|process| !process.is_alive())
        });
        self.wait_until("its sockets are gone", || {
            listed_inodes().is_disjoint(&traces.inodes)
        });
    }

    /// The terminal is as it was: modes and cursor.
    pub fn assert_restored(&mut self) {
        while self.read(Duration::ZERO) {}
        let view = self.view();
        assert!(!view.hides_cursor, "the cursor is hidden:\n{}", view.show());
        let now = modes(&tcgetattr(&self.slave).unwrap());
        assert_eq!(now, self.before, "the modes are others than before");
    }
}

impl Drop for Terminal {
    /// Ends and reaps what was started, whatever the test came to.
    fn drop(&mut self) {
        self.leader.look();
        if self.status().is_none() {
            let rest = below(self.leader.pid);
            self.signal(libc::SIGKILL);
            for process in rest.iter().filter(|process| process.is_alive()) {
                // It may have ended just now.
                // SAFETY: kill takes integers.
                unsafe { libc::kill(process.pid as i32, libc::SIGKILL) };
            }
        }
    }
}
