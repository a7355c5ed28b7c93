//! What can be done about a call that failed or did not return.

use super::lesson::Lesson;
use super::step::{After, StepFlow};
use crate::error::Error;
use crate::model::{Address, Call, Ended, Errno, Finding, LessonEvent, UnixAddr};
use crate::run::{Choice, Finished, Menu, Wake};
use crate::script::{Action, Line, Scripted};

impl Lesson<'_> {
    /// Teaches a failed call, and offers what can be done about it.
    pub(super) fn failed(&mut self, call: &Call, errno: Errno) -> Result<After, Error> {
        let who = self.run.acting.clone();
        let failure = self.diagnose(&who, call, errno)?;
        self.tell(LessonEvent::Failed(Box::new(failure)))?;
        let left = self.left_behind(call, errno)?;
        if let Some(path) = left.filter(|_| self.plan.force) {
            return self.remove(path);
        }
        if matches!(call.name(), "bind" | "connect") && self.run.pace.attended() {
            return self.offer_again(call, errno, left);
        }
        self.failed = true;
        // A broken connection ends the exchange, not the walk: it can be closed.
        Ok(After::Flow(match call.name() {
            "recvfrom" | "sendto" => {
                self.tell(LessonEvent::StepEnd { failed: true })?;
                StepFlow::PeerGone
            }
            _ => StepFlow::End(Ended::Failed),
        }))
    }

    /// After a failed bind or connect: again, on another port, or not at all.
    fn offer_again(
        &mut self,
        call: &Call,
        errno: Errno,
        left: Option<UnixAddr>,
    ) -> Result<After, Error> {
        let mut choices = vec![(Choice::Retry, "try again".to_string())];
        let bound = match call.name() {
            "bind" if errno.0 != libc::EADDRNOTAVAIL => call.address().and_then(Address::inet),
            _ => None,
        };
        if bound.is_some() {
            choices.push((
                Choice::AnotherPort,
                "another port, which the kernel chooses (port 0)".into(),
            ));
        }
        if let Some(path) = left {
            choices.insert(0, (Choice::Remove, format!("remove {path} and bind again")));
        }
        choices.push((Choice::Quit, "quit".into()));
        let menu = Menu {
            question: format!("{} did not work", call.book_name()),
            choices,
            otherwise: Choice::Quit,
        };
        loop {
            return Ok(match self.run.choose(&menu)? {
                Wake::Key(Choice::Retry) => After::Again,
                Wake::Key(Choice::Remove) => match left {
                    Some(path) => self.remove(path)?,
                    None => After::Again,
                },
                Wake::Key(Choice::AnotherPort) => {
                    if let Some(mut other) = bound {
                        other.set_port(0);
                        self.run.scope.addr = other.into();
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

    /// The file of a socket that is no more, if that is what a bind met.
    fn left_behind(&mut self, call: &Call, errno: Errno) -> Result<Option<UnixAddr>, Error> {
        let ("bind", libc::EADDRINUSE) = (call.name(), errno.0) else {
            return Ok(None);
        };
        let Some(path) = call.address().and_then(Address::path) else {
            return Ok(None);
        };
        let found = self.run.observer.path_use(path, &[]);
        let is_left = found.iter().any(|found| found.word == "left");
        Ok(is_left.then_some(path))
    }

    /// Has the acting process remove a file that an earlier run has left.
    fn remove(&mut self, path: UnixAddr) -> Result<After, Error> {
        let who = self.run.acting.clone();
        let path = path.as_path().to_string_lossy().into_owned();
        let Some(action) = Action::unlink(path) else {
            return Ok(After::Again);
        };
        let line = Scripted {
            action,
            at: Line::default(),
        };
        let planned = self.run.planned(&who, &line)?;
        match self.run.aside(&who, &line.action, &planned)? {
            None => Ok(After::Again),
            Some(Finished::End(ended)) => Ok(After::Flow(StepFlow::End(ended))),
            Some(_) => Ok(After::Flow(StepFlow::End(Ended::Failed))),
        }
    }

    /// The call did not return: why, and how the run ends.
    pub(super) fn not_returned(
        &mut self,
        call: Call,
        finished: Finished,
    ) -> Result<StepFlow, Error> {
        if !matches!(finished, Finished::NeverReturned) {
            return self.peer_stuck(finished);
        }
        let seconds = self.run.patience.as_secs_f64().to_string();
        let waited = Finding::new("never-returned", [("seconds", seconds)]);
        let failure = self.explain(&self.run.acting, Some(&call), None, &[waited]);
        self.failed = true;
        self.tell(LessonEvent::Failed(Box::new(failure)))?;
        Ok(StepFlow::End(Ended::Failed))
    }

    /// The built-in peer could not do its part.
    pub(super) fn peer_stuck(&mut self, finished: Finished) -> Result<StepFlow, Error> {
        match finished {
            Finished::End(ended) => Ok(StepFlow::End(ended)),
            Finished::NoConnection { who, call, errno } => {
                let failure = self.diagnose(&who, &call, errno)?;
                let task = self.run.actors.get(&who)?.task.clone();
                self.failed = true;
                self.run
                    .tell_of(&task, LessonEvent::Failed(Box::new(failure)))?;
                Ok(StepFlow::End(Ended::Failed))
            }
            Finished::NeverReturned | Finished::Done(_) => Err(Error::Course(
                "the built-in peer waits for something that never comes".into(),
            )),
        }
    }
}
