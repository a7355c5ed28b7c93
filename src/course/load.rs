//! Courses: the one inside the binary, or one in a teacher's folder.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use super::advice::Advice;
use super::built_in;
use super::chapter::Chapter;
use super::check::check;
use super::explain::Explanations;
use super::faults::Faults;
use super::file;
use super::goals::GoalFile;
use super::language::LanguageFile;
use super::listed::{CourseFile, TrackEntry};
use super::problem::{Problem, SourceFile, bad_id, is_id};
use super::texts::TextFile;
use super::track::{Course, Track};
use super::translation::{self, Translation};
use crate::model::Side;

/// The course's own file.
const COURSE_FILE: &str = "course.toml";

/// What errnos mean. A teacher's course need not have it.
const EXPLAIN_FILE: &str = "explain.toml";

/// What is said of faults. Neither.
const FAULTS_FILE: &str = "faults.toml";

/// What is said of the machine. Neither.
const ADVICE_FILE: &str = "doctor.toml";

/// What the screen says of itself. Neither.
const WORDS_FILE: &str = "words.toml";

/// The course inside the binary, in that language of people; `None` is its own. It is
/// checked by the tests, so a problem here is a fault of the build.
pub(crate) fn embedded(language: Option<&str>) -> Result<Course, Vec<Problem>> {
    let files = Files {
        open: &built_in::text,
        has: &built_in::has,
        is_built_in: true,
        language,
    };
    read(files, built_in::translations())
}

/// A teacher's course, read and checked.
pub(crate) fn from_dir(dir: &Path, language: Option<&str>) -> Result<Course, Vec<Problem>> {
    let files = Files {
        open: &|name| file::read(&dir.join(name)).map_err(|error| error.to_string()),
        has: &|name| dir.join(name).symlink_metadata().is_ok(),
        is_built_in: false,
        language,
    };
    let checked = read(files, translations(Some(dir))).and_then(|course| match check(&course) {
        problems if problems.is_empty() => Ok(course),
        problems => Err(problems),
    });
    checked.map_err(|problems| problems.iter().map(|it| it.in_dir(dir)).collect())
}

/// The languages that the course of that folder, or else the built-in one, is translated
/// into.
pub(crate) fn translations(dir: Option<&Path>) -> Vec<String> {
    dir.map_or_else(built_in::translations, |dir| {
        file::folders(&dir.join(translation::FOLDER))
    })
}

/// Opens one file of a course by its name.
type Open<'f> = &'f dyn Fn(&str) -> Result<String, String>;

/// Where the files of a course are.
struct Files<'f> {
    open: Open<'f>,
    has: &'f dyn Fn(&str) -> bool,
    /// Otherwise those that it has go before built-in ones.
    is_built_in: bool,
    /// The language that it is to be read in; `None` is its own.
    language: Option<&'f str>,
}

/// The course of these files, which there is in these translations.
fn read(files: Files<'_>, translations: Vec<String>) -> Result<Course, Vec<Problem>> {
    let problems = Vec::new();
    let mut reader = Reader { files, problems };
    let course = reader.course(translations);
    course
        .filter(|_| reader.problems.is_empty())
        .ok_or(reader.problems)
}

