//! Asks the learner, and tells what changes meanwhile.

use std::io;
use std::os::fd::AsRawFd;
use std::time::Duration;

use super::pace::{Choice, Menu, Next, Pace, Prompt, Until, Wake};
use super::run::Run;
use crate::error::Error;
use crate::model::{Ask, LessonEvent, Moment};

/// A person takes seconds: so often it is looked at what changes meanwhile.
const TICK: Duration = Duration::from_millis(200);

impl Run<'_> {
    /// Waits at a pause for what the learner wants next.
    pub(crate) fn pause(&mut self, again: bool) -> Result<Next, Error> {
        self.ask(|pace, until| pace.wait(&Prompt::Pause { again }, until))
    }

    /// Asks the learner to choose.
    pub(crate) fn choose(&mut self, mut menu: Menu) -> Result<Choice, Error> {
        self.ask(|pace, until| pace.choose(&mut menu, until))
    }

    /// Asks for the number of a port; `None` means to go back.
    pub(crate) fn ask_port(&mut self) -> Result<Option<u16>, Error> {
        self.ask(|pace, _| pace.ask_port())
    }

    fn ask<T>(
        &mut self,
        mut wait: impl FnMut(&mut dyn Pace, Until) -> io::Result<Wake<T>>,
    ) -> Result<T, Error> {
        loop {
            let until = Until {
                fd: Some(self.actors.get(&self.acting)?.actor.as_raw_fd()),
                timeout: self.pace.attended().then_some(TICK),
            };
            match wait(self.pace, until).map_err(Error::output("waiting for a key"))? {
                Wake::Key(key) => return Ok(key),
                Wake::Interrupted(signal) => return Err(Error::interrupted(signal)),
                Wake::Back if self.scope.own => self.tell(LessonEvent::Asked(Ask::Next))?,
                Wake::Back => {}
                Wake::Look => {
                    // Readable while it is in no call: it has ended.
                    self.take_reply()?;
                    self.look_outside(Moment::Changed)?;
                }
            }
        }
    }
}
