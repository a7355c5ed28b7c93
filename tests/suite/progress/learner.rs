//! Somebody with a home of their own, and what stands in it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::keys::Lesson;
use crate::support::{Run, Socklab, TempDir, dir_of_test, output};

/// A learner with a home.
pub struct Learner {
    pub home: TempDir,
}

impl Learner {
    /// Nothing is there yet.
    pub fn new() -> Learner {
        Learner {
            home: dir_of_test(),
        }
    }

    /// One whose folder is there already.
    pub fn with_folder() -> Learner {
        let learner = Learner::new();
        fs::create_dir_all(learner.folder()).unwrap();
        learner
    }

    /// One whose file has these bytes.
    pub fn with_lines(bytes: impl AsRef<[u8]>) -> Learner {
        let learner = Learner::with_folder();
        fs::write(learner.file(), bytes).unwrap();
        learner
    }

    pub fn folder(&self) -> PathBuf {
        self.home.join(".local/state/socklab")
    }

    /// The file that is written.
    pub fn file(&self) -> PathBuf {
        self.folder().join("progress.jsonl")
    }

    /// The sum that was kept before there were lines.
    pub fn before(&self) -> PathBuf {
        self.folder().join("progress.json")
    }

    /// The binary with this home.
    pub fn socklab(&self, words: &[&str]) -> Socklab {
        Socklab::new(words)
            .env("HOME", self.home.path().to_str().unwrap())
            .env("XDG_STATE_HOME", "")
    }

    /// A lesson of the chapter `create`.
    pub fn step(&self) -> Socklab {
        let words = ["step", "create", "--no-predict", "--addr", "127.0.0.1:0"];
        self.socklab(&words)
    }

    /// Finishes `create`, which goes well whatever becomes of progress. Gives what was
    /// said of that.
    pub fn create(&self) -> Vec<String> {
        said(&Lesson::whole(self.step()))
    }

    /// Runs a command that only reads: what it said, and its exit status.
    pub fn reads(&self, words: &[&str]) -> (Vec<String>, Option<i32>) {
        let run = self.socklab(words).run();
        (said(&run), run.code)
    }

    /// `socklab progress --json`, where nothing is to be said.
    pub fn progress(&self) -> Value {
        let run = self.socklab(&["progress", "--json"]).run();
        assert_eq!((said(&run), run.code), (Vec::new(), Some(0)));
        serde_json::from_str(&run.stdout()).unwrap()
    }

    /// How often a chapter of the server's was finished.
    pub fn times(&self, chapter: &str) -> u64 {
        let kept = &self.progress()["chapters"][format!("server/{chapter}")];
        kept["finished"].as_u64().unwrap_or(0)
    }

    /// Everything below the home: type, mode, inode, size, times and where links lead.
    pub fn everything(&self) -> String {
        let format = "%P %y %m %i %s %T@ %C@ %l\\n";
        let home = self.home.path().to_str().unwrap();
        output("find", [home, "-printf", format])
    }
}

/// What a run said on stderr of itself.
pub fn said(run: &Run) -> Vec<String> {
    let lines = run.stderr.lines();
    lines
        .filter_map(|line| line.strip_prefix("socklab: "))
        .map(Into::into)
        .collect()
}

/// The line of a chapter of the server's, finished a second after the epoch.
pub fn line(chapter: &str) -> String {
    format!(
        "{{\"v\":1,\"event\":\"chapter\",\"track\":\"server\",\"chapter\":\"{chapter}\",\"at\":1}}\n"
    )
}

/// One thing was said, with all of this in it.
#[track_caller]
pub fn assert_said(said: &[String], parts: &[&str]) {
    let [notice] = said else {
        panic!("{said:?}");
    };
    for part in parts {
        assert!(notice.contains(part), "{notice}: {part}");
    }
}

/// The names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
