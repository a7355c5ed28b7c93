//! What may be done with other processes: seen, looked into, traced, set apart.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use rustix::process::getuid;

use super::network::packet_socket;
use super::tried::{said, tried};
use crate::model::{Examined, MachineEvent};
use crate::source::trace::{Command, Next, Tracer};
use crate::sys::{self, Helper, Process};
use crate::words::say;

/// How long a traced program may take that does nothing.
const PATIENCE: Duration = Duration::from_secs(5);

/// From what may be seen of others to a network of one's own.
pub(super) fn examine() -> [Examined; 5] {
    let own_network = || {
        sys::leave_network()?;
        // Some systems allow the namespace, and in it nothing.
        packet_socket().map(drop)
    };
    let network = "unshare(CLONE_NEWUSER|CLONE_NEWNET)";
    [
        others(),
        tried("pidfd_getfd", &say!("seen-of-child"), of_child()),
        inspect(),
        trace(),
        tried("namespaces", network, sys::in_copy(own_network)),
    ]
}

/// What /proc shows of this process, and of those of other users.
fn others() -> Examined {
    let own = std::process::id().to_string();
    let shown = fs::read_link("/proc/self");
    if !shown.is_ok_and(|link| link.as_os_str() == own.as_str()) {
        return Examined::new("proc", "foreign", say!("seen-foreign-proc", pid = own));
    }
    let uid = getuid().as_raw();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut others = processes.filter(|entry| {
        let name = entry.file_name();
        let is_process = name
            .to_str()
            .is_some_and(|name| name.parse::<u32>().is_ok());
        is_process && entry.metadata().is_ok_and(|folder| folder.uid() != uid)
    });
    let hidden = others.find_map(|entry| {
        let fds = entry.path().join("fd");
        let error = fs::read_dir(&fds).err()?;
        let is_gone = matches!(error.kind(), io::ErrorKind::NotFound);
        (!is_gone).then(|| format!("{}: {}", fds.display(), said(&error)))
    });
    match hidden {
        Some(seen) => Examined::new("proc", "own", seen),
        None => Examined::new("proc", "all", say!("seen-every-process")),
    }
}

/// A duplicate of a descriptor that a child holds, as of an actor's.
fn of_child() -> io::Result<()> {
    let (held, _other) = io::pipe()?;
    let child = Helper::start(|| {
        // Until it is killed.
        let _ = sys::wait(&[], None);
        0
    })?;
    Process::of(child.pid())
        .duplicate(held.as_raw_fd())
        .map(drop)
}

/// The same of a process that is no child: a copy of this process tries it on this one.
fn inspect() -> Examined {
    let (held, _other) = match io::pipe() {
        Ok(pipe) => pipe,
        Err(error) => return tried::<()>("inspect", "", Err(error)),
    };
    let parent = Process::of(std::process::id());
    let copied = sys::in_copy(|| parent.duplicate(held.as_raw_fd()).map(drop));
    let yama = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope");
    let yama = match yama.as_deref().map(str::trim) {
        Ok(scope) => format!("Yama {scope}"),
        Err(_) => say!("seen-no-yama"),
    };
    let mut examined = tried("inspect", &say!("seen-of-other"), copied);
    examined.seen = format!("{}, {yama}", examined.seen);
    examined
}

/// Traces this program while it says its version.
fn trace() -> Examined {
    match traced() {
        Ok(true) => Examined::new("trace", "works", say!("seen-traced")),
        Ok(false) => Examined::new("trace", "refused", say!("seen-no-call")),
        Err(why) => Examined::new("trace", "refused", why),
    }
}

/// Was a call of it seen?
fn traced() -> Result<bool, String> {
    let null = || OpenOptions::new().read(true).write(true).open("/dev/null");
    let null = || null().ok();
    let words = ["/proc/self/exe", "--version"].map(OsString::from);
    let stdio: [Option<File>; 3] = [null(), null(), null()];
    let command = Command {
        words: words.into(),
        stdio,
        mask: None,
    };
    let mut tracer = Tracer::spawn(command).map_err(|refusal| refusal.to_string())?;
    let began = Instant::now();
    let mut seen = false;
    loop {
        let left = PATIENCE.saturating_sub(began.elapsed());
        let next = tracer.next(&[], Some(left));
        match next.map_err(|refusal| refusal.to_string())? {
            Next::Told(told) => seen |= matches!(told.what, MachineEvent::Exit { .. }),
            Next::Ended => return Ok(seen),
            Next::Idle => {
                // It is killed, and told to be gone.
                let _ = Process::of(tracer.root()).kill();
            }
        }
    }
}
