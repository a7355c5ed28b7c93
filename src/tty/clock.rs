//! The pace of a run that nobody attends: pauses of a fixed length.

use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::poller::{Poller, Woken};
use crate::run::{Choice, Menu, Next, Pace, Prompt, Until, Wake};
use crate::sys::{self, Signals};

/// Goes on by itself: `--auto`.
pub(crate) struct Clock {
    poller: Poller,
    /// How long a pause lasts.
    delay: Duration,
}

impl Clock {
    /// A pace whose pauses last `delay`.
    pub(crate) fn new(delay: Duration, signals: Rc<Signals>) -> Clock {
        Clock {
            poller: Poller::new(signals),
            delay,
        }
    }
}

impl Pace for Clock {
    fn attended(&self) -> bool {
        false
    }

    fn rests(&self) -> bool {
        !self.delay.is_zero()
    }

    fn wait(&mut self, prompt: &Prompt, until: Until) -> io::Result<Wake> {
        let began = Instant::now();
        let pausing = matches!(prompt, Prompt::Pause { .. } | Prompt::Replay);
        loop {
            let limit = match prompt {
                Prompt::Pause { .. } | Prompt::Replay => {
                    Some(self.delay.saturating_sub(began.elapsed()))
                }
                Prompt::Call | Prompt::Busy => until.timeout,
            };
            match self.poller.wait(until.fd.as_slice(), limit)? {
                Woken::Interrupted(signal) => return Ok(Wake::Interrupted(signal)),
                Woken::Stop => sys::stop_self(),
                Woken::Ready(ready) if !pausing || ready.contains(&true) => {
                    return Ok(Wake::Look);
                }
                Woken::Ready(_) if began.elapsed() >= self.delay => {
                    return Ok(Wake::Key(Next::Run));
                }
                Woken::Ready(_) => {}
            }
        }
    }

    fn choose(&mut self, _: &mut Menu, _: Until) -> io::Result<Wake<Choice>> {
        Ok(Wake::Key(Choice::Quit))
    }

    fn ask_port(&mut self) -> io::Result<Wake<Option<u16>>> {
        Ok(Wake::Key(None))
    }
}
