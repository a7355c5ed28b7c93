//! Which system calls a program makes: it is started and traced for that.

use std::collections::HashMap;
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::process::{ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::sys::{self, Process};

/// So long may it run.
const DEADLINE: Duration = Duration::from_secs(20);

/// What is read of a line of JSON that the tracer tells.
#[derive(Deserialize)]
struct Line {
    event: String,
    pid: Option<u32>,
    call: Option<String>,
    errno: Option<String>,
}

/// A call that succeeded: the process that made it, and its name.
type Success = (u32, String);

/// Programs that were traced for their calls, each once.
#[derive(Default)]
pub(crate) struct Programs {
    traced: HashMap<Vec<String>, Vec<Success>>,
}

impl Programs {
    /// Does each of these programs that is installed make these calls, one after the other
    /// in one process, each with success? Each is given as its words. `None`: none of them
    /// is installed, or none can be traced.
    pub(crate) fn make(&mut self, programs: &[Vec<String>], calls: &[String]) -> Option<bool> {
        for words in programs {
            let trace = || traced(words).unwrap_or_default();
            self.traced.entry(words.clone()).or_insert_with(trace);
        }
        let in_order = |made: &[Success]| {
            made.iter().any(|(pid, _)| {
                let mut of_process = made.iter().filter(|(whose, _)| whose == pid);
                calls
                    .iter()
                    .all(|call| of_process.any(|(_, name)| name == call))
            })
        };
        let mut found = self.found(programs).peekable();
        found.peek()?;
        Some(found.all(|(_, made)| in_order(made)))
    }

    /// The names of those that were run and traced.
    pub(crate) fn names<'p>(&self, programs: &'p [Vec<String>]) -> impl Iterator<Item = &'p str> {
        let named = self.found(programs).map(|(words, _)| words);
        named.filter_map(|words| words.first().map(String::as_str))
    }

    fn found<'p>(
        &self,
        programs: &'p [Vec<String>],
    ) -> impl Iterator<Item = (&'p Vec<String>, &[Success])> {
        let of = |words| Some((words, self.traced.get(words)?.as_slice()));
        let traced = programs.iter().filter_map(of);
        traced.filter(|(_, made)| !made.is_empty())
    }
}

/// The calls that succeeded. None at all: it was not run.
fn traced(words: &[String]) -> io::Result<Vec<Success>> {
    let mut child = Command::new("/proc/self/exe")
        .args(["trace", "--json", "--"])
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let told = child.stderr.take().map(read).transpose();
    if !matches!(told, Ok(Some(_))) {
        // The tracer passes that on to the program.
        let _ = Process::of(child.id()).signal(libc::SIGTERM);
    }
    let _ = child.wait();
    let told = told?.unwrap_or_default();
    // The program may write there, too.
    let lines = told
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let made = lines.filter_map(|line: Line| match (line.pid, line.call) {
        (Some(pid), Some(call)) if line.event == "exit" && line.errno.is_none() => {
            Some((pid, call))
        }
        _ => None,
    });
    Ok(made.collect())
}

/// Everything up to the end, or the error TimedOut.
fn read(mut from: ChildStderr) -> io::Result<String> {
    let began = Instant::now();
    let (mut told, mut some) = (Vec::new(), [0; 4096]);
    loop {
        let left = DEADLINE.saturating_sub(began.elapsed());
        if !sys::wait(&[from.as_raw_fd()], Some(left))?[0] {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match from.read(&mut some)? {
            0 => return Ok(String::from_utf8_lossy(&told).into_owned()),
            count => told.extend_from_slice(&some[..count]),
        }
    }
}
