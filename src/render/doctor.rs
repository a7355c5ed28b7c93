//! What this machine was asked before a lesson, and what that means.

use super::doc::{Block, Line, bad, changed, fact, field, fields, muted, paragraph, strong};
use super::markdown::field_body;
use crate::model::{Advised, Standing};

/// One thing that was asked.
pub(crate) fn advised(advised: &Advised) -> Vec<Block> {
    let standing = advised.examined.standing();
    let (mark, word) = match standing {
        Standing::Works => (changed("✓ "), fact(standing.word())),
        Standing::Limited => (bad("! "), bad(standing.word())),
        Standing::Missing => (bad("✗ "), bad(standing.word())),
    };
    let text: Line = vec![strong(&advised.title), muted(" · "), word];
    let mut blocks = vec![
        Block::Item { mark, text },
        field("seen", fact(&advised.examined.seen)),
        fields("means", field_body(&advised.means)),
    ];
    if let Some(advice) = &advised.advice {
        blocks.push(fields("do", field_body(advice)));
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
    let counts = words.map(|standing| format!("{} {}", count(standing), standing.word()));
    let verdict = match (count(Standing::Missing), count(Standing::Limited)) {
        (0, 0) => "Every lesson can be held here",
        (0, _) => "Lessons can be held here, and show less where it says so",
        _ => "No lesson can be held here until that is changed",
    };
    let text = vec![strong(verdict), muted(format!(" ({})", counts.join(", ")))];
    vec![Block::Blank, paragraph(text)]
}
