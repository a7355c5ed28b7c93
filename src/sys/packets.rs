//! The packets of every interface: packet(7).

use std::io::{self, ErrorKind, PipeReader, PipeWriter};
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use rustix::net::netdevice::index_to_name;
use rustix::stdio::{dup2_stdin, dup2_stdout, stdout};
use socket2::{Domain, SockAddr, SockAddrStorage, SockFilter, Socket, Type};

use super::calls::{get_option, set_option};
use super::check::check;
use super::fds::close_range;
use super::process::{exit_now, fork};

/// A socket that is given the packets that come and go on every interface, from the IP
/// header on, and that nobody else misses.
pub(crate) struct PacketSocket {
    socket: Socket,
    /// Is closed when the socket has been: whoever waits for that knows.
    closing: Option<PipeWriter>,
}

/// A packet that was taken.
pub(crate) struct Taken {
    /// How many of its bytes were written.
    pub kept: usize,
    /// How many bytes it has.
    pub len: usize,
    /// When the kernel saw it, since 1970.
    pub time: Duration,
    pub way: Way,
    /// The number of the interface.
    pub interface: u32,
}

/// Which way a packet went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// From this host to another one.
    Out,
    /// From another host to this one.
    In,
    /// From this host to itself.
    Within,
}

/// Room for what comes while nobody takes it, in bytes: the kernel counts far more for a
/// packet than it has.
const ROOM: usize = 16 << 20;

/// More ports than this are looked at here alone: the kernel's room for filters is small.
const MOST_PORTS: usize = 200;

impl PacketSocket {
    /// Opens it; it is given nothing yet. Needs CAP_NET_RAW.
    pub(crate) fn open() -> io::Result<PacketSocket> {
        // Of no protocol, so that it gets nothing before it has its filter.
        let socket = Socket::new(Domain::PACKET, Type::DGRAM, None)?;
        socket.set_nonblocking(true)?;
        let socket = PacketSocket {
            socket,
            closing: None,
        };
        socket.set_ports(&[])?;
        socket.grow();
        // The first question for a time has the kernel take note of it.
        let _ = socket.time();
        socket.socket.bind(&everywhere()?)?;
        Ok(socket)
    }

    /// Only packets from or to these ports are given, and ICMP.
    pub(crate) fn set_ports(&self, ports: &[u16]) -> io::Result<()> {
        self.socket.attach_filter(&filter(ports))
    }

