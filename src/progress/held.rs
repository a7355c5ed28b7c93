use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::file::{replace, sweep, sync_folder};
use super::lock::Lock;
use super::read::{Found, read};
use super::store::Store;
use super::trouble::{Trouble, shown};
use super::types::Progress;

/// The progress file while nobody else may change it.
#[derive(Debug)]
pub struct Held<'a> {
    store: &'a Store,
    /// Where the file is when links have been followed.
    target: PathBuf,
    _lock: Lock,
}

impl<'a> Held<'a> {
    pub fn new(store: &'a Store, target: PathBuf, lock: Lock) -> Held<'a> {
        sweep(&target);
        Held {
            store,
            target,
            _lock: lock,
        }
    }

    /// What is kept now. A damaged file is set aside, which the notice says.
    pub fn newest(&self, notices: &mut Vec<String>) -> Result<Progress, Trouble> {
        let path = self.store.path();
        let why = match read(&self.target).map_err(Trouble::refused("reading", path))? {
            Found::Missing => return Ok(Progress::default()),
            Found::Good(progress) => return Ok(progress),
            Found::Newer(version) => {
                let path = path.into();
                return Err(Trouble::Newer { path, version });
            }
            Found::NotAFile(_) if self.target != path => {
                return Err(self.store.no_file(&self.target));
            }
            Found::NotAFile(why) => why.into(),
            Found::Damaged(why) => why,
        };
        let aside = self.set_aside()?;
        notices.push(format!(
            "the progress file {} is damaged ({why}): it was set aside as {}, so nothing in it is lost, and progress begins anew.",
            shown(path),
            shown(&aside)
        ));
        Ok(Progress::default())
    }

    /// Renames the file to the first `progress.json.damaged-N` that is free.
    /// rename(2) would overwrite a file; the lock keeps other runs from making it
    /// between the look and the rename.
    fn set_aside(&self) -> Result<PathBuf, Trouble> {
        let refused = |error| Trouble::refused("setting aside", &self.target)(error);
        for number in 1..=1000 {
            let mut name = self.target.clone().into_os_string();
            name.push(format!(".damaged-{number}"));
            let aside = PathBuf::from(name);
            match fs::symlink_metadata(&aside) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    fs::rename(&self.target, &aside).map_err(refused)?;
                    sync_folder(&self.target);
                    return Ok(aside);
                }
                Err(error) => return Err(refused(error)),
            }
        }
        let path = self.target.clone();
        Err(Trouble::NoNameLeft { path })
    }

    /// Keeps this instead.
    pub fn write(&self, progress: &Progress) -> Result<(), Trouble> {
        let refused = |error| Trouble::refused("writing", self.store.path())(error);
        let text = progress
            .to_file()
            .map_err(|error| refused(io::Error::other(error)))?;
        replace(&self.target, &text).map_err(refused)
    }

    /// Removes the file: that works on a full disk too.
    pub fn remove(&self) -> Result<(), Trouble> {
        match fs::remove_file(&self.target) {
            Ok(()) => sync_folder(&self.target),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Trouble::refused("removing", self.store.path())(error)),
        }
        Ok(())
    }
}

/// The lock's file: `progress.lock` beside `progress.json`.
pub fn lock_path(target: &Path) -> PathBuf {
    target.with_extension("lock")
}
