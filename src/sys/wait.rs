use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::time::Duration;

/// Which of the descriptors given to [`wait`] can be read without blocking
/// (or have hung up), in their order.
pub type Ready = Vec<bool>;

/// Waits until one of `fds` is readable or has hung up, or `timeout` is over:
/// ppoll(2), which counts in nanoseconds. No timeout waits for ever. An
/// interruption by a signal handler counts as nothing ready.
pub fn wait(fds: &[RawFd], timeout: Option<Duration>) -> io::Result<Ready> {
    let mut polled = for_reading(fds);
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
    match super::check(result) {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(vec![false; fds.len()]),
        Err(error) => Err(error),
        Ok(_) => Ok(polled.iter().map(|entry| entry.revents != 0).collect()),
    }
}

/// What asks poll(2) for POLLIN on each.
fn for_reading(fds: &[RawFd]) -> Vec<libc::pollfd> {
    let asked = |&fd: &RawFd| libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    };
    fds.iter().map(asked).collect()
}

/// Has whoever reads from `fd`, a pipe or a socket, gone away? poll(2): POLLERR.
pub fn reader_is_gone(fd: RawFd) -> bool {
    let mut polled = libc::pollfd {
        fd,
        events: 0,
        revents: 0,
    };
    // SAFETY: one live pollfd, and no waiting.
    let result = unsafe { libc::poll(&mut polled, 1, 0) };
    result == 1 && polled.revents & libc::POLLERR != 0
}

/// One poll(2) for POLLIN, as a program makes it: `timeout_ms` of -1 waits for
/// ever. Gives how many descriptors have something, and what each has (revents),
/// in their order. The C library makes it ppoll(2) where the kernel has no poll
/// (aarch64).
pub fn poll_readable(fds: &[RawFd], timeout_ms: i32) -> io::Result<(i32, Vec<i16>)> {
    let mut polled = for_reading(fds);
    let count = polled.len() as libc::nfds_t;
    // SAFETY: `polled` is a live array of the length passed.
    let ready = super::check(unsafe { libc::poll(polled.as_mut_ptr(), count, timeout_ms) })?;
    Ok((ready, polled.iter().map(|entry| entry.revents).collect()))
}

/// Sets the file status flags of a socket: one fcntl(2) F_SETFL.
pub fn set_file_flags(fd: BorrowedFd<'_>, flags: libc::c_int) -> io::Result<()> {
    // SAFETY: integers only; the descriptor is open while it is borrowed.
    super::check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, flags) })?;
    Ok(())
}
