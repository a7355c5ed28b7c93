//! How other programming languages write a step.

use super::doc::{
    Block, Line, NO_BREAK, call, code, field, fields, heading, joined, muted, paragraph,
};
use crate::course::Track;
use crate::words::say;

/// How one language writes a chapter's step, to be copied; `lang` is how its name begins.
/// The error says which there are.
pub(super) fn language(track: &Track, chapter: &str, lang: &str) -> Result<Vec<Block>, String> {
    let all = track.languages(chapter);
    let begins = |name: &str| name.to_lowercase().starts_with(&lang.to_lowercase());
    let mut blocks = Vec::new();
    for (name, idiom) in all.iter().filter(|(name, _)| begins(name)) {
        let code = idiom.code.trim_end().lines().map(str::to_string);
        let remarks = [&idiom.calls, &idiom.note].into_iter();
        let remarks = remarks.filter(|text| !text.is_empty()).cloned();
        blocks.extend([paragraph(heading(name)), Block::Blank]);
        blocks.extend([Block::Verbatim(code.collect()), Block::Blank]);
        blocks.extend(remarks.flat_map(|text| [paragraph(muted(text)), Block::Blank]));
    }
    if blocks.is_empty() {
        let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
        return Err(if names.is_empty() {
            "the course does not say how languages write this chapter".into()
        } else {
            format!("no language '{lang}' here; there are {}", names.join(", "))
        });
    }
    Ok(blocks)
}

/// How languages write a chapter's step, a field each.
pub(super) fn languages(track: &Track, chapter: &str) -> Vec<Block> {
    let title = muted(say!("languages-title"));
    let mut blocks = vec![field(say!("label-elsewhere"), title)];
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
