use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use super::trouble::plain;
use super::types::{Belief, Finished, Progress, Standing, VERSION};

/// A track of the course, as far as progress is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    pub id: String,
    pub title: String,
    /// Id and title of each chapter, extras included, in the course's order.
    pub chapters: Vec<(String, String)>,
}

/// Everything `socklab progress` shows, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The tracks of the course, in its order.
    pub tracks: Vec<TrackRow>,
    /// Finished chapters that this course does not have, as `TRACK/CHAPTER`.
    pub elsewhere: Vec<ChapterRow>,
    /// The open ones first; within a standing by id.
    pub beliefs: Vec<BeliefRow>,
}

/// A track and what is done of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackRow {
    pub id: String,
    pub title: String,
    /// How many of its chapters were finished.
    pub finished: usize,
    pub chapters: Vec<ChapterRow>,
}

/// A chapter, finished or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChapterRow {
    pub id: String,
    /// Empty for a chapter that the course does not have.
    pub title: String,
    /// How many times it was finished.
    pub times: u64,
    /// When it was for the last time: seconds since the epoch.
    pub last: Option<u64>,
}

impl ChapterRow {
    /// Whether it gets a tick.
    pub fn is_finished(&self) -> bool {
        self.times > 0
    }
}

/// A belief that was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BeliefRow {
    pub id: String,
    pub standing: Standing,
    pub met: u64,
    pub missed: u64,
    pub right: u64,
}

/// What is kept, beside the course.
pub fn rows(progress: &Progress, course: &[Track]) -> Rows {
    let mut known = BTreeSet::new();
    let tracks = course
        .iter()
        .map(|track| {
            let chapters: Vec<ChapterRow> = track
                .chapters
                .iter()
                .map(|(id, title)| {
                    known.insert(format!("{}/{id}", track.id));
                    chapter_row(id, title, progress.chapter(&track.id, id))
                })
                .collect();
            TrackRow {
                id: track.id.clone(),
                title: track.title.clone(),
                finished: chapters.iter().filter(|row| row.is_finished()).count(),
                chapters,
            }
        })
        .collect();
    let elsewhere = progress
        .chapters()
        .iter()
        .filter(|(key, kept)| kept.finished > 0 && !known.contains(*key))
        .map(|(key, kept)| chapter_row(&plain(key), "", Some(kept)))
        .collect();
    let mut beliefs: Vec<BeliefRow> = progress
        .beliefs()
        .iter()
        .map(|(id, belief)| BeliefRow {
            id: plain(id),
            standing: belief.standing(),
            met: belief.met,
            missed: belief.missed,
            right: belief.right,
        })
        .collect();
    // They come sorted by id, and a stable sort keeps that.
    beliefs.sort_by_key(|row| row.standing);
    Rows {
        tracks,
        elsewhere,
        beliefs,
    }
}

fn chapter_row(id: &str, title: &str, kept: Option<&Finished>) -> ChapterRow {
    ChapterRow {
        id: id.into(),
        title: title.into(),
        times: kept.map_or(0, |kept| kept.finished),
        last: kept.map(|kept| kept.last_finished),
    }
}

/// How long ago that was, in words: both are seconds since the epoch.
pub fn ago(then: u64, now: u64) -> String {
    // A clock that was set back makes the past the future.
    let seconds = now.saturating_sub(then);
    let (count, unit) = match seconds {
        0..60 => return "just now".into(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural} ago")
}

/// `socklab progress --json`: one object on one line, without the newline.
/// `path` is `None` where there is no place to keep anything.
pub fn to_json(progress: &Progress, path: Option<&Path>) -> String {
    #[derive(Serialize)]
    struct Whole<'a> {
        version: u64,
        path: Option<String>,
        chapters: &'a BTreeMap<String, Finished>,
        beliefs: &'a BTreeMap<String, Belief>,
    }
    let whole = Whole {
        version: VERSION,
        path: path.map(|path| path.to_string_lossy().into_owned()),
        chapters: progress.chapters(),
        beliefs: progress.beliefs(),
    };
    // Strings and numbers under string keys: there is nothing in it to fail on.
    serde_json::to_string(&whole).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::types::Last;
    use super::*;

    fn some() -> Progress {
        let mut progress = Progress::default();
        progress.finish("server", "bind", 30);
        progress.finish("server", "bind", 40);
        progress.finish("lab", "old\x1b[2J", 5);
        progress.meet("c-met", Last::Other);
        progress.meet("d-right", Last::Right);
        progress.meet("b-put-right", Last::Missed);
        progress.meet("b-put-right", Last::Right);
        progress.meet("z-open", Last::Missed);
        progress.meet("a-open", Last::Missed);
        progress
    }

    #[test]
    fn rows_follow_the_course() {
        let course = [Track {
            id: "server".into(),
            title: "A TCP server".into(),
            chapters: vec![
                ("create".into(), "Make one".into()),
                ("bind".into(), "Name it".into()),
            ],
        }];
        let rows = rows(&some(), &course);
        assert_eq!(rows.tracks.len(), 1);
        assert_eq!(rows.tracks[0].finished, 1);
        let chapters = &rows.tracks[0].chapters;
        assert!(!chapters[0].is_finished());
        assert_eq!((chapters[1].times, chapters[1].last), (2, Some(40)));
        let elsewhere: Vec<&str> = rows.elsewhere.iter().map(|row| &*row.id).collect();
        assert_eq!(elsewhere, ["lab/old\\u{1b}[2J"]);
        let beliefs: Vec<&str> = rows.beliefs.iter().map(|row| &*row.id).collect();
        let wanted = ["a-open", "z-open", "b-put-right", "d-right", "c-met"];
        assert_eq!(beliefs, wanted);
    }

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

    #[test]
    fn the_json_is_one_line() {
        let mut progress = Progress::default();
        progress.finish("server", "bind", 30);
        progress.meet("a", Last::Missed);
        assert_eq!(
            to_json(&progress, Some(Path::new("/h/progress.json"))),
            r#"{"version":1,"path":"/h/progress.json","chapters":{"server/bind":{"finished":1,"last_finished":30}},"beliefs":{"a":{"met":1,"missed":1,"right":0,"last":"missed"}}}"#
        );
        assert!(!to_json(&some(), None).contains('\n'));
    }
}
