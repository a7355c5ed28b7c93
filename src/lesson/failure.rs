//! What can be done about a call that failed or did not return.

use super::lesson::Lesson;
use super::step::StepFlow;
use crate::error::Error;
use crate::model::{Address, Call, Ended, Errno, Failure, Finding, LessonEvent, UnixAddr};
use crate::run::{Choice, Menu};
use crate::script::Action;
use crate::words::say;

impl Lesson<'_> {
    /// Teaches a failed call, and offers what can be done about it. `None` is to make it
    /// once more.
    pub(super) fn failed(&mut self, call: &Call, errno: Errno) -> Result<Option<StepFlow>, Error> {
        let who = self.run.acting.clone();
        let failure = self.diagnose(&who, call, errno)?;
        self.tell(LessonEvent::Failed(Box::new(failure)))?;
        let left = self.left_behind(call, errno)?;
        if let Some(path) = left.filter(|_| self.plan.force) {
            return self.remove(path).map(|()| None);
        }
        if matches!(call.name(), "bind" | "connect") && self.run.pace.attended() {
            return self.offer_again(call, errno, left).map(|()| None);
        }
        if !matches!(call.name(), "recvfrom" | "sendto") {
            return Err(Error::Ended(Ended::Failed));
        }
        // A broken connection ends the exchange, not the walk: it can be closed.
        self.failed = true;
        self.tell(LessonEvent::StepEnd { failed: true })?;
        Ok(Some(StepFlow::PeerGone))
    }

    /// After a failed bind or connect: again, on another port, or not at all.
    fn offer_again(
        &mut self,
        call: &Call,
        errno: Errno,
        left: Option<UnixAddr>,
    ) -> Result<(), Error> {
        let mut choices = vec![(Choice::Retry, say!("menu-again"))];
        let bound = match call.name() {
            "bind" if errno.0 != libc::EADDRNOTAVAIL => call.address().and_then(Address::inet),
            _ => None,
        };
        if bound.is_some() {
            choices.push((Choice::AnyPort, say!("menu-any-port")));
            choices.push((Choice::TypedPort, say!("menu-typed-port")));
        }
        if let Some(path) = left {
            choices.insert(0, (Choice::Remove, say!("menu-remove", path = path)));
        }
        choices.push((Choice::Quit, say!("menu-quit")));
        let menu = Menu::new(say!("menu-failed", call = call.book_name()), choices);
        loop {
            let port = match (self.run.choose(menu.clone())?, left) {
                (Choice::Retry, _) => return Ok(()),
                (Choice::Remove, Some(path)) => return self.remove(path),
                (Choice::AnyPort, _) => Some(0),
                (Choice::TypedPort, _) => self.run.ask_port()?,
                _ => return Err(Error::Ended(Ended::Failed)),
            };
            if let (Some(mut other), Some(port)) = (bound, port) {
                other.set_port(port);
                self.run.scope.addr = other.into();
                return Ok(());
            }
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
    fn remove(&mut self, path: UnixAddr) -> Result<(), Error> {
        let who = self.run.acting.clone();
        let Some(action) = Action::unlink(path) else {
            return Ok(());
        };
        self.run.scope.own = false;
        let done = self.run.at_once(&who, action)?;
        let Some(errno) = done.outcome.errno() else {
            return Ok(());
        };
        let failure = self.diagnose(&who, &done.call, errno)?;
        self.tell(LessonEvent::Failed(Box::new(failure)))?;
        // Asked once more, the kernel would refuse it once more.
        if self.plan.force {
            return Err(Error::Ended(Ended::Failed));
        }
        Ok(())
    }

    /// How the run ends by an error, and why, if the kernel has a part in that.
    pub(super) fn stopped(&mut self, error: Error) -> Result<Ended, Error> {
        let acting = self.run.acting.clone();
        let (call, found) = match error {
            Error::Ended(ended) => return Ok(ended),
            Error::PeerWaits { who, call } => {
                return Err(Error::Course(self.deadlock(&who, &call)));
            }
            Error::NoConnection { who, call, errno } => {
                let failure = self.diagnose(&who, &call, errno)?;
                return self.told_of(&who, failure);
            }
            Error::NeverReturned(call) => {
                let seconds = self.run.patience.as_secs_f64().to_string();
                let waited = Finding::new("never-returned", [("seconds", seconds)]);
                (Some(*call), waited)
            }
            Error::ActorGone { actor, signal } => {
                let who = ("actor", actor);
                let ended = match signal {
                    None => Finding::new("ended", [who]),
                    Some(signal) => Finding::new("killed", [who, ("signal", signal.to_string())]),
                };
                (self.run.next.clone(), ended)
            }
            other => return Err(other),
        };
        let failure = self.explain(&acting, call.as_ref(), None, &[found]);
        self.told_of(&acting, failure)
    }

    fn told_of(&mut self, who: &str, failure: Failure) -> Result<Ended, Error> {
        let task = self.run.actors.get(who)?.task.clone();
        let failed = LessonEvent::Failed(Box::new(failure));
        self.run.tell_of(&task, failed)?;
        Ok(Ended::Failed)
    }

    /// What an actor waits for, and what the one whose step it is does meanwhile.
    fn deadlock(&self, who: &str, call: &Call) -> String {
        let acting = &self.run.acting;
        let sleeps = |who: &str| {
            let watched = self.run.actors.find(who);
            watched.is_some_and(|watched| watched.actor.is_in_call())
        };
        let meanwhile = match &self.run.next {
            Some(next) if sleeps(acting) => {
                format!("the {acting} sleeps in {}", self.named_call(acting, next))
            }
            Some(last) => format!(
                "the {acting} waits for that with its next call; its last was {}",
                self.named_call(acting, last)
            ),
            None => format!("the {acting} makes no call"),
        };
        let step = self.run.scope.step.as_ref();
        let place = step.map_or_else(String::new, |id| {
            format!("chapter '{}', step '{}': ", id.chapter, id.step)
        });
        format!(
            "{place}the {who} waits in {} for what does not come within {} s, and {meanwhile}",
            self.named_call(who, call),
            self.run.patience.as_secs_f64(),
        )
    }

    /// A call of `who`, and what its script calls the socket.
    fn named_call(&self, who: &str, call: &Call) -> String {
        let sockets = self.run.actors.find(who).map(|it| it.actor.sockets());
        let known = |(_, fd): &&(String, i32)| Some(*fd) == call.fd();
        match sockets.and_then(|sockets| sockets.iter().find(known)) {
            Some((name, _)) => format!("{} on '{name}'", call.textbook()),
            None => call.textbook(),
        }
    }
}
