//! Words: each key is one that the program says, with placeholders that it fills in.

use std::collections::BTreeMap;

use toml::Spanned;

use crate::course::problem::{Problem, SourceFile};
use crate::course::translation::FOLDER;
use crate::script::{placeholders, strange_placeholder};

/// What a file says, by the keys.
type Words = BTreeMap<Spanned<String>, Spanned<String>>;

/// What is wrong with words, the first of which are the built-in ones.
pub(super) fn words(files: &[SourceFile]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut own = Words::new();
    for file in files {
        let said: Words = match file.parse() {
            Ok(said) => said,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        if own.is_empty() {
            own = said;
            continue;
        }
        let at = |span: std::ops::Range<usize>, message: String| {
            Problem::at(&file.file, &file.text, span.start, message)
        };
        for (key, text) in &said {
            let problem = match own.get(key.get_ref().as_str()) {
                None => Some(at(key.span(), format!("no words '{}'", key.get_ref()))),
                Some(of) => {
                    let known: Vec<&str> = placeholders(of.get_ref()).collect();
                    let strange = strange_placeholder(text.get_ref(), &known);
                    strange.map(|message| at(text.span(), message))
                }
            };
            problems.extend(problem);
        }
    }
    problems
}

/// The keys of the built-in words that no translation has.
pub(super) fn lacks(files: &[SourceFile]) -> Vec<String> {
    let read = |file: &SourceFile| file.parse::<Words>().unwrap_or_default();
    let is_translation = |file: &&SourceFile| file.file.starts_with(FOLDER);
    let said: Vec<Words> = files.iter().filter(is_translation).map(read).collect();
    let own = files.first().map(read).unwrap_or_default();
    let keys = own.into_keys().map(Spanned::into_inner);
    keys.filter(|key| said.iter().all(|said| !said.contains_key(key.as_str())))
        .collect()
}
