//! Tells every sink what happens, in the order in which it happened: packets that crossed
//! the wire stand before what is told next.

use std::io;
use std::time::Instant;

use super::sink::Sink;
use crate::model::{
    Address, Call, Event, MachineEvent, RunEvent, Scene, Scope, Seeing, SocketView, Task, What,
};
use crate::source::Capture;

/// Who is told, and what was told so far.
pub(crate) struct Teller<'a> {
    sinks: Vec<Box<dyn Sink + 'a>>,
    /// `None` where nobody asks for packets.
    packets: Option<Packets>,
    started: Instant,
    seq: u64,
}

/// Packets, where they are asked for.
pub(crate) enum Packets {
    Seen(Box<Capture>),
    /// They cannot be seen: why.
    Unseen(String),
}

impl<'a> Teller<'a> {
    /// Nothing has been told yet.
    pub(crate) fn new(sinks: Vec<Box<dyn Sink + 'a>>, packets: Option<Packets>) -> Teller<'a> {
        Teller {
            sinks,
            packets,
            started: Instant::now(),
            seq: 0,
        }
    }

    /// An event that happens now.
    pub(crate) fn event(&self, who: &Task, scope: &Scope, what: impl Into<What>) -> Event {
        Event {
            seq: self.seq,
            at: self.started.elapsed(),
            who: who.clone(),
            scope: scope.clone(),
            what: what.into(),
        }
    }

    /// Tells an event. The scene is as it is after it; `is_ours`: it is of the end whose
    /// life is told. Every sink is told, and the first that fails counts.
    pub(crate) fn tell(
        &mut self,
        mut event: Event,
        scene: &Scene,
        is_ours: bool,
    ) -> io::Result<()> {
        if self.packets.is_some() {
            self.tell_packets(&event, scene)?;
        }
        event.seq = self.seq;
        self.emit(&event, scene)?;
        let Some(packets) = &mut self.packets else {
            return Ok(());
        };
        match &event.what {
            What::Run(RunEvent::Begin(_)) => {
                let seeing = RunEvent::Packets(packets.seeing());
                self.emit(&self.event(&event.who, &event.scope, seeing), scene)
            }
            What::Machine(MachineEvent::Enter(call)) => packets.expect(call, is_ours),
            What::Machine(MachineEvent::Look(look)) => packets.look(&look.seen.sockets, is_ours),
            _ => Ok(()),
        }
    }

    /// Are packets seen, whose ports must be known?
    pub(crate) fn sees_packets(&self) -> bool {
        matches!(self.packets, Some(Packets::Seen(_)))
    }

    /// Sees the ports of these sockets, of which nothing else is told.
    pub(crate) fn learn(&mut self, sockets: &[SocketView], is_ours: bool) -> io::Result<()> {
        let packets = self.packets.as_mut();
        packets.map_or(Ok(()), |packets| packets.look(sockets, is_ours))
    }

    /// Writes what the sinks have kept back.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let mut flushed = Ok(());
        for sink in &mut self.sinks {
            flushed = flushed.and(sink.flush());
        }
        flushed
    }

    fn emit(&mut self, event: &Event, scene: &Scene) -> io::Result<()> {
        self.seq += 1;
        let mut told = Ok(());
        for sink in &mut self.sinks {
            told = told.and(sink.emit(event, scene));
        }
        told
    }

    /// Tells the packets that were there before that event, and at the end how many were
    /// lost.
    fn tell_packets(&mut self, before: &Event, scene: &Scene) -> io::Result<()> {
        let until = self.started + before.at;
        let is_end = matches!(before.what, What::Run(RunEvent::End(_)));
        while let Some(Packets::Seen(capture)) = &mut self.packets {
            let Some((at, packet)) = capture.take(until)? else {
                let lost = if is_end { capture.lost()? } else { 0 };
                if lost > 0 {
                    let lost = RunEvent::Packets(Seeing::Lost { count: lost });
                    self.emit(&self.event(&before.who, &before.scope, lost), scene)?;
                }
                break;
            };
            let packet = MachineEvent::Packet(Box::new(packet));
            let event = Event {
                at: at.saturating_duration_since(self.started),
                ..self.event(&before.who, &before.scope, packet)
            };
            self.emit(&event, scene)?;
        }
        Ok(())
    }
}

impl Packets {
    fn seeing(&self) -> Seeing {
        match self {
            Packets::Seen(_) => Seeing::Yes,
            Packets::Unseen(why) => Seeing::No { why: why.clone() },
        }
    }

    fn expect(&mut self, call: &Call, is_ours: bool) -> io::Result<()> {
        match (self, call.address().and_then(Address::inet)) {
            (Packets::Seen(capture), Some(addr)) => capture.expect(call.name(), addr, is_ours),
            _ => Ok(()),
        }
    }

    fn look(&mut self, sockets: &[SocketView], is_ours: bool) -> io::Result<()> {
        match self {
            Packets::Seen(capture) => capture.look(sockets, is_ours),
            Packets::Unseen(_) => Ok(()),
        }
    }
}
