//! Takes down what happens in a run.

use std::collections::BTreeMap;

use super::line::Entry;
use super::store::{Store, seconds};
use super::trouble::refused;
use super::types::Grade;

/// Takes down what happens in a run. Each entry is kept at once, so that a run that
/// is killed loses nothing; what cannot be kept is tried again with the next one and
/// at the end, and said only then. It never stops the run.
#[derive(Debug)]
pub(crate) struct Journal {
    /// `None`: nothing is to be kept.
    store: Option<Result<Store, String>>,
    /// Lines that are not in the file yet.
    pending: String,
    /// Lines may be missing from the file, though they were written.
    unsynced: Option<String>,
}

impl Journal {
    /// Keeps it there; with `None` it keeps nothing and says nothing.
    pub(crate) fn new(store: Option<Result<Store, String>>) -> Journal {
        Journal {
            store,
            pending: String::new(),
            unsynced: None,
        }
    }

    /// A chapter was taught to its end.
    pub(crate) fn chapter_finished(&mut self, track: &str, chapter: &str) {
        self.keep(Entry::Chapter {
            track: track.into(),
            chapter: chapter.into(),
        });
    }

    /// A question was asked; `beliefs` are those among its choices.
    pub(crate) fn answered(&mut self, beliefs: BTreeMap<String, Grade>) {
        if !beliefs.is_empty() {
            self.keep(Entry::Answer { beliefs });
        }
    }

    fn keep(&mut self, entry: Entry) {
        if self.store.is_some() {
            self.pending.push_str(&entry.into_line(seconds()));
            // What is still refused at the end is said there.
            let _ = self.flush();
        }
    }

    fn flush(&mut self) -> Result<(), String> {
        let store = match &self.store {
            Some(store) if !self.pending.is_empty() => store.as_ref().map_err(String::clone)?,
            _ => return Ok(()),
        };
        let file = store.append(&self.pending)?;
        self.pending.clear();
        // Over a network a full disk comes out only here. It is not tried again: the
        // lines may be there, and would count twice.
        if let Err(error) = file.sync_all() {
            self.unsynced = Some(refused("writing", store.path())(error));
        }
        Ok(())
    }

    /// The run is over: what the learner should know of its progress.
    #[must_use]
    pub(crate) fn finish(mut self) -> Option<String> {
        let trouble = self.flush().err().or(self.unsynced)?;
        Some(format!(
            "{trouble} The lesson went on without keeping its progress."
        ))
    }
}
