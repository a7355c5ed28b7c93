//! Mistakes in course files, and where they stand.

use std::path::Path;

use serde::de::DeserializeOwned;

/// Something wrong in a course file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Problem {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub message: String,
}

impl Problem {
    /// A problem at a byte offset of `text`.
    pub fn at(file: &str, text: &str, offset: usize, message: impl Into<String>) -> Problem {
        let (line, column) = Places::of(text).position(offset);
        Problem {
            file: file.into(),
            line,
            column,
            message: message.into(),
        }
    }
}

impl Problem {
    /// The same, its file named by the folder that the teacher gave.
    pub fn in_dir(&self, dir: &Path) -> Problem {
        Problem {
            file: dir.join(&self.file).display().to_string(),
            ..self.clone()
        }
    }
}

/// A file of a course as it was read. It is parsed when somebody asks.
#[derive(Debug)]
pub struct SourceFile {
    /// Its name, for messages.
    pub file: String,
    /// Its text.
    pub text: String,
}

impl SourceFile {
    /// What it says, if it is TOML.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        toml::from_str(&self.text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            Problem::at(&self.file, &self.text, offset, error.message())
        })
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.message
        )
    }
}

/// Where the lines of a text begin: for a file with many places to tell.
pub struct Places<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl Places<'_> {
    pub fn of(text: &str) -> Places<'_> {
        let behind = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(behind).collect();
        Places { text, starts }
    }

    /// Line and column, both from 1, of a byte offset.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        (line, before.chars().count() + 1)
    }
}
