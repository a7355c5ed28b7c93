//! The linter.

mod advice;
mod claims;
mod explain;
mod goals;
mod lacking;
mod names;
mod reach;
mod steps;
mod words;

use std::collections::HashSet;

use super::chapter::Chapter;
use super::language::LanguageFile;
use super::problem::{Problem, bad_id, is_id};
use super::track::{Course, Track};
use super::types::Step;
use crate::script::{Line, known};

pub(crate) use lacking::lacking;
pub(crate) use reach::reaches;

/// The subgoals, in the order of a socket's life. Every chapter carries one.
const LABELS: [&str; 6] = [
    "endpoint",
    "name",
    "passive",
    "connection",
    "bytes",
    "teardown",
];

/// Everything that is wrong with a course that could be parsed.
pub(crate) fn check(course: &Course) -> Vec<Problem> {
    let mut problems = Vec::new();
    // Tracks share what is not about a step.
    if let Some(track) = course.tracks.first() {
        let languages = track.languages.iter();
        problems.extend(languages.flat_map(LanguageFile::problems));
        problems.extend(explain::explanations(course, &track.explain));
    }
    problems.extend(words::words(&course.words));
    problems.extend(goals::goals(course));
    problems.extend(advice::advice(&course.advice));
    for chapter in course.every_chapter() {
        problems.extend_from_slice(chapter.problems());
    }
    for track in &course.tracks {
        for (at, chapter) in track.chapters.iter().enumerate() {
            let mut found = Finder {
                track,
                chapter,
                problems: &mut problems,
            };
            found.front(at);
            found.claim(at);
            found.names();
            found.loops();
            for (index, step) in chapter.steps().iter().enumerate() {
                found.step(index, step);
            }
        }
    }
    // Tracks share chapters, and then their mistakes.
    let mut told = HashSet::new();
    problems.retain(|problem| told.insert(problem.clone()));
    problems
}

/// What a chapter needs and the track does not have before it.
fn missing_needs<'c>(track: &Track, chapter: &'c Chapter) -> impl Iterator<Item = &'c String> {
    let at = track.number(&chapter.id).map_or(0, |number| number - 1);
    let earlier = &track.chapters[..at];
    let needs = chapter.needs.iter();
    needs.filter(move |need| earlier.iter().all(|other| other.id != **need))
}

struct Finder<'a> {
    track: &'a Track,
    chapter: &'a Chapter,
    problems: &'a mut Vec<Problem>,
}

impl Finder<'_> {
    fn at(&mut self, line: &Line, message: impl Into<String>) {
        let problem = Problem::on(&self.chapter.file, line, message);
        self.problems.push(problem);
    }

    /// Of what a step says: it may stand in a translation.
    fn said(&mut self, step: &Step, line: &Line, message: impl Into<String>) {
        match &step.said_in {
            Some((file, line)) => self.problems.push(Problem::on(file, line, message)),
            None => self.at(line, message),
        }
    }

    fn top(&mut self, message: impl Into<String>) {
        let file = &self.chapter.file;
        self.problems.push(Problem::at(file, "", 0, message));
    }

    fn front(&mut self, at: usize) {
        let chapter = self.chapter;
        if let Err(message) = known("label", &chapter.label, &LABELS, |it| it) {
            self.top(message);
        }
        let earlier = &self.track.chapters[..at];
        if earlier.iter().any(|other| other.id == chapter.id) {
            self.top(format!("a second chapter with the id '{}'", chapter.id));
        }
        if !is_id(&chapter.id) {
            self.top(bad_id(&chapter.id));
        }
        for need in missing_needs(self.track, chapter) {
            self.top(format!("needs '{need}', which is no earlier chapter"));
        }
        if at >= self.track.walk && !chapter.fresh {
            self.top("a chapter that stands by itself begins with new processes: fresh = true");
        }
    }
}
