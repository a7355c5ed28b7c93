//! Holds the course's expectations against the kernel.

use super::lesson::Lesson;
use crate::error::Error;
use crate::script::{Predicate, Verdict};

impl Lesson<'_> {
    /// What the live kernel says to a predicate.
    pub(super) fn verdict(&mut self, predicate: &Predicate) -> Result<Verdict, Error> {
        let lead = self.lead();
        self.run.verdict(predicate, self.made.as_ref(), lead)
    }
}
