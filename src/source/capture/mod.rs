//! Packets, as they come and go on every interface: from or to the ports that the run's own
//! sockets use.
//!
//! Which ports those are is known before the first packet goes there: a call names the
//! port before it is made, and one that the kernel chose is looked up before the next call
//! is made. A port that was chosen for a client need not be known: the server's is.

mod ends;
mod flows;
mod parse;
mod tally;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use self::ends::Ends;
use self::flows::Flows;
use crate::model::{Address, Crossed, Frame, Packet, SocketView, plain};
use crate::sys::PacketSocket;

/// So many bytes of a packet are kept: the longest that there is.
const WHOLE: usize = 65_536;

/// What passes a second interface in so short a time after the first, as a bridge and what
/// is plugged into it, is the same packet.
const DOUBLE: Duration = Duration::from_secs(1);

/// What crosses the wire.
pub(crate) struct Capture {
    socket: PacketSocket,
    ends: Ends,
    flows: Flows,
    /// What interfaces are called, by their numbers.
    interfaces: HashMap<u32, Rc<str>>,
    /// From whom to whom packets go, on which interface, and when the last one did.
    ways: HashMap<[SocketAddr; 2], (u32, Duration)>,
    buffer: Vec<u8>,
    /// One that was taken too early.
    waiting: Option<(Instant, Packet)>,
    /// Some were lost: of what was not seen nothing can be said.
    has_lost: bool,
}

impl Capture {
    /// Sees nothing yet: no port is known. Needs CAP_NET_RAW.
    pub(crate) fn open() -> io::Result<Capture> {
        Ok(Capture {
            socket: PacketSocket::open()?,
            ends: Ends::default(),
            flows: Flows::default(),
            interfaces: HashMap::new(),
            ways: HashMap::new(),
            buffer: vec![0; WHOLE],
            waiting: None,
            has_lost: false,
        })
    }

    /// Sees the port of an address that a call names. `is_ours`: the end whose life is
    /// told makes it.
    pub(crate) fn expect(&mut self, call: &str, addr: SocketAddr, is_ours: bool) -> io::Result<()> {
        let is_new = if call == "bind" {
            self.ends.bound(addr, is_ours)
        } else {
            self.ends.called(addr, !is_ours)
        };
        self.choose(is_new)
    }

    /// Sees the ports of sockets that were looked at, where their packets are not seen by
    /// the other end's.
    pub(crate) fn look(&mut self, sockets: &[SocketView], is_ours: bool) -> io::Result<()> {
        let inet = |addr: Option<&Address>| addr.and_then(|it| it.inet());
        let mut is_new = false;
        for socket in sockets {
            let peer = inet(socket.peer.value());
            if let Some(local) = inet(socket.local.value())
                && !peer.is_some_and(|peer| self.ends.has(peer))
            {
                is_new |= self.ends.bound(local, is_ours);
            }
        }
        self.choose(is_new)
    }

    /// Has the kernel give the packets of all ports that are known, where one is new.
    fn choose(&mut self, is_new: bool) -> io::Result<()> {
        if is_new {
            self.socket.set_ports(&self.ends.ports())
        } else {
            Ok(())
        }
    }

    /// Sees nothing until a port is known again.
    pub(crate) fn forget_ports(&mut self) -> io::Result<()> {
        self.ends = Ends::default();
        self.socket.set_ports(&[])
    }

    /// The next packet that was there at that moment, and when.
    pub(crate) fn take(&mut self, until: Instant) -> io::Result<Option<(Instant, Packet)>> {
        if self.waiting.is_none() {
            self.waiting = self.next()?;
        }
        let is_due = matches!(&self.waiting, Some((at, _)) if *at <= until);
        Ok(self.waiting.take_if(|_| is_due))
    }

    /// How many were lost since this was asked last.
    pub(crate) fn lost(&mut self) -> io::Result<u32> {
        let lost = self.socket.lost()?;
        self.has_lost |= lost > 0;
        Ok(lost)
    }

    /// What the packets that were taken say of the connection of that socket.
    pub(crate) fn crossed(&self, socket: &SocketView) -> Crossed {
        let inet = |addr: Option<&Address>| addr.and_then(|it| it.inet()).map(plain);
        let ends = inet(socket.local.value()).zip(inet(socket.peer.value()));
        let counts = ends.and_then(|(local, remote)| self.flows.tally(local, remote));
        match counts {
            _ if self.has_lost => Crossed::unseen("packets were lost"),
            Some(counts) => Crossed::seen(counts),
            None => Crossed::unseen("its handshake was not seen"),
        }
    }

    fn next(&mut self) -> io::Result<Option<(Instant, Packet)>> {
        while let Some(taken) = self.socket.take(&mut self.buffer)? {
            let bytes = &self.buffer[..taken.kept];
            let Some(parsed) = parse::parse(bytes) else {
                continue;
            };
            let Some(leaves) = self.ends.leaves(parsed.from, parsed.to, taken.way) else {
                continue;
            };
            let ways = self.ways.entry([parsed.from, parsed.to]);
            let way = ways.or_insert((taken.interface, taken.time));
            if way.0 != taken.interface && taken.time < way.1 + DOUBLE {
                continue;
            }
            *way = (taken.interface, taken.time);
            let name = self.interfaces.entry(taken.interface);
            let name = name.or_insert_with(|| called(&self.socket, taken.interface));
            let frame = Frame {
                time: taken.time,
                interface: Rc::clone(name),
                bytes: bytes.to_vec(),
                len: taken.len,
            };
            let packet = self.flows.packet(&parsed, leaves, frame);
            // The kernel's time of day, on the clock of the events.
            let now = (Instant::now(), SystemTime::now());
            let ago = now.1.duration_since(UNIX_EPOCH + taken.time);
            let at = now.0.checked_sub(ago.unwrap_or_default());
            return Ok(Some((at.unwrap_or(now.0), packet)));
        }
        Ok(None)
    }
}

/// What the interface is called; one that is gone has a number.
fn called(socket: &PacketSocket, number: u32) -> Rc<str> {
    let name = socket.interface(number);
    name.unwrap_or_else(|_| format!("interface {number}"))
        .into()
}
