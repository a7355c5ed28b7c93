//! Runs that `--json=FILE` has saved: told again.

mod browser;
mod drawn;
mod hostile;
mod replay;
mod report;

use std::fs;

use crate::support::{Run, Socklab, TempDir, dir_of_test};

/// A folder, and a run of these words that is saved in it.
pub struct SavedRun {
    pub dir: TempDir,
    pub live: Run,
}

impl SavedRun {
    /// Runs it; what stands behind `--` stays there.
    pub fn of<S: AsRef<str>>(words: &[&str], behind: impl IntoIterator<Item = S>) -> SavedRun {
        let dir = dir_of_test();
        let json = format!("--json={}", dir.join("run.jsonl").display());
        let live = Socklab::new(words).args([json]).args(behind).run();
        SavedRun { dir, live }
    }

    pub fn file(&self) -> String {
        self.dir.join("run.jsonl").display().to_string()
    }

    /// Its lines.
    pub fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(self.file()).unwrap();
        text.lines().map(str::to_string).collect()
    }
}
