//! Checks a course, and says what its translations lack.

use std::path::Path;
use std::process::ExitCode;

use super::print::{listed, print_lines};
use crate::course::{self, Course, Problem};
use crate::error::Error;

/// Checks the course of that folder, or else the built-in one, in each language that it is
/// there in.
pub(super) fn lint(dir: Option<&Path>) -> Result<ExitCode, Error> {
    let own = match read(dir, None) {
        Ok(own) => own,
        Err(problems) => return refused(&problems),
    };
    let mut summary = format!("{} chapters, no problems", own.every_chapter().len());
    // The built-in course is ours.
    let chapters = own.tracks.iter().flat_map(|track| {
        let chapters = track.chapters.iter();
        chapters.map(move |chapter| (track, &**chapter))
    });
    let found = dir.map_or(Vec::new(), |dir| course::reaches(chapters, dir));
    if !found.is_empty() {
        print_lines(&listed(&found))?;
        summary.push_str(&format!("; {} lines need --trust-course", found.len()));
    }
    for language in &own.translations {
        let lacking = match read(dir, Some(language)) {
            Ok(translated) => course::lacking(&translated),
            Err(problems) => return refused(&problems),
        };
        if !lacking.is_empty() {
            let named = lacking
                .iter()
                .map(|it| dir.map_or(it.clone(), |dir| it.in_dir(dir)));
            print_lines(&listed(&named.collect::<Vec<_>>()))?;
            summary.push_str(&format!("; {language} lacks {} texts", lacking.len()));
        }
    }
    print_lines(&summary)?;
    Ok(ExitCode::SUCCESS)
}

fn read(dir: Option<&Path>, language: Option<&str>) -> Result<Course, Vec<Problem>> {
    match dir {
        Some(dir) => course::from_dir(dir, language),
        None => course::embedded(language).and_then(|course| match course::check(&course) {
            problems if problems.is_empty() => Ok(course),
            problems => Err(problems),
        }),
    }
}

fn refused(problems: &[Problem]) -> Result<ExitCode, Error> {
    print_lines(&listed(problems))?;
    Ok(ExitCode::from(1))
}
