//! Courses: the one inside the binary, or one in a teacher's folder.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::str::FromStr;

use include_dir::{Dir, include_dir};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::advice::Advice;
use super::chapter::Chapter;
use super::check::check;
use super::explain::Explanations;
use super::faults::Faults;
use super::file;
use super::goals::GoalFile;
use super::problem::{Problem, SourceFile, bad_id, is_id};
use super::track::{Course, Track};
use crate::model::{Domain, Kind, Side};

/// The chapters that come with the program.
static CHAPTERS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/chapters");

/// The course's own file.
const COURSE_FILE: &str = "course.toml";

/// What errnos mean. A teacher's course need not have it.
const EXPLAIN_FILE: &str = "explain.toml";

/// What is said of faults. Neither.
const FAULTS_FILE: &str = "faults.toml";

/// What is said of the machine. Neither.
const ADVICE_FILE: &str = "doctor.toml";

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
    /// Files of the folder `goals`, without `.toml`; none: `server` and `client`.
    #[serde(default)]
    goals: Vec<String>,
    /// What the course puts right: a belief's id and what is believed.
    #[serde(default)]
    beliefs: BTreeMap<String, String>,
}

#[derive(Clone, Deserialize)]
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
    #[serde(default)]
    claims: Vec<String>,
}

/// A word that stands for a `T`.
fn parsed<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = String>,
{
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

impl TrackEntry {
    /// Its files without `.md`.
    fn names(&self) -> impl Iterator<Item = &String> {
        self.chapters.iter().chain(&self.extras).chain(&self.claims)
    }
}

impl CourseFile {
    /// Its tracks; a course that names none has one, a TCP server's.
    fn tracks(&self) -> Vec<TrackEntry> {
        if !self.track.is_empty() {
            return self.track.clone();
        }
        vec![TrackEntry {
            id: "server".into(),
            title: self.title.clone(),
            role: Side::Server,
            domain: Domain::Inet,
            kind: Kind::Stream,
            chapters: self.chapters.clone(),
            extras: Vec::new(),
            claims: Vec::new(),
        }]
    }
}

/// The course inside the binary. It is checked by the tests, so a problem here
/// is a fault of the build.
pub(crate) fn embedded() -> Result<Course, Vec<Problem>> {
    read(&built_in, |_| false)
}

/// A file of the built-in course.
fn built_in(name: &str) -> Result<String, String> {
    let file = CHAPTERS.get_file(name);
    let text = file.and_then(|file| file.contents_utf8());
    text.map(str::to_string)
        .ok_or_else(|| "not embedded".into())
}

fn built_in_file(name: &str) -> SourceFile {
    SourceFile {
        file: name.into(),
        text: built_in(name).unwrap_or_default(),
    }
}

/// A teacher's course, read and checked.
pub(crate) fn from_dir(dir: &Path) -> Result<Course, Vec<Problem>> {
    let file = |name: &str| file::read(&dir.join(name)).map_err(|error| error.to_string());
    let has = |name: &str| dir.join(name).symlink_metadata().is_ok();
    let checked = read(&file, has).and_then(|course| match check(&course) {
        problems if problems.is_empty() => Ok(course),
        problems => Err(problems),
    });
    checked.map_err(|problems| problems.iter().map(|it| it.in_dir(dir)).collect())
}

/// Opens one file of a course by its name.
type Open<'f> = &'f dyn Fn(&str) -> Result<String, String>;

/// The course of these files. Which of the files does it have of its own that go before
/// built-in ones?
fn read(file: Open<'_>, has: impl Fn(&str) -> bool) -> Result<Course, Vec<Problem>> {
    let problems = Vec::new();
    let mut reader = Reader { file, problems };
    let course = reader.course(has);
    course
        .filter(|_| reader.problems.is_empty())
        .ok_or(reader.problems)
}

/// Reads a course and notes every problem.
struct Reader<'f> {
    file: Open<'f>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn course(&mut self, has: impl Fn(&str) -> bool) -> Option<Course> {
        let file = self.open(COURSE_FILE)?;
        let listed: CourseFile = self.noted(file.parse())?;
        let entries = listed.tracks();
        let names = || entries.iter().flat_map(TrackEntry::names);
        // The names become paths: none may lead out of the course's folder.
        self.names(&file, names(), 2);
        self.names(&file, listed.languages.iter(), 1);
        self.names(&file, listed.goals.iter(), 1);
        if !self.problems.is_empty() {
            return None;
        }
        // A chapter that several tracks share is read once.
        let mut chapters: BTreeMap<&String, Option<Rc<Chapter>>> = BTreeMap::new();
        for name in names() {
            let read = || self.chapter(name).map(Rc::new);
            chapters.entry(name).or_insert_with(read);
        }
        let languages = listed.languages.iter();
        let languages = languages.filter_map(|id| self.open(&format!("languages/{id}.toml")));
        let languages = Rc::new(languages.collect());
        let explain = self.with_own(EXPLAIN_FILE, &has);
        let explain = Rc::new(Explanations::new(explain));
        let files = self.with_own(FAULTS_FILE, &has);
        let faults = Faults { files };
        let files = self.with_own(ADVICE_FILE, &has);
        let advice = Advice { files };
        let goals = self.goals(&listed.goals, &has);
        if entries.iter().any(|track| track.chapters.is_empty()) {
            let message = "the course lists no chapters";
            self.problems.push(Problem::at(COURSE_FILE, "", 0, message));
        }
        let beliefs = Rc::new(listed.beliefs);
        let track = |entry: &TrackEntry| Track {
            id: entry.id.clone(),
            title: entry.title.clone(),
            role: entry.role,
            domain: entry.domain,
            kind: entry.kind,
            chapters: entry
                .names()
                .filter_map(|name| chapters[name].clone())
                .collect(),
            walk: entry.chapters.len(),
            claims: entry.claims.len(),
            languages: Rc::clone(&languages),
            explain: Rc::clone(&explain),
            beliefs: Rc::clone(&beliefs),
        };
        let tracks = entries.iter().map(track).collect();
        Some(Course {
            tracks,
            goals,
            faults,
            advice,
        })
    }

    /// The built-in file of that name, and the course's own if it has one.
    fn with_own(&mut self, name: &str, has: impl Fn(&str) -> bool) -> Vec<SourceFile> {
        let mut files = vec![built_in_file(name)];
        files.extend(has(name).then(|| self.open(name)).flatten());
        files
    }

    /// The files of goals: those that the course lists; or one for each end, its own or
    /// the built-in one.
    fn goals(&mut self, names: &[String], has: impl Fn(&str) -> bool) -> Vec<GoalFile> {
        let is_listed = !names.is_empty();
        let usual = Side::BOTH.map(|side| side.word().to_string());
        let names = if is_listed { names } else { &usual };
        let goals = names.iter().filter_map(|group| {
            let name = format!("goals/{group}.toml");
            let own = is_listed || has(&name);
            let file = if own {
                self.open(&name)?
            } else {
                built_in_file(&name)
            };
            let group = group.clone();
            Some(GoalFile { group, file, own })
        });
        goals.collect()
    }

    fn open(&mut self, name: &str) -> Option<SourceFile> {
        let text = (self.file)(name);
        let text =
            text.map_err(|error| Problem::at(name, "", 0, format!("cannot be read: {error}")));
        let file = name.to_string();
        Some(SourceFile {
            file,
            text: self.noted(text)?,
        })
    }

    fn chapter(&mut self, name: &str) -> Option<Chapter> {
        let SourceFile { file, text } = self.open(&format!("{name}.md"))?;
        self.noted(Chapter::outline(&file, text))
    }

    /// What could be read; what could not is noted.
    fn noted<T>(&mut self, read: Result<T, Problem>) -> Option<T> {
        read.map_err(|problem| self.problems.push(problem)).ok()
    }

    /// Notes the names of the course's file that are none, or have too many parts.
    fn names<'n>(
        &mut self,
        file: &SourceFile,
        names: impl Iterator<Item = &'n String>,
        parts: usize,
    ) {
        let is_wrong =
            |name: &&String| name.split('/').count() > parts || !name.split('/').all(is_id);
        for name in names.filter(is_wrong) {
            let quoted = file.text.find(&format!("\"{name}\""));
            let offset = quoted.map_or(0, |at| at + 1);
            let problem = Problem::at(COURSE_FILE, &file.text, offset, bad_id(name));
            self.problems.push(problem);
        }
    }
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
        let problems = match read(&open, |name| name == file) {
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
        fn fuzzed_goals_are_read_or_refused(text in edited_file("goals/server.toml")) {
            assert_told("goals/server.toml", &text)?;
        }

        #[test]
        fn fuzzed_faults_are_read_or_refused(text in edited_file(FAULTS_FILE)) {
            assert_told(FAULTS_FILE, &text)?;
        }

        #[test]
        fn fuzzed_advice_is_read_or_refused(text in edited_file(ADVICE_FILE)) {
            assert_told(ADVICE_FILE, &text)?;
        }

        #[test]
        fn fuzzed_courses_are_read_or_refused(text in edited_text(&[COURSE], TOKENS)) {
            assert_told("course.toml", &text)?;
        }
    }
}
