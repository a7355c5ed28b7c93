use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::cast::Cast;
use super::diagnose::actor_gone;
use super::pace::{Choice, Menu, Pace, Wake};
use super::step::StepFlow;
use crate::course::{Chapter, Course};
use crate::error::Error;
use crate::model::{
    ActorId, Address, Ask, Call, ChapterMode, Ended, Event, EventKind, Moment, RunInfo, StepId,
};
use crate::script::Vars;
use crate::stage::Actor;

/// Is told everything that happens, in order.
pub trait Sink {
    /// Takes one event. An error means that nobody listens any more.
    fn emit(&mut self, event: &Event) -> io::Result<()>;
}

/// What a run is to do.
#[derive(Clone, Debug)]
pub struct Plan {
    pub info: RunInfo,
    /// The chapters to play, by id, and how.
    pub chapters: Vec<(String, ChapterMode)>,
    /// Switches that leave steps out.
    pub without: Vec<String>,
    /// How long an unattended run lets a call block.
    pub patience: Duration,
}

/// A run under way.
pub struct Session<'a> {
    pub(super) course: &'a Course,
    pub(super) plan: Plan,
    pub(super) sink: &'a mut dyn Sink,
    pub(super) pace: &'a mut dyn Pace,
    pub(super) cast: Cast,
    /// The actor whose step it is.
    pub(super) acting: ActorId,
    pub(super) vars: Vars,
    pub(super) step: Option<StepId>,
    /// The call that was made last or comes next.
    pub(super) next: Option<Call>,
    /// The learner wants no more pauses in this chapter.
    pub(super) run_on: bool,
    /// A call or an expectation failed.
    pub(super) failed: bool,
    started: Instant,
    seq: u64,
}

/// How a part of the run came out: go on, or end like this.
pub(super) enum Flow {
    On,
    End(Ended),
}

impl<'a> Session<'a> {
    /// Sets a run up around an actor that was just started: nothing has been
    /// told yet, or looked at. The first look waits until the actor is ready;
    /// what comes before it is told meanwhile.
    pub fn new(
        course: &'a Course,
        plan: Plan,
        lead: Actor,
        sink: &'a mut dyn Sink,
        pace: &'a mut dyn Pace,
    ) -> Result<Session<'a>, Error> {
        let vars = Vars {
            addr: plan.info.addr,
            pid: Some(lead.pid()),
        };
        Ok(Session {
            course,
            sink,
            pace,
            acting: lead.name().into(),
            cast: Cast::new(lead, &plan.info.kernel),
            plan,
            vars,
            step: None,
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
        match self.tell(EventKind::Ended(ended)) {
            // With the terminal the output went; the reason counts.
            Err(Error::Closed) if matches!(ended, Ended::Interrupted { .. }) => {}
            other => other?,
        }
        Ok(ended)
    }

    fn chapters(&mut self) -> Result<Ended, Error> {
        let course = self.course;
        let mut at = 0;
        while let Some((id, mode)) = self.plan.chapters.get(at).cloned() {
            let Some(chapter) = course.chapter(&id) else {
                return Err(Error::Usage(format!("there is no chapter '{id}'")));
            };
            self.step = None;
            self.tell(EventKind::Chapter { id, mode })?;
            if let Flow::End(ended) = self.chapter(chapter, mode)? {
                return Ok(ended);
            }
            self.run_on = false;
            at += 1;
            if mode == ChapterMode::Taught
                && self.pace.attended()
                && let Flow::End(ended) = self.chapter_end(chapter, at)?
            {
                return Ok(ended);
            }
        }
        Ok(Ended::Done)
    }

    /// Plays the steps of a chapter, round by round where they loop.
    fn chapter(&mut self, chapter: &'a Chapter, mode: ChapterMode) -> Result<Flow, Error> {
        let steps = &chapter.steps;
        let mut index = 0;
        let mut round = 1;
        while let Some(step) = steps.get(index) {
            let left_out = step
                .unless
                .as_ref()
                .is_some_and(|switch| self.plan.without.contains(switch));
            if left_out {
                index += 1;
                continue;
            }
            let after_loop = || {
                if step.repeat.is_none() {
                    return index + 1;
                }
                steps[index..]
                    .iter()
                    .position(|other| other.repeat != step.repeat)
                    .map_or(steps.len(), |offset| index + offset)
            };
            let in_loop = step.repeat.as_ref().map(|_| round);
            index = match self.step(chapter, index, in_loop, mode)? {
                StepFlow::End(ended) => return Ok(Flow::End(ended)),
                StepFlow::Value(0) if step.until_eof => after_loop(),
                StepFlow::PeerGone => after_loop(),
                StepFlow::Value(_) => {
                    let next = index + 1;
                    if step.repeat.is_some() && next == after_loop() {
                        round += 1;
                        steps
                            .iter()
                            .position(|other| other.repeat == step.repeat)
                            .unwrap_or(next)
                    } else {
                        next
                    }
                }
            };
        }
        Ok(Flow::On)
    }

    /// The choice at the end of a chapter. Adds the next chapter to the plan if
    /// the learner wants it and it is not planned yet.
    fn chapter_end(&mut self, chapter: &Chapter, at: usize) -> Result<Flow, Error> {
        let next = self
            .course
            .number(&chapter.id)
            .and_then(|number| self.course.chapters.get(number));
        let mut choices = Vec::new();
        if let Some(next) = next {
            choices.push((
                Choice::NextChapter,
                format!("next chapter: {}, {}", next.id, next.title),
            ));
        }
        choices.push((Choice::Inspect, "look again".to_string()));
        choices.push((Choice::Quit, "quit".to_string()));
        let menu = Menu {
            question: format!("{} is done", chapter.id),
            choices,
        };
        loop {
            match self.choose(&menu)? {
                Wake::Key(Choice::NextChapter) => {
                    if self.plan.chapters.len() == at
                        && let Some(next) = next
                    {
                        self.plan
                            .chapters
                            .push((next.id.clone(), ChapterMode::Taught));
                    }
                    return Ok(Flow::On);
                }
                Wake::Key(Choice::Inspect) => {
                    self.tell(EventKind::Asked(Ask::Inspect))?;
                    self.look(Moment::Asked)?;
                }
                Wake::Key(_) => {
                    let ended = if next.is_none() {
                        Ended::Done
                    } else {
                        Ended::Quit
                    };
                    return Ok(Flow::End(ended));
                }
                Wake::Look => {}
                Wake::Interrupted(signal) => {
                    return Ok(Flow::End(Ended::Interrupted { signal }));
                }
            }
        }
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

    /// The address as the kernel has it, once the server is bound.
    pub(super) fn learn_address(&mut self) {
        let bound = self.cast.lead().world.sockets.iter().find_map(|socket| {
            let local = (*socket.local.value()?)?;
            socket.peer.value()?.is_none().then_some(local)
        });
        if let Some(addr) = bound.and_then(Address::inet) {
            self.set_address(addr);
        }
    }

    pub(super) fn set_address(&mut self, addr: SocketAddr) {
        self.vars.addr = addr;
    }
}
