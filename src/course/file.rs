//! Reads a file of a teacher's course, whatever stands in its place.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::problem::is_id;

/// In bytes: no chapter is as long as a book.
const LARGEST: u64 = 1 << 20;

/// The text of the file at `path`, with the line ends of Unix: an editor on Windows ends
/// lines in two characters (WSL2).
pub(super) fn read(path: &Path) -> io::Result<String> {
    // Looked at before, for to open a FIFO waits and to open a device has effects, and
    // after, for it may be another by then.
    must_be_text(&fs::metadata(path)?)?;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)?;
    must_be_text(&file.metadata()?)?;
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text)?;
    Ok(text.replace("\r\n", "\n"))
}

/// The folders in a folder; none where there is no such.
pub(super) fn folders(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    let names = folders.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| is_id(name)).collect();
    names.sort_unstable();
    names
}

fn must_be_text(found: &Metadata) -> io::Result<()> {
    if found.is_dir() {
        Err(io::Error::other("it is a folder"))
    } else if !found.is_file() {
        Err(io::Error::other("it is no regular file"))
    } else if found.len() > LARGEST {
        let size = found.len();
        Err(io::Error::other(format!(
            "it has {size} bytes; a file of a course has at most {LARGEST}"
        )))
    } else {
        Ok(())
    }
}
