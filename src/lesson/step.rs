//! One step: the pause, the call, what changed.

use super::lesson::Lesson;
use crate::course::{Chapter, Step, When};
use crate::error::Error;
use crate::model::{
    Ask, Call, ChapterMode, Ended, LessonEvent, MachineEvent, Moment, Outcome, Side, StepId, World,
};
use crate::run::Next;
use crate::script::{Action, Expectation, Made, Planned, Scripted, Verdict};
use crate::source::Done;

/// How a step came out.
pub(super) enum StepFlow {
    /// The call returned this.
    Value(i64),
    /// The connection broke: the rest of the loop is pointless.
    PeerGone,
    /// The learner goes round again, from that chapter.
    Again(String),
}

impl Lesson<'_> {
    /// Plays one step: the peer's part, the pause, the call, what changed.
    pub(super) fn step(
        &mut self,
        chapter: &Chapter,
        index: usize,
        round: Option<u32>,
    ) -> Result<StepFlow, Error> {
        let step = &chapter.steps()[index];
        let actor = step.by.as_deref().unwrap_or(self.lead());
        let id = StepId {
            chapter: chapter.id.clone(),
            step: step.id.clone(),
            index,
        };
        self.enter_step(Some(id), actor);
        if actor == self.peer() {
            self.run.enter(actor)?;
        }
        let later = round.is_some_and(|round| round > 1);
        self.run.scope.first_time &= !later;
        self.predicted = None;
        self.tell(LessonEvent::Step { round })?;
        let script = self.script(step, When::Before, round);
        self.run.play(self.peer(), script)?;
        let line = step.action.as_ref();
        let line = line.ok_or_else(|| Error::Course(format!("no action in '{}'", step.id)))?;
        loop {
            let planned = self.run.planned(actor, line)?;
            if self.pause(step, &planned.call, round)? == Next::Again
                && let Some(chapter) = &step.again
            {
                return Ok(StepFlow::Again(chapter.clone()));
            }
            let done = self.make(step, &line.action, &planned, round)?;
            if let Some(flow) = self.after(step, &planned.call, &done, round)? {
                return Ok(flow);
            }
        }
    }

    /// What the built-in peer does around a step, if there is one.
    fn script<'s>(&self, step: &'s Step, when: When, round: Option<u32>) -> &'s [Scripted] {
        if !self.run.scope.builtin_peer {
            return &[];
        }
        let nth = round.map_or(0, |round| round as usize - 1);
        let mut parts = step.peer.iter().filter(|part| part.when == when);
        parts.nth(nth).map_or(&[], |part| &part.actions)
    }

    /// Looks at the rest of the acting process's family, whose fd tables are told
    /// beside its own: whom a fork has made, and who made it.
    fn look_around(&mut self) -> Result<(), Error> {
        let (acting, peer) = (self.run.acting.clone(), self.peer());
        let mut others = self.run.actors.names();
        others.retain(|name| acting != peer && *name != acting && name != peer);
        for name in &others {
            self.run.look_at(name, Moment::Before)?;
        }
        Ok(())
    }

    /// Shows what is there and what comes, and waits for the word to go on.
    fn pause(&mut self, step: &Step, next: &Call, round: Option<u32>) -> Result<Next, Error> {
        self.look_around()?;
        self.run.look(Moment::Before)?;
        self.run.next = Some(next.clone());
        self.run.scope.own = true;
        // The client knows the server's address from here on.
        if let ("connect", Some(addr), Side::Client) =
            (next.name(), next.address(), self.plan.walk.lead)
        {
            self.run.scope.addr = addr;
        }
        let asked = self.ask(step, next, round)?;
        let taught = self.run.scope.mode == ChapterMode::Taught;
        self.tell(LessonEvent::Pause {
            next: next.clone(),
            round,
            asked,
            rests: taught && !self.run_on && self.run.pace.rests(),
        })?;
        if !taught || self.run_on {
            return Ok(Next::Run);
        }
        loop {
            match self.run.pause(step.again.is_some())? {
                Next::Ask(ask) => self.tell_asked(ask)?,
                Next::Quit => return Err(Error::Ended(Ended::Quit)),
                Next::Again => return Ok(Next::Again),
                next => {
                    self.run_on = next == Next::RunOn;
                    if self.run.pace.attended() {
                        // What happened meanwhile is not the call's doing.
                        self.run.look_outside(Moment::Changed)?;
                    }
                    return Ok(next);
                }
            }
        }
    }

    /// Tells what the learner asked for, while no call is under way.
    pub(super) fn tell_asked(&mut self, ask: Ask) -> Result<(), Error> {
        self.tell(LessonEvent::Asked(ask))?;
        if ask == Ask::Inspect {
            self.run.look(Moment::Asked)?;
        }
        Ok(())
    }

    /// Makes the call, and tells when it begins and ends.
    fn make(
        &mut self,
        step: &Step,
        action: &Action,
        planned: &Planned,
        round: Option<u32>,
    ) -> Result<Done, Error> {
        let acting = self.run.acting.clone();
        let mut script = self.script(step, When::During, round);
        let made = loop {
            self.run.tell(MachineEvent::Enter(planned.call.clone()))?;
            match self.run.call(planned, self.peer(), script) {
                Ok(done) if self.run.left_aside(&acting, action, &done)? => script = &[],
                made => break made,
            }
        };
        self.run.tell_strangers()?;
        let done = made?;
        self.run.returned(&acting, action, &done)?;
        if self.run.scope.mode == ChapterMode::Taught {
            self.recap.calls.push((done.call.clone(), done.outcome));
        }
        self.run.scope.own = false;
        Ok(done)
    }

    /// Shows what changed, holds the course's expectations against the kernel,
    /// and teaches a failure. `None` is to make the call once more.
    fn after(
        &mut self,
        step: &Step,
        call: &Call,
        done: &Done,
        round: Option<u32>,
    ) -> Result<Option<StepFlow>, Error> {
        let cpu = |world: &World| world.process.value().map(|process| process.cpu_ms);
        let before = self.run.seen().map(cpu)?;
        self.run.look(Moment::After)?;
        self.made = Some(Made {
            outcome: done.outcome,
            told: done.call.returned(done.outcome),
            offered: call.offered(),
            took: done.took,
            cpu_ms: (before, self.run.seen().map(cpu)?),
        });
        let value = match done.outcome {
            Outcome::Failed(errno) if step.fails.contains(&errno.name()) => -1,
            Outcome::Failed(errno) => return self.failed(call, errno),
            Outcome::Value(value) => value,
            Outcome::Never | Outcome::Again(_) => 0,
        };
        if !step.fails.is_empty() && step.claim.is_none() {
            let held = value == -1;
            self.failed |= !held;
            self.tell(LessonEvent::Expect {
                line: format!("failed {}", step.fails.join("|")),
                held,
                found: format!("it returned {value}"),
            })?;
        }
        let script = self.script(step, When::After, round);
        self.run.play(self.peer(), script)?;
        self.expectations(step)?;
        self.answer(step)?;
        self.put_to_kernel(step)?;
        self.tell(LessonEvent::StepEnd { failed: false })?;
        Ok(Some(StepFlow::Value(value)))
    }

    fn expectations(&mut self, step: &Step) -> Result<(), Error> {
        for Expectation { predicate, at } in &step.expects {
            let (held, found) = match self.verdict(predicate)? {
                Verdict::Held => (true, String::new()),
                Verdict::Not(found) => (false, found),
                // The view has said why it is not available.
                Verdict::Hidden => continue,
            };
            self.failed |= !held;
            let line = self.run.vars().fill(&at.text);
            self.tell(LessonEvent::Expect { line, held, found })?;
        }
        Ok(())
    }
}
