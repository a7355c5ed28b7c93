//! Mistakes in course files, and where they stand.

use serde::de::DeserializeOwned;

/// Something wrong in a course file.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        let (line, column) = position(text, offset);
        Problem {
            file: file.into(),
            line,
            column,
            message: message.into(),
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

/// Line and column, both from 1, of a byte offset.
pub fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count() + 1)
}
