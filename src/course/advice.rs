//! What is said of what the machine was asked before a lesson: the texts of doctor.toml.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::texts::TextFile;
use crate::model::{Advised, Examined};

/// The texts of a course, by what was asked.
#[derive(Debug)]
pub(crate) struct Advice {
    /// The built-in ones, and behind them a teacher's, which win.
    pub(super) files: Vec<TextFile>,
}

/// What a file says.
pub(super) type Entries = BTreeMap<String, Texts>;

/// What is said of one thing that is asked.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Texts {
    /// It, in a few words.
    title: String,
    #[serde(flatten)]
    pub(super) answers: BTreeMap<String, Said>,
}

/// What is said of an answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    means: String,
    #[serde(rename = "do")]
    advice: Option<String>,
}

impl Advice {
    /// Says in the course's words what was found.
    pub(crate) fn explain(&self, found: Vec<Examined>) -> Vec<Advised> {
        // They were checked when the course was; one that cannot be read says nothing.
        let files = self.files.iter().filter_map(|file| file.parse().ok());
        let files: Vec<Entries> = files.collect();
        let last_first = || files.iter().rev();
        let advised = |examined: Examined| {
            let mut texts = last_first().filter_map(|it| it.get(examined.id));
            let said = texts.clone().find_map(|it| it.answers.get(examined.answer));
            Advised {
                title: texts.next().map_or(examined.id, |it| &it.title).into(),
                means: said.map(|said| said.means.clone()).unwrap_or_default(),
                advice: said.and_then(|said| said.advice.clone()),
                examined,
            }
        };
        found.into_iter().map(advised).collect()
    }
}
