//! A chapter: its front matter, and below it the body, read once somebody asks.

use std::cell::OnceCell;

use serde::Deserialize;

use super::front::split;
use super::parse;
use super::problem::Problem;
use super::translation::Translation;
use super::types::{Body, Step};

/// One chapter: one file. Its front matter has everything a list of chapters needs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chapter {
    /// The name of its file, for messages.
    #[serde(skip)]
    pub file: String,
    /// The word a learner types.
    pub id: String,
    pub title: String,
    /// The subgoal it belongs to: endpoint, name, passive, connection, bytes, teardown.
    pub label: String,
    /// One line for lists and `--help`.
    pub summary: String,
    /// Chapters whose steps must have run before this one's.
    #[serde(default)]
    pub needs: Vec<String>,
    /// It begins with new processes.
    #[serde(default)]
    pub fresh: bool,
    /// Who the peer must be, whoever else could be it.
    pub peer: Option<RequiredPeer>,
    /// The whole file.
    #[serde(skip)]
    text: String,
    /// Where in it the front matter is over.
    #[serde(skip)]
    body_at: usize,
    /// What stands there, once somebody has asked: a run needs one chapter of many
    /// before it can begin.
    #[serde(skip)]
    body: OnceCell<(Body, Vec<Problem>)>,
    /// What is said in another language.
    #[serde(skip)]
    translation: Option<Translation>,
}

/// Who the peer of a chapter must be.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RequiredPeer {
    Builtin,
}

impl Chapter {
    /// Reads the front matter of a chapter file; the rest waits until somebody asks.
    pub(crate) fn outline(file: &str, text: String) -> Result<Chapter, Problem> {
        let (front, body_at): (Chapter, usize) = split(file, &text)?;
        Ok(Chapter {
            file: file.into(),
            body_at,
            text,
            ..front
        })
    }

    /// The same in another language.
    pub(super) fn translated(self, said: Translation) -> Chapter {
        Chapter {
            title: said.title.clone().unwrap_or(self.title),
            summary: said.summary.clone().unwrap_or(self.summary),
            translation: Some(said),
            ..self
        }
    }

    fn body(&self) -> &(Body, Vec<Problem>) {
        self.body.get_or_init(|| {
            let (mut body, mut problems) = parse::body(&self.file, &self.text, self.body_at);
            if let Some(said) = &self.translation {
                problems.extend(said.apply(&mut body));
            }
            (body, problems)
        })
    }

    /// What is wrong with its body. A teacher's course is checked when it is loaded,
    /// the built-in one by the tests.
    pub(crate) fn problems(&self) -> &[Problem] {
        &self.body().1
    }

    /// What is told before its first step: Markdown.
    pub(crate) fn prose(&self) -> &str {
        &self.body().0.prose
    }

    /// Its steps, in order.
    pub(crate) fn steps(&self) -> &[Step] {
        &self.body().0.steps
    }

    /// What its translation does not say; `None` if it has none.
    pub(super) fn lacks(&self) -> Option<Vec<String>> {
        let (own, _) = parse::body(&self.file, &self.text, self.body_at);
        Some(self.translation.as_ref()?.lacks(&own))
    }

    /// As course.toml lists it: `bind`, `udp/bind`.
    pub(crate) fn name(&self) -> &str {
        self.file.trim_end_matches(".md")
    }
}
