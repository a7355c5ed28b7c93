//! The program that is to be traced.

use std::ffi::{CString, OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::model::{CALLS, Errno};
use crate::sys::{Filter, Launch, Mask};

/// What is to be run: its words, and what it has in place of our standard input, output
/// and error.
#[derive(Default)]
pub(crate) struct Command {
    pub words: Vec<OsString>,
    pub stdio: [Option<File>; 3],
    /// The signals that it blocks; without, those that this process does.
    pub mask: Option<Mask>,
}

/// Why a program could not be traced.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// There is no such program, or the kernel does not run it.
    Exec { program: String, error: io::Error },
    /// The kernel does not let it be traced: why, as far as that could be seen.
    Trace {
        pid: u32,
        error: io::Error,
        why: String,
    },
    /// The kernel takes no filter.
    Filter(io::Error),
    /// No numbers of calls are known for this architecture.
    Architecture,
    /// Something else failed.
    Other(io::Error),
}

impl Refusal {
    /// The kernel does not let that process be traced.
    pub(super) fn trace(pid: u32, error: io::Error) -> Refusal {
        let why = why(pid, &error);
        Refusal::Trace { pid, error, why }
    }

    /// The status that a shell exits with.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Refusal::Exec { error, .. } if error.kind() == io::ErrorKind::NotFound => 127,
            Refusal::Exec { .. } => 126,
            _ => 1,
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Refusal {
        Refusal::Other(error)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errno = |error: &io::Error| match error.raw_os_error() {
            Some(errno) => Errno(errno).to_string(),
            None => error.to_string(),
        };
        match self {
            Refusal::Exec { program, error } => write!(f, "running {program}: {}", errno(error)),
            Refusal::Trace { pid, error, why } => {
                write!(f, "tracing process {pid}: {}{why}", errno(error))
            }
            Refusal::Filter(error) => write!(
                f,
                "filtering the program's calls: {}. A kernel without seccomp, or a container \
                 that forbids it: run socklab outside of it, or allow seccomp there",
                errno(error)
            ),
            Refusal::Architecture => {
                f.write_str("programs are traced on x86-64 and on aarch64 only")
            }
            Refusal::Other(error) => write!(f, "tracing: {}", errno(error)),
        }
    }
}

/// Why ptrace(2) is refused, as far as it can be seen, and what to do.
fn why(pid: u32, error: &io::Error) -> String {
    if matches!(error.raw_os_error(), Some(libc::ESRCH | libc::ENOENT)) {
        return ". There is no such process".into();
    }
    if error.raw_os_error() == Some(libc::ENOSYS) {
        return ". There is no ptrace here: an emulator such as qemu-user has none".into();
    }
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let tracer = status
        .lines()
        .find_map(|line| line.strip_prefix("TracerPid:"));
    let tracer = tracer.map(str::trim).filter(|tracer| *tracer != "0");
    if let Some(tracer) = tracer {
        return format!(". Process {tracer} traces it already, and there can be only one");
    }
    let yama = std::fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope");
    match yama.as_deref().map(str::trim) {
        Ok("1") => ". Yama lets one trace one's own children only: start the program by \
                    `socklab trace -- CMD`, or as root `sysctl kernel.yama.ptrace_scope=0`"
            .into(),
        Ok("2") => ". Yama lets only root trace: run it by sudo, or as root `sysctl \
                    kernel.yama.ptrace_scope=1`"
            .into(),
        Ok("3") => ". Yama forbids tracing until the next boot".into(),
        _ => ". It is another user's, or this container forbids ptrace: docker run \
              --cap-add=SYS_PTRACE, or --security-opt seccomp=unconfined"
            .into(),
    }
}

impl Command {
    /// What is launched. The file is looked for along PATH, as a shell does.
    pub(super) fn launch(self) -> Result<Launch, Refusal> {
        let refused = |program: &OsStr, errno| Refusal::Exec {
            program: program.to_string_lossy().into_owned(),
            error: io::Error::from_raw_os_error(errno),
        };
        let Some(name) = self.words.first() else {
            return Err(refused(OsStr::new(""), libc::ENOENT));
        };
        let found = find(name).map_err(|errno| refused(name, errno))?;
        let words = [found.as_os_str()];
        let words = words
            .into_iter()
            .chain(self.words.iter().map(|word| word.as_os_str()));
        let words: Result<Vec<CString>, _> =
            words.map(|word| CString::new(word.as_bytes())).collect();
        let mut words = words.map_err(|_| refused(name, libc::EINVAL))?;
        let program = words.remove(0);
        Ok(Launch {
            program,
            words,
            filter: Filter::stopping(&watched()),
            stdio: self.stdio,
            mask: self.mask,
        })
    }
}

/// The numbers of the calls that are watched. Those about files and signals are not.
fn watched() -> Vec<u32> {
    let others = ["unlink", "openat", "rt_sigaction", "getaddrinfo"];
    let calls = CALLS
        .iter()
        .filter(|call| !others.contains(&call.book_name));
    let mut numbers: Vec<u32> = calls.map(|call| call.number() as u32).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// The file of that name along PATH, or the error that a shell would have.
fn find(name: &OsStr) -> Result<PathBuf, i32> {
    if name.as_bytes().contains(&b'/') {
        return Ok(name.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/bin:/usr/bin".into());
    let mut errno = libc::ENOENT;
    for folder in std::env::split_paths(&path) {
        let file = if folder.as_os_str().is_empty() {
            Path::new(".").join(name)
        } else {
            folder.join(name)
        };
        match std::fs::metadata(&file) {
            Ok(found) if found.is_file() && found.permissions().mode() & 0o111 != 0 => {
                return Ok(file);
            }
            Ok(found) if found.is_file() => errno = libc::EACCES,
            _ => {}
        }
    }
    Err(errno)
}
