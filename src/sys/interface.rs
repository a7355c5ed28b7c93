//! The state of a network interface.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::check::check;

/// Is the loopback interface of `socket`'s network namespace up? SIOCGIFFLAGS of
/// netdevice(7): /sys shows the namespace in which it was mounted, maybe another.
pub fn loopback_is_up(socket: BorrowedFd<'_>) -> io::Result<bool> {
    // SAFETY: ifreq is plain numbers and a union of such, for which zero is valid.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(*b"lo\0") {
        *to = from as libc::c_char;
    }
    // SAFETY: the kernel reads the name, which ends in 0, and writes the flags; both
    // are in `request`, which is live.
    check(unsafe {
        libc::ioctl(
            socket.as_raw_fd(),
            libc::SIOCGIFFLAGS as libc::Ioctl,
            &mut request,
        )
    })?;
    // SAFETY: the call has filled in the flags.
    let flags = unsafe { request.ifr_ifru.ifru_flags };
    Ok(i32::from(flags) & libc::IFF_UP != 0)
}
