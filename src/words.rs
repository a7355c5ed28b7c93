//! What the screen says of itself, in the learner's language: the words of words.toml.
//!
//! A process speaks one language, as it has one locale: it is set once, when the course is
//! loaded.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::OnceLock;

use crate::script::fill;

/// The built-in words. A translation that lacks some falls back to them.
const ENGLISH: &str = include_str!("../chapters/words.toml");

/// The files behind them, the last of which wins.
static OTHERS: OnceLock<Vec<String>> = OnceLock::new();

/// All of them by their keys, once somebody says one.
static WORDS: OnceLock<HashMap<String, String>> = OnceLock::new();

/// From now on the words of these files are said. They were checked when the course was;
/// one that cannot be read says nothing.
pub(crate) fn speak(files: Vec<String>) {
    // A second call would be a second course: there is none.
    let _ = OTHERS.set(files);
}

fn words() -> &'static HashMap<String, String> {
    WORDS.get_or_init(|| {
        let others = OTHERS.get().into_iter().flatten().map(String::as_str);
        let files = [ENGLISH].into_iter().chain(others);
        let read = files.filter_map(|file| toml::from_str::<HashMap<_, _>>(file).ok());
        read.flatten().collect()
    })
}

/// The words of that key, their placeholders filled in. [`say!`] is how it is written.
pub(crate) fn said(key: &str, values: &[(&str, &dyn Display)]) -> String {
    let text = words().get(key).map_or(key, String::as_str);
    if values.is_empty() {
        return text.into();
    }
    let value = |name: &str| {
        let (_, value) = values.iter().find(|(known, _)| *known == name)?;
        Some(value.to_string())
    };
    fill(text, value)
}

/// What a word of the program's own is called, such as a field of a socket; itself where
/// nothing is said of it.
pub(crate) fn name_of(kind: &str, word: &str) -> String {
    let said = words().get(&format!("{kind}-{}", word.replace(' ', "-")));
    said.map_or(word, String::as_str).into()
}

/// `say!("more", count = 3)`: the words of that key. A test holds the keys and their
/// placeholders to words.toml.
macro_rules! say {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::words::said($key, &[$((stringify!($name), &$value as &dyn std::fmt::Display)),*])
    };
}

pub(crate) use say;