    /// The next packet: its beginning is written into `buffer`. `None` when there is none.
    pub(crate) fn take(&self, buffer: &mut [u8]) -> io::Result<Option<Taken>> {
        let fd = self.socket.as_raw_fd();
        let (into, room) = (buffer.as_mut_ptr().cast(), buffer.len());
        // SAFETY: a sockaddr_ll is numbers alone, of which zero is one.
        let mut link: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
        let mut len = size_of_val(&link) as libc::socklen_t;
        let from = (&raw mut link).cast();
        // SAFETY: `buffer` is live and has `room` bytes, `link` is live and has `len`; the
        // kernel writes at most that.
        let taken =
            check(unsafe { libc::recvfrom(fd, into, room, libc::MSG_TRUNC, from, &mut len) });
        match taken {
            Ok(len) => Ok(Some(Taken {
                kept: room.min(len as usize),
                len: len as usize,
                time: self.time()?,
                way: match (link.sll_hatype, link.sll_pkttype) {
                    (libc::ARPHRD_LOOPBACK, _) => Way::Within,
                    (_, libc::PACKET_OUTGOING) => Way::Out,
                    _ => Way::In,
                },
                interface: link.sll_ifindex.cast_unsigned(),
            })),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What the interface of that number is called.
    pub(crate) fn interface(&self, number: u32) -> io::Result<String> {
        Ok(index_to_name(&self.socket, number)?)
    }

    /// How many packets were lost since this was asked last, for want of room:
    /// PACKET_STATISTICS.
    pub(crate) fn lost(&self) -> io::Result<u32> {
        // struct tpacket_stats: packets, and drops.
        let stats = get_option(
            self.socket.as_fd(),
            libc::SOL_PACKET,
            libc::PACKET_STATISTICS,
            8,
        )?;
        let drops = stats.get(4..8).and_then(|it| it.try_into().ok());
        Ok(drops.map_or(0, u32::from_ne_bytes))
    }

    /// When the packet that was taken last was seen: SIOCGSTAMPNS of socket(7).
    fn time(&self) -> io::Result<Duration> {
        const SIOCGSTAMPNS: libc::Ioctl = 0x8907;
        let (tv_sec, tv_nsec) = (0, 0);
        let mut time = libc::timespec { tv_sec, tv_nsec };
        // SAFETY: the request stores one timespec, and `time` is one.
        check(unsafe { libc::ioctl(self.socket.as_raw_fd(), SIOCGSTAMPNS, &mut time) })?;
        Ok(Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
    }

    /// As much room as one may have: without CAP_NET_ADMIN no more than the host allows.
    fn grow(&self) {
        let room = (ROOM as i32).to_ne_bytes();
        let forced = set_option(
            self.socket.as_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVBUFFORCE,
            &room,
        );
        if forced.is_err() {
            // Without more it has what every socket has.
            let _ = self.socket.set_recv_buffer_size(ROOM);
        }
    }
}

impl Drop for PacketSocket {
    /// Whoever closes it last waits until every processor has noticed, 10 ms and more: a
    /// process of its own does, which nobody waits for. Where there can be none, we do.
    fn drop(&mut self) {
        let Ok((closed, closing)) = io::pipe() else {
            return;
        };
        match fork() {
            Ok(None) => {
                drop(closing);
                wait_and_close(&self.socket, closed);
                exit_now(0);
            }
            Ok(Some(_)) => self.closing = Some(closing),
            Err(_) => {}
        }
    }
}

/// Keeps the socket until everybody else has closed it, and nothing else: whoever reads
/// what this process's parent has written is not to wait for it.
fn wait_and_close(socket: &Socket, closed: PipeReader) {
    let kept = dup2_stdin(socket).and_then(|()| dup2_stdout(closed));
    if kept.is_ok() && close_range(2, u32::MAX).is_ok() {
        let _ = rustix::io::read(stdout(), &mut [0]);
    }
}

/// Every protocol on every interface, which has the number 0.
fn everywhere() -> io::Result<SockAddr> {
    let fill = |storage: *mut SockAddrStorage, len: *mut libc::socklen_t| {
        let address: *mut libc::sockaddr_ll = storage.cast();
        // SAFETY: the storage is zeroed, live, and larger than a sockaddr_ll.
        unsafe {
            (*address).sll_family = libc::AF_PACKET as u16;
            (*address).sll_protocol = (libc::ETH_P_ALL as u16).to_be();
            *len = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
        }
        Ok(())
    };
    // SAFETY: `fill` makes a valid address of the length that it says.
    let ((), address) = unsafe { SockAddr::try_init(fill) }?;
    Ok(address)
}

const LOAD_BYTE: u32 = libc::BPF_LD | libc::BPF_B | libc::BPF_ABS;
const LOAD_HALF: u32 = libc::BPF_LD | libc::BPF_H | libc::BPF_ABS;
const LOAD_BEHIND: u32 = libc::BPF_LD | libc::BPF_H | libc::BPF_IND;
const LOAD_WORD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
const IS: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const RETURN: u32 = libc::BPF_RET | libc::BPF_K;

/// Lets ICMP pass, and TCP and UDP from or to these ports: offsets are those of the IP
/// header, whichever way the packet goes.
fn filter(ports: &[u16]) -> Vec<SockFilter> {
    let step = |code: u32, k: u32| SockFilter::new(code as u16, 0, 0, k);
    let jump = |code: u32, k: u32, yes: u8, no: u8| SockFilter::new(code as u16, yes, no, k);
    // What the kernel knows of a packet beside its bytes.
    let load = |what: i32| step(LOAD_WORD, (libc::SKF_AD_OFF + what).cast_unsigned());
    let all = step(RETURN, u32::MAX);
    let is_all = ports.len() > MOST_PORTS;
    let (icmp, tcp, udp, icmp6) = (1, 6, 17, 58);
    let mut filter = vec![
        // Nothing between other hosts. What goes out on the loopback interface comes in
        // there as well.
        load(libc::SKF_AD_PKTTYPE),
        jump(IS, libc::PACKET_OTHERHOST.into(), 21, 0),
        jump(IS, libc::PACKET_OUTGOING.into(), 0, 2),
        load(libc::SKF_AD_HATYPE),
        jump(IS, libc::ARPHRD_LOOPBACK.into(), 18, 0),
        load(libc::SKF_AD_PROTOCOL),
        jump(IS, libc::ETH_P_IPV6 as u32, 9, 0),
        jump(IS, libc::ETH_P_IP as u32, 0, 15),
        // IPv4: the protocol; no fragment but the first; the length of the header.
        step(LOAD_BYTE, 9),
        jump(IS, icmp, 12, 0),
        jump(IS, tcp, 1, 0),
        jump(IS, udp, 0, 11),
        step(LOAD_HALF, 6),
        jump(libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K, 0x1fff, 9, 0),
        step(libc::BPF_LDX | libc::BPF_B | libc::BPF_MSH, 0),
        step(libc::BPF_JMP | libc::BPF_JA, 8),
        // IPv6, without other headers.
        step(LOAD_BYTE, 6),
        jump(IS, icmp6, 4, 0),
        jump(IS, tcp, 1, 0),
        jump(IS, udp, 0, 3),
        step(libc::BPF_LDX | libc::BPF_W | libc::BPF_IMM, 40),
        step(libc::BPF_JMP | libc::BPF_JA, 2),
        step(RETURN, u32::MAX),
        step(RETURN, 0),
    ];
    if is_all {
        filter.push(all);
        return filter;
    }
    // The port of the sender, that of the receiver.
    for at in [0, 2] {
        filter.push(step(LOAD_BEHIND, at));
        for &port in ports {
            filter.extend([jump(IS, port.into(), 0, 1), step(RETURN, u32::MAX)]);
        }
    }
    filter.push(step(RETURN, 0));
    filter
}
