//! Tells what a check finds. Where packets are seen it tells all that the program and the
//! tester do as well, for a packet has its place between calls.

use crate::error::Error;
use crate::model::{Crossed, Event, MachineEvent, RunEvent, Scene, Scope, SocketView, Task, What};
use crate::run::Teller;

/// Who is told of a check.
pub(super) struct Log {
    teller: Teller<'static>,
}

impl Log {
    /// Nothing has been told yet.
    pub(super) fn new(teller: Teller<'static>) -> Log {
        Log { teller }
    }

    /// An event of the program, which happens now.
    pub(super) fn event(&self, who: &Task, what: MachineEvent) -> Event {
        self.teller.event(who, &Scope::of_program(), what)
    }

    /// Tells of the check itself.
    pub(super) fn say(&mut self, what: RunEvent) -> Result<(), Error> {
        let who = Task::process(std::process::id(), "socklab");
        let event = self.teller.event(&who, &Scope::of_program(), what);
        self.tell(event, &Scene::default(), true)
    }

    /// Tells an event of the program; the scene is as it is after it.
    pub(super) fn program(&mut self, event: Event, scene: &Scene) -> Result<(), Error> {
        self.machine(event, scene, true)
    }

    /// Tells an event of the tester, who is no part of what is checked.
    pub(super) fn tester(&mut self, pid: u32, what: MachineEvent) -> Result<(), Error> {
        let scope = Scope {
            aside: true,
            ..Scope::of_program()
        };
        let who = Task::process(pid, "tester");
        let event = self.teller.event(&who, &scope, What::from(what));
        self.machine(event, &Scene::default(), false)
    }

    /// Sees the packets of the ports that the kernel has chosen for the tester's sockets.
    pub(super) fn learn(&mut self, sockets: &[SocketView]) -> Result<(), Error> {
        let learned = self.teller.learn(sockets, false);
        learned.map_err(Error::system("choosing packets"))
    }

    /// Another run of the program begins: the ports of the last one mean nothing in it.
    pub(super) fn forget_ports(&mut self) -> Result<(), Error> {
        let forgotten = self.teller.forget_ports();
        forgotten.map_err(Error::system("choosing packets"))
    }

    /// What has crossed the wire of the connection of that socket.
    pub(super) fn crossed(&mut self, socket: &SocketView) -> Result<Crossed, Error> {
        let who = Task::process(std::process::id(), "socklab");
        let by = (&who, &Scope::of_program());
        let crossed = self.teller.crossed(by, &Scene::default(), socket);
        crossed.map_err(Error::output("writing what happened"))
    }

    fn machine(&mut self, event: Event, scene: &Scene, is_ours: bool) -> Result<(), Error> {
        if self.teller.sees_packets() {
            self.tell(event, scene, is_ours)
        } else {
            Ok(())
        }
    }

    fn tell(&mut self, event: Event, scene: &Scene, is_ours: bool) -> Result<(), Error> {
        let told = self.teller.tell(event, scene, is_ours);
        told.map_err(Error::output("writing what happened"))
    }
}
