use std::path::{Path, PathBuf};
use std::time::Duration;

use super::held::{Held, lock_path};
use super::lock::Lock;
use super::place::{NoPlace, default_path, folder_of, followed, make_folder};
use super::read::{Found, read};
use super::trouble::{Trouble, shown};
use super::types::Progress;

/// How long another run may hold the file before this one gives up.
const PATIENCE: Duration = Duration::from_secs(2);

/// The file that progress is kept in.
///
/// If it is a symbolic link, the file that it leads to is read and replaced, and
/// all that belongs to it (the lock, the temporary file, damaged files set aside)
/// stands beside that one. A link to a device or a folder is left alone.
#[derive(Clone, Debug)]
pub struct Store {
    path: PathBuf,
    patience: Duration,
}

/// What reading gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// Empty when there is none, or none that can be read.
    pub progress: Progress,
    /// What the learner should know, a sentence or two each.
    pub notices: Vec<String>,
    /// There is something, but it could not be read: `progress` says nothing of
    /// what is kept.
    pub unreadable: bool,
}

impl Store {
    /// Where this user's state is: `$XDG_STATE_HOME/socklab/progress.json`, by
    /// default below `$HOME/.local/state`.
    pub fn of_user() -> Result<Store, NoPlace> {
        default_path(|name| std::env::var_os(name)).map(Store::at)
    }

    /// This file.
    pub fn at(path: impl Into<PathBuf>) -> Store {
        Store {
            path: path.into(),
            patience: PATIENCE,
        }
    }

    /// Waits for the lock for at most this long.
    pub fn with_patience(mut self, patience: Duration) -> Store {
        self.patience = patience;
        self
    }

    /// Where it is, as the environment says: perhaps a symbolic link.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads what is kept. Changes nothing, but that a damaged file is set aside
    /// where that is possible; takes no lock unless it is damaged.
    pub fn load(&self) -> Loaded {
        let mut loaded = Loaded::default();
        let trouble = match self.look() {
            Ok(Found::Missing) => return loaded,
            Ok(Found::Good(progress)) => {
                loaded.progress = progress;
                return loaded;
            }
            Ok(Found::Damaged(why)) => self.rescue(&why, &mut loaded).err(),
            Ok(Found::NotAFile(why)) => self.rescue(why, &mut loaded).err(),
            Ok(Found::Newer(version)) => {
                let path = self.path.clone();
                Some(Trouble::Newer { path, version }.to_string())
            }
            Err(trouble) => Some(trouble.to_string()),
        };
        loaded.unreadable = trouble.is_some();
        loaded.notices.extend(trouble);
        loaded
    }

    fn look(&self) -> Result<Found, Trouble> {
        let refused = |error| Trouble::refused("reading", &self.path)(error);
        let target = followed(&self.path).map_err(refused)?;
        match read(&target).map_err(refused)? {
            Found::NotAFile(_) if target != self.path => Err(self.no_file(&target)),
            found => Ok(found),
        }
    }

    /// Sets a damaged file aside, as seen again under the lock: another run may
    /// have done so by now.
    fn rescue(&self, why: &str, loaded: &mut Loaded) -> Result<(), String> {
        let newest = self
            .hold()
            .and_then(|held| held.newest(&mut loaded.notices));
        loaded.progress = newest.map_err(|trouble| {
            format!(
                "the progress file {} is damaged ({why}) and was left where it is: {trouble}",
                shown(&self.path)
            )
        })?;
        Ok(())
    }

    pub(super) fn no_file(&self, target: &Path) -> Trouble {
        Trouble::NotAFile {
            path: self.path.clone(),
            target: target.into(),
        }
    }

    /// Changes what is kept: no other run's change is lost, and whoever reads
    /// sees all of this one or nothing. Gives what is kept then.
    ///
    /// A file that cannot be read, or that a later socklab wrote, is not written
    /// to. `notices` takes what the learner should know, also before an error.
    pub fn update(
        &self,
        notices: &mut Vec<String>,
        change: impl FnOnce(&mut Progress),
    ) -> Result<Progress, Trouble> {
        let held = self.hold()?;
        let before = held.newest(notices)?;
        let mut progress = before.clone();
        change(&mut progress);
        if progress != before {
            held.write(&progress)?;
        }
        Ok(progress)
    }

    /// Forgets everything: the file is removed. A damaged one is set aside as
    /// ever; one of a later socklab is not touched.
    pub fn reset(&self, notices: &mut Vec<String>) -> Result<(), Trouble> {
        if self.look()? == Found::Missing {
            return Ok(());
        }
        let held = self.hold()?;
        held.newest(notices)?;
        held.remove()
    }

    /// Makes the folder and takes the lock.
    fn hold(&self) -> Result<Held<'_>, Trouble> {
        let target = followed(&self.path).map_err(Trouble::refused("reading", &self.path))?;
        let folder = folder_of(&target);
        make_folder(folder).map_err(Trouble::refused("making the folder", folder))?;
        let lock = Lock::take(&lock_path(&target), self.patience)?;
        Ok(Held::new(self, target, lock))
    }
}
