//! What a learner has done, beside the course.

use super::doc::{Block, Line, fact, field, fields, heading, muted, paragraph, plain};
use crate::course::{Course, Track};
use crate::progress::{Belief, Finished, Progress};
use crate::words::{name_of, say};

/// What was finished and which beliefs were met, for `socklab progress`. `now` is in
/// seconds since the epoch; `path` is where it is kept.
pub(crate) fn progress(progress: &Progress, course: &Course, now: u64, path: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    for track in &course.tracks {
        blocks.extend(of_track(progress, track, now));
    }
    blocks.extend(elsewhere(progress, course, now));
    blocks.extend(beliefs(progress, course));
    if blocks.is_empty() {
        blocks.push(paragraph(plain(say!("progress-none"))));
    }
    blocks.push(paragraph(vec![muted(say!("kept-in")), plain(path)]));
    blocks
}

/// The chapters of a track, if any was finished.
fn of_track(progress: &Progress, track: &Track, now: u64) -> Vec<Block> {
    let ids = track.chapters.iter().map(|chapter| chapter.id.as_str());
    let chapters = ids.map(|id| (id, progress.chapter(&track.id, id)));
    let chapters: Vec<(&str, Option<&Finished>)> = chapters.collect();
    let finished = chapters.iter().filter(|(_, kept)| kept.is_some()).count();
    if finished == 0 {
        return Vec::new();
    }
    let count = muted(say!("finished-of", count = finished, all = chapters.len()));
    let rows = chapters.into_iter().map(|(id, kept)| row(id, kept, now));
    section(vec![heading(&track.title), count], rows)
}

/// Finished chapters that this course does not have, as `TRACK/CHAPTER`.
fn elsewhere(progress: &Progress, course: &Course, now: u64) -> Vec<Block> {
    let is_known = |key: &str| {
        let (track, chapter) = key.split_once('/').unwrap_or_default();
        let mut tracks = course.tracks.iter().filter(|known| known.id == track);
        tracks.any(|track| track.chapter(chapter).is_some())
    };
    let chapters = progress.chapters.iter();
    let others = chapters.filter(|(key, kept)| kept.finished > 0 && !is_known(key));
    let rows: Vec<Block> = others
        .map(|(key, kept)| row(key, Some(kept), now))
        .collect();
    section(heading(say!("progress-elsewhere")), rows)
}

/// The open ones first; within a standing by id.
fn beliefs(progress: &Progress, course: &Course) -> Vec<Block> {
    let mut beliefs: Vec<_> = progress.beliefs.iter().collect();
    // They come sorted by id, and a stable sort keeps that.
    beliefs.sort_by_key(|(_, belief)| belief.standing());
    let row = |(id, belief): (&String, &Belief)| {
        let counts = [belief.met, belief.missed, belief.right].map(times);
        let [met, missed, right] = counts;
        let counts = say!("belief-counts", met = met, missed = missed, right = right);
        let mut body = vec![vec![fact(id), muted(counts)]];
        let mut tracks = course.tracks.iter();
        if let Some(believed) = tracks.find_map(|track| track.beliefs.get(id)) {
            body.push(plain(say!("quoted", text = believed)).into());
        }
        fields(
            format!("{:<9}", name_of("belief", belief.standing().word())),
            body,
        )
    };
    let rows: Vec<Block> = beliefs.into_iter().map(row).collect();
    section(heading(say!("progress-beliefs")), rows)
}

/// A title and its rows, where there are any.
fn section(title: impl Into<Line>, rows: impl IntoIterator<Item = Block>) -> Vec<Block> {
    let mut blocks = vec![paragraph(title)];
    blocks.extend(rows);
    if blocks.len() == 1 {
        return Vec::new();
    }
    blocks.push(Block::Blank);
    blocks
}

fn row(id: &str, kept: Option<&Finished>, now: u64) -> Block {
    let tick = if kept.is_some() { "✓" } else { " " };
    let done = kept.map_or(String::new(), |kept| {
        let last = ago(kept.last_finished, now);
        say!("finished-times", times = times(kept.finished), last = last)
    });
    field(format!("{tick} {id:<9}"), plain(done))
}

fn times(count: u64) -> String {
    match count {
        1 => say!("once"),
        _ => say!("times", count = count),
    }
}

/// How long ago that was, in words: both are seconds since the epoch.
fn ago(then: u64, now: u64) -> String {
    // A clock that was set back makes the past the future.
    let seconds = now.saturating_sub(then);
    match (seconds / 60, seconds / 3_600, seconds / 86_400) {
        (0, ..) => say!("just-now"),
        (1, 0, _) => say!("ago-minute"),
        (count, 0, _) => say!("ago-minutes", count = count),
        (_, 1, 0) => say!("ago-hour"),
        (_, count, 0) => say!("ago-hours", count = count),
        (.., 1) => say!("ago-day"),
        (.., count) => say!("ago-days", count = count),
    }
}

/// What puts a tick before a chapter of a track.
pub(super) fn tick(progress: Option<&Progress>, track: &str, chapter: &str) -> &'static str {
    match progress {
        Some(kept) if kept.is_finished(track, chapter) => "✓ ",
        Some(kept) if kept.chapters.values().any(|chapter| chapter.finished > 0) => "  ",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_words() {
        for (passed, words) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (7_199, "1 hour ago"),
            (7_200, "2 hours ago"),
            (86_400 * 400, "400 days ago"),
        ] {
            assert_eq!(ago(1_000, 1_000 + passed), words);
        }
        assert_eq!(ago(1_000, 10), "just now");
    }
}
