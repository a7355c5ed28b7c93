//! Holds expectations against the kernel: asks what must be asked, and waits for what
//! the other end has a hand in.

use std::time::{Duration, Instant};

use super::pace::{Prompt, Wake};
use super::run::Run;
use crate::error::Error;
use crate::model::{Crossed, Fact, Moment};
use crate::observe;
use crate::script::{Expectation, Made, Predicate, Seen, Verdict, evidence, verdict};

/// How long the other end and the network may take.
const SETTLE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(5);

impl Run<'_> {
    /// What the live kernel says to a predicate; what the other end has a hand in may take
    /// a moment.
    pub(crate) fn verdict(
        &mut self,
        predicate: &Predicate,
        made: Option<&Made>,
        lead: &str,
    ) -> Result<Verdict, Error> {
        self.settled(|run| {
            let verdict = run.judge(predicate, made, lead)?;
            let is_final = predicate.is_immediate() || !matches!(verdict, Verdict::Not(_));
            Ok((verdict, is_final))
        })
    }

    /// What has shown that an expectation holds; of programs, which of them were traced.
    pub(crate) fn evidence(
        &mut self,
        held: &Expectation,
        made: Option<&Made>,
        lead: &str,
    ) -> Result<String, Error> {
        if let Predicate::Makes {
            calls, programs, ..
        } = &held.predicate
        {
            let names: Vec<&str> = self.programs.names(programs).collect();
            return Ok(format!("{}: {}", names.join(", "), calls.join(", ")));
        }
        self.seen_for(&held.predicate, made, lead, |seen| evidence(held, seen))
    }

    /// Looks again until the answer is final or the time is over.
    pub(crate) fn settled<T>(
        &mut self,
        mut answer: impl FnMut(&mut Self) -> Result<(T, bool), Error>,
    ) -> Result<T, Error> {
        let began = Instant::now();
        loop {
            let (answer, is_final) = answer(self)?;
            if is_final || began.elapsed() > SETTLE {
                return Ok(answer);
            }
            if let Wake::Interrupted(signal) = self.wake(&Prompt::Busy, None, POLL)? {
                return Err(Error::interrupted(signal));
            }
            self.look_outside(Moment::Changed)?;
        }
    }

    /// What the last look and the last call say to a predicate, and what it asks for.
    /// Clients wait for `lead`.
    pub(crate) fn judge(
        &mut self,
        predicate: &Predicate,
        made: Option<&Made>,
        lead: &str,
    ) -> Result<Verdict, Error> {
        self.seen_for(predicate, made, lead, |seen| verdict(predicate, seen))
    }

    /// Shows `to` what a predicate is to be held against.
    fn seen_for<T>(
        &mut self,
        predicate: &Predicate,
        made: Option<&Made>,
        lead: &str,
        to: impl FnOnce(&Seen<'_>) -> T,
    ) -> Result<T, Error> {
        let mut whose = self.acting.clone();
        let (mut answer, mut process) = (None, Fact::None);
        match predicate {
            Predicate::Socket {
                actor: Some(actor), ..
            }
            | Predicate::Packets {
                actor: Some(actor), ..
            } => {
                self.look_now(actor, Moment::Checked)?;
                whose.clone_from(actor);
            }
            Predicate::Waiting(..) => {
                whose = lead.into();
                if self.acting != whose {
                    self.look_now(&whose, Moment::Checked)?;
                }
            }
            Predicate::Refuses(addr) => {
                if let Ok(addr) = self.vars().fill_word(addr).parse() {
                    answer = self.observer.refuses(addr).ok();
                }
            }
            Predicate::Path { path, .. } => {
                let path = self.vars().fill_word(path);
                answer = Some(observe::file_stands_at(&path));
            }
            Predicate::Makes {
                calls, programs, ..
            } => answer = self.programs.make(programs, calls),
            Predicate::Process { actor, .. } => {
                if let Some(actor) = self.actors.find(actor) {
                    process = observe::process(actor.task.pid);
                }
            }
            _ => {}
        }
        let crossed = self.crossed(&whose, predicate)?;
        let world = self.seen_of(&whose)?;
        let seen = Seen {
            world: &self.without_strangers(world),
            sockets: &self.actors.get(&whose)?.seen,
            made,
            calls: &[],
            answer,
            crossed,
            process,
            vars: self.vars(),
        };
        Ok(to(&seen))
    }

    /// What has crossed the wire of an actor's connection, where a predicate is about that;
    /// `None` if it is not open.
    fn crossed(&mut self, whose: &str, predicate: &Predicate) -> Result<Option<Crossed>, Error> {
        let Predicate::Packets { name, .. } = predicate else {
            return Ok(None);
        };
        let mut known = self.actors.get(whose)?.seen.iter();
        let Some((_, view)) = known.find(|(known, _)| known == name) else {
            return Ok(None);
        };
        let Some(view) = self.seen_of(whose)?.same_socket(view).cloned() else {
            return Ok(None);
        };
        let task = self.actors.get(&self.acting)?.task.clone();
        let crossed = self
            .teller
            .crossed((&task, &self.scope), &self.scene, &view);
        crossed
            .map(Some)
            .map_err(Error::output("writing what happened"))
    }
}
