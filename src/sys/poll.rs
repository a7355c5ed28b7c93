//! Waiting for descriptors: poll(2), ppoll(2).

use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

use super::check::check;

/// Waits until one of `fds` can be read without blocking or has hung up, or until
/// `timeout` is over; without one, for ever. Says which of them are, in their
/// order: none after an interruption by a signal handler. ppoll(2), which counts in
/// nanoseconds.
pub fn wait(fds: &[RawFd], timeout: Option<Duration>) -> io::Result<Vec<bool>> {
    poll_for(for_reading(fds), timeout)
}

/// Waits until `fd` takes a byte without blocking or has nobody who reads it, `other`
/// can be read, or `timeout` is over. Says whether `fd` does.
pub fn wait_to_write(fd: RawFd, other: RawFd, timeout: Option<Duration>) -> io::Result<bool> {
    let polled = vec![pollfd(fd, libc::POLLOUT), pollfd(other, libc::POLLIN)];
    Ok(poll_for(polled, timeout)?[0])
}

fn poll_for(mut polled: Vec<libc::pollfd>, timeout: Option<Duration>) -> io::Result<Vec<bool>> {
    let limit = timeout.map(|duration| libc::timespec {
        tv_sec: duration.as_secs() as libc::time_t,
        tv_nsec: duration.subsec_nanos() as libc::c_long,
    });
    let limit_ptr = limit.as_ref().map_or(std::ptr::null(), |limit| limit as _);
    // SAFETY: `polled` is a live array of the length passed, `limit_ptr` is null
    // or points to `limit`, which outlives the call; the signal mask is null.
    let result = unsafe {
        libc::ppoll(
            polled.as_mut_ptr(),
            polled.len() as libc::nfds_t,
            limit_ptr,
            std::ptr::null(),
        )
    };
    match check(result) {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(vec![false; polled.len()]),
        Err(error) => Err(error),
        Ok(_) => Ok(polled.iter().map(|entry| entry.revents != 0).collect()),
    }
}

/// One poll(2) for POLLIN, as a program makes it: `timeout_ms` of -1 waits for
/// ever. Gives how many descriptors have something, and what each has (revents),
/// in their order. The C library makes it ppoll(2) where the kernel has no poll
/// (aarch64).
pub fn poll_readable(fds: &[RawFd], timeout_ms: i32) -> io::Result<(i32, Vec<i16>)> {
    let mut polled = for_reading(fds);
    let count = polled.len() as libc::nfds_t;
    // SAFETY: `polled` is a live array of the length passed.
    let ready = check(unsafe { libc::poll(polled.as_mut_ptr(), count, timeout_ms) })?;
    Ok((ready, polled.iter().map(|entry| entry.revents).collect()))
}

/// True when nobody reads any more what is written to `fd`, a pipe or a socket:
/// POLLERR of poll(2).
pub fn reader_is_gone(fd: RawFd) -> bool {
    let mut polled = pollfd(fd, 0);
    // SAFETY: one live pollfd, and no waiting.
    let result = unsafe { libc::poll(&mut polled, 1, 0) };
    result == 1 && polled.revents & libc::POLLERR != 0
}

fn for_reading(fds: &[RawFd]) -> Vec<libc::pollfd> {
    fds.iter().map(|&fd| pollfd(fd, libc::POLLIN)).collect()
}

fn pollfd(fd: RawFd, events: i16) -> libc::pollfd {
    libc::pollfd {
        fd,
        events,
        revents: 0,
    }
}
