use std::io;
use std::mem::MaybeUninit;

use socket2::{SockAddr, Socket};

/// recvfrom(2) into a plain buffer: how many bytes came, and from whom. Where the
/// kernel names nobody the address has the length 0.
pub fn recv_from(socket: &Socket, buffer: &mut [u8]) -> io::Result<(usize, SockAddr)> {
    // SAFETY: the two slices have the same layout, and `recv_from` promises never
    // to write uninitialised bytes into it.
    let buffer = unsafe { &mut *(std::ptr::from_mut(buffer) as *mut [MaybeUninit<u8>]) };
    socket.recv_from(buffer)
}
