//! Courses: the one inside the binary, or one in a teacher's folder.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::explain::Explanations;
use super::problem::{Problem, SourceFile};
use super::track::{Course, Track};
use super::types::Chapter;
use super::{check, file, front};
use crate::model::{Domain, Side};
use crate::script::{DomainWord, KindWord};

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
    let named = |problems: Vec<Problem>| -> Vec<Problem> {
        problems.iter().map(|problem| problem.in_dir(dir)).collect()
    };
    let course = read(&file, explains).map_err(named)?;
    let problems = check(&course);
    if problems.is_empty() {
        Ok(course)
    } else {
        Err(named(problems))
    }
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
            domain: entry.domain.domain(Domain::Inet),
            kind: entry.kind.into(),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fuzz::{config, edited_text};

    const COURSE: &str = "title = \"A course\"\nchapters = [\"bind\"]\nlanguages = [\"c\"]\n";
    const TOKENS: &[&str] = &[
        "\n",
        "```",
        "```step",
        "## ",
        "# ",
        "### Kernel\n",
        "+++",
        "\"",
        "[",
        "]",
        "{",
        "}",
        "=",
        "{addr}",
        "'",
        "\\",
        "\0",
        "\u{2028}",
        "- [ ] ",
        "<!--",
    ];

    /// A course of one chapter, one of whose files is `text`: its problems lie in it.
    fn assert_told(file: &str, text: &str) -> Result<(), TestCaseError> {
        let open = |name: &str| match name {
            _ if name == file => Ok(text.to_string()),
            "course.toml" => Ok(COURSE.into()),
            _ => built_in(name),
        };
        let problems = match read(&open, file == EXPLAIN_FILE) {
            Ok(course) => check(&course),
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                problems
            }
        };
        for problem in problems.iter().filter(|problem| problem.file == file) {
            prop_assert!(problem.line <= text.split('\n').count(), "{}", problem);
        }
        Ok(())
    }

    fn edited_file(name: &str) -> impl Strategy<Value = String> + use<> {
        edited_text(&[&built_in(name).unwrap()], TOKENS)
    }

    proptest! {
        #![proptest_config(config(150))]
        #[test]
        fn fuzzed_chapters_are_read_or_refused(text in edited_file("bind.md")) {
            assert_told("bind.md", &text)?;
        }

        #[test]
        fn fuzzed_explanations_are_read_or_refused(text in edited_file(EXPLAIN_FILE)) {
            assert_told(EXPLAIN_FILE, &text)?;
        }

        #[test]
        fn fuzzed_languages_are_read_or_refused(text in edited_file("languages/c.toml")) {
            assert_told("languages/c.toml", &text)?;
        }

        #[test]
        fn fuzzed_courses_are_read_or_refused(text in edited_text(&[COURSE], TOKENS)) {
            assert_told("course.toml", &text)?;
        }
    }
}
