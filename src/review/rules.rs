//! The rules together: each looks for its own faults.

use super::ends::Ends;
use super::leaks::Leaks;
use super::messages::Messages;
use super::naming::{Asked, Naming};
use super::processes::Processes;
use super::rule::Rule;
use super::tables::{Step, Tables};
use super::waits::Waits;
use crate::model::{Event, FAULTS, Found};

/// Recognises the faults of a program in what it does. It is told every event of the
/// trace, in order, looks included.
pub(crate) struct Review {
    pub tables: Tables,
    processes: Processes,
    rules: Vec<Box<dyn Rule>>,
}

impl Review {
    /// Nothing has happened yet. `asked`: the address it is about, if that is known.
    pub(crate) fn new(asked: Option<Asked>) -> Review {
        Review {
            tables: Tables::default(),
            processes: Processes::default(),
            rules: vec![
                Box::new(Naming::new(asked)),
                Box::<Ends>::default(),
                Box::<Messages>::default(),
                Box::<Leaks>::default(),
                Box::<Waits>::default(),
            ],
        }
    }

    /// Takes in an event, and gives the sockets that it is about.
    pub(crate) fn take<'e>(&mut self, event: &'e Event) -> Step<'e> {
        let step = self.tables.take(event);
        self.processes.take(&step, &self.tables);
        for rule in &mut self.rules {
            rule.take(&step, &self.tables);
        }
        step
    }

    /// Children that have ended and that nobody has waited for, as far as the calls say.
    /// Whether they are zombies, /proc knows: [`Review::found`].
    pub(crate) fn unwaited(&self) -> Vec<u32> {
        self.processes.unwaited()
    }

    /// What was found, in the order of [`FAULTS`]. `zombies` are children that were seen
    /// as such.
    pub(crate) fn found(&self, zombies: &[u32]) -> Vec<Found> {
        let mut all = self.processes.found(&self.tables);
        all.extend(self.processes.zombies(zombies));
        for rule in &self.rules {
            all.extend(rule.found(&self.tables));
        }
        let place = |found: &Found| FAULTS.iter().position(|id| *id == found.id);
        all.sort_by_key(place);
        all.dedup_by_key(|found| found.id);
        all
    }
}
