//! Waits for a call to return, while keys work and what can be seen is told.

use std::collections::VecDeque;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use super::actors::lost;
use super::pace::{Next, Prompt, Until, Wake};
use super::run::Run;
use crate::error::Error;
use crate::model::{Ask, Blocked, Call, Ended, LessonEvent, MachineEvent, Moment, Process};
use crate::observe;
use crate::script::{Planned, Scripted};
use crate::source::Done;

/// How long after a call began it is first checked whether the process sleeps,
/// and how long between two looks while it does.
const FIRST_LOOK: Duration = Duration::from_micros(200);
const LIVE: Duration = Duration::from_millis(200);

/// A call under way.
pub(super) struct Waiting {
    /// The actor that is in it.
    pub who: String,
    pub call: Call,
    pub began: Instant,
    /// The process was seen asleep in the call.
    pub asleep: bool,
    pub pause: Duration,
}

impl Run<'_> {
    /// Sends the acting process into a call and waits for it, while keys work and
    /// `peer` plays `script` as soon as it sleeps.
    pub(crate) fn call(
        &mut self,
        planned: &Planned,
        peer: &str,
        script: &[Scripted],
    ) -> Result<Done, Error> {
        self.expect_connect(&planned.call);
        let actor = &mut self.actors.get_mut(&self.acting)?.actor;
        actor.start(planned).map_err(|error| lost(actor, error))?;
        let fd = actor.as_raw_fd();
        let mut waiting = Waiting::new(&self.acting, &planned.call);
        let mut script: VecDeque<&Scripted> = script.iter().collect();
        let mut answer = None;
        let mut queued = 0;
        loop {
            if script.is_empty()
                && let Some(done) = answer
            {
                return Ok(done);
            }
            if (answer.is_some() || waiting.asleep)
                && let Some(line) = script.pop_front()
            {
                self.play(peer, std::slice::from_ref(line))?;
                continue;
            }
            let prompt = if waiting.asleep {
                Prompt::Call
            } else {
                Prompt::Busy
            };
            let wake = self.wake(&prompt, Some(fd), waiting.pause)?;
            self.heed(&wake)?;
            // What it has just returned is told as that, not as something new meanwhile.
            if answer.is_none() {
                answer = self.take_reply()?;
            }
            if answer.is_none() && self.live(&mut waiting)? {
                return Err(Error::NeverReturned(Box::new(waiting.call)));
            }
            if answer.is_none() && waiting.asleep && planned.call.name() == "connect" {
                self.make_room(&mut queued)?;
            }
        }
    }

    /// Sends the built-in peer into a call and waits for it. It has no pause of
    /// its own, so it must return within the patience of the run.
    pub(super) fn peer_call(&mut self, peer: &str, planned: &Planned) -> Result<Done, Error> {
        let actor = &mut self.actors.get_mut(peer)?.actor;
        actor.start(planned).map_err(|error| lost(actor, error))?;
        let mut waiting = Waiting::new(peer, &planned.call);
        let mut queued = 0;
        let mut wake = Wake::Key(Next::Run);
        loop {
            let actor = &mut self.actors.get_mut(peer)?.actor;
            let fd = actor.as_raw_fd();
            if let Some(done) = actor.reply().map_err(|error| lost(actor, error))? {
                self.tell_strangers()?;
                return Ok(done);
            }
            // Only what lasts is worth telling.
            if wake == Wake::Look {
                self.live(&mut waiting)?;
                if planned.call.name() == "connect" {
                    self.make_room(&mut queued)?;
                }
            }
            if waiting.began.elapsed() > self.patience {
                return Err(Error::PeerWaits {
                    who: peer.into(),
                    call: Box::new(planned.call.clone()),
                });
            }
            wake = self.wake(&Prompt::Call, Some(fd), LIVE)?;
            self.heed(&wake)?;
        }
    }

    /// Does what a key asks for while a call lasts.
    fn heed(&mut self, wake: &Wake) -> Result<(), Error> {
        match wake {
            Wake::Key(Next::Quit) => return Err(Error::Ended(Ended::Quit)),
            Wake::Interrupted(signal) => return Err(Error::interrupted(*signal)),
            Wake::Key(Next::Ask(ask)) => {
                self.tell(LessonEvent::Asked(*ask))?;
                if *ask == Ask::Inspect {
                    self.look_outside(Moment::Asked)?;
                }
            }
            Wake::Key(Next::Run | Next::RunOn | Next::Again) | Wake::Look | Wake::Back => {}
        }
        Ok(())
    }

    /// Has the observer know of a connect that comes.
    pub(super) fn expect_connect(&mut self, call: &Call) {
        if let Ok(watched) = self.actors.get(&self.acting)
            && let Some(last) = self.scene.of(&watched.task)
        {
            self.observer.expect_connect(call, last);
        }
    }

    /// Takes what the acting process has to say while it is in no call: nothing, or
    /// that it has ended.
    pub(super) fn take_reply(&mut self) -> Result<Option<Done>, Error> {
        let actor = &mut self.actors.get_mut(&self.acting)?.actor;
        actor.reply().map_err(|error| lost(actor, error))
    }

    /// Waits for the learner, for `fd`, and no longer than `timeout`.
    pub(crate) fn wake(
        &mut self,
        prompt: &Prompt,
        fd: Option<i32>,
        timeout: Duration,
    ) -> Result<Wake, Error> {
        let timeout = Some(timeout);
        let wake = self.pace.wait(prompt, Until { fd, timeout });
        wake.map_err(Error::output("waiting"))
    }

    /// Tells what can be seen of a call that has not returned. Says whether the
    /// run has waited long enough.
    pub(super) fn live(&mut self, waiting: &mut Waiting) -> Result<bool, Error> {
        let task = self.actors.get(&waiting.who)?.task.clone();
        let process = observe::process(task.pid).value().cloned();
        let waited = waiting.began.elapsed();
        let enough = !self.pace.attended() && waited > self.patience;
        let first = !waiting.asleep;
        waiting.asleep |= is_asleep(process.as_ref(), &waiting.call, waited);
        if !waiting.asleep {
            waiting.pause = (waiting.pause * 2).min(LIVE);
            return Ok(enough);
        }
        waiting.pause = LIVE;
        if first || self.pace.attended() {
            let blocked = Blocked {
                call: waiting.call.clone(),
                process,
                waited,
                first,
            };
            self.tell_of(&task, MachineEvent::Blocked(blocked))?;
        }
        self.look_outside(Moment::Changed)?;
        Ok(enough)
    }
}

impl Waiting {
    pub(super) fn new(who: &str, call: &Call) -> Waiting {
        Waiting {
            who: who.into(),
            call: call.clone(),
            began: Instant::now(),
            asleep: false,
            pause: FIRST_LOOK,
        }
    }
}

/// Is the process asleep inside that call? It sleeps in recvmsg(2) of its channel, too,
/// when it has returned. Where /proc does not say which call it is in, one that has
/// lasted a while counts.
fn is_asleep(process: Option<&Process>, call: &Call, waited: Duration) -> bool {
    match process.and_then(|process| Some((process, process.syscall?))) {
        Some((process, number)) => {
            let is_channel = call.fd().is_some() && process.first == Some(0);
            process.state == 'S' && call.syscall.has_number(number) && !is_channel
        }
        None => waited > Duration::from_millis(50),
    }
}
