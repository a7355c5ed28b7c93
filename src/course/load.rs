use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::language::LanguageFile;
use super::problem::Problem;
use super::track::{Course, Track};
use super::types::Chapter;
use super::{check, front};
use crate::model::{Domain, Side};
use crate::script::{DomainWord, KindWord};

/// The chapters that come with the program.
static CHAPTERS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/chapters");

/// The course's own file.
const COURSE_FILE: &str = "course.toml";

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
    domain: DomainWord,
    #[serde(rename = "type")]
    kind: KindWord,
    chapters: Vec<String>,
    #[serde(default)]
    extras: Vec<String>,
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
            domain: DomainWord::Inet,
            kind: KindWord::Stream,
            chapters: std::mem::take(&mut self.chapters),
            extras: Vec::new(),
        }]
    }
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
    let mut listed: CourseFile = toml::from_str(&text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        vec![Problem::at(COURSE_FILE, &text, offset, error.message())]
    })?;
    let entries = listed.tracks();
    let names = || {
        entries
            .iter()
            .flat_map(|track| track.chapters.iter().chain(&track.extras))
    };
    let at = |word: &str, message: String| {
        let offset = text.find(&format!("\"{word}\"")).map_or(0, |at| at + 1);
        Problem::at(COURSE_FILE, &text, offset, message)
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
    let mut read: Vec<(&String, Rc<Chapter>)> = Vec::new();
    for name in names() {
        if read.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let path = format!("{name}.md");
        match file(&path) {
            Err(error) => problems.push(cannot(&path, error)),
            Ok(text) => match front::outline(&path, text) {
                Ok(chapter) => read.push((name, Rc::new(chapter))),
                Err(problem) => problems.push(problem),
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
    if problems.is_empty() && entries.iter().any(|track| track.chapters.is_empty()) {
        problems.push(Problem::at(
            COURSE_FILE,
            &text,
            0,
            "the course lists no chapters",
        ));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let languages = Rc::new(languages);
    let beliefs = Rc::new(std::mem::take(&mut listed.beliefs));
    let chapter = |name: &String| {
        let found = read.iter().find(|(known, _)| *known == name);
        found.map(|(_, chapter)| Rc::clone(chapter))
    };
    let track = |entry: &TrackEntry| Track {
        id: entry.id.clone(),
        title: entry.title.clone(),
        role: entry.role,
        domain: entry.domain.domain(Domain::Inet),
        kind: entry.kind.into(),
        chapters: entry
            .chapters
            .iter()
            .chain(&entry.extras)
            .filter_map(chapter)
            .collect(),
        walk: entry.chapters.len(),
        languages: Rc::clone(&languages),
        beliefs: Rc::clone(&beliefs),
    };
    Ok(Course {
        tracks: entries.iter().map(track).collect(),
    })
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
