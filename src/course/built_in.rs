//! The files of the course inside the binary.

use include_dir::{Dir, include_dir};

use super::problem::SourceFile;
use super::translation::FOLDER;

/// The chapters that come with the program.
static CHAPTERS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/chapters");

/// The text of one.
pub(super) fn text(name: &str) -> Result<String, String> {
    let file = CHAPTERS.get_file(name);
    let text = file.and_then(|file| file.contents_utf8());
    text.map(str::to_string)
        .ok_or_else(|| "not embedded".into())
}

/// One of them; empty where there is none.
pub(super) fn file(name: &str) -> SourceFile {
    SourceFile {
        file: name.into(),
        text: text(name).unwrap_or_default(),
    }
}

/// Is there one of that name?
pub(super) fn has(name: &str) -> bool {
    CHAPTERS.contains(name)
}

/// The languages that it is translated into.
pub(super) fn translations() -> Vec<String> {
    let folder = CHAPTERS.get_dir(FOLDER);
    let names = folder.into_iter().flat_map(Dir::dirs);
    let names = names.filter_map(|dir| dir.path().file_name()?.to_str());
    names.map(str::to_string).collect()
}
