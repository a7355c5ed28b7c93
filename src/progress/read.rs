use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde_json::Value;

use super::types::{Progress, VERSION};

/// What stands at the file's place.
#[derive(Debug, PartialEq)]
pub enum Found {
    /// Nothing.
    Missing,
    /// Progress.
    Good(Progress),
    /// A file of a later socklab, of this version.
    Newer(u64),
    /// A file that is no progress, and why.
    Damaged(String),
    /// No regular file, but this.
    NotAFile(&'static str),
}

/// More than all chapters and beliefs could ever fill.
const LARGEST: u64 = 4 << 20;

/// Reads and judges the file at `path`, which is no symbolic link.
pub fn read(path: &Path) -> io::Result<Found> {
    // Looked at before it is opened: to open a device can have effects.
    match fs::metadata(path) {
        Ok(found) if found.is_file() => {}
        Ok(found) if found.is_dir() => return Ok(Found::NotAFile("it is a folder")),
        Ok(_) => return Ok(Found::NotAFile("it is no regular file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing),
        Err(error) => return Err(error),
    }
    // Not blocking, should it have become a FIFO since.
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path);
    let file = match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing),
        opened => opened?,
    };
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(judge(&bytes))
}

fn judge(bytes: &[u8]) -> Found {
    let damaged = |why: String| Found::Damaged(super::trouble::plain(&why));
    if bytes.is_empty() {
        return damaged("it is empty".into());
    }
    if bytes.len() as u64 > LARGEST {
        return damaged(format!("it is larger than {LARGEST} bytes"));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return damaged("it is not UTF-8 text".into());
    };
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => return damaged(format!("it is not JSON: {error}")),
    };
    // The version first: it decides what the rest should look like.
    match value.get("version").map(Value::as_u64) {
        Some(Some(VERSION)) => {}
        Some(Some(newer)) if newer > VERSION => return Found::Newer(newer),
        _ => return damaged("it has no version that any socklab wrote".into()),
    }
    // From the text again, for the error's line and column.
    match serde_json::from_str(text) {
        Ok(progress) => Found::Good(progress),
        Err(error) => damaged(format!("it is not laid out as progress is: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_damage_is_named() {
        let judged = |text: &str| match judge(text.as_bytes()) {
            Found::Damaged(why) => why,
            other => format!("{other:?}"),
        };
        for (text, why) in [
            ("", "empty"),
            ("{", "not JSON: EOF"),
            ("{} {}", "not JSON: trailing"),
            ("[]", "no version"),
            ("{}", "no version"),
            ("{\"version\": 0}", "no version"),
            ("{\"version\": -1}", "no version"),
            ("{\"version\": \"1\"}", "no version"),
            ("{\"version\": 1, \"chapters\": []}", "not laid out"),
            (
                "{\"version\": 1, \"beliefs\": {\"a\": 1}}",
                "line 1 column 33",
            ),
            (
                "{\"version\": 1, \"beliefs\": {\"a\": {\"met\": -1, \"missed\": 0, \"right\": 0}}}",
                "not laid out",
            ),
            (
                "{\"version\": 1, \"beliefs\": {\"a\": {\"met\": 1, \"missed\": 0, \"right\": 0, \"last\": \"\\u001b[2J\"}}}",
                "\\u{1b}[2J",
            ),
        ] {
            assert!(judged(text).contains(why), "{text}: {}", judged(text));
        }
        assert!(judged(&"[".repeat(100_000)).contains("recursion"));
        let long = " ".repeat(5 << 20);
        assert!(judged(&long).contains("larger"));
        let latin = Found::Damaged("it is not UTF-8 text".into());
        assert_eq!(judge(b"{\"version\": 1, \"\xfc\": 1}"), latin);
    }

    #[test]
    fn a_later_version_is_no_damage() {
        let newer = judge(b"{\"version\": 2, \"chapters\": [\"laid out anew\"]}");
        assert_eq!(newer, Found::Newer(2));
        let bare = judge(b"{\"version\": 1}");
        assert_eq!(bare, Found::Good(Progress::default()));
    }
}
