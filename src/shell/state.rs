//! A shell under way: its lines, its calls, and what it keeps of both.

use std::collections::HashMap;

use crate::course::Track;
use crate::error::Error;
use crate::model::{RunInfo, ShellEvent, Side};
use crate::run::{Job, Lines, Run};
use crate::script::Made;

/// What a shell is to do.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub info: RunInfo,
    /// Whose lines the first ones are.
    pub lead: Side,
    /// It ends at the first line that is wrong, or expects what is not so.
    pub stops: bool,
}

/// A line that was done.
#[derive(Clone, Debug)]
pub(super) struct Saved {
    pub who: String,
    pub text: String,
    /// The call slept.
    pub slept: bool,
    /// The errno by which it failed.
    pub failed: Option<String>,
    /// It is no call, but an expectation that held.
    pub is_expectation: bool,
}

/// A shell under way.
pub(super) struct State<'a> {
    pub run: Run<'a>,
    pub lines: Box<dyn Lines + 'a>,
    pub track: &'a Track,
    pub plan: Plan,
    /// The actor whose lines those without a name are.
    pub whose: String,
    /// The actor that has made a call last.
    pub acted: String,
    /// The calls that have not returned.
    pub jobs: Vec<Job>,
    /// What was the last call of each actor.
    pub made: HashMap<String, Made>,
    /// The lines that were done, for `save`.
    pub saved: Vec<Saved>,
    /// A call, and whose it is, of which it is to be said what comes of it.
    pub predicted: Option<(String, String)>,
    /// The number of the last line, from 1.
    pub number: usize,
    /// A line was wrong, or expected what was not so.
    pub failed: bool,
}

impl State<'_> {
    /// Tells something of the actor whose prompt it is.
    pub(super) fn tell(&mut self, event: ShellEvent) -> Result<(), Error> {
        self.run.acting.clone_from(&self.whose);
        self.run.tell(event)
    }

    /// Nothing can be done with a line: why.
    pub(super) fn wrong(&mut self, line: &str, why: impl Into<String>) -> Result<(), Error> {
        self.failed = true;
        self.tell(ShellEvent::Wrong {
            line: line.into(),
            why: why.into(),
        })
    }

    /// Keeps a line for `save`.
    pub(super) fn keep(&mut self, who: &str, text: &str, is_expectation: bool) {
        self.saved.push(Saved {
            who: who.into(),
            text: text.into(),
            slept: false,
            failed: None,
            is_expectation,
        });
    }

    /// Tells what was asked for.
    pub(super) fn told(&mut self, what: &str, entries: Vec<(String, String)>) -> Result<(), Error> {
        self.tell(ShellEvent::Told {
            what: what.into(),
            entries,
        })
    }

    /// The call of that actor that has not returned.
    pub(super) fn job(&self, who: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.who() == who)
    }
}
