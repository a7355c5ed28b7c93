use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

/// There is no folder for state: HOME is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPlace;

impl fmt::Display for NoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "progress is not kept: HOME is not set to an absolute path, nor is XDG_STATE_HOME",
        )
    }
}

impl std::error::Error for NoPlace {}

/// The file's place by the XDG Base Directory Specification, 0.8:
/// `$XDG_STATE_HOME`, by default `$HOME/.local/state`. "All paths set in these
/// environment variables must be absolute. If an implementation encounters a
/// relative path […] it should consider the path invalid and ignore it."
pub fn default_path(env: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, NoPlace> {
    let absolute = |name: &str| {
        env(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let state = match absolute("XDG_STATE_HOME") {
        Some(state) => state,
        None => absolute("HOME").ok_or(NoPlace)?.join(".local/state"),
    };
    Ok(state.join("socklab/progress.json"))
}

/// The file that `path` means: symbolic links are followed to their end, which
/// need not exist. A file that replaced the link itself would cut off whoever
/// keeps it elsewhere on purpose.
pub fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    // As many as the kernel follows: path_resolution(7).
    for _ in 0..40 {
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() => {
                let next = fs::read_link(&path)?;
                path = folder_of(&path).join(next);
            }
            Ok(_) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(path),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::from_raw_os_error(libc::ELOOP))
}

/// The folder a file stands in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the folder and those above it that are missing, mode 0700 as the XDG
/// specification says.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
        .collect();
    for path in missing.into_iter().rev() {
        match fs::DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => own_like_folder(path)?,
            // Another run was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn own_like_folder(made: &Path) -> io::Result<()> {
    let above = fs::metadata(folder_of(made))?;
    let folder = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW)
        .open(made)?;
    own_like(&folder, &above);
    Ok(())
}

/// Gives what root has just made to the owner of `other`. With `sudo` for a port
/// below 1024 HOME may stay the learner's, who must be able to write there the
/// next time.
pub fn own_like(made: &File, other: &Metadata) {
    let differs = made.metadata().is_ok_and(|made| made.uid() != other.uid());
    if differs {
        // Only root may; for anybody else it stays as it is.
        let _ = fchown(made, Some(other.uid()), Some(other.gid()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(state: Option<&str>, home: Option<&str>) -> Option<String> {
        let env = |name: &str| match name {
            "XDG_STATE_HOME" => state.map(OsString::from),
            "HOME" => home.map(OsString::from),
            _ => None,
        };
        let path = default_path(env).ok()?;
        Some(path.to_string_lossy().into_owned())
    }

    #[test]
    fn the_place_is_that_of_the_specification() {
        let at_home = Some("/h/.local/state/socklab/progress.json".to_string());
        assert_eq!(place(None, Some("/h")), at_home);
        assert_eq!(place(Some(""), Some("/h")), at_home);
        assert_eq!(place(Some("state"), Some("/h")), at_home);
        let elsewhere = Some("/s/socklab/progress.json".to_string());
        assert_eq!(place(Some("/s"), Some("/h")), elsewhere);
        assert_eq!(place(Some("/s"), None), elsewhere);
        for home in [None, Some(""), Some("h")] {
            assert_eq!(place(None, home), None);
            assert_eq!(place(Some("s"), home), None);
        }
    }
}
