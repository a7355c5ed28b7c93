//! Why progress could not be kept or read, in words for the learner.

use std::io;
use std::path::Path;

use crate::model::Errno;

/// Says what was refused while `doing` something to `path`. An error without an errno
/// says in words what is wrong with the file.
pub(super) fn refused(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> String {
    let tried = format!("{doing} {}", path.display());
    move |error| match error.raw_os_error() {
        Some(code) => {
            let (errno, meaning) = (Errno(code), meaning(code));
            format!(
                "{tried}: {errno}: {meaning}. XDG_STATE_HOME can name another folder. Nothing that was kept before is lost."
            )
        }
        None => {
            format!("{tried}: {error}. It is left as it is; socklab progress reset moves it aside.")
        }
    }
}

/// What an errno of open(2), write(2), fsync(2), mkdir(2) or rename(2) means here.
fn meaning(errno: i32) -> &'static str {
    match errno {
        libc::ENOSPC => "the disk is full",
        libc::EDQUOT => "your share of the disk (the quota) is used up",
        libc::EFBIG => "the file would be larger than this process may write",
        libc::EROFS => "this file system is mounted read-only",
        libc::EACCES | libc::EPERM => "this user may not do that there",
        libc::ENOENT => "a folder on the way to it does not exist",
        libc::ENOTDIR => "something on the way to it is no folder",
        libc::EEXIST => "something that is no folder stands in the way",
        libc::ELOOP => "symbolic links lead in a circle",
        libc::EIO => "the disk reports an error",
        _ => "the kernel refused it",
    }
}
