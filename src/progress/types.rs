use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the file that is read and written here.
pub const VERSION: u64 = 1;

/// Fields that a later socklab added within the version: kept, not understood.
type Others = BTreeMap<String, Value>;

/// Everything that is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    version: u64,
    /// By `TRACK/CHAPTER`: `server/bind`.
    #[serde(default)]
    chapters: BTreeMap<String, Finished>,
    /// By the id of the belief: `bound-is-reachable`.
    #[serde(default)]
    beliefs: BTreeMap<String, Belief>,
    #[serde(flatten)]
    others: Others,
}

/// A chapter that was finished.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// How many times.
    pub finished: u64,
    /// When it was for the last time: seconds since the epoch.
    pub last_finished: u64,
    #[serde(flatten)]
    others: Others,
}

/// A belief that a question held out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Belief {
    /// How many times it stood among the choices.
    pub met: u64,
    /// How many times it was the answer.
    pub missed: u64,
    /// How many times the right answer was given instead.
    pub right: u64,
    /// The last answer that told something of it.
    #[serde(default)]
    pub last: Last,
    #[serde(flatten)]
    others: Others,
}

/// The last answer that told something of a belief.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Last {
    /// The belief itself.
    Missed,
    /// The right answer.
    Right,
    /// There was neither yet.
    #[default]
    Other,
}

/// How a learner stands to a belief.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
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
    pub fn word(self) -> &'static str {
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
    pub fn standing(&self) -> Standing {
        match (self.missed > 0, self.last) {
            (true, Last::Right) => Standing::PutRight,
            (true, _) => Standing::Open,
            (false, Last::Right) => Standing::Right,
            (false, _) => Standing::Met,
        }
    }
}

impl Default for Progress {
    /// Nothing done yet.
    fn default() -> Progress {
        Progress {
            version: VERSION,
            chapters: BTreeMap::new(),
            beliefs: BTreeMap::new(),
            others: Others::new(),
        }
    }
}

impl Progress {
    /// The chapters that were finished, by `TRACK/CHAPTER`.
    pub fn chapters(&self) -> &BTreeMap<String, Finished> {
        &self.chapters
    }

    /// The beliefs that were met, by id.
    pub fn beliefs(&self) -> &BTreeMap<String, Belief> {
        &self.beliefs
    }

    /// Nothing was kept yet.
    pub fn is_empty(&self) -> bool {
        self.chapters.is_empty() && self.beliefs.is_empty()
    }

    /// What is kept of a chapter, if it was finished.
    pub fn chapter(&self, track: &str, chapter: &str) -> Option<&Finished> {
        self.chapters
            .get(&key(track, chapter))
            .filter(|kept| kept.finished > 0)
    }

    /// Whether a chapter was finished.
    pub fn is_finished(&self, track: &str, chapter: &str) -> bool {
        self.chapter(track, chapter).is_some()
    }

    /// A chapter was finished, at this second since the epoch.
    pub fn finish(&mut self, track: &str, chapter: &str, at: u64) {
        let kept = self.chapters.entry(key(track, chapter)).or_default();
        kept.finished = kept.finished.saturating_add(1);
        // Runs that overlap may come in any order, and clocks are set back.
        kept.last_finished = kept.last_finished.max(at);
    }

    /// A belief stood among the choices of a question. `told` is what the answer
    /// told of it; `Other` when it told nothing.
    pub fn meet(&mut self, belief: &str, told: Last) {
        let kept = self.beliefs.entry(belief.into()).or_default();
        kept.met = kept.met.saturating_add(1);
        match told {
            Last::Missed => kept.missed = kept.missed.saturating_add(1),
            Last::Right => kept.right = kept.right.saturating_add(1),
            // What was last told of it still stands.
            Last::Other => return,
        }
        kept.last = told;
    }

