//! What a translation lacks: there the course says it in its own words.

use super::words;
use crate::course::problem::Problem;
use crate::course::track::Course;
use crate::course::translation::FOLDER;

/// What the translation lacks that the course was read in, a line for each text.
pub(crate) fn lacking(course: &Course) -> Vec<Problem> {
    let Some(language) = &course.language else {
        return Vec::new();
    };
    let path = |name: &str| format!("{FOLDER}/{language}/{name}");
    let mut found = Vec::new();
    let mut tell = |name: &str, what: &str| {
        found.push(Problem::at(&path(name), "", 0, format!("lacks {what}")));
    };
    for chapter in course.every_chapter() {
        match chapter.lacks() {
            None => tell(&chapter.file, "the chapter"),
            Some(lacking) => lacking.iter().for_each(|what| tell(&chapter.file, what)),
        }
    }
    if let Some(track) = course.tracks.first() {
        for file in track.languages.iter() {
            let chapters = file.lacks();
            if !chapters.is_empty() {
                tell(&file.own.file, &format!("notes on {}", chapters.join(", ")));
            }
        }
    }
    let explain = course.tracks.iter().take(1);
    let files = explain.flat_map(|track| &track.explain.files);
    let files = files.chain(&course.faults.files);
    let files = files.chain(&course.advice.files);
    for file in files.chain(course.goals.iter().map(|of| &of.file)) {
        let lacking = file.lacks().into_iter();
        lacking.for_each(|what| tell(&file.own.file, &what));
    }
    for key in words::lacks(&course.words) {
        tell("words.toml", &format!("'{key}'"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::check;

    /// What a learner of the main walk reads there is in German, and so are the claims.
    #[test]
    fn german_is_whole_for_the_main_walk() {
        let course = crate::course::embedded(Some("de")).unwrap();
        assert_eq!(check(&course), []);
        let track = &course.tracks[0];
        let chapters = track.chapters.iter().enumerate();
        let read = chapters.filter(|(at, _)| *at < track.walk || track.is_claim(*at));
        let mut files: Vec<&str> = read.map(|(_, chapter)| &*chapter.file).collect();
        files.extend(["explain.toml", "words.toml", "faults.toml", "doctor.toml"]);
        files.extend(["goals/server.toml", "goals/client.toml"]);
        let lacking = lacking(&course);
        let of_walk = |problem: &&Problem| {
            let name = problem.file.trim_start_matches("translations/de/");
            files.contains(&name)
        };
        assert_eq!(
            lacking.iter().filter(of_walk).collect::<Vec<_>>(),
            [] as [&Problem; 0]
        );
        // The chapters that are not translated are told, so the test is not blind.
        assert!(lacking.len() > 10, "{lacking:?}");
    }
}
