//! One step: the pause, the call, what changed.

use super::lesson::Lesson;
use crate::course::{Chapter, Step, When};
use crate::error::Error;
use crate::model::{
    Ask, Call, ChapterMode, Ended, LessonEvent, MachineEvent, Moment, Outcome, Side, StepId, World,
};
use crate::run::{Finished, Next};
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
    /// The run ends.
    End(Ended),
}

/// How a question came out.
pub(super) enum Asked {
    /// None was asked.
    Nothing,
    /// One was, and told the facts.
    Told,
    End(Ended),
}

/// What was decided at a pause.
enum Decided {
    /// The call is made.
    Run,
    /// Not this call: back to an earlier chapter.
    Again,
    End(Ended),
}

/// What to do after a failed call.
pub(super) enum After {
    Again,
    Flow(StepFlow),
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
        if let Some(finished) = self.run.play(self.peer(), script)? {
            return self.peer_stuck(finished);
        }
        loop {
            let Some(line) = &step.action else {
                return Err(Error::Course(format!(
                    "the step '{}' has no action",
                    step.id
                )));
            };
            let planned = self.run.planned(actor, line)?;
            match (self.pause(step, &planned.call, round)?, &step.again) {
                (Decided::End(ended), _) => return Ok(StepFlow::End(ended)),
                (Decided::Again, Some(chapter)) => return Ok(StepFlow::Again(chapter.clone())),
                _ => {}
            }
            let done = match self.make(step, &line.action, &planned, round)? {
                Finished::Done(done) => done,
                other => return self.not_returned(planned.call, other),
            };
            match self.after(step, &planned.call, &done, round)? {
                After::Again => {}
                After::Flow(flow) => return Ok(flow),
            }
        }
    }

    /// What the built-in peer does around a step, if there is one.
    fn script<'s>(&self, step: &'s Step, when: When, round: Option<u32>) -> &'s [Scripted] {
        if !self.run.scope.builtin_peer {
            return &[];
        }
        let nth = round.map_or(0, |round| round as usize - 1);
        step.peer
            .iter()
            .filter(|peer| peer.when == when)
            .nth(nth)
            .map_or(&[], |peer| &peer.actions)
    }

    /// Looks at the rest of the acting process's family, whose fd tables are told
    /// beside its own: whom a fork has made, and who made it.
    fn look_around(&mut self) -> Result<(), Error> {
        let (acting, peer) = (self.run.acting.clone(), self.peer());
        let is_family = |name: &String| *name != acting && name != peer;
        if acting != peer {
            for name in self
                .run
                .actors
                .names()
                .iter()
                .filter(|name| is_family(name))
            {
                self.run.look_at(name, Moment::Before)?;
            }
        }
        Ok(())
    }

    /// Shows what is there and what comes, and waits for the word to go on.
    fn pause(&mut self, step: &Step, next: &Call, round: Option<u32>) -> Result<Decided, Error> {
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
        let asked = match self.ask(step, next, round)? {
            Asked::Nothing => false,
            Asked::Told => true,
            Asked::End(ended) => return Ok(Decided::End(ended)),
        };
        let taught = self.run.scope.mode == ChapterMode::Taught;
        self.tell(LessonEvent::Pause {
            next: next.clone(),
            round,
            asked,
            rests: taught && !self.run_on && self.run.pace.rests(),
        })?;
        if !taught || self.run_on {
            return Ok(Decided::Run);
        }
        loop {
            let wanted = match self.run.pause(step.again.is_some())? {
                Ok(wanted) => wanted,
                Err(ended) => return Ok(Decided::End(ended)),
            };
            match wanted {
                Next::Run | Next::RunOn => {
                    self.run_on = wanted == Next::RunOn;
                    if self.run.pace.attended() {
                        // What happened meanwhile is not the call's doing.
                        self.run.look_outside(Moment::Changed)?;
                    }
                    return Ok(Decided::Run);
                }
                Next::Why => self.tell(LessonEvent::Asked(Ask::Why))?,
                Next::Languages => self.tell(LessonEvent::Asked(Ask::Languages))?,
                Next::Hints => self.tell(LessonEvent::Asked(Ask::Hints))?,
                Next::Inspect => {
                    self.tell(LessonEvent::Asked(Ask::Inspect))?;
                    self.run.look(Moment::Asked)?;
                }
                Next::Again => return Ok(Decided::Again),
                Next::Quit => return Ok(Decided::End(Ended::Quit)),
            }
        }
    }

    /// Makes the call, and tells when it begins and ends.
    fn make(
        &mut self,
        step: &Step,
        action: &Action,
        planned: &Planned,
        round: Option<u32>,
    ) -> Result<Finished, Error> {
        let mut script = self.script(step, When::During, round);
        let finished = loop {
            self.run.tell(MachineEvent::Enter(planned.call.clone()))?;
            let finished = self.run.call(planned, self.peer(), script)?;
            match &finished {
                Finished::Done(done) if self.run.left_aside(action, done)? => script = &[],
                _ => break finished,
            }
        };
        self.run.tell_strangers()?;
        if let Finished::Done(done) = &finished {
            let acting = self.run.acting.clone();
            self.run.returned(&acting, action, done)?;
            if self.run.scope.mode == ChapterMode::Taught {
                self.recap.calls.push((done.call.clone(), done.outcome));
            }
            self.run.scope.own = false;
        }
        Ok(finished)
    }

    /// Shows what changed, holds the course's expectations against the kernel,
    /// and teaches a failure.
    fn after(
        &mut self,
        step: &Step,
        call: &Call,
        done: &Done,
        round: Option<u32>,
    ) -> Result<After, Error> {
        let cpu = |world: &World| world.process.value().map(|process| process.cpu_ms);
        let before = self.run.seen().map(cpu)?;
        self.run.look(Moment::After)?;
        self.made = Some(Made {
            outcome: done.outcome,
            offered: call.offered(),
            took: done.took(),
            cpu_ms: (before, self.run.seen().map(cpu)?),
        });
        let value = match done.outcome {
            Outcome::Failed(errno) if step.fails.contains(&errno.name()) => -1,
            Outcome::Failed(errno) => return self.failed(call, errno),
            Outcome::Value(value) => value,
            Outcome::Never | Outcome::Again(_) => 0,
        };
        if !step.fails.is_empty() {
            let held = value == -1;
            self.failed |= !held;
            self.tell(LessonEvent::Expect {
                line: format!("failed {}", step.fails.join("|")),
                held,
                found: format!("it returned {value}"),
            })?;
        }
        let script = self.script(step, When::After, round);
        if let Some(finished) = self.run.play(self.peer(), script)? {
            return Ok(After::Flow(self.peer_stuck(finished)?));
        }
        if let Some(ended) = self.expectations(step)? {
            return Ok(After::Flow(StepFlow::End(ended)));
        }
        if let Some(ended) = self.answer(step)? {
            return Ok(After::Flow(StepFlow::End(ended)));
        }
        self.tell(LessonEvent::StepEnd { failed: false })?;
        Ok(After::Flow(StepFlow::Value(value)))
    }

    fn expectations(&mut self, step: &Step) -> Result<Option<Ended>, Error> {
        for Expectation { predicate, at } in &step.expects {
            let (held, found) = match self.verdict(predicate)? {
                Err(ended) => return Ok(Some(ended)),
                Ok(Verdict::Held) => (true, String::new()),
                Ok(Verdict::Not(found)) => (false, found),
                // The view has said why it is not available.
                Ok(Verdict::Hidden) => continue,
            };
            self.failed |= !held;
            let line = self.run.vars().fill(&at.text);
            self.tell(LessonEvent::Expect { line, held, found })?;
        }
        Ok(None)
    }
}
