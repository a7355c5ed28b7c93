//! Where progress is kept, and what is done there.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::file;
use super::line::{add_up, sum_of_before};
use super::trouble::refused;
use super::types::Progress;

/// Why there may be no folder for state.
const NO_PLACE: &str =
    "progress is not kept: HOME is not set to an absolute path, nor is XDG_STATE_HOME.";

/// The files that progress is kept in.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    /// The lines. Each run appends its own.
    path: PathBuf,
    /// The sum, as it was kept before there were lines: read and never written, so that
    /// nothing of it can count twice.
    before: PathBuf,
}

/// What reading gave.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Loaded {
    /// All of it that can be read.
    pub progress: Progress,
    /// What the learner should know, a sentence or two each.
    pub notices: Vec<String>,
    /// A file could not be read: what is missing from `progress` is not known.
    pub unreadable: bool,
}

impl Store {
    /// Where this user's state is, by the XDG Base Directory Specification, 0.8:
    /// `$XDG_STATE_HOME/socklab`, by default below `$HOME/.local/state`.
    pub(crate) fn of_user() -> Result<Store, String> {
        let at_home = || Some(absolute("HOME")?.join(".local/state"));
        let state = absolute("XDG_STATE_HOME").or_else(at_home);
        let folder = state.ok_or(NO_PLACE)?.join("socklab");
        Ok(Store {
            path: folder.join("progress.jsonl"),
            before: folder.join("progress.json"),
            folder,
        })
    }

    /// The file that is written.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads what is kept. Changes nothing.
    pub(crate) fn load(&self) -> Loaded {
        let mut loaded = Loaded::default();
        // Where the folder is closed both files are: that is said once.
        if let Err(error) = fs::metadata(self.folder.join(".")) {
            if error.kind() != ErrorKind::NotFound {
                loaded.take::<()>(&self.folder, Err(error));
            }
            return loaded;
        }
        let before = file::read(&self.before)
            .and_then(|bytes| sum_of_before(&bytes).map_err(io::Error::other));
        loaded.progress = loaded.take(&self.before, before);
        let lines = loaded.take(&self.path, file::read(&self.path));
        let skipped = add_up(&mut loaded.progress, &lines).map(|skipped| {
            format!("{}: {skipped}. Nothing was changed in the file: put it right with an editor, or begin anew with socklab progress reset.", self.path.display())
        });
        loaded.notices.extend(skipped);
        loaded
    }

    /// Keeps these lines too. Gives the file, to be synced.
    pub(super) fn append(&self, lines: &str) -> Result<File, String> {
        file::make_folder(&self.folder).map_err(refused("making the folder", &self.folder))?;
        file::append(&self.path, lines).map_err(refused("writing", &self.path))
    }

    /// Begins anew: whatever stands in the files' places is renamed. Gives the new
    /// names.
    pub(crate) fn reset(&self) -> Result<Vec<PathBuf>, String> {
        let mut renamed = Vec::new();
        for path in [&self.before, &self.path] {
            // rename(2) overwrites, and no two processes get the same name.
            let mut aside = path.clone().into_os_string();
            aside.push(format!(".forgotten-{}-{}", seconds(), std::process::id()));
            match fs::rename(path, &aside) {
                Ok(()) => renamed.push(aside.into()),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(refused("renaming", path)(error)),
            }
        }
        Ok(renamed)
    }
}

impl Loaded {
    /// What was read of `path`; if that failed, nothing, which is noted.
    fn take<T: Default>(&mut self, path: &Path, read: io::Result<T>) -> T {
        read.unwrap_or_else(|error| {
            self.unreadable = true;
            self.notices.push(refused("reading", path)(error));
            T::default()
        })
    }
}

/// "All paths set in these environment variables must be absolute. If an
/// implementation encounters a relative path […] it should consider the path invalid
/// and ignore it."
fn absolute(variable: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map(PathBuf::from);
    path.filter(|path| path.is_absolute())
}

/// Since the epoch. A clock set before 1970 is no reason to keep nothing.
pub(crate) fn seconds() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |since| since.as_secs())
}
