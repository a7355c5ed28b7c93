//! How other programming languages write a step.

use super::doc::{Block, Line, NO_BREAK, call, code, field, fields, joined, muted};
use crate::course::Track;

/// How languages write a chapter's step, a field each.
pub fn languages(track: &Track, chapter: &str) -> Vec<Block> {
    let title = muted("the same in other languages, and the system calls each line makes");
    let mut blocks = vec![field("elsewhere", title)];
    for (name, idiom) in track.languages(chapter) {
        let lines = idiom.code.lines().map(|line| code(indented(line)).into());
        blocks.push(fields(format!("{name:<14}"), lines.collect()));
        let remarks = [call(idiom.calls), muted(idiom.note)].into_iter();
        let remark = joined(remarks.filter(|it| !it.text.is_empty()).map(Line::from));
        if !remark.is_empty() {
            blocks.push(field(" ".repeat(14), remark));
        }
    }
    if blocks.len() == 1 {
        blocks.clear();
    }
    blocks
}

/// A line of code whose indentation holds: to some languages it matters.
fn indented(line: &str) -> String {
    let code = line.trim_start_matches(' ');
    format!("{}{code}", NO_BREAK.repeat(line.len() - code.len()))
}
