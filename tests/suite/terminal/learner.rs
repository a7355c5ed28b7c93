//! Somebody who is asked questions and whose progress is kept in a home of its own.

use std::path::PathBuf;

use super::pty::Terminal;
use crate::support::{ANY_PORT, Socklab, TempDir, dir_of_test, one_line};

/// A learner with a home.
pub struct Learner {
    home: TempDir,
}

impl Learner {
    pub fn new() -> Learner {
        Learner {
            home: dir_of_test(),
        }
    }

    /// Where the progress is kept.
    pub fn file(&self) -> PathBuf {
        self.home.path().join("socklab/progress.jsonl")
    }

    /// A run of this learner's, at a port the kernel chooses.
    pub fn socklab(&self, args: &[&str]) -> Socklab {
        let mut socklab = Socklab::new(args);
        if args.first() != Some(&"progress") && !args.contains(&"--addr") {
            socklab = socklab.args(["--addr", ANY_PORT]);
        }
        socklab.env("XDG_STATE_HOME", self.home.path().to_str().unwrap())
    }

    /// The same, started in a terminal.
    pub fn start(&self, args: &[&str]) -> Terminal {
        self.socklab(args).in_terminal(80)
    }

    /// What a command prints away from any terminal.
    pub fn says(&self, args: &[&str]) -> String {
        self.socklab(args).run().stdout()
    }

    /// The line of `socklab progress` about a belief.
    pub fn belief(&self, id: &str) -> Option<String> {
        let shown = self.says(&["progress"]);
        let line = shown.lines().find(|line| line.contains(id))?;
        Some(one_line(line))
    }
}
