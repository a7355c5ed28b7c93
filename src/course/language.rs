//! How programming languages write the steps of a course.

use std::collections::BTreeMap;

use serde::Deserialize;

/// How one programming language writes the steps of the course: a file of the
/// folder `languages`.
#[derive(Debug, Deserialize)]
pub(super) struct Language {
    /// As shown: `C`, `Rust (std)`.
    pub name: String,
    /// By the chapter's name in course.toml: `bind`, `udp/bind`. A file may speak of chapters that this course has not.
    #[serde(flatten)]
    chapters: BTreeMap<String, Idiom>,
}

/// How a language writes one chapter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Idiom {
    /// What one writes, a line or a few.
    pub code: String,
    /// The system calls it makes; empty where another line made them.
    pub calls: String,
    /// What is worth knowing about it.
    #[serde(default)]
    pub note: String,
}

impl Language {
    /// How it writes the chapter of that file, which the course lists by that name.
    pub(super) fn take(&mut self, chapter: &str) -> Option<Idiom> {
        self.chapters.remove(chapter)
    }
}
