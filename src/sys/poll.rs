//! Waiting for descriptors: poll(2), ppoll(2).

use std::io;
use std::os::fd::{BorrowedFd, RawFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::check::check;

/// Waits until one of `fds` can be read without blocking or has hung up, or until
/// `timeout` is over; without one, for ever. Says which of them are, in their
/// order: none after an interruption by a signal handler. ppoll(2), which counts in
/// nanoseconds.
pub(crate) fn wait(fds: &[RawFd], timeout: Option<Duration>) -> io::Result<Vec<bool>> {
    let events = poll_for(fds.iter().map(|fd| (*fd, PollFlags::IN)), timeout)?;
    Ok(events.iter().map(|events| !events.is_empty()).collect())
}

/// Waits until `fd` takes a byte without blocking or has nobody who reads it, `other`
/// can be read, or `timeout` is over. Says whether `fd` does.
pub(crate) fn wait_to_write(
    fd: RawFd,
    other: RawFd,
    timeout: Option<Duration>,
) -> io::Result<bool> {
    let events = poll_for([(fd, PollFlags::OUT), (other, PollFlags::IN)], timeout)?;
    Ok(!events[0].is_empty())
}

/// True when nobody reads any more what is written to `fd`, a pipe or a socket:
/// POLLERR.
pub(crate) fn reader_is_gone(fd: RawFd) -> bool {
    let events = poll_for([(fd, PollFlags::empty())], Some(Duration::ZERO));
    events.is_ok_and(|events| events[0].contains(PollFlags::ERR))
}

/// What each descriptor has of the events that are waited for.
fn poll_for(
    fds: impl IntoIterator<Item = (RawFd, PollFlags)>,
    timeout: Option<Duration>,
) -> io::Result<Vec<PollFlags>> {
    let polled = fds.into_iter().map(|(fd, events)| {
        // SAFETY: only the kernel uses it, to say what it has; of a number that is not
        // open it says so.
        let fd = unsafe { BorrowedFd::borrow_raw(fd) };
        PollFd::from_borrowed_fd(fd, events)
    });
    let mut polled: Vec<PollFd> = polled.collect();
    // What is too long for the kernel is for ever.
    let limit = timeout.and_then(|limit| Timespec::try_from(limit).ok());
    match poll(&mut polled, limit.as_ref()) {
        Ok(_) | Err(Errno::INTR) => Ok(polled.iter().map(PollFd::revents).collect()),
        Err(error) => Err(error.into()),
    }
}

/// One poll(2), as a program makes it: `timeout_ms` of -1 waits for
/// ever. Gives how many descriptors have something, and what each has (revents),
/// in their order. The C library makes it ppoll(2) where the kernel has no poll
/// (aarch64); rustix always does.
pub(crate) fn poll_once(fds: &[(RawFd, i16)], timeout_ms: i32) -> io::Result<(i32, Vec<i16>)> {
    let polled = fds.iter().map(|&(fd, events)| libc::pollfd {
        fd,
        events,
        revents: 0,
    });
    let mut polled: Vec<libc::pollfd> = polled.collect();
    let count = polled.len() as libc::nfds_t;
    // SAFETY: `polled` is a live array of the length passed.
    let ready = check(unsafe { libc::poll(polled.as_mut_ptr(), count, timeout_ms) })?;
    Ok((ready, polled.iter().map(|entry| entry.revents).collect()))
}
