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

    #[test]
    fn german_is_whole() {
        let course = crate::course::embedded(Some("de")).unwrap();
        assert_eq!(check(&course), []);
        assert_eq!(lacking(&course), []);
        // Of a language that there is not all is told, so the test is not blind.
        let none = lacking(&crate::course::embedded(Some("xx")).unwrap());
        let kinds = [
            "bind.md",
            "words.toml",
            "explain.toml",
            "faults.toml",
            "doctor.toml",
        ];
        for of in kinds
            .iter()
            .chain(&["goals/server.toml", "languages/c.toml"])
        {
            let file = format!("translations/xx/{of}");
            assert!(none.iter().any(|it| it.file == file), "{of}: {none:?}");
        }
    }
}
