//! The lines that were typed before: kept in a file, one a line.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

/// So many lines are kept.
const MOST: usize = 1000;

/// The lines that were typed before, oldest first.
pub(super) struct History {
    lines: Vec<String>,
    /// Which one stands in the line; behind the last, the new one.
    at: usize,
    /// What had been typed before an older one was looked for.
    begun: String,
    path: Option<PathBuf>,
}

impl History {
    /// Those of that file; without one they are forgotten afterwards.
    pub(super) fn load(path: Option<PathBuf>) -> History {
        // A file that cannot be read has none; to say so would help nobody.
        let text = path.as_ref().and_then(|path| fs::read(path).ok());
        let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
        let mut lines: Vec<String> = text.lines().map(String::from).collect();
        lines.drain(..lines.len().saturating_sub(MOST));
        let at = lines.len();
        History {
            lines,
            at,
            begun: String::new(),
            path,
        }
    }

    /// Keeps a line.
    pub(super) fn keep(&mut self, line: &str) {
        if !line.trim().is_empty() && self.lines.last().is_none_or(|last| last != line) {
            self.lines.push(line.into());
            // A full disk costs the history, not the shell.
            let _ = self.append(line);
        }
        self.at = self.lines.len();
    }

    fn append(&self, line: &str) -> std::io::Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        if let Some(folder) = path.parent() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
        }
        let mut options = OpenOptions::new();
        let options = options.create(true).append(true).mode(0o600);
        let mut file = options.custom_flags(libc::O_NOFOLLOW).open(path)?;
        writeln!(file, "{line}")
    }

    /// The one before that begins like what had been typed.
    pub(super) fn older(&mut self, typed: &str) -> Option<String> {
        if self.at == self.lines.len() {
            self.begun = typed.into();
        }
        let fits = |line: &String| line.starts_with(&self.begun) && line != typed;
        let found = self.lines[..self.at].iter().rposition(fits)?;
        self.at = found;
        self.lines.get(found).cloned()
    }

    /// The one behind; at last what had been typed.
    pub(super) fn newer(&mut self, typed: &str) -> Option<String> {
        if self.at == self.lines.len() {
            return None;
        }
        let fits = |line: &String| line.starts_with(&self.begun) && line != typed;
        let behind = &self.lines[self.at + 1..];
        let found = behind.iter().position(fits);
        self.at = found.map_or(self.lines.len(), |found| self.at + 1 + found);
        Some(self.lines.get(self.at).unwrap_or(&self.begun).clone())
    }
}

#[cfg(test)]
mod tests {
    use super::History;

    #[test]
    fn older_lines_that_begin_alike_are_found() {
        let mut history = History::load(None);
        for line in ["bind s 1", "close s", "close s", "bind s 2"] {
            history.keep(line);
        }
        assert_eq!(history.older("bi").unwrap(), "bind s 2");
        assert_eq!(history.older("bind s 2").unwrap(), "bind s 1");
        assert_eq!(history.older("bind s 1"), None);
        assert_eq!(history.newer("bind s 1").unwrap(), "bind s 2");
        assert_eq!(history.newer("bind s 2").unwrap(), "bi");
        assert_eq!(history.newer("bi"), None);
        assert_eq!(history.older("").unwrap(), "bind s 2");
        assert_eq!(history.older("bind s 2").unwrap(), "close s");
    }
}