    /// `socklab progress --json`: one object on one line, without the newline.
    pub fn to_json(&self, path: &Path) -> String {
        #[derive(Serialize)]
        struct Whole<'a> {
            version: u64,
            path: String,
            chapters: &'a BTreeMap<String, Finished>,
            beliefs: &'a BTreeMap<String, Belief>,
        }
        let whole = Whole {
            version: VERSION,
            path: path.to_string_lossy().into_owned(),
            chapters: &self.chapters,
            beliefs: &self.beliefs,
        };
        // Strings and numbers under string keys: there is nothing in it to fail on.
        serde_json::to_string(&whole).unwrap_or_default()
    }

    /// As the file has it: JSON for people, ending in a newline.
    pub(super) fn to_file(&self) -> serde_json::Result<String> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }
}

fn key(track: &str, chapter: &str) -> String {
    format!("{track}/{chapter}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_sorted_and_for_people() {
        let mut progress = Progress::default();
        progress.finish("unix", "bind", 7);
        progress.finish("server", "bind", 20);
        progress.finish("server", "bind", 10);
        progress.meet("bind-is-visible", Last::Missed);
        let text = progress.to_file().unwrap();
        let wanted = r#"{
  "version": 1,
  "chapters": {
    "server/bind": {
      "finished": 2,
      "last_finished": 20
    },
    "unix/bind": {
      "finished": 1,
      "last_finished": 7
    }
  },
  "beliefs": {
    "bind-is-visible": {
      "met": 1,
      "missed": 1,
      "right": 0,
      "last": "missed"
    }
  }
}
"#;
        assert_eq!(text, wanted);
        assert_eq!(serde_json::from_str::<Progress>(&text).unwrap(), progress);
        assert!(progress.is_finished("unix", "bind"));
        assert!(!progress.is_finished("unix", "create"));
    }

    #[test]
    fn fields_of_a_later_socklab_are_kept() {
        let text = r#"{"version": 1, "labs": [1], "chapters": {"a/b":
            {"finished": 1, "last_finished": 2, "how": "alone"}}, "beliefs": {"c":
            {"met": 1, "missed": 0, "right": 0, "last": "other", "note": {}}}}"#;
        let mut progress: Progress = serde_json::from_str(text).unwrap();
        progress.finish("a", "b", 3);
        progress.meet("c", Last::Right);
        let text = progress.to_file().unwrap();
        for kept in ["\"labs\": [", "\"how\": \"alone\"", "\"note\": {}"] {
            assert!(text.contains(kept), "{text}");
        }
    }

    #[test]
    fn a_belief_is_open_until_it_is_answered_right() {
        let mut progress = Progress::default();
        let told = [
            (Last::Other, Standing::Met),
            (Last::Right, Standing::Right),
            (Last::Missed, Standing::Open),
            // Another wrong answer, or none, does not put it right.
            (Last::Other, Standing::Open),
            (Last::Right, Standing::PutRight),
            (Last::Other, Standing::PutRight),
            (Last::Missed, Standing::Open),
        ];
        for (told, standing) in told {
            progress.meet("it", told);
            assert_eq!(progress.beliefs()["it"].standing(), standing);
        }
        let it = &progress.beliefs()["it"];
        assert_eq!((it.met, it.missed, it.right), (7, 2, 2));
        let of = |standing| {
            let beliefs = progress.beliefs().iter();
            let found = beliefs.filter(|(_, belief)| belief.standing() == standing);
            found.map(|(id, _)| id.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(of(Standing::Open), ["it"]);
        assert_eq!(of(Standing::PutRight).len(), 0);
    }

    #[test]
    fn the_json_is_one_line() {
        let mut progress = Progress::default();
        progress.finish("server", "bind", 30);
        progress.meet("a", Last::Missed);
        assert_eq!(
            progress.to_json(Path::new("/h/progress.json")),
            r#"{"version":1,"path":"/h/progress.json","chapters":{"server/bind":{"finished":1,"last_finished":30}},"beliefs":{"a":{"met":1,"missed":1,"right":0,"last":"missed"}}}"#
        );
    }

    #[test]
    fn counting_never_overflows() {
        let text = format!(
            r#"{{"version": 1, "chapters": {{"a/b": {{"finished": {}, "last_finished": 1}}}}}}"#,
            u64::MAX
        );
        let mut progress: Progress = serde_json::from_str(&text).unwrap();
        progress.finish("a", "b", 2);
        assert_eq!(progress.chapters()["a/b"].finished, u64::MAX);
    }
}
