//! What all that was kept comes to.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The version of the lines, of the sum that was kept before, and of
/// `socklab progress --json`.
pub(super) const VERSION: u64 = 1;

/// Everything that was kept, added up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Progress {
    /// By `TRACK/CHAPTER`: `server/bind`.
    pub chapters: BTreeMap<String, Finished>,
    /// By the id of the belief: `bound-is-reachable`.
    pub beliefs: BTreeMap<String, Belief>,
}

/// A chapter that was finished.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Finished {
    /// How many times.
    pub finished: u64,
    /// When it was for the last time: seconds since the epoch.
    pub last_finished: u64,
}

/// A belief that stood among the choices of a question.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Belief {
    /// How many times it stood there.
    pub met: u64,
    /// How many times it was the answer.
    pub missed: u64,
    /// How many times the right answer was given instead.
    pub right: u64,
    /// The last answer that told something of it.
    #[serde(default)]
    pub last: Grade,
}

/// What an answer tells of a belief among the choices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Grade {
    /// It was the answer.
    Missed,
    /// The right answer was given.
    Right,
    /// Nothing.
    #[default]
    Other,
}

/// How a learner stands to a belief.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// Missed, and not answered right since.
    Open,
    /// Missed, and answered right since.
    PutRight,
    /// Answered right and never missed.
    Right,
    /// Met, but neither missed nor answered right.
    Met,
}

impl Standing {
    /// The word of the lists.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Standing::Open => "open",
            Standing::PutRight => "put right",
            Standing::Right => "right",
            Standing::Met => "met",
        }
    }
}

impl Belief {
    /// How the learner stands to it.
    pub(crate) fn standing(&self) -> Standing {
        match (self.missed > 0, self.last) {
            (true, Grade::Right) => Standing::PutRight,
            (true, _) => Standing::Open,
            (false, Grade::Right) => Standing::Right,
            (false, _) => Standing::Met,
        }
    }
}

impl Progress {
    /// What was kept of a chapter, if it was finished.
    pub(crate) fn chapter(&self, track: &str, chapter: &str) -> Option<&Finished> {
        self.chapters
            .get(&key(track, chapter))
            .filter(|kept| kept.finished > 0)
    }

    /// Whether a chapter was finished.
    pub(crate) fn is_finished(&self, track: &str, chapter: &str) -> bool {
        self.chapter(track, chapter).is_some()
    }

    /// Counts that a chapter was finished, at this second since the epoch.
    pub(super) fn finish(&mut self, track: &str, chapter: &str, at: u64) {
        let kept = self.chapters.entry(key(track, chapter)).or_default();
        kept.finished = kept.finished.saturating_add(1);
        // Runs that overlap may come in any order, and clocks are set back.
        kept.last_finished = kept.last_finished.max(at);
    }

    /// Counts that a belief stood among the choices of a question.
    pub(super) fn meet(&mut self, belief: &str, grade: Grade) {
        let kept = self.beliefs.entry(belief.into()).or_default();
        kept.met = kept.met.saturating_add(1);
        match grade {
            Grade::Missed => kept.missed = kept.missed.saturating_add(1),
            Grade::Right => kept.right = kept.right.saturating_add(1),
            // The last answer that told something still stands.
            Grade::Other => return,
        }
        kept.last = grade;
    }

    /// `socklab progress --json`: one object on one line, without the newline.
    pub(crate) fn to_json(&self, path: &Path) -> String {
        #[derive(Serialize)]
        struct Whole<'a> {
            version: u64,
            path: String,
            #[serde(flatten)]
            progress: &'a Progress,
        }
        let whole = Whole {
            version: VERSION,
            path: path.to_string_lossy().into_owned(),
            progress: self,
        };
        // Strings and numbers under string keys: there is nothing in it to fail on.
        serde_json::to_string(&whole).unwrap_or_default()
    }
}

fn key(track: &str, chapter: &str) -> String {
    format!("{track}/{chapter}")
}
