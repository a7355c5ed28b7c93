//! How libc says that a call failed.

use std::io;

/// Turns libc's -1 into the error of errno.
pub(super) fn check<T: Default + PartialOrd>(result: T) -> io::Result<T> {
    if result < T::default() {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}
