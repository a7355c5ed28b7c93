//! Descriptors: their numbers, their flags, and how they are closed.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};

use super::check::check;

/// Closes a descriptor and says what close(2) said, which dropping it would not.
pub(crate) fn close(fd: OwnedFd) -> io::Result<()> {
    // SAFETY: `into_raw_fd` gives up ownership, so nobody closes it a second time.
    check(unsafe { libc::close(fd.into_raw_fd()) }).map(drop)
}

/// open(2) for reading and nothing else, which is the call openat(2). rustix would add
/// O_LARGEFILE.
pub(crate) fn open_to_read(path: &str) -> io::Result<OwnedFd> {
    let path = CString::new(path)?;
    // SAFETY: the path ends in 0.
    let fd = check(unsafe { libc::open(path.as_ptr(), libc::O_RDONLY) })?;
    // SAFETY: the descriptor is new and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Closes every descriptor from `first` to `last`: close_range(2), Linux 5.9. Only
/// for descriptors that were inherited, or whose owner gives them up.
pub(crate) fn close_range(first: u32, last: u32) -> io::Result<()> {
    // SAFETY: integers only. No owner of these descriptors uses them afterwards.
    check(unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) }).map(drop)
}

/// Closes a descriptor that does not belong to the lesson, by close_range(2): so a
/// trace of the process shows a close(2) only for those that do. Before Linux 5.9
/// it is close(2) after all.
pub(crate) fn put_away(fd: OwnedFd) {
    let number = fd.as_raw_fd().cast_unsigned();
    if close_range(number, number).is_ok() {
        // It is closed already: the owner must not close it again.
        let _ = fd.into_raw_fd();
    }
}

/// Sets the file status flags of a socket: one fcntl(2) F_SETFL. rustix would add
/// O_LARGEFILE.
pub(crate) fn set_file_flags(fd: BorrowedFd<'_>, flags: libc::c_int) -> io::Result<()> {
    // SAFETY: integers only; the descriptor is open while it is borrowed.
    check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, flags) }).map(drop)
}
