//! Calls under way that nobody waits for: several actors may sleep in one at once.

use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use super::actors::lost;
use super::run::Run;
use super::wait::Waiting;
use crate::error::Error;
use crate::model::{Call, MachineEvent};
use crate::script::{Action, Scripted};
use crate::source::Done;

/// A call under way.
pub(crate) struct Job {
    action: Action,
    waiting: Waiting,
}

impl Job {
    /// The actor that is in it.
    pub(crate) fn who(&self) -> &str {
        &self.waiting.who
    }

    /// The call.
    pub(crate) fn call(&self) -> &Call {
        &self.waiting.call
    }

    /// Was the actor seen asleep in it?
    pub(crate) fn is_asleep(&self) -> bool {
        self.waiting.asleep
    }

    /// How long it has lasted.
    pub(crate) fn waited(&self) -> Duration {
        self.waiting.began.elapsed()
    }

    /// How long until it should be looked at again.
    pub(crate) fn pause(&self) -> Duration {
        self.waiting.pause
    }
}

impl Run<'_> {
    /// Sends an actor into the call of a line.
    pub(crate) fn begin(&mut self, who: &str, line: &Scripted) -> Result<Job, Error> {
        self.acting = who.into();
        let planned = self.resolved(who, &line.action)?;
        let planned = planned.map_err(Error::Course)?;
        self.scope.own = true;
        self.tell(MachineEvent::Enter(planned.call.clone()))?;
        self.expect_connect(&planned.call);
        let actor = &mut self.actors.get_mut(who)?.actor;
        actor.start(&planned).map_err(|error| lost(actor, error))?;
        self.next = Some(planned.call.clone());
        Ok(Job {
            action: line.action.clone(),
            waiting: Waiting::new(who, &planned.call),
        })
    }

    /// Where the answer to a call comes from.
    pub(crate) fn answers(&self, job: &Job) -> Result<RawFd, Error> {
        Ok(self.actors.get(job.who())?.actor.as_raw_fd())
    }

    /// Takes the answer, if it has come, and tells it.
    pub(crate) fn take(&mut self, job: &Job) -> Result<Option<Done>, Error> {
        self.acting = job.who().into();
        let done = self.take_reply()?;
        if let Some(done) = &done {
            self.scope.own = true;
            self.returned(job.who(), &job.action, done)?;
        }
        Ok(done)
    }

    /// Tells what can be seen of a call that has not returned.
    pub(crate) fn watch(&mut self, job: &mut Job) -> Result<(), Error> {
        self.acting = job.who().into();
        self.live(&mut job.waiting).map(drop)
    }

    /// Ends the sleep of a call: it fails with EINTR.
    pub(crate) fn interrupt(&mut self, job: &Job) -> Result<(), Error> {
        let process = self.actors.get(job.who())?.actor.process();
        let interrupting = format!("interrupting the {}", job.who());
        process
            .signal(libc::SIGINT)
            .map_err(Error::system(interrupting))
    }
}
