use super::doc::{Block, NO_BREAK, Role, field, fields, span};
use crate::course::Track;

/// How languages write a chapter's step, a field each.
pub fn languages(track: &Track, chapter: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (name, idiom) in track.languages(chapter) {
        let code = idiom
            .code
            .lines()
            .map(|line| vec![span(Role::Code, indented(line))])
            .collect();
        blocks.push(fields(format!("{:<14}", name), code));
        let mut remark = Vec::new();
        if !idiom.calls.is_empty() {
            remark.push(span(Role::Call, idiom.calls.clone()));
        }
        if !idiom.note.is_empty() {
            let gap = if remark.is_empty() { "" } else { " · " };
            remark.push(span(Role::Muted, format!("{gap}{}", idiom.note)));
        }
        if !remark.is_empty() {
            blocks.push(field(" ".repeat(14), remark));
        }
    }
    if !blocks.is_empty() {
        blocks.insert(
            0,
            field(
                "elsewhere",
                vec![span(
                    Role::Muted,
                    "the same in other languages, and the system calls each line makes",
                )],
            ),
        );
    }
    blocks
}

/// A line of code whose indentation holds: to some languages it matters.
fn indented(line: &str) -> String {
    let code = line.trim_start_matches(' ');
    format!("{}{code}", NO_BREAK.repeat(line.len() - code.len()))
}
