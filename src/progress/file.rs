//! A regular file that is read whole and only appended to, never through a link.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::Path;

/// In bytes: more than a life of lessons fills.
const LARGEST: u64 = 4 << 20;

/// All that is in the file; nothing if there is none.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match open(path, OpenOptions::new().read(true)) {
        Ok(file) => file.take(LARGEST).read_to_end(&mut bytes).map(|_| bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(bytes),
        Err(error) => Err(error),
    }
}

/// Adds whole lines by one write(2): with O_APPEND the kernel lets no other run in
/// between. Makes the file and its folder where they are missing. Gives the file,
/// to be synced.
pub(super) fn append(path: &Path, lines: &str) -> io::Result<File> {
    let mut file = create_or_open(path)?;
    let mut last = [b'\n'];
    let size = file.metadata()?.len();
    if size > 0 {
        file.read_at(&mut last, size - 1)?;
    }
    // A run that was killed, or a disk that was full, may have left half a line.
    let apart = if last == [b'\n'] { "" } else { "\n" };
    file.write_all(format!("{apart}{lines}").as_bytes())?;
    Ok(file)
}

fn create_or_open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).mode(0o600);
    match options.clone().create_new(true).open(path) {
        Ok(file) => {
            own_like_folder(&file, path)?;
            Ok(file)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => open(path, &mut options),
        Err(error) => Err(error),
    }
}

/// Opens a file that is there. It is looked at before, because to open a FIFO or a
/// device has effects, and after, because it may be another by then.
fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    must_be_plain(&fs::symlink_metadata(path)?)?;
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = options.custom_flags(flags).open(path)?;
    must_be_plain(&file.metadata()?)?;
    Ok(file)
}

fn must_be_plain(found: &Metadata) -> io::Result<()> {
    let kind = found.file_type();
    let why = if kind.is_symlink() {
        "it is a symbolic link, and none is followed"
    } else if !kind.is_file() {
        "it is no regular file"
    } else if found.nlink() > 1 {
        "it is a hard link: the same file has another name"
    } else if found.len() > LARGEST {
        "it is larger than 4 MiB, which progress never is"
    } else {
        return Ok(());
    };
    Err(io::Error::other(why))
}

/// Makes the folder and those above it that are missing, mode 0700 as the XDG
/// specification says.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let missing = folder.ancestors().take_while(|path| !path.exists());
    for path in missing.collect::<Vec<_>>().into_iter().rev() {
        match DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => {
                let mut options = OpenOptions::new();
                options.custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW);
                own_like_folder(&options.read(true).open(path)?, path)?;
            }
            // Another run was faster.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Gives what was just made at `path` to the owner of the folder that it stands in.
/// With `sudo` for a port below 1024 HOME may stay the learner's, who must be able to
/// write there the next time.
fn own_like_folder(made: &File, path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        let folder = fs::metadata(folder)?;
        if made.metadata()?.uid() != folder.uid() {
            // Only root may; for anybody else it stays as it is.
            let _ = fchown(made, Some(folder.uid()), Some(folder.gid()));
        }
    }
    Ok(())
}
