//! Courses: the one inside the binary, or one in a teacher's folder.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::str::FromStr;

use include_dir::{Dir, include_dir};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::explain::Explanations;
use super::problem::{Problem, SourceFile};
use super::track::{Course, Track};
use super::types::Chapter;
use super::{check, file, front};
use crate::model::{Domain, Kind, Side};

/// The chapters that come with the program.
static CHAPTERS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/chapters");

/// The course's own file.
const COURSE_FILE: &str = "course.toml";

/// What errnos mean. A teacher's course need not have it.
const EXPLAIN_FILE: &str = "explain.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CourseFile {
    title: String,
    /// The only track's files without `.md`, in teaching order.
    #[serde(default)]
    chapters: Vec<String>,
    /// Or several tracks.
    #[serde(default)]
    track: Vec<TrackEntry>,
    /// Files of the folder `languages`, without `.toml`, in the order to show.
    #[serde(default)]
    languages: Vec<String>,
    /// What the course puts right: a belief's id and what is believed.
    #[serde(default)]
    beliefs: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrackEntry {
    id: String,
    title: String,
    role: Side,
    #[serde(deserialize_with = "parsed")]
    domain: Domain,
    #[serde(rename = "type", deserialize_with = "parsed")]
    kind: Kind,
    chapters: Vec<String>,
    #[serde(default)]
    extras: Vec<String>,
}

/// A word that stands for a `T`.
fn parsed<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = String>,
{
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

impl CourseFile {
    /// Its tracks; a course that names none has one, a TCP server's.
    fn tracks(&mut self) -> Vec<TrackEntry> {
        if !self.track.is_empty() {
            return std::mem::take(&mut self.track);
        }
        vec![TrackEntry {
            id: "server".into(),
            title: self.title.clone(),
            role: Side::Server,
            domain: Domain::Inet,
            kind: Kind::Stream,
            chapters: std::mem::take(&mut self.chapters),
            extras: Vec::new(),
        }]
    }
}

/// The course inside the binary. It is checked by the tests, so a problem here
/// is a fault of the build.
pub fn embedded() -> Result<Course, Vec<Problem>> {
    read(&built_in, false)
}

/// A file of the built-in course.
fn built_in(name: &str) -> Result<String, String> {
    let file = CHAPTERS
        .get_file(name)
        .and_then(|file| file.contents_utf8());
    file.map(str::to_string)
        .ok_or_else(|| "not embedded".to_string())
}

/// A teacher's course, read and checked.
pub fn from_dir(dir: &Path) -> Result<Course, Vec<Problem>> {
    let file = |name: &str| file::read(&dir.join(name)).map_err(|error| error.to_string());
    let explains = dir.join(EXPLAIN_FILE).symlink_metadata().is_ok();
    let course = read(&file, explains).map_err(|problems| in_dir(dir, problems))?;
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

/// The course, through `file`, which opens one file by name. Is it to have explanations
/// of its own, which go before the built-in ones?
fn read(
    file: &dyn Fn(&str) -> Result<String, String>,
    explains: bool,
) -> Result<Course, Vec<Problem>> {
    let open = |name: &str| match file(name) {
        Ok(text) => Ok(SourceFile {
            file: name.into(),
            text,
        }),
        Err(error) => Err(Problem::at(name, "", 0, format!("cannot be read: {error}"))),
    };
    let course = open(COURSE_FILE).map_err(|problem| vec![problem])?;
    let mut listed: CourseFile = course.parse().map_err(|problem| vec![problem])?;
    let entries = listed.tracks();
    let names = || {
        entries
            .iter()
            .flat_map(|track| track.chapters.iter().chain(&track.extras))
    };
    let at = |word: &str, message: String| {
        let offset = course
            .text
            .find(&format!("\"{word}\""))
            .map_or(0, |at| at + 1);
        Problem::at(COURSE_FILE, &course.text, offset, message)
    };
    // The names become paths: none may lead out of the course's folder.
    let mut problems: Vec<Problem> = names()
        .filter(|name| !name.split('/').all(is_id) || name.matches('/').count() > 1)
        .chain(listed.languages.iter().filter(|id| !is_id(id)))
        .map(|name| at(name, bad_id(name)))
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    // A chapter that several tracks share is read once.
    let mut chapters: BTreeMap<&String, Option<Rc<Chapter>>> = BTreeMap::new();
    for name in names() {
        chapters.entry(name).or_insert_with(|| {
            let file = open(&format!("{name}.md"));
            let chapter = file.and_then(|file| front::outline(&file.file, file.text));
            noted(chapter.map(Rc::new), &mut problems)
        });
    }
    let languages = listed
        .languages
        .iter()
        .map(|id| format!("languages/{id}.toml"));
    let languages = languages.filter_map(|name| noted(open(&name), &mut problems));
    let languages = Rc::new(languages.collect());
    let own = explains.then(|| open(EXPLAIN_FILE));
    let mut explain = vec![SourceFile {
        file: EXPLAIN_FILE.into(),
        text: built_in(EXPLAIN_FILE).unwrap_or_default(),
    }];
    explain.extend(own.and_then(|own| noted(own, &mut problems)));
    let explain = Rc::new(Explanations::new(explain));
    if problems.is_empty() && entries.iter().any(|track| track.chapters.is_empty()) {
        let message = "the course lists no chapters";
        problems.push(Problem::at(COURSE_FILE, &course.text, 0, message));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let beliefs = Rc::new(std::mem::take(&mut listed.beliefs));
    let track = |entry: &TrackEntry| {
        let names = entry.chapters.iter().chain(&entry.extras);
        Track {
            id: entry.id.clone(),
            title: entry.title.clone(),
            role: entry.role,
            domain: entry.domain,
            kind: entry.kind,
            chapters: names.filter_map(|name| chapters[name].clone()).collect(),
            walk: entry.chapters.len(),
            languages: Rc::clone(&languages),
            explain: Rc::clone(&explain),
            beliefs: Rc::clone(&beliefs),
        }
    };
    Ok(Course {
        tracks: entries.iter().map(track).collect(),
    })
}

/// What could be read; what could not is noted.
fn noted<T>(read: Result<T, Problem>, problems: &mut Vec<Problem>) -> Option<T> {
    read.map_err(|problem| problems.push(problem)).ok()
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
