//! Holds expectations against the kernel, and gives the other end a moment.

use std::time::{Duration, Instant};

use super::lesson::Lesson;
use crate::error::Error;
use crate::model::{Ended, Moment};
use crate::run::{Prompt, Wake};
use crate::script::{Expectation, Line};

/// What the live kernel says to an expectation.
pub(super) enum Verdict {
    Held,
    /// What it shows instead.
    Not(String),
    /// It cannot be seen on this machine.
    Hidden,
    /// The run ended while waiting for it.
    End(Ended),
}

/// How long the other end and the network may take.
pub(super) const SETTLE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(5);

impl Lesson<'_> {
    /// Holds an expectation against the kernel; what the peer has a hand in is
    /// given a moment to settle.
    pub(super) fn verdict(&mut self, expectation: &Expectation) -> Result<Verdict, Error> {
        let began = Instant::now();
        loop {
            let verdict = self.judge(&expectation.predicate)?;
            let settled = expectation.is_immediate() || began.elapsed() > SETTLE;
            if settled || !matches!(verdict, Verdict::Not(_)) {
                return Ok(verdict);
            }
            if let Some(ended) = self.moment()? {
                return Ok(Verdict::End(ended));
            }
        }
    }

    /// Gives the other end a moment and looks again. `Some` if the run ends here.
    pub(super) fn moment(&mut self) -> Result<Option<Ended>, Error> {
        let wake = self
            .run
            .pace
            .wait(&Prompt::Busy, &[], Some(POLL))
            .map_err(Error::output("waiting"))?;
        if let Wake::Interrupted(signal) = wake {
            return Ok(Some(Ended::Interrupted { signal }));
        }
        self.run.look_outside(Moment::Changed)?;
        Ok(None)
    }

    /// The condition of a line, its placeholders filled in.
    pub(super) fn condition(&self, line: &Line) -> Result<Expectation, Error> {
        Expectation::parse(&self.run.vars().fill(&line.text))
            .map_err(|message| Error::Course(format!("line {}: {message}", line.line)))
    }
}
