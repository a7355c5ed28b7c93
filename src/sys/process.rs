//! This process and its copies, and others held by a descriptor.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::parent_id;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::io::{Errno, retry_on_intr};
use rustix::process::{
    DumpableBehavior, Pid, PidfdFlags, PidfdGetfdFlags, Signal, WaitOptions, kill_process,
    pidfd_getfd, pidfd_open, pidfd_send_signal, set_dumpable_behavior,
    set_parent_process_death_signal, waitpid,
};

use super::check::check;
use super::poll::wait;

/// Makes a copy of this process: fork(2). `None` in the child, the child's
/// process id in the parent.
///
/// Must be called while this process has one thread: the copy has only the
/// calling one, and whatever lock another holds stays held in it for ever.
pub(crate) fn fork() -> io::Result<Option<Pid>> {
    // SAFETY: no process of socklab has a second thread, so the child is a whole
    // copy in which everything may be called that may be called here. The handlers
    // of pthread_atfork(3) are the C library's own.
    Ok(Pid::from_raw(check(unsafe { libc::fork() })?))
}

/// Ends this process at once: _exit(2), which is the call exit_group(2). No
/// destructor runs, which would close its descriptors one by one before.
pub(crate) fn exit_now(code: i32) -> ! {
    // SAFETY: takes an integer and does not return.
    unsafe { libc::_exit(code) }
}

/// Asks the kernel to kill this process when its parent ends: prctl(2),
/// PR_SET_PDEATHSIG. Says whether `parent` is still the parent: one that ended
/// before this call sends no signal.
pub(crate) fn die_with_parent(parent: u32) -> io::Result<bool> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    Ok(parent_id() == parent)
}

/// Has this process be looked at as any of its user's: one that a file has given
/// capabilities is not. An error leaves it as it was.
pub(crate) fn be_readable() {
    let _ = set_dumpable_behavior(DumpableBehavior::Dumpable);
}

/// Waits until the child has ended and takes its status, as wait(2) encodes it.
pub(crate) fn wait_for(child: u32) -> io::Result<i32> {
    let ended = retry_on_intr(|| waitpid(Some(raw(child)?), WaitOptions::empty()))?;
    Ok(ended.map_or(0, |(_, status)| status.as_raw()))
}

/// The local time of day: localtime_r(3).
pub(crate) fn time_of_day() -> Duration {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    let since_epoch = since_epoch.unwrap_or_default();
    let seconds = since_epoch.as_secs() as _;
    // SAFETY: tm is numbers and a pointer that nobody follows: zero is valid.
    let mut local: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both are live; the library reads the one and fills in the other.
    unsafe { libc::localtime_r(&seconds, &mut local) };
    let seconds = (local.tm_hour * 60 + local.tm_min) * 60 + local.tm_sec;
    Duration::new(seconds.unsigned_abs().into(), since_epoch.subsec_nanos())
}

/// A process, which may be the child of another than this one: then only that one
/// can wait for it. The descriptor goes on to mean this process when it has ended
/// and its number has gone to another.
pub(crate) struct Process {
    pid: u32,
    /// pidfd_open(2). `None` before Linux 5.3: then the number has to do.
    fd: Option<OwnedFd>,
}

impl Process {
    /// The process that has this number now.
    pub(crate) fn of(pid: u32) -> Process {
        let fd = raw(pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()));
        Process { pid, fd: fd.ok() }
    }

    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Kills it.
    pub(crate) fn kill(&self) -> io::Result<()> {
        self.signal(libc::SIGKILL)
    }

    /// Sends it a signal: pidfd_send_signal(2), or kill(2).
    pub(crate) fn signal(&self, signal: i32) -> io::Result<()> {
        let signal = Signal::from_named_raw(signal).ok_or(Errno::INVAL)?;
        match &self.fd {
            Some(fd) => Ok(pidfd_send_signal(fd, signal)?),
            None => Ok(kill_process(raw(self.pid)?, signal)?),
        }
    }

    /// A duplicate in this process of its descriptor `fd`: pidfd_getfd(2), Linux 5.6. It
    /// keeps the file open: drop it before the process goes on. The kernel allows it to
    /// whoever may trace the process; the error EBADF says that `fd` is not open there.
    pub(crate) fn duplicate(&self, fd: i32) -> io::Result<OwnedFd> {
        // A program may pass on the -1 of a call that has failed.
        if fd < 0 {
            return Err(Errno::BADF.into());
        }
        let process = self.fd.as_ref().ok_or(Errno::NOSYS)?;
        Ok(pidfd_getfd(process, fd, PidfdGetfdFlags::empty())?)
    }

    /// Waits at most `timeout` until it has ended, and says whether it has. Without
    /// a descriptor that cannot be seen. It may stay as a zombie.
    pub(crate) fn wait_end(&self, timeout: Duration) -> io::Result<bool> {
        match &self.fd {
            Some(fd) => Ok(wait(&[fd.as_raw_fd()], Some(timeout))?[0]),
            None => Ok(false),
        }
    }
}

/// A process id as rustix takes it. No process has the number 0.
fn raw(pid: u32) -> rustix::io::Result<Pid> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.ok_or(Errno::SRCH)
}
