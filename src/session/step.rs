//! One step: the pause, the call, what changed.

use std::os::fd::AsRawFd;
use std::time::Duration;

use super::expect::Verdict;
use super::judge::Made;
use super::pace::{Next, Prompt, Wake};
use super::pump::{Finished, lost};
use super::walk::Session;
use crate::course::{Chapter, Step, When};
use crate::error::Error;
use crate::model::{
    Ask, Call, ChapterMode, Ended, EventKind, Moment, Outcome, StepId, World, changes,
};
use crate::script::{Action, Planned};
use crate::stage::Done;

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

impl Session<'_> {
    /// Plays one step: the peer's part, the pause, the call, what changed.
    pub(super) fn step(
        &mut self,
        chapter: &Chapter,
        index: usize,
        round: Option<u32>,
        mode: ChapterMode,
    ) -> Result<StepFlow, Error> {
        let step = &chapter.steps()[index];
        self.step = Some(StepId {
            chapter: chapter.id.clone(),
            step: step.id.clone(),
            index,
        });
        self.acting = match &step.by {
            Some(name) => name.clone(),
            None => self.plan.info.lead.word().into(),
        };
        if self.acting == self.plan.info.lead.other().word() {
            self.cast.enter(&self.acting)?;
        }
        self.predicted = None;
        self.tell(EventKind::StepBegin { round })?;
        let script = self.script(step, When::Before, round);
        if let Some(finished) = self.peer_lines(script)? {
            return self.peer_stuck(finished);
        }
        loop {
            let Some(line) = &step.action else {
                return Err(Error::Course(format!(
                    "the step '{}' has no action",
                    step.id
                )));
            };
            let planned = self.planned(&self.acting, line)?;
            match (self.pause(step, &planned.call, round, mode)?, &step.again) {
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

    /// Shows what is there and what comes, and waits for the word to go on.
    fn pause(
        &mut self,
        step: &Step,
        next: &Call,
        round: Option<u32>,
        mode: ChapterMode,
    ) -> Result<Decided, Error> {
        self.look_around()?;
        self.look(Moment::Before)?;
        let channel = self.cast.get(&self.acting)?.actor.as_raw_fd();
        self.next = Some(next.clone());
        if let Some(ended) = self.ask(step, next, round, mode)? {
            return Ok(Decided::End(ended));
        }
        let next = next.clone();
        self.tell(EventKind::Pause { next, round })?;
        if mode == ChapterMode::DoneForYou || self.run_on {
            return Ok(Decided::Run);
        }
        // A person takes seconds: the kernel may tell something new meanwhile.
        let tick = self.pace.attended().then_some(Duration::from_millis(200));
        let again = step.again.is_some();
        let prompt = Prompt::Pause { again };
        loop {
            let wake = self
                .pace
                .wait(&prompt, &[channel], tick)
                .map_err(Error::output("waiting for a key"))?;
            match wake {
                Wake::Key(next @ (Next::Run | Next::RunOn)) => {
                    self.run_on = next == Next::RunOn;
                    if self.pace.attended() {
                        // What happened meanwhile is not the call's doing.
                        self.look_outside(Moment::Changed)?;
                    }
                    return Ok(Decided::Run);
                }
                Wake::Key(Next::Why) => self.tell(EventKind::Asked(Ask::Why))?,
                Wake::Key(Next::Inspect) => {
                    self.tell(EventKind::Asked(Ask::Inspect))?;
                    self.look(Moment::Asked)?;
                }
                Wake::Key(Next::Again) => return Ok(Decided::Again),
                Wake::Key(Next::Quit) => return Ok(Decided::End(Ended::Quit)),
                Wake::Interrupted(signal) => {
                    return Ok(Decided::End(Ended::Interrupted { signal }));
                }
                Wake::Look => {
                    // Readable while it is in no call: it has ended.
                    let actor = &mut self.cast.get_mut(&self.acting)?.actor;
                    if let Err(error) = actor.reply() {
                        return Err(lost(actor, error));
                    }
                    self.look_outside(Moment::Changed)?;
                }
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
        self.tell(EventKind::Enter(planned.call.clone()))?;
        let script = self.script(step, When::During, round);
        let finished = self.call(planned, script)?;
        if let Finished::Done(done) = &finished {
            let acting = self.acting.clone();
            self.returned(&acting, action, done)?;
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
        let before = self.cast.get(&self.acting)?.world.clone();
        self.look(Moment::After)?;
        let cpu = |world: &World| world.process.value().map(|process| process.cpu_ms);
        self.made = Some(Made {
            outcome: done.outcome,
            offered: call.offered(),
            took: done.took(),
            cpu_ms: (cpu(&before), cpu(&self.cast.get(&self.acting)?.world)),
        });
        let found = changes(&before, &self.cast.get(&self.acting)?.world);
        self.tell(EventKind::Effect(found))?;
        let value = match done.outcome {
            Outcome::Failed(errno) if step.fails.contains(&errno.name()) => -1,
            Outcome::Failed(errno) => return self.failed(call, errno),
            Outcome::Value(value) => value,
            Outcome::Never => 0,
        };
        if !step.fails.is_empty() {
            let held = value == -1;
            self.failed |= !held;
            self.tell(EventKind::Expect {
                line: format!("failed {}", step.fails.join("|")),
                held,
                found: format!("it returned {value}"),
            })?;
        }
        let script = self.script(step, When::After, round);
        if let Some(finished) = self.peer_lines(script)? {
            return Ok(After::Flow(self.peer_stuck(finished)?));
        }
        if let Some(ended) = self.expectations(step)? {
            return Ok(After::Flow(StepFlow::End(ended)));
        }
        if let Some(ended) = self.answer(step)? {
            return Ok(After::Flow(StepFlow::End(ended)));
        }
        self.tell(EventKind::StepEnd)?;
        Ok(After::Flow(StepFlow::Value(value)))
    }

    fn expectations(&mut self, step: &Step) -> Result<Option<Ended>, Error> {
        for line in &step.expects {
            let expectation = self.condition(line)?;
            match self.verdict(&expectation)? {
                Verdict::Held => self.tell(EventKind::Expect {
                    line: expectation.line,
                    held: true,
                    found: String::new(),
                })?,
                Verdict::Not(found) => {
                    self.failed = true;
                    self.tell(EventKind::Expect {
                        line: expectation.line,
                        held: false,
                        found,
                    })?;
                }
                // The view has said why it is not available.
                Verdict::Hidden => {}
                Verdict::End(ended) => return Ok(Some(ended)),
            }
        }
        Ok(None)
    }
}
