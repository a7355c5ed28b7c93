use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use crate::model::UnixAddr;
use crate::sys::Janitor;

/// The file that a bind has made. Closing the socket leaves it, as every program
/// does that does not remove it; a lesson leaves nothing, however it ends.
pub struct Leftover {
    path: PathBuf,
    inode: u64,
    /// For the case that this process is killed. Without it (no process to be had)
    /// the file is removed in all other cases.
    _janitor: Option<Janitor>,
}

impl Leftover {
    /// Of the file that was just made at `path`; `None` if there is none.
    pub fn at(path: UnixAddr) -> Option<Leftover> {
        let path = path.as_path().to_path_buf();
        let inode = fs::symlink_metadata(&path).ok()?.ino();
        let janitor = Janitor::start(&path, inode).ok();
        Some(Leftover {
            path,
            inode,
            _janitor: janitor,
        })
    }

    /// Removes the file if it is still that one, and says whether it did.
    pub fn remove(&self) -> bool {
        let still = fs::symlink_metadata(&self.path).is_ok_and(|now| now.ino() == self.inode);
        still && fs::remove_file(&self.path).is_ok()
    }

    /// Where it is, or was.
    pub fn path(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }
}

impl Drop for Leftover {
    fn drop(&mut self) {
        self.remove();
    }
}
