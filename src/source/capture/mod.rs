//! Packets, as the loopback interface delivers them: from or to the ports that the run's
//! own sockets use.
//!
//! Which ports those are is known before the first packet goes there: a call names the
//! port before it is made, and one that the kernel chose is looked up before the next call
//! is made. A port that was chosen for a client need not be known: the server's is.

mod flows;
mod parse;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use self::flows::Flows;
use crate::model::{Address, Frame, Packet, SocketView};
use crate::sys::PacketSocket;

/// So many bytes of a packet are kept: the longest that there is.
const WHOLE: usize = 65_536;

/// What crosses the wire.
pub(crate) struct Capture {
    socket: PacketSocket,
    /// The ports that are watched: is it one of the end whose life is told?
    ports: HashMap<u16, bool>,
    flows: Flows,
    buffer: Vec<u8>,
    /// One that was taken too early.
    waiting: Option<(Instant, Packet)>,
}

impl Capture {
    /// Sees nothing yet: no port is known. Needs CAP_NET_RAW.
    pub(crate) fn open() -> io::Result<Capture> {
        Ok(Capture {
            socket: PacketSocket::open()?,
            ports: HashMap::new(),
            flows: Flows::default(),
            buffer: vec![0; WHOLE],
            waiting: None,
        })
    }

    /// Sees the port of an address that a call names. `is_ours`: the end whose life is
    /// told makes it.
    pub(crate) fn expect(&mut self, call: &str, addr: SocketAddr, is_ours: bool) -> io::Result<()> {
        let is_own = call == "bind";
        self.learn(addr, is_ours == is_own)
    }

    /// Sees the ports of sockets that were looked at, where their packets are not seen by
    /// the other end's.
    pub(crate) fn look(&mut self, sockets: &[SocketView], is_ours: bool) -> io::Result<()> {
        for socket in sockets {
            let inet = |addr: Option<&Address>| addr.and_then(|it| it.inet());
            let peer = inet(socket.peer.value()).map(|peer| peer.port());
            if let Some(local) = inet(socket.local.value())
                && !peer.is_some_and(|port| self.ports.contains_key(&port))
            {
                self.learn(local, is_ours)?;
            }
        }
        Ok(())
    }

    fn learn(&mut self, addr: SocketAddr, is_ours: bool) -> io::Result<()> {
        if addr.port() == 0 || self.ports.contains_key(&addr.port()) {
            return Ok(());
        }
        self.ports.insert(addr.port(), is_ours);
        let ports: Vec<u16> = self.ports.keys().copied().collect();
        self.socket.set_ports(&ports)
    }

    /// Sees nothing until a port is known again.
    pub(crate) fn forget_ports(&mut self) -> io::Result<()> {
        self.ports.clear();
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
    pub(crate) fn lost(&self) -> io::Result<u32> {
        self.socket.lost()
    }

    fn next(&mut self) -> io::Result<Option<(Instant, Packet)>> {
        while let Some(taken) = self.socket.take(&mut self.buffer)? {
            let bytes = &self.buffer[..taken.kept];
            let Some(parsed) = parse::parse(bytes) else {
                continue;
            };
            let Some(leaves) = self.leaves(parsed.from, parsed.to) else {
                continue;
            };
            let frame = Frame {
                time: taken.time,
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

    /// Has the end whose life is told sent it? `None` if neither port is watched.
    fn leaves(&self, from: SocketAddr, to: SocketAddr) -> Option<bool> {
        let (from, to) = (self.ports.get(&from.port()), self.ports.get(&to.port()));
        // Where both are known the one that was bound is certain.
        from.copied().or(to.map(|is_ours| !is_ours))
    }
}
