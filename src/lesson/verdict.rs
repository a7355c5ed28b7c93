//! Holds expectations against the kernel: asks what must be asked, and waits for what
//! the other end has a hand in.

use std::time::{Duration, Instant};

use super::lesson::Lesson;
use crate::error::Error;
use crate::model::{Fact, Moment};
use crate::observe;
use crate::run::{Prompt, Wake};
use crate::script::{Predicate, Seen, Verdict, verdict};

/// How long the other end and the network may take.
const SETTLE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(5);

impl Lesson<'_> {
    /// What the live kernel says to a predicate.
    pub(super) fn verdict(&mut self, predicate: &Predicate) -> Result<Verdict, Error> {
        self.settled(|lesson| {
            let verdict = lesson.judge(predicate)?;
            let is_final = predicate.is_immediate() || !matches!(verdict, Verdict::Not(_));
            Ok((verdict, is_final))
        })
    }

    /// Looks again until the answer is final or the time is over.
    pub(super) fn settled<T>(
        &mut self,
        mut answer: impl FnMut(&mut Self) -> Result<(T, bool), Error>,
    ) -> Result<T, Error> {
        let began = Instant::now();
        loop {
            let (answer, is_final) = answer(self)?;
            if is_final || began.elapsed() > SETTLE {
                return Ok(answer);
            }
            if let Wake::Interrupted(signal) = self.run.wake(&Prompt::Busy, None, POLL)? {
                return Err(Error::interrupted(signal));
            }
            self.run.look_outside(Moment::Changed)?;
        }
    }

    /// What the last look and the last call say to a predicate, and what it asks for.
    pub(super) fn judge(&mut self, predicate: &Predicate) -> Result<Verdict, Error> {
        let mut whose = self.run.acting.clone();
        let (mut answer, mut process) = (None, Fact::None);
        match predicate {
            Predicate::Socket {
                actor: Some(actor), ..
            } => {
                self.run.look_at(actor, Moment::Checked)?;
                whose.clone_from(actor);
            }
            // Clients wait for the one whose life is walked.
            Predicate::Waiting(..) => {
                whose = self.lead().into();
                if self.run.acting != whose {
                    self.run.look_at(&whose, Moment::Checked)?;
                }
            }
            Predicate::Refuses(addr) => {
                if let Ok(addr) = self.run.vars().fill_word(addr).parse() {
                    answer = self.run.observer.refuses(addr).ok();
                }
            }
            Predicate::Path { path, .. } => {
                let path = self.run.vars().fill_word(path);
                answer = Some(observe::file_stands_at(&path));
            }
            Predicate::Process { actor, .. } => {
                if let Some(actor) = self.run.actors.find(actor) {
                    process = observe::process(actor.task.pid);
                }
            }
            _ => {}
        }
        let world = self.run.seen_of(&whose)?;
        let seen = Seen {
            world: &self.run.without_strangers(world),
            sockets: &self.run.actors.get(&whose)?.seen,
            made: self.made.as_ref(),
            calls: &[],
            answer,
            process,
            vars: self.run.vars(),
        };
        Ok(verdict(predicate, &seen))
    }
}
