//! By which a program serves more than one client: what follows a fork(2) in the child,
//! wait4(2), poll(2).

use std::io;
use std::os::fd::OwnedFd;

use rustix::process::{Pid, WaitOptions, setpgid, waitpid};
use rustix::stdio::{dup2_stdin, dup2_stdout};

use crate::model::{Arg, Call, Param, Status, poll_note};
use crate::sys;

/// Makes the child of a fork an actor: fds 0 and 1 are still its parent's channel, and
/// fork(2) clears the signal at the parent's death. Says whether the parent still lives.
pub(super) fn become_actor(channel: OwnedFd, parent: u32) -> io::Result<bool> {
    dup2_stdin(&channel)?;
    dup2_stdout(&channel)?;
    sys::put_away(channel);
    belong_to(parent)
}

/// Ends with `parent` from now on, and not by the terminal's keys, which are meant for
/// the controller. Says whether the parent still lives.
pub(super) fn belong_to(parent: u32) -> io::Result<bool> {
    setpgid(None, None)?;
    sys::die_with_parent(parent)
}

/// wait4(2) for that child, without options.
pub(super) fn wait(call: &mut Call) -> io::Result<i64> {
    let pid = call.number(Param::Pid).unwrap_or_default() as i32;
    let ended = waitpid(Pid::from_raw(pid), WaitOptions::empty())?;
    let (pid, status) = ended.ok_or(io::ErrorKind::WouldBlock)?;
    call.fill(Param::StatusOut, Arg::Status(Status(status.as_raw())));
    Ok(pid.as_raw_pid().into())
}

/// poll(2).
pub(super) fn poll(call: &mut Call) -> io::Result<i64> {
    let timeout = call.number(Param::Timeout).unwrap_or_default() as i32;
    let fds = match call.arg(Param::PollFds) {
        Some(Arg::PollFds(fds)) => fds.clone(),
        _ => Vec::new(),
    };
    let (ready, revents) = sys::poll_once(&fds, timeout)?;
    let reported: Vec<(i32, i16)> = {
        let fds = fds.into_iter().map(|(fd, _)| fd);
        fds.zip(revents).collect()
    };
    call.note = Some(poll_note(&reported));
    Ok(ready.into())
}
