//! Tells every sink what happens, in the order in which it happened: packets that crossed
//! the wire stand before what is told next.

use std::io;
use std::time::Instant;

use super::sink::Sink;
use crate::model::{
    Address, Event, MachineEvent, RunEvent, Scene, Scope, Seeing, SocketView, Task, What,
};
use crate::source::Capture;

/// Who is told, and what was told so far.
pub(crate) struct Teller<'a> {
    sinks: Vec<Box<dyn Sink + 'a>>,
    wire: Wire,
    started: Instant,
    seq: u64,
}

/// What is to be said of the network when the run has begun, and what is seen of it.
#[derive(Default)]
pub(crate) struct Wire {
    pub said: Vec<RunEvent>,
    /// `None` where nobody asks for packets, or they cannot be seen.
    pub capture: Option<Box<Capture>>,
}

impl<'a> Teller<'a> {
    /// Nothing has been told yet.
    pub(crate) fn new(sinks: Vec<Box<dyn Sink + 'a>>, wire: Wire) -> Teller<'a> {
        Teller {
            sinks,
            wire,
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
        self.tell_packets(&event, scene)?;
        event.seq = self.seq;
        self.emit(&event, scene)?;
        if let What::Run(RunEvent::Begin(_)) = event.what {
            for said in std::mem::take(&mut self.wire.said) {
                self.emit(&self.event(&event.who, &event.scope, said), scene)?;
            }
        }
        match (&mut self.wire.capture, &event.what) {
            (Some(capture), What::Machine(MachineEvent::Enter(call))) => {
                let addr = call.address().and_then(Address::inet);
                addr.map_or(Ok(()), |addr| capture.expect(call.name(), addr, is_ours))
            }
            (Some(capture), What::Machine(MachineEvent::Look(look))) => {
                capture.look(&look.seen.sockets, is_ours)
            }
            _ => Ok(()),
        }
    }

    /// Are packets seen, whose ports must be known?
    pub(crate) fn sees_packets(&self) -> bool {
        self.wire.capture.is_some()
    }

    /// Sees the ports of these sockets, of which nothing else is told.
    pub(crate) fn learn(&mut self, sockets: &[SocketView], is_ours: bool) -> io::Result<()> {
        let capture = self.wire.capture.as_mut();
        capture.map_or(Ok(()), |capture| capture.look(sockets, is_ours))
    }

    /// Sees no packets until ports are named anew: those that were named belong to what is
    /// over.
    pub(crate) fn forget_ports(&mut self) -> io::Result<()> {
        let capture = self.wire.capture.as_mut();
        capture.map_or(Ok(()), |capture| capture.forget_ports())
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
        while let Some(capture) = &mut self.wire.capture {
            let Some((at, packet)) = capture.take(until)? else {
                let lost = if is_end { capture.lost()? } else { 0 };
                if lost > 0 {
                    let lost = RunEvent::Packets(Seeing::Lost { count: lost });
                    self.emit(&self.event(&before.who, &before.scope, lost), scene)?;
                }
                break;
            };
            let packet = MachineEvent::Packet(Box::new(packet));
            let mut event = self.event(&before.who, &before.scope, packet);
            event.at = at.saturating_duration_since(self.started);
            // Whose event comes next says nothing of it.
            event.scope.aside = false;
            self.emit(&event, scene)?;
        }
        Ok(())
    }
}
