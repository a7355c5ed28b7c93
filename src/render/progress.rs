use std::collections::BTreeMap;

use super::doc::{Block, Role, field, fields, span};
use crate::progress::{ChapterRow, Progress, Rows, ago};

/// What was finished and which beliefs were met, for `socklab progress`. `beliefs`
/// says what is believed; `now` is seconds since the epoch; `path` is where it is kept.
pub fn progress(
    rows: &Rows,
    beliefs: &BTreeMap<String, String>,
    now: u64,
    path: &str,
) -> Vec<Block> {
    let mut blocks = Vec::new();
    for track in rows.tracks.iter().filter(|track| track.finished > 0) {
        blocks.push(Block::Paragraph(vec![
            span(Role::Heading, track.title.clone()),
            span(
                Role::Muted,
                format!(" {} of {}", track.finished, track.chapters.len()),
            ),
        ]));
        blocks.extend(track.chapters.iter().map(|row| chapter(row, now)));
        blocks.push(Block::Blank);
    }
    if !rows.elsewhere.is_empty() {
        blocks.push(Block::Paragraph(vec![span(Role::Heading, "Elsewhere")]));
        blocks.extend(rows.elsewhere.iter().map(|row| chapter(row, now)));
        blocks.push(Block::Blank);
    }
    if !rows.beliefs.is_empty() {
        blocks.push(Block::Paragraph(vec![span(Role::Heading, "Beliefs")]));
        for row in &rows.beliefs {
            let counts = format!(
                "asked {}, missed {}, right {}",
                times(row.met),
                times(row.missed),
                times(row.right)
            );
            let mut body = vec![vec![
                span(Role::Fact, row.id.clone()),
                span(Role::Muted, format!(" · {counts}")),
            ]];
            if let Some(belief) = beliefs.get(&row.id) {
                body.push(vec![span(Role::Plain, format!("“{belief}”"))]);
            }
            blocks.push(fields(format!("{:<9}", row.standing.word()), body));
        }
        blocks.push(Block::Blank);
    }
    if blocks.is_empty() {
        let hint = "Nothing yet: socklab walk begins at the beginning.";
        blocks.push(Block::Paragraph(vec![span(Role::Plain, hint)]));
    }
    blocks.push(Block::Paragraph(vec![
        span(Role::Muted, "kept in "),
        span(Role::Plain, path),
    ]));
    blocks
}

fn chapter(row: &ChapterRow, now: u64) -> Block {
    let tick = if row.is_finished() { "✓" } else { " " };
    let done = match row.last {
        Some(last) if row.is_finished() => {
            format!("finished {}, last {}", times(row.times), ago(last, now))
        }
        _ => String::new(),
    };
    field(
        format!("{tick} {:<9}", row.id),
        vec![span(Role::Plain, done)],
    )
}

fn times(count: u64) -> String {
    match count {
        1 => "once".into(),
        _ => format!("{count} times"),
    }
}

/// What puts a tick before a chapter of a track.
pub fn tick(progress: Option<&Progress>, track: &str, chapter: &str) -> &'static str {
    match progress {
        Some(kept) if kept.is_finished(track, chapter) => "✓ ",
        Some(kept) if kept.chapters().values().any(|chapter| chapter.finished > 0) => "  ",
        _ => "",
    }
}
