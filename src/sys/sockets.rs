//! Sockets: their options, queues and interface, and recvfrom(2) into a plain buffer.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use rustix::net::netdevice::index_to_name;
use socket2::{Domain, SockAddr, Socket, Type};

use super::check::check;

/// Reads an integer option of a socket: getsockopt(2). Never ask for `SO_ERROR`:
/// reading clears it, and the program's next call would miss the error.
pub(crate) fn socket_option(fd: BorrowedFd<'_>, level: i32, option: i32) -> io::Result<i32> {
    debug_assert!(option != libc::SO_ERROR, "reading SO_ERROR clears it");
    let mut value = 0;
    read_option(fd, level, option, &mut value)?;
    Ok(value)
}

/// SO_BUF_LOCK: has the program set the size of the receive buffer, and that of the
/// send buffer? Linux 5.15.
pub(crate) fn buffers_set(fd: BorrowedFd<'_>) -> io::Result<(bool, bool)> {
    // From include/uapi/asm-generic/socket.h and linux/socket.h.
    const SO_BUF_LOCK: i32 = 72;
    const SNDBUF_LOCK: i32 = 1;
    const RCVBUF_LOCK: i32 = 2;
    let locks = socket_option(fd, libc::SOL_SOCKET, SO_BUF_LOCK)?;
    Ok((locks & RCVBUF_LOCK != 0, locks & SNDBUF_LOCK != 0))
}

/// What socklab uses of `struct tcp_info` (include/uapi/linux/tcp.h).
pub(crate) struct TcpInfo {
    /// The kernel's state number.
    pub state: u8,
    /// On a listener, the length of the accept queue; else segments in flight.
    pub unacked: u32,
    /// On a listener, the limit of the accept queue.
    pub sacked: u32,
    /// Smoothed round-trip time in microseconds.
    pub rtt_us: u32,
    /// Milliseconds since the last segment that acknowledged anything.
    pub quiet_ms: u32,
    /// Segments sent and received; Linux 4.2 and later.
    pub segs: Option<(u32, u32)>,
}

/// TCP_INFO: tcp(7). An older kernel fills in less; the rest stays 0.
pub(crate) fn tcp_info(fd: BorrowedFd<'_>) -> io::Result<TcpInfo> {
    // SAFETY: tcp_info is plain numbers, for which zero is valid.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let filled = read_option(fd, libc::IPPROTO_TCP, libc::TCP_INFO, &mut info)?;
    let has_segs = filled >= std::mem::offset_of!(libc::tcp_info, tcpi_segs_in) + 4;
    Ok(TcpInfo {
        state: info.tcpi_state,
        unacked: info.tcpi_unacked,
        sacked: info.tcpi_sacked,
        rtt_us: info.tcpi_rtt,
        quiet_ms: info.tcpi_last_ack_recv,
        segs: has_segs.then_some((info.tcpi_segs_out, info.tcpi_segs_in)),
    })
}

/// SO_PEERCRED: unix(7). Without a peer, and on sockets of other families, the kernel
/// answers with pid 0, which rustix has no value for, and ids of all ones.
pub(crate) fn peer_cred(fd: BorrowedFd<'_>) -> io::Result<libc::ucred> {
    let (pid, uid, gid) = (0, 0, 0);
    let mut cred = libc::ucred { pid, uid, gid };
    read_option(fd, libc::SOL_SOCKET, libc::SO_PEERCRED, &mut cred)?;
    Ok(cred)
}

/// What socklab uses of SO_MEMINFO: linux/sock_diag.h, Linux 4.12 and later.
pub(crate) struct MemInfo {
    /// The memory of the segments in the send buffer, in bytes.
    pub send_memory: u32,
    /// How often the kernel had no room: of a listener for a client, of a datagram
    /// socket for a datagram.
    pub drops: u32,
}

/// SO_MEMINFO: the memory that a socket has and uses.
pub(crate) fn mem_info(fd: BorrowedFd<'_>) -> io::Result<MemInfo> {
    const WMEM_QUEUED: usize = 5;
    const DROPS: usize = 8;
    let mut info = [0u32; 9];
    read_option(fd, libc::SOL_SOCKET, libc::SO_MEMINFO, &mut info)?;
    Ok(MemInfo {
        send_memory: info[WMEM_QUEUED],
        drops: info[DROPS],
    })
}

