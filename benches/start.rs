//! How soon the first pause is on the screen, against the bare `--version`; the
//! memory of every process of a walk; the size of the binary.

mod support;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::process::{ioctl_tiocsctty, setsid};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use support::{Row, in_turn, is_bench, report};

const SOCKLAB: &str = env!("CARGO_BIN_EXE_socklab");
const ROUNDS: usize = 80;
const MB: f64 = 1e6;

fn main() -> io::Result<ExitCode> {
    if !is_bench() {
        return Ok(ExitCode::SUCCESS);
    }
    let [pause, version] = in_turn(ROUNDS, [&mut first_pause, &mut bare_version])?;
    let mut rows = vec![Row::times(
        "first pause on the screen, against --version",
        pause,
        version,
        2.0,
    )];
    for (role, peak) in peaks()? {
        rows.push(size(format!("peak memory: {role}"), peak, 10.0));
    }
    let binary = fs::metadata(SOCKLAB)?.len();
    rows.push(size("release binary".into(), binary, 5.0));
    Ok(report(&rows))
}

/// A size in bytes against the most megabytes it may have.
fn size(what: String, bytes: u64, most: f64) -> Row {
    let megabytes = bytes as f64 / MB;
    Row {
        what,
        ours: format!("{megabytes:.1} MB"),
        rival: format!("{most:.0} MB"),
        ratio: Some(megabytes / most),
        budget: Some(1.0),
    }
}

/// From the start of a walk to the prompt of its first pause.
fn first_pause() -> io::Result<Duration> {
    let began = Instant::now();
    let mut walk = Terminal::start(&["walk", "--addr", "127.0.0.1:0"])?;
    let mut screen = Vec::new();
    while !screen.windows(5).any(|five| five == b"Enter") {
        if !walk.read(&mut screen, None)? {
            return Err(io::Error::other("the walk ended before its first pause"));
        }
    }
    let took = began.elapsed();
    walk.master.write_all(b"q")?;
    walk.end()?;
    Ok(took)
}

/// From the start of `--version` to its end.
fn bare_version() -> io::Result<Duration> {
    let began = Instant::now();
    let mut version = Terminal::start(&["--version"])?;
    version.child.wait()?;
    Ok(began.elapsed())
}

/// The peak memory of every process of a walk at the keys: the controller, and
/// the largest of its children (the actors and the keeper).
fn peaks() -> io::Result<BTreeMap<&'static str, u64>> {
    let mut peaks = BTreeMap::new();
    let mut walk = Terminal::start(&["walk", "--addr", "127.0.0.1:0", "--peer", "builtin"])?;
    let quiet = Duration::from_millis(30);
    // The peak only grows, so a look before each key finds all of it but what
    // the last key brings.
    loop {
        let mut screen = Vec::new();
        while walk.read(&mut screen, Some(quiet))? {}
        if walk.child.try_wait()?.is_some() {
            return Ok(peaks);
        }
        let controller = walk.child.id();
        let mut see = |role, pid: u32| {
            if let Some(peak) = peak_memory(pid) {
                let known = peaks.entry(role).or_insert(0);
                *known = peak.max(*known);
            }
        };
        see("controller", controller);
        let children = fs::read_to_string(format!("/proc/{controller}/task/{controller}/children"))
            .unwrap_or_default();
        for pid in children.split_whitespace().flat_map(str::parse) {
            see("largest of its children", pid);
        }
        // Enter runs a call and goes on to the next chapter. After the last one
        // there is no next, and Enter would look again for ever.
        let screen = String::from_utf8_lossy(&screen);
        let over = screen.contains("look again") && !screen.contains("next chapter");
        walk.master.write_all(if over { b"q" } else { b"\r" })?;
    }
}

/// VmHWM: the most memory the process had at once. `None` when it has ended.
fn peak_memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// socklab in a terminal of its own.
struct Terminal {
    master: File,
    child: Child,
}

impl Terminal {
    fn start(arguments: &[&str]) -> io::Result<Terminal> {
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
    fn read(&mut self, screen: &mut Vec<u8>, patience: Option<Duration>) -> io::Result<bool> {
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
    fn end(mut self) -> io::Result<()> {
        while self.read(&mut Vec::new(), None)? {}
        self.child.wait()?;
        Ok(())
    }
}
