//! The calls by which a program serves more than one client: fork(2), wait4(2), poll(2).

use std::io;
use std::os::fd::OwnedFd;
use std::time::Instant;

use super::perform::Returned;
use crate::model::{Arg, Call, Param, Status, poll_note};
use crate::sys;

/// fork(2). Both processes return from here and go on as actors: the parent on the
/// channel it has, the child on `channel`, which the controller has passed along.
/// Both then give up the number of `channel`, so that their descriptors are those
/// of a program that did nothing but fork.
pub(super) fn fork(channel: Option<OwnedFd>) -> io::Result<Returned> {
    // The kernel drops a passed descriptor when the table is full.
    let channel = channel.ok_or_else(|| io::Error::from_raw_os_error(libc::EMFILE))?;
    let parent = std::process::id();
    let began = Instant::now();
    let forked = sys::fork();
    let took = Some(began.elapsed());
    let child = match forked {
        Err(error) => {
            sys::put_away(channel);
            return Err(error);
        }
        Ok(Some(child)) => {
            sys::put_away(channel);
            child
        }
        Ok(None) => {
            if !become_actor(channel, parent).unwrap_or(false) {
                // The parent is gone, or fds 0 and 1 are still its channel: no answer.
                sys::exit_now(1);
            }
            0
        }
    };
    Ok(Returned {
        value: child.into(),
        took,
    })
}

/// Does in the child what its parent did when it was started: fork(2) clears the
/// signal at the parent's death, and fds 0 and 1 are still the parent's channel.
/// Says whether the parent still lives.
fn become_actor(channel: OwnedFd, parent: u32) -> io::Result<bool> {
    sys::as_stdio(channel)?;
    sys::own_group()?;
    sys::die_with_parent(parent)
}

/// wait4(2) for that child.
pub(super) fn wait(call: &mut Call) -> io::Result<Returned> {
    let pid = call.number(Param::Pid).unwrap_or_default() as i32;
    let (ended, status) = sys::wait_for(pid)?;
    call.fill(Param::StatusOut, Arg::Status(Status(status)));
    Ok(i64::from(ended).into())
}

/// poll(2) for POLLIN.
pub(super) fn poll(call: &mut Call) -> io::Result<Returned> {
    let timeout = call.number(Param::Timeout).unwrap_or_default() as i32;
    let fds = match call.arg(Param::PollFds) {
        Some(Arg::PollFds(fds)) => fds.iter().map(|(fd, _)| *fd).collect(),
        _ => Vec::new(),
    };
    let (ready, revents) = sys::poll_readable(&fds, timeout)?;
    let reported: Vec<(i32, i16)> = fds.into_iter().zip(revents).collect();
    call.note = Some(poll_note(&reported));
    Ok(i64::from(ready).into())
}
