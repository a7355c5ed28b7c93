//! Explanations: keys of known words, texts with known placeholders.

use crate::course::explain::{Entries, Explanations};
use crate::course::problem::{Problem, SourceFile};
use crate::course::topic::{kind, placeholders, words_of};
use crate::course::track::Course;
use crate::script::strange_placeholder;

/// What is wrong with the explanations of a course. It may lack the chapters that the
/// built-in ones, which come first, send their readers to.
pub(super) fn explanations(course: &Course, explain: &Explanations) -> Vec<Problem> {
    let is_chapter = |id: &str| course.chapters().iter().any(|chapter| chapter.id == id);
    let mut problems = Vec::new();
    for (nth, of) in explain.files.iter().enumerate() {
        let files = of.files();
        problems.extend(files.flat_map(|of| file(of, &|id| nth == 0 || is_chapter(id))));
        problems.extend(of.problems());
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