/// Reads a course and notes every problem.
struct Reader<'f> {
    files: Files<'f>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn course(&mut self, translations: Vec<String>) -> Option<Course> {
        let file = self.open(COURSE_FILE)?;
        let listed = self.listed(&file)?;
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
        let languages = listed.languages.iter().filter_map(|id| self.language(id));
        let languages = Rc::new(languages.collect());
        let explain = Rc::new(Explanations::new(self.with_own(EXPLAIN_FILE)));
        let goals = self.goals(&listed.goals);
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
            faults: Faults {
                files: self.with_own(FAULTS_FILE),
            },
            advice: Advice {
                files: self.with_own(ADVICE_FILE),
            },
            words: self.words(),
            language: self.files.language.map(str::to_string),
            translations,
        })
    }

    /// What the course's own file says, in the language that it is read in.
    fn listed(&mut self, file: &SourceFile) -> Option<CourseFile> {
        let mut listed: CourseFile = self.noted(file.parse())?;
        if let Some(file) = self.translation(COURSE_FILE) {
            let said = translation::of_course(&file, &mut listed.names());
            self.noted(said);
        }
        Some(listed)
    }

    /// The built-in file of that name, and the course's own if it has one, each with its
    /// translation.
    fn with_own(&mut self, name: &str) -> Vec<TextFile> {
        let mut files = vec![self.built_in(name)];
        if self.has_own(name) {
            files.extend(self.own(name));
        }
        files
    }

    /// The words of the screen, each file as it is: they are put together when they are said.
    fn words(&mut self) -> Vec<SourceFile> {
        let files = self.with_own(WORDS_FILE);
        files.iter().flat_map(TextFile::files).cloned().collect()
    }

    fn has_own(&self, name: &str) -> bool {
        !self.files.is_built_in && (self.files.has)(name)
    }

    /// The built-in file of that name. A course may translate it, too.
    fn built_in(&mut self, name: &str) -> TextFile {
        let said = self.translated(name).filter(|said| built_in::has(said));
        let mut said: Vec<SourceFile> = said.iter().map(|said| built_in::file(said)).collect();
        if !self.files.is_built_in && !self.has_own(name) {
            said.extend(self.translation(name));
        }
        let own = built_in::file(name);
        TextFile { own, said }
    }

    /// The course's own file of that name.
    fn own(&mut self, name: &str) -> Option<TextFile> {
        let own = self.open(name)?;
        let said = self.translation(name).into_iter().collect();
        Some(TextFile { own, said })
    }

    /// What the translation of a file is called.
    fn translated(&self, name: &str) -> Option<String> {
        let language = self.files.language?;
        Some(format!("{}/{language}/{name}", translation::FOLDER))
    }

    /// The translation of a file, if there is one.
    fn translation(&mut self, name: &str) -> Option<SourceFile> {
        let name = self.translated(name)?;
        let is_there = (self.files.has)(&name);
        is_there.then(|| self.open(&name)).flatten()
    }

    /// The files of goals: those that the course lists; or one for each end, its own or
    /// the built-in one.
    fn goals(&mut self, names: &[String]) -> Vec<GoalFile> {
        let is_listed = !names.is_empty();
        let usual = Side::BOTH.map(|side| side.word().to_string());
        let names = if is_listed { names } else { &usual };
        let goals = names.iter().filter_map(|group| {
            let name = format!("goals/{group}.toml");
            let own = is_listed || self.has_own(&name);
            let file = if own {
                self.own(&name)?
            } else {
                self.built_in(&name)
            };
            let group = group.clone();
            Some(GoalFile { group, file, own })
        });
        goals.collect()
    }

    fn open(&mut self, name: &str) -> Option<SourceFile> {
        let text = (self.files.open)(name);
        let text =
            text.map_err(|error| Problem::at(name, "", 0, format!("cannot be read: {error}")));
        let file = name.to_string();
        Some(SourceFile {
            file,
            text: self.noted(text)?,
        })
    }

    fn language(&mut self, id: &str) -> Option<LanguageFile> {
        let name = format!("languages/{id}.toml");
        Some(LanguageFile {
            own: self.open(&name)?,
            notes: self.translation(&name),
        })
    }

    fn chapter(&mut self, name: &str) -> Option<Chapter> {
        let name = format!("{name}.md");
        let SourceFile { file, text } = self.open(&name)?;
        let chapter = self.noted(Chapter::outline(&file, text))?;
        let Some(said) = self.translation(&name) else {
            return Some(chapter);
        };
        let said = self.noted(Translation::outline(said))?;
        Some(chapter.translated(said))
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
            _ => built_in::text(name),
        };
        let files = Files {
            open: &open,
            has: &|name| name == file,
            is_built_in: false,
            language: Some("xx"),
        };
        let problems = match read(files, Vec::new()) {
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
        edited_text(&[&built_in::text(name).unwrap()], TOKENS)
    }

    proptest! {
        #![proptest_config(config(150))]
        #[test]
        fn fuzzed_chapters_are_read_or_refused(text in edited_file("bind.md")) {
            assert_told("bind.md", &text)?;
        }

        #[test]
        fn fuzzed_translations_are_read_or_refused(text in edited_text(&[&built_in::text("translations/de/bind.md").unwrap()], TOKENS)) {
            assert_told("translations/xx/bind.md", &text)?;
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
