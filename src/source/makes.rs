//! Which system calls a program makes: it is started and traced for that.

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

/// Does each of these programs that is installed make these calls, one after the other in
/// one process, each with success? Each is given as its words. `None`: none of them is
/// installed, or none can be traced.
pub(crate) fn makes(programs: &[Vec<String>], calls: &[String]) -> Option<bool> {
    let traced = programs.iter().filter_map(|words| traced(words).ok());
    let traced: Vec<Vec<(u32, String)>> = traced.filter(|made| !made.is_empty()).collect();
    let in_order = |made: &Vec<(u32, String)>| {
        made.iter().any(|(pid, _)| {
            let mut of_process = made.iter().filter(|(whose, _)| whose == pid);
            calls
                .iter()
                .all(|call| of_process.any(|(_, name)| name == call))
        })
    };
    (!traced.is_empty()).then(|| traced.iter().all(in_order))
}

/// The calls that succeeded, each with the process that made it. None at all: it was not
/// run.
fn traced(words: &[String]) -> io::Result<Vec<(u32, String)>> {
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
