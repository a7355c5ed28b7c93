//! Mistakes in course files, and where they stand.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::script::Line;

/// Something wrong in a course file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Problem {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub message: String,
}

impl Problem {
    /// A problem at a byte offset of `text`.
    pub(crate) fn at(file: &str, text: &str, offset: usize, message: impl Into<String>) -> Problem {
        Problem::on(file, &Places::of(text).line(offset, ""), message)
    }

    /// A problem of a line.
    pub(crate) fn on(file: &str, line: &Line, message: impl Into<String>) -> Problem {
        Problem {
            file: file.into(),
            line: line.line,
            column: line.column,
            message: message.into(),
        }
    }

    /// The same, its file named by the folder that the teacher gave.
    pub(crate) fn in_dir(&self, dir: &Path) -> Problem {
        Problem {
            file: dir.join(&self.file).display().to_string(),
            ..self.clone()
        }
    }
}

/// A file of a course as it was read. It is parsed when somebody asks.
#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    /// Its name, for messages.
    pub file: String,
    /// Its text.
    pub text: String,
}

impl SourceFile {
    /// What it says, if it is TOML.
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        toml::from_str(&self.text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            Problem::at(&self.file, &self.text, offset, error.message())
        })
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Problem {
            file,
            line,
            column,
            message,
        } = self;
        write!(f, "{file}:{line}:{column}: {message}")
    }
}

/// Where the lines of a text begin: for a file with many places to tell.
pub(super) struct Places<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl Places<'_> {
    pub(super) fn of(text: &str) -> Places<'_> {
        let behind = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(behind).collect();
        Places { text, starts }
    }

    /// What stands at a byte offset.
    pub(super) fn line(&self, offset: usize, text: &str) -> Line {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        Line {
            text: text.into(),
            line,
            column: before.chars().count() + 1,
        }
    }
}

/// Is it a name that chapters and language files can have?
pub(super) fn is_id(id: &str) -> bool {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !id.is_empty() && id.chars().all(fine)
}

/// What to say of one that is not.
pub(super) fn bad_id(id: &str) -> String {
    format!("the name '{id}' must be lower-case letters, digits and hyphens")
}
