//! A run under way: who acts, who is told, who says when to go on.

use std::time::Duration;

use super::actors::Actors;
use super::pace::Pace;
use super::teller::Teller;
use crate::error::Error;
use crate::model::{Address, Call, Ended, RunEvent, Scene, Scope, Side, Task, What, bound_address};
use crate::observe::Observer;
use crate::script::Vars;
use crate::source::{Actor, Programs};
use crate::sys::Keeper;

/// A run under way. It knows neither what is taught nor where it is shown.
pub(crate) struct Run<'a> {
    pub(super) teller: Teller<'a>,
    pub pace: &'a mut dyn Pace,
    /// Removes the files that binds have made.
    pub keeper: &'a Keeper,
    /// How long an unattended run lets a call block.
    pub patience: Duration,
    /// Lines may touch nothing but the walk's own: nobody trusts who wrote them.
    pub confined: bool,
    pub actors: Actors,
    pub observer: Observer,
    /// Each look has the SYN queues of listeners: where nothing is said of them, only one
    /// that was asked for.
    pub sees_half_open: bool,
    /// What is known of every process.
    pub scene: Scene,
    /// What programs were traced for.
    pub(super) programs: Programs,
    /// The actor whose step it is.
    pub acting: String,
    /// Goes with every event.
    pub scope: Scope,
    /// The call that was made last or comes next.
    pub next: Option<Call>,
    /// Clients that are no actors of the run and were left aside since it was told last:
    /// the first one's address, and how many.
    pub(super) strangers: Option<(Address, u32)>,
}

impl<'a> Run<'a> {
    /// Sets a run up around an actor that was just started: nothing has been told
    /// yet, or looked at. `kernel` is the release uname(2) gives.
    pub(crate) fn new(
        first: Actor,
        kernel: &str,
        scope: Scope,
        patience: Duration,
        keeper: &'a Keeper,
        pace: &'a mut dyn Pace,
        teller: Teller<'a>,
    ) -> Run<'a> {
        Run {
            teller,
            pace,
            keeper,
            patience,
            confined: false,
            acting: first.name().into(),
            actors: Actors::new(first),
            observer: Observer::new(kernel),
            sees_half_open: true,
            scene: Scene::default(),
            programs: Programs::default(),
            scope,
            next: None,
            strangers: None,
        }
    }

    /// Tells an event of the actor whose step it is.
    pub(crate) fn tell(&mut self, what: impl Into<What>) -> Result<(), Error> {
        let who = self.actors.get(&self.acting)?.task.clone();
        self.tell_of(&who, what)
    }

    /// Tells an event of any task. Every sink is told, and the first that fails counts.
    pub(crate) fn tell_of(&mut self, who: &Task, what: impl Into<What>) -> Result<(), Error> {
        let lead = self.scope.lead;
        let is_ours = lead.of(&who.name) == lead;
        let event = self.teller.event(who, &self.scope, what);
        let told = self.teller.tell(event, &self.scene, is_ours);
        told.map_err(Error::output("writing what happened"))
    }

    /// Sees the packets of the port that the kernel has chosen for a socket of an actor.
    pub(super) fn learn_ports(&mut self, name: &str) -> Result<(), Error> {
        if !self.teller.sees_packets() {
            return Ok(());
        }
        let lead = self.scope.lead;
        let views = self.actors.get_mut(name)?.views()?;
        let learned = self.teller.learn(&views, lead.of(name) == lead);
        learned.map_err(Error::system("choosing packets"))
    }

    /// Removes the files that binds have made, and tells the end.
    pub(crate) fn finish(&mut self, ended: Ended) -> Result<Ended, Error> {
        self.scope.aside = false;
        self.scope.own = false;
        for path in self.keeper.remove_files() {
            let path = path.to_string_lossy().into_owned();
            match self.tell(RunEvent::Tidied { path }) {
                Err(Error::Closed) => {}
                other => other?,
            }
        }
        match self.tell(RunEvent::End(ended)) {
            // With the terminal the output went; the reason counts.
            Err(Error::Closed) if matches!(ended, Ended::Interrupted { .. }) => {}
            other => other?,
        }
        Ok(ended)
    }

    /// What the placeholders of the course stand for.
    pub(crate) fn vars(&self) -> Vars {
        Vars {
            addr: self.scope.addr,
            pid: self.scope.server,
        }
    }

    /// The address as the kernel has it, once the server is bound: it is looked at
    /// through the server, whose step it need not be.
    pub(super) fn learn_address(&mut self) -> Result<(), Error> {
        let server = self.actors.get_mut(Side::Server.word())?;
        if let Some(addr) = bound_address(&server.views()?) {
            self.scope.addr = addr;
        }
        Ok(())
    }
}
