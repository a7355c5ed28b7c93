use std::ffi::CString;
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::heir::{self, Heir};

/// Removes a file if this process is killed: unlink(2) by one that outlives it.
/// Dropping it leaves the file alone.
pub struct Janitor {
    _heir: Heir,
}

impl Janitor {
    /// Watches over the file at `path`, as long as it is the one of that inode.
    ///
    /// Must be called while this process has one thread.
    pub fn start(path: &Path, inode: u64) -> io::Result<Janitor> {
        let path = CString::new(path.as_os_str().as_bytes())?;
        let heir = Heir::start(|pipe| {
            while heir::next_word(pipe).is_some() {}
            let mut status = MaybeUninit::<libc::stat>::uninit();
            // SAFETY: `path` ends with a null byte; lstat fills `status` in if it
            // gives 0, and only then it is read.
            unsafe {
                if libc::lstat(path.as_ptr(), status.as_mut_ptr()) == 0
                    && u128::from(status.assume_init().st_ino) == u128::from(inode)
                {
                    libc::unlink(path.as_ptr());
                }
            }
        })?;
        Ok(Janitor { _heir: heir })
    }
}
