//! Explanations: keys of known words, texts with known placeholders.

use crate::course::Problem;
use crate::course::explain::{Entries, Explanations};
use crate::course::problem::SourceFile;
use crate::course::topic::{kind, placeholders, words_of};
use crate::script::strange_placeholder;

/// What is wrong with the explanations of a course.
pub(super) fn explanations(explain: &Explanations) -> Vec<Problem> {
    explain.files.iter().flat_map(file).collect()
}

fn file(file: &SourceFile) -> Vec<Problem> {
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
        let known = placeholders(key.get_ref());
        for text in texts.all() {
            if let Some(message) = strange_placeholder(text.get_ref(), &known) {
                problems.push(at(text.span(), message));
            }
        }
    }
    problems
}
