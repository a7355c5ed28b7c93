//! The front matter of a file: TOML between two lines `+++`.

use serde::de::DeserializeOwned;

use super::problem::Problem;

/// What the front matter of a file says, and where in the text the body begins.
pub(super) fn split<T: DeserializeOwned>(file: &str, text: &str) -> Result<(T, usize), Problem> {
    const FENCE: &str = "+++\n";
    const CLOSING: &str = "\n+++\n";
    let wrong = |at, message: &str| Problem::at(file, text, at, message);
    let rest = text.strip_prefix(FENCE).ok_or_else(|| {
        wrong(
            0,
            "the file must begin with front matter between two lines +++",
        )
    })?;
    let end = rest.find(CLOSING);
    let end = end.ok_or_else(|| wrong(0, "the front matter has no closing line +++"))?;
    let front = toml::from_str(&rest[..end + 1]).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        wrong(FENCE.len() + offset, error.message())
    })?;
    Ok((front, FENCE.len() + end + CLOSING.len()))
}
