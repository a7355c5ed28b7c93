//! What every rule does.

use super::tables::{Step, Tables};
use crate::model::Found;

/// Something that looks for faults.
pub(super) trait Rule {
    /// Takes in an event. The tables are as they are after it.
    fn take(&mut self, step: &Step<'_>, tables: &Tables);

    /// What was found so far, at the end of a trace.
    fn found(&self, tables: &Tables) -> Vec<Found>;
}
