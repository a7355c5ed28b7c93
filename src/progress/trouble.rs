use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::Errno;

/// Why progress could not be kept or read. Each is a sentence or two for the
/// learner; after none of them is anything lost that was kept before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The machine refused it.
    Refused {
        /// What was tried.
        doing: &'static str,
        path: PathBuf,
        /// `None` where the refusal came from no system call.
        errno: Option<Errno>,
    },
    /// Another process held the lock all the while.
    Busy { path: PathBuf, waited: Duration },
    /// The file is of a later socklab.
    Newer { path: PathBuf, version: u64 },
    /// A symbolic link leads to something that is no file: a device, a folder.
    NotAFile { path: PathBuf, target: PathBuf },
    /// The folder is full of files that were set aside.
    NoNameLeft { path: PathBuf },
}

impl Trouble {
    /// A refusal while `doing` something to `path`.
    pub(super) fn refused(
        doing: &'static str,
        path: &Path,
    ) -> impl FnOnce(io::Error) -> Trouble + use<> {
        let path = path.to_path_buf();
        move |error| Trouble::Refused {
            doing,
            path,
            errno: error.raw_os_error().map(Errno),
        }
    }

    /// The errno, where a system call was refused.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            Trouble::Refused { errno, .. } => *errno,
            _ => None,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Refused { doing, path, errno } => {
                write!(f, "{doing} {}: ", shown(path))?;
                match errno {
                    Some(errno) => write!(f, "{errno}: {}.", meaning(*errno))?,
                    None => f.write_str("it did not work.")?,
                }
            }
            Trouble::Busy { path, waited } => write!(
                f,
                "another socklab has held {} for {} s: it may be stopped (Ctrl-Z) or hang.",
                shown(path),
                waited.as_secs_f32()
            )?,
            Trouble::Newer { path, version } => write!(
                f,
                "the progress file {} has version {version}, and this socklab knows version {} only: it is left alone, and nothing is written to it.",
                shown(path),
                super::VERSION
            )?,
            Trouble::NotAFile { path, target } => write!(
                f,
                "the progress file {} is a link to {}, which is no regular file: it is left alone, and nothing is written to it.",
                shown(path),
                shown(target)
            )?,
            Trouble::NoNameLeft { path } => write!(
                f,
                "the progress file {} is damaged, and a thousand damaged ones stand beside it already: remove some.",
                shown(path)
            )?,
        }
        f.write_str(" Nothing that was kept before is lost.")
    }
}

impl std::error::Error for Trouble {}

/// What an errno of open(2), write(2), fsync(2), rename(2) or flock(2) means here.
fn meaning(errno: Errno) -> &'static str {
    match errno.0 {
        libc::ENOSPC => "the disk is full",
        libc::EDQUOT => "your share of the disk (the quota) is used up",
        libc::EFBIG => "the file would be larger than this process may write",
        libc::EROFS => "this file system is mounted read-only",
        libc::EACCES | libc::EPERM => "this user may not do that there",
        libc::ENOENT => "a folder on the way to it does not exist",
        libc::ENOTDIR => "something on the way to it is no folder",
        libc::EISDIR => "a folder stands where a file is needed",
        libc::EEXIST => "something else stands in its place",
        libc::ELOOP => "a symbolic link stands where none may, or they lead in a circle",
        libc::ENAMETOOLONG => "the name is longer than the file system allows",
        libc::EIO => "the disk reports an error",
        libc::EMFILE | libc::ENFILE => "too many files are open",
        libc::ENOLCK | libc::EOPNOTSUPP | libc::ENOSYS => {
            "this file system has no locks, and without one two runs would overwrite each other"
        }
        libc::ESTALE => "the file server no longer knows it",
        _ => "the kernel refused it",
    }
}

/// A path for a sentence: control characters would reach the terminal.
pub(super) fn shown(path: &Path) -> String {
    plain(&path.to_string_lossy())
}

/// Text of a file that anybody may have written, without control characters.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let escaped = c.is_control().then(|| c.escape_default());
            let as_is = escaped.is_none().then_some(c);
            escaped.into_iter().flatten().chain(as_is)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_where_which_and_why() {
        let error = io::Error::from_raw_os_error(libc::ENOSPC);
        let trouble = Trouble::refused("writing", Path::new("/h/progress.json"))(error);
        assert_eq!(
            trouble.to_string(),
            "writing /h/progress.json: ENOSPC (No space left on device): the disk is full. \
             Nothing that was kept before is lost."
        );
    }

    #[test]
    fn no_name_reaches_the_terminal_as_a_command() {
        assert_eq!(shown(Path::new("/a\x1b[2J\n/ü")), "/a\\u{1b}[2J\\n/ü");
    }
}
