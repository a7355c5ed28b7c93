//! A goal under way: its lines one after the other, each for as long as the limit lets it.

use std::time::{Duration, Instant};

use super::judge::Judgement;
use super::log::Log;
use super::stage::{Stage, Trouble};
use super::tester::Tester;
use crate::course::{Goal, Played};
use crate::error::Error;
use crate::model::{Outcome, Side};
use crate::script::{Expectation, Predicate, Scripted, Vars, Verdict};
use crate::words::say;

/// How long it takes until what can be seen is looked at again.
const POLL: Duration = Duration::from_millis(5);

/// How long a call of the tester that does not block may take.
const AT_ONCE: Duration = Duration::from_millis(20);

/// What is known when a goal has been played.
#[derive(Default)]
pub(super) struct Outcomes {
    pub evidence: Vec<String>,
    /// Where it is missed.
    pub instead: Option<Vec<String>>,
}

/// A goal, and what it is played with.
pub(super) struct Play<'g> {
    pub goal: &'g Goal,
    pub until: Instant,
    pub limit: Duration,
    pub trusts: bool,
    pub vars: Vars,
}

impl Play<'_> {
    /// Plays the lines from `from` on.
    pub(super) fn run(&mut self, stage: &mut Stage<'_>, from: usize) -> Result<Outcomes, Trouble> {
        let mut known = Outcomes::default();
        let lines = &self.goal.play[from..];
        for (at, line) in lines.iter().enumerate() {
            let is_last_word = !lines[at..]
                .iter()
                .any(|it| matches!(it, Played::Expected(_)));
            let missed = match line {
                // How the tester leaves is nothing that the program can miss.
                Played::Done(line) if is_last_word => {
                    self.act(stage, line, true)?;
                    stage.settle()?;
                    None
                }
                Played::Done(line) => {
                    let may_fail = matches!(
                        lines.get(at + 1),
                        Some(Played::Expected(Expectation {
                            predicate: Predicate::Failed(_),
                            ..
                        }))
                    );
                    self.act(stage, line, may_fail)?
                }
                // Where it does not come to an end, what is expected next says why.
                Played::Repeated(line) => {
                    while let Some(Outcome::Value(1..)) = self.make(stage, line, None)? {}
                    None
                }
                Played::Expected(expectation) => {
                    self.expect(stage, expectation, &mut known.evidence)?
                }
            };
            if let Some(mut missed) = missed {
                stage.settle()?;
                missed.extend(stage.situation());
                known.instead = Some(missed);
                break;
            }
        }
        Ok(known)
    }

    /// Has the tester do something. Gives what kept it from that.
    fn act(
        &mut self,
        stage: &mut Stage<'_>,
        line: &Scripted,
        may_fail: bool,
    ) -> Result<Option<Vec<String>>, Trouble> {
        if self.goal.side == Side::Server && !self.is_listening(stage)? {
            return Ok(Some(vec![say!("check-not-listening")]));
        }
        if self.goal.side == Side::Server && !line.action.creates().is_empty() {
            // A client comes when the program has done with what comes before it.
            stage.settle()?;
        }
        let Some(outcome) = self.make(stage, line, Some(AT_ONCE))? else {
            let planned = stage.tester.planned(line, &self.vars, self.trusts)?;
            let call = planned.call.textbook();
            let seconds = self.limit.as_secs_f32();
            let said = say!("check-not-returned", call = call, seconds = seconds);
            return Ok(Some(vec![say!("check-tester", said = said)]));
        };
        let failed = matches!(outcome, Outcome::Failed(_)) && !may_fail;
        Ok(failed.then(|| vec![say!("check-tester", said = stage.tester.said)]))
    }

    /// Has the tester make a call, and waits within the limit until it has returned; for a
    /// start so long that the program stands still. `None` where it has not.
    fn make(
        &mut self,
        stage: &mut Stage<'_>,
        line: &Scripted,
        still: Option<Duration>,
    ) -> Result<Option<Outcome>, Trouble> {
        if stage.tester.fd().is_some() {
            // It has not come out of its last call.
            return Ok(None);
        }
        let planned = stage.tester.planned(line, &self.vars, self.trusts)?;
        stage.tester.start(&planned, stage.log)?;
        if let Some(still) = still {
            stage.tester.wait(still)?;
        }
        loop {
            if let Some(done) = stage.tester.reply(&line.action, stage.log)? {
                return Ok(Some(done.outcome));
            }
            if Instant::now() >= self.until {
                return Ok(None);
            }
            stage.pulse(self.until)?;
        }
    }

    /// Waits until the program listens. Where, the placeholders say from then on.
    fn is_listening(&mut self, stage: &mut Stage<'_>) -> Result<bool, Trouble> {
        loop {
            let socket = stage.socket(Side::Server.word(), Side::Server);
            let socket =
                socket.and_then(|socket| stage.review.tables.sockets[socket].view.as_ref());
            if let Some(view) = socket.filter(|view| view.is_listening())
                && let Some(&addr) = view.local.value()
            {
                self.vars.addr = addr;
                self.vars.pid = Some(stage.root);
                return Ok(true);
            }
            if stage.is_over || Instant::now() >= self.until {
                return Ok(false);
            }
            stage.pulse(self.until)?;
        }
    }

    /// Waits until an expectation comes true. Gives what came instead.
    fn expect(
        &mut self,
        stage: &mut Stage<'_>,
        expectation: &Expectation,
        evidence: &mut Vec<String>,
    ) -> Result<Option<Vec<String>>, Trouble> {
        loop {
            let is_last = stage.is_over || Instant::now() >= self.until;
            let Judgement {
                verdict,
                evidence: shown,
            } = stage.judge(&expectation.predicate, self.goal.side, self.vars)?;
            let found = match verdict {
                Verdict::Held => {
                    if !shown.is_empty() && !evidence.contains(&shown) {
                        evidence.push(shown);
                    }
                    return Ok(None);
                }
                Verdict::Hidden => say!("check-hidden"),
                Verdict::Not(found) => found,
            };
            // What the tester's call has come to does not change any more.
            let is_final = matches!(
                expectation.predicate,
                Predicate::Returned(_) | Predicate::Failed(_) | Predicate::Told(_)
            );
            if is_last || is_final {
                let found = if is_final {
                    say!("check-tester", said = stage.tester.said)
                } else {
                    found
                };
                return Ok(Some(vec![
                    say!("check-waited", line = expectation.at.text),
                    say!("check-instead", found = found),
                ]));
            }
            self.wait_a_little(stage, &expectation.predicate)?;
        }
    }

    /// Takes in what happens within a moment, or for what was called, one thing: the
    /// thread stands still then until the tester has done what comes next.
    fn wait_a_little(&self, stage: &mut Stage<'_>, predicate: &Predicate) -> Result<(), Trouble> {
        let moment = (Instant::now() + POLL).min(self.until);
        if matches!(predicate, Predicate::Called(_) | Predicate::Moved { .. }) {
            return stage.pulse(moment);
        }
        while Instant::now() < moment {
            stage.pulse(moment)?;
        }
        Ok(())
    }
}

/// Has the tester do a line before there is a program.
pub(super) fn prepare(
    (tester, log): (&mut Tester, &mut Log),
    line: &Scripted,
    vars: &Vars,
    until: Instant,
    trusts: bool,
) -> Result<(), Error> {
    let planned = tester.planned(line, vars, trusts)?;
    tester.start(&planned, log)?;
    loop {
        if let Some(done) = tester.reply(&line.action, log)? {
            return match done.outcome {
                Outcome::Failed(errno) => Err(Error::Course(format!(
                    "the tester could not prepare: {} ({errno}); another address: --addr",
                    done.call.returned(done.outcome)
                ))),
                _ => Ok(()),
            };
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::NeverReturned(Box::new(planned.call)));
        }
        tester.wait(left)?;
    }
}
