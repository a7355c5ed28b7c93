//! What the screen says of itself, in the learner's language: the words of words.toml.
//!
//! A process speaks one language, as it has one locale: it is set once, when the course is
//! loaded.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{LazyLock, OnceLock};

/// The built-in words. A translation that lacks some falls back to them.
const ENGLISH: &str = include_str!("../chapters/words.toml");

/// The files behind them, the last of which wins.
static FILES: OnceLock<Vec<String>> = OnceLock::new();

/// The built-in words by their keys.
static OWN: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| own().collect());

/// The others, in the same way.
static OTHER: OnceLock<HashMap<String, String>> = OnceLock::new();

/// The built-in words: a line each, and none has an escape, so that no run waits for a
/// parser of TOML.
fn own() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = ENGLISH.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| {
        let (key, text) = line.split_once(" = \"")?;
        Some((key, text.strip_suffix('"')?))
    })
}

/// From now on the words of these files are said. They were checked when the course was;
/// one that cannot be read says nothing.
pub(crate) fn speak(files: Vec<String>) {
    // A second call would be a second course: there is none.
    let _ = FILES.set(files);
}

fn words_of(key: &str) -> Option<&'static str> {
    let others = OTHER.get_or_init(|| {
        let files = FILES.get().into_iter().flatten();
        let read = files.filter_map(|file| toml::from_str::<HashMap<_, _>>(file).ok());
        read.flatten().collect()
    });
    let other = others.get(key).map(String::as_str);
    other.or_else(|| OWN.get(key).copied())
}

/// The words of that key, their placeholders filled in. [`say!`] is how it is written.
pub(crate) fn said(key: &str, values: &[(&str, &dyn Display)]) -> String {
    let text = words_of(key).unwrap_or(key);
    if values.is_empty() {
        return text.into();
    }
    let value = |name: &str| {
        let (_, value) = values.iter().find(|(known, _)| *known == name)?;
        Some(value.to_string())
    };
    fill(text, value)
}

/// Replaces every `{name}` that has a value; what is put in is not searched again.
pub(crate) fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut pieces = text.split('{');
    let mut out = String::from(pieces.next().unwrap_or_default());
    for piece in pieces {
        let named = piece.split_once('}');
        match named.and_then(|(name, after)| Some(value(name)? + after)) {
            Some(filled) => out.push_str(&filled),
            None => out.extend(["{", piece]),
        }
    }
    out
}

/// What a word of the program's own is called, such as a field of a socket; itself where
/// nothing is said of it.
pub(crate) fn name_of(kind: &str, word: &str) -> String {
    let parts = word.split(|c: char| !c.is_alphanumeric());
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let said = words_of(&format!("{kind}-{}", parts.join("-")));
    said.unwrap_or(word).into()
}

/// `say!("more", count = 3)`: the words of that key. A test holds the keys and their
/// placeholders to words.toml.
macro_rules! say {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::words::said($key, &[$((stringify!($name), &$value as &dyn std::fmt::Display)),*])
    };
}

pub(crate) use say;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_words_are_read_as_toml_reads_them() {
        let read: HashMap<String, String> = toml::from_str(ENGLISH).unwrap();
        let own: HashMap<String, String> =
            own().map(|(key, text)| (key.into(), text.into())).collect();
        assert_eq!(own, read);
    }
}
