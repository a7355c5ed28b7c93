//! Calls: sent, waited for as long as they do not sleep, taken when they return.

use std::time::{Duration, Instant};

use super::state::State;
use crate::course::Topic;
use crate::error::Error;
use crate::model::{Call, Errno, LessonEvent, MachineEvent, Moment, Outcome, Param, Side, World};
use crate::run::{Job, Prompt, Wake};
use crate::script::{Line, Made, Scripted};
use crate::source::Done;
use crate::words::say;

/// How long a call may last that is not seen asleep, before the next line is taken.
const BUSY: Duration = Duration::from_secs(1);

impl State<'_> {
    /// Has an actor make the call of a line.
    pub(super) fn act(&mut self, who: &str, text: &str) -> Result<(), Error> {
        let (line, column) = (self.number, 1);
        let text = text.to_string();
        let at = Line { text, line, column };
        let scripted = match Scripted::parse(at) {
            Ok(scripted) => scripted,
            Err((at, why)) => return self.wrong(&at.text, why),
        };
        if !self.is_ready(who, &scripted.at.text)? {
            return Ok(());
        }
        match self.run.begin(who, &scripted) {
            Ok(job) => self.jobs.push(job),
            Err(Error::Course(why)) => return self.wrong(&scripted.at.text, why),
            Err(error) => return self.lost(error),
        }
        self.keep(who, &scripted.at.text, false);
        self.acted = who.into();
        self.settle(who)
    }

    /// Sees to it that an actor is there, and in no call, and that what has happened
    /// meanwhile is told before.
    fn is_ready(&mut self, who: &str, line: &str) -> Result<bool, Error> {
        let has_exited = |state: &Self| {
            let watched = state.run.actors.find(who);
            watched.is_some_and(|watched| watched.actor.has_exited())
        };
        if has_exited(self) {
            self.forget(who)?;
        }
        self.run.enter(who)?;
        if self.job(who).is_some() && !self.wait_for(who)? {
            let asleep = say!("shell-busy", who = who);
            self.wrong(line, asleep)?;
            return Ok(false);
        }
        self.run.acting = who.into();
        if self.run.seen().is_err() {
            self.run.look_at(who, Moment::Before)?;
        } else if self.acted != who {
            self.run.look_now(who, Moment::Changed)?;
        }
        Ok(true)
    }

    /// Waits for the call of an actor: as long as the run is patient, but not where
    /// somebody can interrupt it.
    fn wait_for(&mut self, who: &str) -> Result<bool, Error> {
        let began = Instant::now();
        loop {
            self.collect()?;
            if self.job(who).is_none() {
                return Ok(true);
            }
            if self.lines.is_attended() || began.elapsed() > self.run.patience {
                return Ok(false);
            }
            self.wait(who)?;
        }
    }

    /// Waits until a call has returned, or sleeps.
    fn settle(&mut self, who: &str) -> Result<(), Error> {
        let began = Instant::now();
        loop {
            self.collect()?;
            let Some(job) = self.job(who) else {
                return Ok(());
            };
            if job.is_asleep() || began.elapsed() > BUSY {
                return Ok(());
            }
            self.wait(who)?;
        }
    }

    /// Waits a little for the call of an actor, and looks at it.
    fn wait(&mut self, who: &str) -> Result<(), Error> {
        let Some(at) = self.jobs.iter().position(|job| job.who() == who) else {
            return Ok(());
        };
        let (fd, pause) = (self.run.answers(&self.jobs[at])?, self.jobs[at].pause());
        let began = Instant::now();
        match self.run.wake(&Prompt::Busy, Some(fd), pause)? {
            Wake::Interrupted(libc::SIGINT) if self.lines.is_attended() => self.interrupt(),
            Wake::Interrupted(signal) => Err(Error::interrupted(signal)),
            _ if began.elapsed() < pause => Ok(()),
            _ => self.run.watch(&mut self.jobs[at]),
        }
    }

    /// Takes every call that has returned.
    pub(super) fn collect(&mut self) -> Result<(), Error> {
        let mut at = 0;
        while let Some(job) = self.jobs.get(at) {
            match self.run.take(job) {
                Ok(None) => at += 1,
                Ok(Some(done)) => {
                    let job = self.jobs.remove(at);
                    self.finished(&job, &done)?;
                }
                Err(error) => {
                    self.jobs.remove(at);
                    self.lost(error)?;
                }
            }
        }
        Ok(())
    }

    /// Tells what a call has changed, and why it failed.
    fn finished(&mut self, job: &Job, done: &Done) -> Result<(), Error> {
        let who = job.who().to_string();
        let cpu = |world: &World| world.process.value().map(|process| process.cpu_ms);
        let before = self.run.seen_of(&who).map(cpu)?;
        self.run.look_at(&who, Moment::After)?;
        self.run.scope.own = false;
        let made = Made {
            outcome: done.outcome,
            told: done.call.returned(done.outcome),
            offered: job.call().offered(),
            took: done.took,
            cpu_ms: (before, self.run.seen_of(&who).map(cpu)?),
        };
        self.made.insert(who.clone(), made);
        if let Some(line) = self
            .saved
            .iter_mut()
            .rfind(|line| line.who == who && !line.is_expectation)
        {
            line.slept = job.is_asleep();
            line.failed = done.outcome.errno().map(Errno::name);
        }
        if is_error_read(&done.call) {
            let text = "the error that waited on the socket. Reading it has cleared it: a second \
                        `getsockopt` finds 0, and the next call does not fail by it";
            self.told("error", vec![("error".into(), text.into())])?;
        }
        match done.outcome {
            Outcome::Failed(errno) => self.explain(&who, &done.call, errno),
            _ => Ok(()),
        }
    }

    /// What an errno means, what was found, and what would work.
    fn explain(&mut self, who: &str, call: &Call, errno: Errno) -> Result<(), Error> {
        let task = self.run.actors.get(who)?.task.clone();
        let world = self.run.scene.of(&task);
        let socket = world
            .zip(call.fd())
            .and_then(|(world, fd)| world.socket(fd));
        let ours = self.run.actors.pids();
        let found = self.run.observer.cause(call, errno, socket, &ours);
        let topic = Topic {
            call: Some(call),
            errno: Some(errno),
            socket,
            server: self.run.scope.addr,
            by: if who == Side::Client.word() {
                Side::Client
            } else {
                Side::Server
            },
            is_traced: false,
            found: None,
        };
        let failure = self.track.explain.failure(&topic, &found);
        self.run
            .tell_of(&task, LessonEvent::Failed(Box::new(failure)))
    }

    /// An actor is gone: that is told, and others go on. Any other error ends the shell.
    pub(super) fn lost(&mut self, error: Error) -> Result<(), Error> {
        let Error::ActorGone { actor, .. } = &error else {
            return Err(error);
        };
        let why = error.to_string();
        self.forget(actor)?;
        self.told("gone", vec![("gone".into(), why)])
    }

    /// Takes an actor out whose process has ended.
    fn forget(&mut self, who: &str) -> Result<(), Error> {
        let task = self.run.actors.get(who)?.task.clone();
        self.run.tell_of(&task, MachineEvent::Gone(None))?;
        self.run.scene.forget(task.pid);
        self.run.actors.leave(who);
        self.jobs.retain(|job| job.who() != who);
        // There is always somebody to tell things of.
        self.run.enter(&self.whose.clone())
    }

    /// Ends the sleep of the call of whoever has the prompt, or of the last one.
    pub(super) fn interrupt(&mut self) -> Result<(), Error> {
        let own = self.jobs.iter().find(|job| job.who() == self.whose);
        match own.or(self.jobs.last()) {
            Some(job) => self.run.interrupt(job),
            None => Ok(()),
        }
    }
}

/// Has it read SO_ERROR?
fn is_error_read(call: &Call) -> bool {
    let option = call.number(Param::Option);
    call.name() == "getsockopt" && option == Some(libc::SO_ERROR.into())
}
