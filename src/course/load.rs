use std::path::Path;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::language::LanguageFile;
use super::problem::Problem;
use super::types::Course;
use super::{check, parse};

/// The chapters that come with the program.
static CHAPTERS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/chapters");

/// The course's own file.
const COURSE_FILE: &str = "course.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CourseFile {
    title: String,
    /// The chapters' files without `.md`, in teaching order.
    chapters: Vec<String>,
    /// Files of the folder `languages`, without `.toml`, in the order to show.
    #[serde(default)]
    languages: Vec<String>,
}

/// The course inside the binary. It is checked by the tests, so a problem here
/// is a fault of the build.
pub fn embedded() -> Result<Course, Vec<Problem>> {
    read(&|name| {
        CHAPTERS
            .get_file(name)
            .and_then(|file| file.contents_utf8())
            .map(str::to_string)
            .ok_or_else(|| "not embedded".to_string())
    })
}

/// A teacher's course, read and checked.
pub fn from_dir(dir: &Path) -> Result<Course, Vec<Problem>> {
    // An editor on Windows ends lines in two characters: WSL2.
    let file = |name: &str| {
        std::fs::read_to_string(dir.join(name))
            .map(|text| text.replace("\r\n", "\n"))
            .map_err(|error| error.to_string())
    };
    let course = read(&file).map_err(|problems| in_dir(dir, problems))?;
    let problems = check(&course);
    if problems.is_empty() {
        Ok(course)
    } else {
        Err(in_dir(dir, problems))
    }
}

/// Names the files by the path the teacher gave.
fn in_dir(dir: &Path, problems: Vec<Problem>) -> Vec<Problem> {
    problems
        .into_iter()
        .map(|problem| Problem {
            file: dir.join(&problem.file).display().to_string(),
            ..problem
        })
        .collect()
}

/// Reads the course through `file`, which opens one file by name.
fn read(file: &dyn Fn(&str) -> Result<String, String>) -> Result<Course, Vec<Problem>> {
    let cannot = |name: &str, error: String| Problem {
        file: name.into(),
        line: 1,
        column: 1,
        message: format!("cannot be read: {error}"),
    };
    let text = file(COURSE_FILE).map_err(|error| vec![cannot(COURSE_FILE, error)])?;
    let listed: CourseFile = toml::from_str(&text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        vec![Problem::at(COURSE_FILE, &text, offset, error.message())]
    })?;
    let mut chapters = Vec::new();
    // The names become paths: none may lead out of the course's folder.
    let mut problems: Vec<Problem> = listed
        .chapters
        .iter()
        .chain(&listed.languages)
        .filter(|id| !is_id(id))
        .map(|id| {
            let at = text.find(id.as_str()).unwrap_or(0);
            Problem::at(COURSE_FILE, &text, at, bad_id(id))
        })
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    for id in &listed.chapters {
        let name = format!("{id}.md");
        match file(&name) {
            Err(error) => problems.push(cannot(&name, error)),
            Ok(text) => match parse::chapter(&name, &text) {
                Ok(chapter) => chapters.push(chapter),
                Err(found) => problems.extend(found),
            },
        }
    }
    let mut languages = Vec::new();
    for id in &listed.languages {
        let name = format!("languages/{id}.toml");
        match file(&name) {
            Err(error) => problems.push(cannot(&name, error)),
            Ok(text) => languages.push(LanguageFile { file: name, text }),
        }
    }
    if chapters.is_empty() && problems.is_empty() {
        problems.push(Problem::at(
            COURSE_FILE,
            &text,
            0,
            "the course lists no chapter",
        ));
    }
    if problems.is_empty() {
        Ok(Course {
            title: listed.title,
            chapters,
            languages,
        })
    } else {
        Err(problems)
    }
}

/// Is it a name that chapters and language files can have?
pub fn is_id(id: &str) -> bool {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !id.is_empty() && id.chars().all(fine)
}

/// What to say of one that is not.
pub fn bad_id(id: &str) -> String {
    format!("the name '{id}' must be lower-case letters, digits and hyphens")
}
