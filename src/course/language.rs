//! How programming languages write the steps of a course.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::problem::{Problem, SourceFile};

/// How one programming language writes the steps of the course: a file of the
/// folder `languages`.
#[derive(Debug, Deserialize)]
struct Language {
    /// As shown: `C`, `Rust (std)`.
    name: String,
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

/// The file of a language, and its notes in another language of people.
#[derive(Debug)]
pub(crate) struct LanguageFile {
    pub(super) own: SourceFile,
    pub(super) notes: Option<SourceFile>,
}

/// Notes by the chapters' names.
pub(super) type Notes = BTreeMap<String, String>;

impl LanguageFile {
    /// What is wrong with them.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let notes = self.notes.as_ref();
        let notes = notes.and_then(|notes| notes.parse::<Notes>().err());
        let own = self.own.parse::<Language>().err();
        own.into_iter().chain(notes).collect()
    }

    /// How the language writes a chapter, and its name. The files were checked when the
    /// course was; one that cannot be read says nothing.
    pub(super) fn says(&self, chapter: &str) -> Option<(String, Idiom)> {
        let mut language: Language = self.own.parse().ok()?;
        let mut idiom = language.chapters.remove(chapter)?;
        let notes = self.notes.as_ref();
        let notes = notes.and_then(|notes| notes.parse::<Notes>().ok());
        if let Some(note) = notes.and_then(|mut notes| notes.remove(chapter)) {
            idiom.note = note;
        }
        Some((language.name, idiom))
    }

    /// The chapters whose notes are not translated.
    pub(super) fn lacks(&self) -> Vec<String> {
        let notes = self.notes.as_ref();
        let notes = notes.and_then(|notes| notes.parse::<Notes>().ok());
        let notes = notes.unwrap_or_default();
        let own = self.own.parse::<Language>().ok();
        let chapters = own.into_iter().flat_map(|own| own.chapters);
        let lacking = chapters
            .filter(|(chapter, idiom)| !idiom.note.is_empty() && !notes.contains_key(chapter));
        lacking.map(|(chapter, _)| chapter).collect()
    }
}
