//! Expectations, and what somebody says of a call before it is made.

use std::time::{Duration, Instant};

use super::state::State;
use crate::error::Error;
use crate::model::{LessonEvent, Moment};
use crate::script::{Action, Predicate, Verdict};
use crate::words::say;

/// How long a call that an expectation is about may still take.
const SETTLE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(5);

impl State<'_> {
    /// Holds the kernel against an expectation.
    pub(super) fn expect(&mut self, who: &str, text: &str) -> Result<(), Error> {
        let predicate = match Predicate::parse(text) {
            // A script of somebody else's is played without a look at it.
            Ok(Predicate::Makes { .. }) => {
                return self.wrong(text, say!("shell-no-programs"));
            }
            Ok(predicate) => predicate,
            Err(why) => return self.wrong(text, why),
        };
        let (held, found) = match self.judged(who, &predicate)? {
            Ok(Verdict::Held) => (true, String::new()),
            Ok(Verdict::Not(found)) => (false, found),
            Ok(Verdict::Hidden) => (false, say!("shell-hidden")),
            Err(why) => return self.wrong(text, why),
        };
        self.failed |= !held;
        if held {
            self.keep(who, text, true);
        }
        let line = self.run.vars().fill(text);
        self.run.acting = who.into();
        self.run.tell(LessonEvent::Expect { line, held, found })
    }

    /// What the kernel says to an expectation; the error is what is not there.
    pub(super) fn judged(
        &mut self,
        who: &str,
        predicate: &Predicate,
    ) -> Result<Result<Verdict, String>, Error> {
        self.run.enter(who)?;
        self.wait_for_what(who, predicate)?;
        self.run.acting = who.into();
        self.run.look_now(who, Moment::Checked)?;
        let made = self.made.get(who).cloned();
        let lead = self.plan.lead.word();
        // A script does not say how long the other end may take.
        let is_made = is_about_made(predicate);
        let verdict = self.run.settled(|run| {
            let verdict = run.judge(predicate, made.as_ref(), lead)?;
            let is_final = is_made || !matches!(verdict, Verdict::Not(_));
            Ok((verdict, is_final))
        });
        match verdict {
            Err(Error::Course(why)) => Ok(Err(why)),
            verdict => verdict.map(Ok),
        }
    }

    /// Gives a call that an expectation is about a moment to return.
    fn wait_for_what(&mut self, who: &str, predicate: &Predicate) -> Result<(), Error> {
        let began = Instant::now();
        while began.elapsed() < SETTLE && self.is_awaited(who, predicate) {
            self.pause(POLL)?;
            self.collect()?;
        }
        Ok(())
    }

    fn is_awaited(&self, who: &str, predicate: &Predicate) -> bool {
        let whose = match predicate.socket() {
            Some((actor, name)) => {
                let whose = actor.unwrap_or(who);
                let watched = self.run.actors.find(whose);
                if watched.is_some_and(|watched| watched.actor.fd(name).is_some()) {
                    return false;
                }
                whose
            }
            None if is_about_made(predicate) => who,
            None => return false,
        };
        self.job(whose).is_some()
    }

    /// Asks what will come of a call, before it is made.
    pub(super) fn predict(&mut self, who: &str, text: &str) -> Result<(), Error> {
        if let Err(why) = Action::parse(text) {
            return self.wrong(text, why);
        }
        self.predicted = Some((who.into(), text.into()));
        let ways = say!("shell-ways");
        self.told("predict", vec![(say!("shell-say"), ways)])
    }

    /// Makes the call of which something was said, and tells what came of it beside that.
    pub(super) fn said(&mut self, said: &str) -> Result<(), Error> {
        let Some((who, text)) = self.predicted.take() else {
            return Ok(());
        };
        let said = said.trim();
        if said.is_empty() {
            return self.told(
                "predict",
                vec![(say!("shell-say"), say!("shell-forgotten"))],
            );
        }
        let predicate = match Predicate::parse(said) {
            Ok(Predicate::Makes { .. }) => {
                return self.wrong(said, say!("shell-says-no-programs"));
            }
            Ok(predicate) => predicate,
            Err(why) => {
                self.predicted = Some((who, text));
                return self.wrong(said, why);
            }
        };
        let calls = self.saved.len();
        self.act(&who, &text)?;
        if self.saved.len() == calls {
            // It could not be made, and that was told.
            return Ok(());
        }
        let sleeps = self.job(&who).is_some_and(|job| job.is_asleep());
        let verdict = match predicate {
            Predicate::Slept if sleeps => Ok(Verdict::Held),
            _ => self.judged(&who, &predicate)?,
        };
        let came = match self.made.get(&who) {
            Some(made) if self.job(&who).is_none() => format!("`{}`", made.outcome.strace()),
            _ => say!("shell-not-returned"),
        };
        let so = match verdict {
            Ok(Verdict::Held) => say!("shell-as-said"),
            Ok(Verdict::Not(found)) => say!("shell-otherwise", found = found),
            Ok(Verdict::Hidden) => say!("shell-hidden"),
            Err(why) => why,
        };
        let entries = [
            (say!("label-predictions"), format!("`{said}`")),
            (say!("shell-returned"), came),
            (say!("shell-so"), so),
        ];
        self.told("predict", entries.into())
    }
}

/// Is it about the last call?
fn is_about_made(predicate: &Predicate) -> bool {
    use Predicate::{Burned, Failed, Returned, Slept, Told};
    matches!(
        predicate,
        Returned(_) | Failed(_) | Told(_) | Slept | Burned
    )
}
