//! Calls that an actor makes as a program would, with what the C library passes.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};

use socket2::SockAddr;

use super::check::check;

/// setsockopt(2) with a value of any kind.
pub(crate) fn set_option(
    fd: BorrowedFd<'_>,
    level: i32,
    option: i32,
    value: &[u8],
) -> io::Result<()> {
    let (fd, len) = (fd.as_raw_fd(), value.len() as libc::socklen_t);
    // SAFETY: `value` is live and `len` its size; the kernel only reads it.
    check(unsafe { libc::setsockopt(fd, level, option, value.as_ptr().cast(), len) }).map(drop)
}

/// getsockopt(2) of a value of at most that many bytes. Reading SO_ERROR clears it: only
/// for who has asked for that.
pub(crate) fn get_option(
    fd: BorrowedFd<'_>,
    level: i32,
    option: i32,
    len: usize,
) -> io::Result<Vec<u8>> {
    let mut value = vec![0u8; len];
    let mut taken = len as libc::socklen_t;
    let (fd, into) = (fd.as_raw_fd(), value.as_mut_ptr().cast());
    // SAFETY: `value` is live and has `taken` bytes; the kernel writes at most that.
    check(unsafe { libc::getsockopt(fd, level, option, into, &mut taken) })?;
    value.truncate(taken as usize);
    Ok(value)
}

/// accept4(2).
pub(crate) fn accept4(fd: BorrowedFd<'_>, flags: i32) -> io::Result<(OwnedFd, SockAddr)> {
    let accept = |storage: *mut libc::sockaddr_storage, len: *mut libc::socklen_t| {
        // SAFETY: the storage and its length are live, and the kernel fills them in.
        let new = check(unsafe { libc::accept4(fd.as_raw_fd(), storage.cast(), len, flags) })?;
        // SAFETY: the descriptor is new and nobody else's.
        Ok(unsafe { OwnedFd::from_raw_fd(new) })
    };
    // SAFETY: `accept` has the kernel fill in a valid address.
    unsafe { SockAddr::try_init(|storage, len| accept(storage.cast(), len)) }
}

/// dup2(2), or where the kernel has none dup3(2).
pub(crate) fn dup_to(fd: BorrowedFd<'_>, to: i32) -> io::Result<OwnedFd> {
    // SAFETY: integers only. Whoever owns `to` gives it up: see `forget`.
    let new = check(unsafe { libc::dup2(fd.as_raw_fd(), to) })?;
    // SAFETY: the descriptor is what the call has just made.
    Ok(unsafe { OwnedFd::from_raw_fd(new) })
}

/// The kernel has closed it already: nobody closes it again.
pub(crate) fn forget(fd: OwnedFd) {
    let _ = fd.into_raw_fd();
}

/// ioctl(2) with a request that stores one int.
pub(crate) fn ioctl_int(fd: BorrowedFd<'_>, request: u64) -> io::Result<i32> {
    let mut value: libc::c_int = 0;
    // SAFETY: the requests of the script's table store one int, and `value` is one.
    check(unsafe { libc::ioctl(fd.as_raw_fd(), request as libc::Ioctl, &mut value) })?;
    Ok(value)
}

/// epoll_ctl(2), with the descriptor as the data.
pub(crate) fn epoll_ctl(
    epoll: BorrowedFd<'_>,
    operation: i32,
    fd: BorrowedFd<'_>,
    events: u32,
) -> io::Result<()> {
    let (epoll, fd) = (epoll.as_raw_fd(), fd.as_raw_fd());
    let u64 = u64::from(fd.cast_unsigned());
    let mut event = libc::epoll_event { events, u64 };
    let event = if events == 0 {
        std::ptr::null_mut()
    } else {
        &raw mut event
    };
    // SAFETY: `event` is live or null; the kernel only reads it.
    check(unsafe { libc::epoll_ctl(epoll, operation, fd, event) }).map(drop)
}

/// epoll_wait(2): the events of each, and its data.
pub(crate) fn epoll_wait(
    epoll: BorrowedFd<'_>,
    most: i32,
    timeout: i32,
) -> io::Result<Vec<(u32, u64)>> {
    let none = libc::epoll_event { events: 0, u64: 0 };
    let mut events = vec![none; most.max(1).cast_unsigned() as usize];
    let (epoll, into) = (epoll.as_raw_fd(), events.as_mut_ptr());
    // SAFETY: `events` is live and has room for `most`.
    let count = check(unsafe { libc::epoll_wait(epoll, into, most, timeout) })?;
    events.truncate(count.cast_unsigned() as usize);
    Ok(events
        .iter()
        .map(|event| (event.events, event.u64))
        .collect())
}

/// kill(2).
pub(crate) fn kill(pid: i32, signal: i32) -> io::Result<()> {
    // SAFETY: two integers, no memory.
    check(unsafe { libc::kill(pid, signal) }).map(drop)
}
