//! Explanations: keys of known words, texts with known placeholders.

use std::collections::BTreeSet;

use toml::Spanned;

use crate::course::explain::{Entries, Explanations, Texts};
use crate::course::problem::{Problem, SourceFile};
use crate::course::topic::{kind, placeholders, words_of};
use crate::course::track::Course;
use crate::course::translation::FOLDER;
use crate::script::strange_placeholder;

/// What is wrong with the explanations of a course. It may lack the chapters that the
/// built-in ones, which come first, send their readers to.
pub(super) fn explanations(course: &Course, explain: &Explanations) -> Vec<Problem> {
    let is_chapter = |id: &str| course.chapters().iter().any(|chapter| chapter.id == id);
    let files = explain.files.iter().enumerate();
    let problems = files.flat_map(|(nth, of)| file(of, &|id| nth == 0 || is_chapter(id)));
    problems.chain(stale(&explain.files)).collect()
}

/// What a translation does not say.
pub(super) fn lacks(own: &SourceFile, said: &SourceFile) -> Vec<String> {
    let read = |file: &SourceFile| file.parse::<Entries>().unwrap_or_default();
    let said = read(said);
    let lacking = |(key, own): (Spanned<String>, Texts)| {
        let of = said.get(key.get_ref().as_str());
        own.lacks(of).then(|| key.into_inner())
    };
    read(own).into_iter().filter_map(lacking).collect()
}

/// The keys of a translation that no file before it has.
fn stale(files: &[SourceFile]) -> Vec<Problem> {
    let mut known = BTreeSet::new();
    let mut problems = Vec::new();
    for file in files {
        let entries: Entries = file.parse().unwrap_or_default();
        for key in entries.into_keys() {
            if file.file.starts_with(FOLDER) && !known.contains(key.get_ref()) {
                let message = format!(
                    "nothing is said of '{}' that this translates",
                    key.get_ref()
                );
                problems.push(Problem::at(
                    &file.file,
                    &file.text,
                    key.span().start,
                    message,
                ));
            }
            known.insert(key.into_inner());
        }
    }
    problems
}

fn file(file: &SourceFile, is_chapter: &dyn Fn(&str) -> bool) -> Vec<Problem> {
    let entries: Entries = match file.parse() {
        Ok(entries) => entries,
        Err(problem) => return vec![problem],
    };
    let at = |span: std::ops::Range<usize>, message: String| {
        Problem::at(&file.file, &file.text, span.start, message)
    };
    let mut problems = Vec::new();
    for (key, texts) in &entries {
        for word in words_of(key.get_ref()) {
            if kind(word).is_none() {
                let message = format!("'{word}' is no call, no errno and no other word of a topic");
                problems.push(at(key.span(), message));
            }
        }
        if let Some(id) = texts.read.as_ref().filter(|id| !is_chapter(id.get_ref())) {
            let message = format!("no chapter '{}' to read", id.get_ref());
            problems.push(at(id.span(), message));
        }
        let known = placeholders(key.get_ref());
        for text in texts.all() {
            if let Some(message) = strange_placeholder(text.get_ref(), &known) {
                problems.push(at(text.span(), message));
            }
        }
    }
    problems
}
