use std::os::fd::AsRawFd;
use std::time::Duration;

use super::expect::Verdict;
use super::judge::Made;
use super::pace::{Choice, Menu, Next, Prompt, Wake};
use super::perform::operation;
use super::pump::{Finished, lost};
use super::walk::Session;
use crate::course::{Chapter, Step, When};
use crate::error::Error;
use crate::model::{
    Ask, ChapterMode, Ended, Errno, EventKind, Moment, Outcome, StepId, World, changes,
};
use crate::script::{Action, Expectation};
use crate::stage::{Done, Op};

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
enum After {
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
        let step = &chapter.steps[index];
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
        self.tell(EventKind::StepBegin { round })?;
        let script = self.script(step, When::Before, round);
        if let Some(finished) = self.peer_lines(script)? {
            return self.peer_stuck(finished);
        }
        loop {
            let action = self.action(&step.action)?;
            let op = operation(&self.cast, &self.acting, &action)?;
            match (self.pause(step, &op, round, mode)?, &step.again) {
                (Decided::End(ended), _) => return Ok(StepFlow::End(ended)),
                (Decided::Again, Some(chapter)) => return Ok(StepFlow::Again(chapter.clone())),
                _ => {}
            }
            let done = match self.make(step, &action, &op, round)? {
                Finished::Done(done) => done,
                other => return self.not_returned(&op, other),
            };
            match self.after(step, &op, &done, round)? {
                After::Again => {}
                After::Flow(flow) => return Ok(flow),
            }
        }
    }

    /// Shows what is there and what comes, and waits for the word to go on.
    fn pause(
        &mut self,
        step: &Step,
        op: &Op,
        round: Option<u32>,
        mode: ChapterMode,
    ) -> Result<Decided, Error> {
        self.look_around()?;
        self.look(Moment::Before)?;
        let player = self.cast.get(&self.acting)?;
        let next = op.call(None, player.echo(op));
        let channel = player.actor.as_raw_fd();
        self.next = Some(next.clone());
        if let Some(ended) = self.ask(step, &next, round, mode)? {
            return Ok(Decided::End(ended));
        }
        self.tell(EventKind::Pause { next, round })?;
        if mode == ChapterMode::DoneForYou || self.run_on {
            return Ok(Decided::Run);
        }
        // A person takes seconds: the kernel may tell something new meanwhile.
        let tick = self
            .pace
            .attended()
            .then_some(std::time::Duration::from_millis(200));
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
        op: &Op,
        round: Option<u32>,
    ) -> Result<Finished, Error> {
        let call = op.call(None, self.cast.get(&self.acting)?.echo(op));
        self.tell(EventKind::Enter(call.clone()))?;
        let script = self.script(step, When::During, round);
        let finished = self.call(op, &call, script)?;
        if let Finished::Done(done) = &finished {
            let acting = self.acting.clone();
            self.returned(&acting, action, op, done)?;
        }
        Ok(finished)
    }

    /// Shows what changed, holds the course's expectations against the kernel,
    /// and teaches a failure.
    fn after(
        &mut self,
        step: &Step,
        op: &Op,
        done: &Done,
        round: Option<u32>,
    ) -> Result<After, Error> {
        let before = self.cast.get(&self.acting)?.world.clone();
        self.look(Moment::After)?;
        let echoed = self.cast.get(&self.acting)?.echo(op);
        let echoed = echoed.map(|bytes| bytes.len as u64);
        let cpu = |world: &World| world.process.value().map(|process| process.cpu_ms);
        self.made = Some(Made {
            outcome: done.outcome,
            offered: op.offered().or(echoed),
            took: Duration::from_nanos(done.took_ns),
            cpu_ms: (cpu(&before), cpu(&self.cast.get(&self.acting)?.world)),
        });
        let found = changes(&before, &self.cast.get(&self.acting)?.world);
        self.tell(EventKind::Effect(found))?;
        let value = match done.outcome {
            Outcome::Failed(errno) if step.fails.contains(&errno.name()) => -1,
            Outcome::Failed(errno) => return self.failed(op, errno),
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
            let expectation = Expectation::parse(&self.vars.fill(&line.text))
                .map_err(|message| Error::Course(format!("line {}: {message}", line.line)))?;
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

    fn failed(&mut self, op: &Op, errno: Errno) -> Result<After, Error> {
        let call = op.call(None, self.cast.get(&self.acting)?.echo(op));
        let failure = self.diagnose(call, errno);
        self.tell(EventKind::Failed(Box::new(failure)))?;
        if let Op::Bind { .. } | Op::Connect { .. } = op
            && self.pace.attended()
        {
            return self.offer_again(op, errno);
        }
        self.failed = true;
        // A broken connection ends the exchange, not the walk: it can be closed.
        Ok(After::Flow(match op {
            Op::Recv { .. }
            | Op::Recvfrom { .. }
            | Op::Send { .. }
            | Op::Sendto { .. }
            | Op::Zeros { .. } => {
                self.tell(EventKind::StepEnd)?;
                StepFlow::PeerGone
            }
            _ => StepFlow::End(Ended::Failed),
        }))
    }

    /// After a failed bind or connect: again, on another port, or not at all.
    fn offer_again(&mut self, op: &Op, errno: Errno) -> Result<After, Error> {
        let mut choices = vec![(Choice::Retry, "try again".to_string())];
        let bound = match op {
            Op::Bind { addr, .. } if errno.0 != libc::EADDRNOTAVAIL => addr.inet(),
            _ => None,
        };
        if bound.is_some() {
            choices.push((
                Choice::AnotherPort,
                "another port, which the kernel chooses (port 0)".into(),
            ));
        }
        choices.push((Choice::Quit, "quit".into()));
        let menu = Menu {
            question: format!("{} did not work", op.call(None, None).book_name()),
            choices,
            otherwise: Choice::Quit,
        };
        loop {
            return Ok(match self.choose(&menu)? {
                Wake::Key(Choice::Retry) => After::Again,
                Wake::Key(Choice::AnotherPort) => {
                    if let Some(mut other) = bound {
                        other.set_port(0);
                        self.set_address(other.into());
                    }
                    After::Again
                }
                Wake::Key(_) => {
                    self.failed = true;
                    After::Flow(StepFlow::End(Ended::Failed))
                }
                Wake::Look => continue,
                Wake::Interrupted(signal) => {
                    After::Flow(StepFlow::End(Ended::Interrupted { signal }))
                }
            });
        }
    }

    /// The call did not return: why, and how the run ends.
    fn not_returned(&mut self, op: &Op, finished: Finished) -> Result<StepFlow, Error> {
        let call = op.call(None, self.cast.get(&self.acting)?.echo(op));
        let failure = match finished {
            Finished::End(ended) => return Ok(StepFlow::End(ended)),
            Finished::NeverReturned | Finished::Done(_) => {
                super::diagnose::never_returned(call, self.plan.patience)
            }
        };
        self.failed = true;
        self.tell(EventKind::Failed(Box::new(failure)))?;
        Ok(StepFlow::End(Ended::Failed))
    }

    /// The built-in peer could not do its part.
    fn peer_stuck(&mut self, finished: Finished) -> Result<StepFlow, Error> {
        match finished {
            Finished::End(ended) => Ok(StepFlow::End(ended)),
            Finished::NeverReturned | Finished::Done(_) => Err(Error::Course(
                "the built-in peer waits for something that never comes".into(),
            )),
        }
    }
}
