//! The tracks and chapters of a course, listed and to read.

use serde_json::json;

use super::doc::{Block, call, field, fields, heading, muted, paragraph, plain, strong};
use super::languages::{language, languages};
use super::markdown::{field_body, markdown};
use super::progress::tick;
use crate::course::{Chapter, Track};
use crate::model::{Domain, Kind, Side};
use crate::progress::Progress;
use crate::script::Vars;
use crate::words::{name_of, say};

/// The tracks of a course, a heading and its chapters each; the one of a course
/// that has but one needs no heading.
/// Finished chapters have a tick, where progress is kept.
pub(crate) fn track_list(tracks: &[&Track], progress: Option<&Progress>) -> Vec<Block> {
    let mut blocks = Vec::new();
    for track in tracks {
        if tracks.len() > 1 {
            if !blocks.is_empty() {
                blocks.push(Block::Blank);
            }
            let selectors = muted(format!(" {}", selectors(track)));
            blocks.push(paragraph(vec![heading(&track.title), selectors]));
        }
        blocks.extend(chapter_list(track, progress));
    }
    blocks
}

/// The same as JSON, an object a line. `finished` is null where no progress is kept.
pub(crate) fn track_lines(tracks: &[&Track], progress: Option<&Progress>) -> Vec<String> {
    let line = |track: &Track, at: usize, chapter: &Chapter| {
        json!({
            "track": track.id,
            "role": track.role.word(),
            "domain": track.domain.word(),
            "type": track.kind.word(),
            "number": at + 1,
            "chapter": chapter.id,
            "title": chapter.title,
            "label": chapter.label,
            "summary": chapter.summary,
            "by_itself": at >= track.walk,
            "claim": track.is_claim(at),
            "finished": progress.map(|kept| kept.is_finished(&track.id, &chapter.id)),
        })
        .to_string()
    };
    let mut lines = Vec::new();
    for track in tracks {
        let chapters = track.chapters.iter().enumerate();
        lines.extend(chapters.map(|(at, chapter)| line(track, at, chapter)));
    }
    lines
}

/// The options that choose a track: what differs from the walk of a TCP server.
fn selectors(track: &Track) -> String {
    let (role, domain, kind) = (track.role, track.domain, track.kind);
    let words = [
        (role != Side::Server).then(|| format!("--role {}", role.word())),
        (domain != Domain::Inet).then(|| format!("--domain {}", domain.word())),
        (kind != Kind::Stream).then(|| format!("--type {}", kind.word())),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The chapters of a track, a line each; the claims behind a heading.
fn chapter_list(track: &Track, progress: Option<&Progress>) -> Vec<Block> {
    let digits = track.chapters.len().to_string().len();
    let mut blocks = Vec::new();
    for (at, chapter) in track.chapters.iter().enumerate() {
        let Chapter {
            id, title, label, ..
        } = &**chapter;
        let is_claim = track.is_claim(at);
        if is_claim && at + track.claims == track.chapters.len() {
            let heading = strong(say!("claims"));
            blocks.push(paragraph(heading));
        }
        let tick = tick(progress, &track.id, id);
        let apart = if at < track.walk || is_claim {
            String::new()
        } else {
            say!("by-itself")
        };
        let label = name_of("stage", label);
        blocks.push(field(
            format!("{tick}{:>digits$} {id:<9}", at + 1),
            vec![plain(title), muted(format!(" ({label}{apart})"))],
        ));
    }
    blocks
}

/// What this is, in a sentence.
pub(crate) fn greeting() -> Block {
    let what = plain(say!("greeting"));
    paragraph(vec![strong("socklab"), what])
}

/// What one can begin with.
fn commands() -> [(&'static str, String); 7] {
    [
        ("socklab walk", say!("guide-walk")),
        ("socklab step bind", say!("guide-step")),
        ("socklab read bind", say!("guide-read")),
        ("socklab walk --auto", say!("guide-auto")),
        ("socklab inspect :80", say!("guide-inspect")),
        ("socklab list", say!("guide-list")),
        ("socklab --help", say!("guide-help")),
    ]
}

/// Where to begin: the chapters of the walk, and the commands.
pub(crate) fn guide(track: &Track, progress: Option<&Progress>) -> Vec<Block> {
    let mut blocks = vec![greeting(), Block::Blank];
    blocks.extend(chapter_list(track, progress).into_iter().take(track.walk));
    blocks.push(Block::Blank);
    let commands = commands().map(|(command, what)| field(format!("{command:<20}"), muted(what)));
    blocks.extend(commands);
    blocks
}

/// The heading of a chapter.
pub(super) fn chapter_rule(track: &Track, chapter: &Chapter) -> Block {
    let number = track.number(&chapter.id).unwrap_or(0);
    Block::Rule {
        title: format!("{number} {}", chapter.id),
        right: format!("{}: {}", name_of("stage", &chapter.label), chapter.title),
    }
}

/// A chapter to read: all its text, nothing of the machine.
/// With `lang` only in that language; the error says which there are.
pub(crate) fn chapter_text(
    track: &Track,
    chapter: &Chapter,
    vars: Vars,
    lang: Option<&str>,
) -> Result<Vec<Block>, String> {
    let mut blocks = vec![chapter_rule(track, chapter), Block::Blank];
    blocks.extend(markdown(&vars.fill(chapter.prose())));
    for step in chapter.steps() {
        blocks.extend([Block::Blank, paragraph(heading(&step.title)), Block::Blank]);
        blocks.extend(markdown(&vars.fill(&step.prose)));
        blocks.push(Block::Blank);
        blocks.push(field(say!("label-action"), call(vars.fill(&step.at.text))));
        for (label, text) in [
            (say!("label-kernel"), &step.kernel),
            (say!("label-seen"), &step.seen),
            (say!("label-try"), &step.tries),
        ] {
            if !text.is_empty() {
                blocks.push(fields(label, field_body(&vars.fill(text))));
            }
        }
        if !step.why.is_empty() {
            blocks.push(Block::Blank);
            blocks.extend(markdown(&vars.fill(&step.why)));
        }
    }
    blocks.push(Block::Blank);
    blocks.extend(match lang {
        Some(lang) => language(track, &chapter.id, lang)?,
        None => languages(track, &chapter.id),
    });
    Ok(blocks)
}
