use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::place::{folder_of, own_like};

/// Replaces the file at `path` as a whole: a reader sees the old text or the new
/// one, also after a power cut (rename(2), fsync(2)). The lock must be held.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let (mut file, temporary) = Temporary::create(path)?;
    file.write_all(text.as_bytes())?;
    match fs::metadata(path) {
        Ok(old) => {
            let mode = old.mode() & 0o777;
            if file.metadata()?.mode() & 0o777 != mode {
                // Where modes cannot be set it stays the owner's alone.
                let _ = file.set_permissions(fs::Permissions::from_mode(mode));
            }
            own_like(&file, &old);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            own_like(&file, &fs::metadata(folder_of(path))?);
        }
        Err(error) => return Err(error),
    }
    // Here a full disk that write(2) did not notice comes out.
    file.sync_all()?;
    temporary.rename(path)?;
    sync_folder(path);
    Ok(())
}

/// Makes a rename or a removal beside `path` last. Some file systems have no such
/// thing, and everybody sees the change already: a failure changes nothing.
pub fn sync_folder(path: &Path) {
    let _ = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
}

/// Removes what killed writers left. With the lock held nobody writes now.
pub fn sweep(path: &Path) {
    let prefix = prefix(path);
    let Ok(entries) = fs::read_dir(folder_of(path)) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().as_bytes().starts_with(prefix.as_bytes()) {
            // Litter that stays does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// `progress.json.tmp-`
fn prefix(path: &Path) -> OsString {
    let mut name = path
        .file_name()
        .unwrap_or(OsStr::new("progress"))
        .to_owned();
    name.push(".tmp-");
    name
}

/// The new text's file until it has its name: gone if anything fails before.
struct Temporary {
    path: PathBuf,
    named: bool,
}

impl Temporary {
    /// A file of its own in the folder of `path`: a rename crosses no file system.
    fn create(path: &Path) -> io::Result<(File, Temporary)> {
        let mut name = prefix(path);
        name.push(std::process::id().to_string());
        let path = folder_of(path).join(name);
        // With O_EXCL no file and no link of somebody else's is written to. The
        // name is free: the sweep took those of processes that had this pid.
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok((file, Temporary { path, named: false }))
    }

    fn rename(mut self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)?;
        self.named = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.named {
            // What stays is swept by the next run.
            let _ = fs::remove_file(&self.path);
        }
    }
}
