//! Messages with a descriptor, and recvfrom(2) into a plain buffer.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use socket2::{SockAddr, Socket};

use super::check::check;

/// Room for one descriptor in a control message, aligned as cmsg(3) wants it.
type Control = [u64; 4];

/// The size of one descriptor in bytes.
const FD: u32 = size_of::<libc::c_int>() as u32;

/// Sends bytes over a unix socket, and a descriptor with the first of them:
/// sendmsg(2), SCM_RIGHTS of unix(7). Says how many bytes the kernel took.
pub fn send_with_fd(to: BorrowedFd<'_>, bytes: &[u8], fd: BorrowedFd<'_>) -> io::Result<usize> {
    let mut control: Control = [0; 4];
    let mut part = libc::iovec {
        iov_base: bytes.as_ptr().cast_mut().cast(),
        iov_len: bytes.len(),
    };
    let mut message = header(&mut part, &mut control);
    // SAFETY: CMSG_SPACE and CMSG_LEN only compute. The control buffer is live,
    // aligned and larger than a header with one int, so CMSG_FIRSTHDR points into
    // it and so does CMSG_DATA, where one int has room.
    unsafe {
        message.msg_controllen = libc::CMSG_SPACE(FD) as _;
        let head = libc::CMSG_FIRSTHDR(&message);
        (*head).cmsg_level = libc::SOL_SOCKET;
        (*head).cmsg_type = libc::SCM_RIGHTS;
        (*head).cmsg_len = libc::CMSG_LEN(FD) as _;
        libc::CMSG_DATA(head)
            .cast::<libc::c_int>()
            .write_unaligned(fd.as_raw_fd());
    }
    // SAFETY: `message` points to live buffers of the lengths it says; sendmsg
    // writes to none of them.
    let sent = check(unsafe { libc::sendmsg(to.as_raw_fd(), &message, libc::MSG_NOSIGNAL) })?;
    Ok(sent.cast_unsigned())
}

/// Receives bytes from a unix socket, and the descriptor that came with them, if
/// one did: recvmsg(2). It has the lowest free number.
pub fn receive_with_fd(
    from: BorrowedFd<'_>,
    buffer: &mut [u8],
) -> io::Result<(usize, Option<OwnedFd>)> {
    let mut control: Control = [0; 4];
    let mut part = libc::iovec {
        iov_base: buffer.as_mut_ptr().cast(),
        iov_len: buffer.len(),
    };
    let mut message = header(&mut part, &mut control);
    // SAFETY: CMSG_LEN only computes. One descriptor has room, so the kernel
    // cannot give a second one that nobody would own.
    message.msg_controllen = unsafe { libc::CMSG_LEN(FD) } as _;
    // SAFETY: `message` points to live buffers of the lengths it says, which the
    // kernel fills at most.
    let count =
        check(unsafe { libc::recvmsg(from.as_raw_fd(), &mut message, libc::MSG_CMSG_CLOEXEC) })?;
    // SAFETY: recvmsg has filled in the control buffer and its length, by which
    // CMSG_FIRSTHDR gives null or a whole header in it. The length in that header
    // says that an int follows; the descriptor is new and nobody else's.
    let passed = unsafe {
        let head = libc::CMSG_FIRSTHDR(&message);
        let is_fd = !head.is_null()
            && (*head).cmsg_level == libc::SOL_SOCKET
            && (*head).cmsg_type == libc::SCM_RIGHTS
            && (*head).cmsg_len >= libc::CMSG_LEN(FD) as _;
        is_fd.then(|| {
            let number = libc::CMSG_DATA(head).cast::<libc::c_int>().read_unaligned();
            OwnedFd::from_raw_fd(number)
        })
    };
    Ok((count.cast_unsigned(), passed))
}

/// A message of one part with a control buffer. The caller sets the length of the
/// control buffer.
fn header(part: &mut libc::iovec, control: &mut Control) -> libc::msghdr {
    // SAFETY: msghdr is pointers and numbers, for which zero is valid.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = part;
    message.msg_iovlen = 1;
    message.msg_control = control.as_mut_ptr().cast();
    message
}

/// recvfrom(2) into a plain buffer: how many bytes came, and from whom. Where the
/// kernel names no sender the address has the length 0.
pub fn recv_from(socket: &Socket, buffer: &mut [u8]) -> io::Result<(usize, SockAddr)> {
    // SAFETY: the two slices have the same layout, and `recv_from` promises never
    // to write uninitialised bytes into it.
    let buffer = unsafe { &mut *(std::ptr::from_mut(buffer) as *mut [MaybeUninit<u8>]) };
    socket.recv_from(buffer)
}
