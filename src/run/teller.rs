//! Tells every sink what happens, in the order in which it happened: packets that crossed
//! the wire stand before what is told next.

use std::io;
use std::time::{Duration, Instant};

use super::sink::Sink;
use crate::model::{
    Address, Crossed, Event, MachineEvent, RunEvent, Scene, Scope, Seeing, SocketView, Task, What,
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
        self.tell_packets((&event.who, &event.scope), event.at, scene)?;
        if let What::Run(RunEvent::End(_)) = event.what {
            self.tell_lost((&event.who, &event.scope), scene)?;
        }
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

    /// What has crossed the wire of the connection of that socket: by its packets, where they
    /// are seen, which are told before it is said; or else by the kernel's counters.
    pub(crate) fn crossed(
        &mut self,
        by: (&Task, &Scope),
        scene: &Scene,
        socket: &SocketView,
    ) -> io::Result<Crossed> {
        self.tell_packets(by, self.started.elapsed(), scene)?;
        self.tell_lost(by, scene)?;
        let capture = self.wire.capture.as_ref();
        Ok(capture.map_or_else(
            || Crossed::counted(socket),
            |capture| capture.crossed(socket),
        ))
    }

    /// Tells the packets that were there by then, before what is told of `who`.
    fn tell_packets(
        &mut self,
        (who, scope): (&Task, &Scope),
        until: Duration,
        scene: &Scene,
    ) -> io::Result<()> {
        let until = self.started + until;
        while let Some(capture) = &mut self.wire.capture {
            let Some((at, packet)) = capture.take(until)? else {
                break;
            };
            let packet = MachineEvent::Packet(Box::new(packet));
            let mut event = self.event(who, scope, packet);
            event.at = at.saturating_duration_since(self.started);
            // Whose event comes next says nothing of it.
            event.scope.aside = false;
            self.emit(&event, scene)?;
        }
        Ok(())
    }

    /// Tells how many packets were lost since it was told last.
    fn tell_lost(&mut self, (who, scope): (&Task, &Scope), scene: &Scene) -> io::Result<()> {
        let capture = self.wire.capture.as_mut();
        let count = capture.map_or(Ok(0), |capture| capture.lost())?;
        if count == 0 {
            return Ok(());
        }
        let lost = RunEvent::Packets(Seeing::Lost { count });
        self.emit(&self.event(who, scope, lost), scene)
    }
}
