//! What this machine was asked before a lesson, and what that means.

use super::doc::{Block, Line, bad, changed, fact, field, fields, muted, paragraph, strong};
use super::markdown::field_body;
use crate::model::{Advised, Standing};
use crate::words::{name_of, say};

/// One thing that was asked.
pub(crate) fn advised(advised: &Advised) -> Vec<Block> {
    let standing = advised.examined.standing();
    let (mark, word) = match standing {
        Standing::Works => (changed("✓ "), fact(word_of(standing))),
        Standing::Limited => (bad("! "), bad(word_of(standing))),
        Standing::Missing => (bad("✗ "), bad(word_of(standing))),
    };
    let text: Line = vec![strong(&advised.title), muted(" · "), word];
    let mut blocks = vec![
        Block::Item { mark, text },
        field(say!("label-seen"), fact(&advised.examined.seen)),
        fields(say!("label-means"), field_body(&advised.means)),
    ];
    if let Some(advice) = &advised.advice {
        blocks.push(fields(say!("label-do"), field_body(advice)));
    }
    blocks
}

/// The last line.
pub(crate) fn sum(all: &[Advised]) -> Vec<Block> {
    let count = |standing| {
        let of = all.iter().filter(|it| it.examined.standing() == standing);
        of.count()
    };
    let words = [Standing::Works, Standing::Limited, Standing::Missing];
    let counts = words.map(|standing| format!("{} {}", count(standing), word_of(standing)));
    let verdict = match (count(Standing::Missing), count(Standing::Limited)) {
        (0, 0) => say!("doctor-all"),
        (0, _) => say!("doctor-less"),
        _ => say!("doctor-none"),
    };
    let text = vec![strong(verdict), muted(format!(" ({})", counts.join(", ")))];
    vec![Block::Blank, paragraph(text)]
}

fn word_of(standing: Standing) -> String {
    name_of("standing", standing.word())
}
