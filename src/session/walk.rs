use std::io;
use std::time::{Duration, Instant};

use super::cast::Cast;
use super::diagnose::actor_gone;
use super::judge::Made;
use super::pace::{Choice, Menu, Pace, Wake};
use super::predict::Prediction;
use crate::course::Track;
use crate::error::Error;
use crate::model::{
    ActorId, Call, Ended, Event, EventKind, Part, RunInfo, Side, StepId, bound_address,
};
use crate::script::Vars;
use crate::stage::Actor;
use crate::sys::Keeper;

/// Is told everything that happens, in order.
pub trait Sink {
    /// Takes one event. An error means that nobody listens any more.
    fn emit(&mut self, event: &Event) -> io::Result<()>;
}

/// What a run is to do.
#[derive(Clone, Debug)]
pub struct Plan {
    pub info: RunInfo,
    /// The chapters to play.
    pub parts: Vec<Part>,
    /// Ask the learner what will happen?
    pub predict: bool,
    /// Do what is otherwise asked about first?
    pub force: bool,
    /// Switches that leave steps out.
    pub without: Vec<String>,
    /// How long an unattended run lets a call block.
    pub patience: Duration,
}

/// A run under way.
pub struct Session<'a> {
    pub(super) track: &'a Track,
    pub(super) plan: Plan,
    pub(super) sink: &'a mut dyn Sink,
    pub(super) pace: &'a mut dyn Pace,
    pub(super) cast: Cast,
    /// Is the peer of this chapter the built-in one?
    pub(super) builtin_peer: bool,
    /// The actor whose step it is.
    pub(super) acting: ActorId,
    pub(super) vars: Vars,
    pub(super) step: Option<StepId>,
    /// Removes the files that binds have made.
    pub(super) keeper: &'a Keeper,
    /// The last call of a step.
    pub(super) made: Option<Made>,
    /// What the learner predicted of the step: `None` if nothing was asked.
    pub(super) predicted: Option<Prediction>,
    /// The call that was made last or comes next.
    pub(super) next: Option<Call>,
    /// The learner wants no more pauses in this chapter.
    pub(super) run_on: bool,
    /// A call or an expectation failed.
    pub(super) failed: bool,
    started: Instant,
    seq: u64,
}

impl<'a> Session<'a> {
    /// Sets a run up around an actor that was just started: nothing has been
    /// told yet, or looked at. The first look waits until the actor is ready;
    /// what comes before it is told meanwhile.
    pub fn new(
        track: &'a Track,
        plan: Plan,
        lead: Actor,
        keeper: &'a Keeper,
        sink: &'a mut dyn Sink,
        pace: &'a mut dyn Pace,
    ) -> Result<Session<'a>, Error> {
        let vars = Vars {
            addr: plan.info.addr,
            pid: Some(lead.pid()),
        };
        Ok(Session {
            track,
            sink,
            pace,
            acting: lead.name().into(),
            cast: Cast::new(lead, &plan.info.kernel),
            builtin_peer: plan.info.builtin_peer,
            plan,
            vars,
            step: None,
            keeper,
            made: None,
            predicted: None,
            next: None,
            run_on: false,
            failed: false,
            started: Instant::now(),
            seq: 0,
        })
    }

    /// Plays the plan to its end.
    pub fn run(mut self) -> Result<Ended, Error> {
        self.tell(EventKind::Run(self.plan.info.clone()))?;
        let ended = match self.chapters() {
            Err(Error::ActorGone { actor, signal }) => {
                let failure = actor_gone(self.next.clone(), &actor, signal);
                self.tell(EventKind::Failed(Box::new(failure)))?;
                Ended::Failed
            }
            other => other?,
        };
        let ended = match ended {
            Ended::Done | Ended::Quit if self.failed => Ended::Failed,
            other => other,
        };
        self.step = None;
        self.acting = self.plan.info.lead.word().into();
        for path in self.keeper.remove_files() {
            let path = path.to_string_lossy().into_owned();
            match self.tell(EventKind::Tidied { path }) {
                Err(Error::Closed) => {}
                other => other?,
            }
        }
        match self.tell(EventKind::Ended(ended)) {
            // With the terminal the output went; the reason counts.
            Err(Error::Closed) if matches!(ended, Ended::Interrupted { .. }) => {}
            other => other?,
        }
        Ok(ended)
    }

    pub(super) fn choose(&mut self, menu: &Menu) -> Result<Wake<Choice>, Error> {
        self.pace
            .choose(menu)
            .map_err(Error::output("asking at the terminal"))
    }

    /// Tells an event of the actor whose step it is.
    pub(super) fn tell(&mut self, kind: EventKind) -> Result<(), Error> {
        let pid = self.cast.get(&self.acting)?.actor.pid();
        self.tell_of(self.acting.clone(), pid, kind)
    }

    /// Tells an event of any actor.
    pub(super) fn tell_of(
        &mut self,
        actor: String,
        pid: u32,
        kind: EventKind,
    ) -> Result<(), Error> {
        let event = Event {
            seq: self.seq,
            at: self.started.elapsed(),
            actor,
            pid,
            step: self.step.clone(),
            kind,
        };
        self.seq += 1;
        self.sink
            .emit(&event)
            .map_err(Error::output("writing what happened"))
    }

    /// The address as the kernel has it, once the server is bound: it is looked at
    /// through the server, whose step it need not be.
    pub(super) fn learn_address(&mut self) -> Result<(), Error> {
        let server = self.cast.get_mut(Side::Server.word())?;
        if let Some(addr) = bound_address(&server.views()?) {
            self.vars.addr = addr;
        }
        Ok(())
    }
}