/// Fills `value` and says how many bytes of it the kernel knew.
fn read_option<T: Copy>(
    fd: BorrowedFd<'_>,
    level: i32,
    option: i32,
    value: &mut T,
) -> io::Result<usize> {
    let mut len = size_of::<T>() as libc::socklen_t;
    let (fd, value) = (fd.as_raw_fd(), std::ptr::from_mut(value).cast());
    // SAFETY: `value` is live and `len` its size; the kernel writes at most that.
    // Every `T` used here is plain numbers, for which any bytes are valid.
    check(unsafe { libc::getsockopt(fd, level, option, value, &mut len) })?;
    Ok(len as usize)
}

/// Bytes in the receive buffer: SIOCINQ of tcp(7), udp(7), unix(7).
pub(crate) fn recv_queue(fd: BorrowedFd<'_>) -> io::Result<u32> {
    queue(fd, libc::FIONREAD)
}

/// Bytes in the send buffer: SIOCOUTQ. Of tcp(7) those that are not sent or not
/// acknowledged; of udp(7) and unix(7) the kernel's memory for them.
///
/// For TCP the kernel subtracts sequence numbers. A closed socket has none: after a
/// refused connect the difference would be 3. See [`mem_info`].
pub(crate) fn send_queue(fd: BorrowedFd<'_>) -> io::Result<u32> {
    queue(fd, libc::TIOCOUTQ)
}

fn queue(fd: BorrowedFd<'_>, request: libc::Ioctl) -> io::Result<u32> {
    let mut bytes: libc::c_int = 0;
    // SAFETY: both requests store one int, and `bytes` is one.
    check(unsafe { libc::ioctl(fd.as_raw_fd(), request, &mut bytes) })?;
    u32::try_from(bytes).map_err(io::Error::other)
}

/// Is the loopback interface of `socket`'s network namespace up? SIOCGIFFLAGS of
/// netdevice(7): /sys shows the namespace in which it was mounted, maybe another.
pub(crate) fn loopback_is_up(socket: BorrowedFd<'_>) -> io::Result<bool> {
    Ok(loopback_flags(socket, libc::SIOCGIFFLAGS as libc::Ioctl, 0)? & libc::IFF_UP != 0)
}

/// Has the loopback interface be up there: SIOCSIFFLAGS.
pub(super) fn raise_loopback(socket: &Socket) -> io::Result<()> {
    let (fd, up) = (socket.as_fd(), libc::IFF_UP | libc::IFF_RUNNING);
    loopback_flags(fd, libc::SIOCSIFFLAGS as libc::Ioctl, up).map(drop)
}

/// What the interface of that number is called in this network namespace: SIOCGIFNAME.
pub(crate) fn interface_name(number: u32) -> io::Result<String> {
    let any = Socket::new(Domain::UNIX, Type::DGRAM, None)?;
    Ok(index_to_name(&any, number)?)
}

fn loopback_flags(socket: BorrowedFd<'_>, call: libc::Ioctl, flags: i32) -> io::Result<i32> {
    // struct ifreq: the name, and behind it the flags.
    let mut request = [0u8; size_of::<libc::ifreq>()];
    let at = libc::IFNAMSIZ;
    request[..2].copy_from_slice(b"lo");
    request[at..at + 2].copy_from_slice(&(flags as i16).to_ne_bytes());
    let fd = socket.as_raw_fd();
    // SAFETY: the kernel reads the name, which ends in 0, and reads or writes the flags;
    // both are in `request`, which is live and as large as the kernel takes it to be.
    check(unsafe { libc::ioctl(fd, call, &mut request) })?;
    Ok(i16::from_ne_bytes([request[at], request[at + 1]]).into())
}

/// recvfrom(2) into a plain buffer: how many bytes came, and from whom. Where the
/// kernel names no sender the address has the length 0.
pub(crate) fn recv_from(
    socket: &Socket,
    buffer: &mut [u8],
    flags: i32,
) -> io::Result<(usize, SockAddr)> {
    socket.recv_from_with_flags(as_uninit(buffer), flags)
}

/// recv(2) into a plain buffer.
pub(crate) fn recv(socket: &Socket, buffer: &mut [u8], flags: i32) -> io::Result<usize> {
    socket.recv_with_flags(as_uninit(buffer), flags)
}

fn as_uninit(buffer: &mut [u8]) -> &mut [MaybeUninit<u8>] {
    // SAFETY: the two slices have the same layout, and socket2's methods promise never
    // to write uninitialised bytes into it.
    unsafe { &mut *(std::ptr::from_mut(buffer) as *mut [MaybeUninit<u8>]) }
}
