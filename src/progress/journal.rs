use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use super::place::NoPlace;
use super::store::Store;
use super::types::{Last, Progress};

/// What a learner answered to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What the kernel then did.
    Right,
    /// A choice that is a belief, by its id.
    Belief(String),
    /// A wrong choice that is no belief.
    Wrong,
    /// Nothing, or a choice that could not be held against the kernel.
    Unjudged,
}

/// One thing to keep.
#[derive(Debug)]
enum Entry {
    Finished {
        track: String,
        chapter: String,
        at: u64,
    },
    Answered {
        shown: BTreeSet<String>,
        answer: Answer,
    },
}

impl Entry {
    fn enter(&self, progress: &mut Progress) {
        match self {
            Entry::Finished { track, chapter, at } => progress.finish(track, chapter, *at),
            Entry::Answered { shown, answer } => {
                for belief in shown {
                    let told = match answer {
                        Answer::Right => Last::Right,
                        Answer::Belief(chosen) if chosen == belief => Last::Missed,
                        Answer::Belief(_) | Answer::Wrong | Answer::Unjudged => Last::Other,
                    };
                    progress.meet(belief, told);
                }
            }
        }
    }
}

/// Takes down what happens in a run. Each entry is kept at once, so that a run
/// that is killed loses nothing; what cannot be kept is tried once more at the
/// end, and then said once. It never stops the run.
#[derive(Debug)]
pub struct Journal {
    /// `None`: nothing is to be kept.
    store: Option<Result<Store, NoPlace>>,
    /// Not kept yet.
    pending: Vec<Entry>,
    /// It was refused once. To try at each entry again could mean to wait for the
    /// lock each time.
    refused: bool,
    notices: Vec<String>,
}

impl Journal {
    /// Keeps it there, if there is a place.
    pub fn new(store: Result<Store, NoPlace>) -> Journal {
        Journal {
            store: Some(store),
            pending: Vec::new(),
            refused: false,
            notices: Vec::new(),
        }
    }

    /// Keeps nothing and says nothing: `--no-progress`.
    pub fn off() -> Journal {
        Journal {
            store: None,
            ..Journal::new(Err(NoPlace))
        }
    }

    /// A chapter was taught to its end.
    pub fn chapter_finished(&mut self, track: &str, chapter: &str) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        self.keep(Entry::Finished {
            track: track.into(),
            chapter: chapter.into(),
            // A clock set before 1970 is no reason to keep nothing.
            at: now.map_or(0, |since| since.as_secs()),
        });
    }

    /// A question was asked. `shown` are the beliefs among its choices.
    pub fn answered(&mut self, shown: &[String], answer: Answer) {
        let mut shown: BTreeSet<String> = shown.iter().cloned().collect();
        if let Answer::Belief(chosen) = &answer {
            shown.insert(chosen.clone());
        }
        if !shown.is_empty() {
            self.keep(Entry::Answered { shown, answer });
        }
    }

    fn keep(&mut self, entry: Entry) {
        if self.store.is_none() {
            return;
        }
        self.pending.push(entry);
        if !self.refused {
            // What went wrong is said at the end, if it still does then.
            self.refused = self.flush().is_err();
        }
    }

    fn flush(&mut self) -> Result<(), String> {
        let store = match &self.store {
            Some(Ok(store)) => store,
            Some(Err(nowhere)) => return Err(format!("{nowhere}.")),
            None => return Ok(()),
        };
        let pending = &self.pending;
        store
            .update(&mut self.notices, |progress| {
                for entry in pending {
                    entry.enter(progress);
                }
            })
            .map_err(|trouble| trouble.to_string())?;
        self.pending.clear();
        Ok(())
    }

    /// The run is over: what the learner should know of its progress, each once.
    #[must_use]
    pub fn finish(mut self) -> Vec<String> {
        if !self.pending.is_empty()
            && let Err(trouble) = self.flush()
        {
            self.notices.push(format!(
                "{trouble} The lesson went on without keeping its progress."
            ));
        }
        let mut said = BTreeSet::new();
        self.notices.retain(|notice| said.insert(notice.clone()));
        self.notices
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(shown: &[&str], answer: Answer) -> Vec<(String, Last, u64)> {
        let mut progress = Progress::default();
        let shown = shown.iter().map(|id| (*id).to_string()).collect();
        Entry::Answered { shown, answer }.enter(&mut progress);
        let beliefs = progress.beliefs().iter();
        beliefs
            .map(|(id, belief)| (id.clone(), belief.last, belief.met))
            .collect()
    }

    #[test]
    fn an_answer_tells_of_each_belief_among_the_choices() {
        let all = |a, b| vec![("a".to_string(), a, 1), ("b".to_string(), b, 1)];
        let both = ["a", "b"];
        assert_eq!(told(&both, Answer::Right), all(Last::Right, Last::Right));
        let missed = Answer::Belief("b".into());
        assert_eq!(told(&both, missed), all(Last::Other, Last::Missed));
        assert_eq!(told(&both, Answer::Wrong), all(Last::Other, Last::Other));
        assert_eq!(told(&both, Answer::Unjudged), all(Last::Other, Last::Other));
    }

    #[test]
    fn without_a_place_it_is_said_once_and_only_if_there_was_something() {
        assert!(Journal::new(Err(NoPlace)).finish().is_empty());
        let mut journal = Journal::new(Err(NoPlace));
        journal.chapter_finished("server", "bind");
        journal.answered(&["a".into()], Answer::Right);
        // No belief among the choices: nothing to keep.
        journal.answered(&[], Answer::Wrong);
        let notices = journal.finish();
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert!(notices[0].contains("HOME is not set"), "{notices:?}");
        assert!(notices[0].contains("The lesson went on"), "{notices:?}");
    }

    #[test]
    fn switched_off_it_is_silent() {
        let mut journal = Journal::off();
        journal.chapter_finished("server", "bind");
        assert!(journal.finish().is_empty());
    }
}
