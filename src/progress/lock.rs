use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use super::place::{folder_of, own_like};
use super::trouble::Trouble;

/// How long to wait before the lock is tried again.
const AGAIN: Duration = Duration::from_millis(5);

/// The right to change the progress file: flock(2) on a file of its own, which
/// stays where it is when the progress file is replaced. The kernel gives it back
/// when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Takes it, waiting at most for `patience`.
    pub fn take(path: &Path, patience: Duration) -> Result<Lock, Trouble> {
        let refused = |error| Trouble::refused("locking", path)(error);
        let began = Instant::now();
        let mut file = open(path).map_err(refused)?;
        loop {
            match file.try_lock() {
                Ok(()) if is_at(&file, path) => return Ok(Lock { file }),
                // Somebody removed the file while we waited: another run would
                // lock a new one.
                Ok(()) => file = open(path).map_err(refused)?,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(refused(error)),
            }
            if began.elapsed() >= patience {
                return Err(Trouble::Busy {
                    path: path.into(),
                    waited: patience,
                });
            }
            // flock(2) itself waits for ever, and no signal may end this wait.
            std::thread::sleep(AGAIN);
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Said, not left to close(2): a process forked meanwhile may hold a copy
        // of the descriptor. There is nothing to do about a failure.
        let _ = self.file.unlock();
    }
}

fn open(path: &Path) -> io::Result<File> {
    let options = |new: bool| {
        OpenOptions::new()
            .read(true)
            // NFS makes an fcntl(2) lock of flock(2), which wants to write.
            .write(true)
            .create_new(new)
            .mode(0o600)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
            .open(path)
    };
    match options(false) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        opened => return opened,
    }
    match options(true) {
        Ok(file) => {
            if let Ok(folder) = fs::metadata(folder_of(path)) {
                own_like(&file, &folder);
            }
            Ok(file)
        }
        // Another run was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => options(false),
        Err(error) => Err(error),
    }
}

/// Whether the open file is the one that stands at `path`.
fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(file), Ok(path)) => (file.dev(), file.ino()) == (path.dev(), path.ino()),
        _ => false,
    }
}
