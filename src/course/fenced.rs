//! A fenced block of TOML in a chapter.

use serde::de::DeserializeOwned;

use crate::script::Line;

/// A block of TOML in a chapter could not be read: where, and why.
pub(super) type Wrong = (Line, String);

/// Reads the lines of a block of TOML. The error says what is wrong, and in which of them.
pub(super) fn read_block<T: DeserializeOwned>(lines: &[Line], at: &Line) -> Result<T, Wrong> {
    let text: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let text = text.join("\n");
    toml::from_str(&text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let row = text[..offset.min(text.len())].matches('\n').count();
        let line = lines.get(row).unwrap_or(at).clone();
        (line, error.message().to_string())
    })
}
