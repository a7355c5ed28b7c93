//! The files of the course inside the binary.

use std::collections::HashMap;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};

use super::problem::SourceFile;
use super::translation::FOLDER;

/// The chapters that come with the program.
static CHAPTERS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/chapters");

/// Their texts by name: every start asks for dozens, and a `Dir` compares paths part by part.
static TEXTS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| texts(&CHAPTERS).collect());

fn texts(dir: &'static Dir<'_>) -> Box<dyn Iterator<Item = (&'static str, &'static str)>> {
    let own = dir.files();
    let own = own.filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)));
    Box::new(own.chain(dir.dirs().flat_map(texts)))
}

/// The text of one.
pub(super) fn text(name: &str) -> Result<String, String> {
    let text = TEXTS.get(name);
    text.map(|text| text.to_string())
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
    TEXTS.contains_key(name)
}

/// The languages that it is translated into.
pub(super) fn translations() -> Vec<String> {
    let folder = CHAPTERS.get_dir(FOLDER);
    let names = folder.into_iter().flat_map(Dir::dirs);
    let names = names.filter_map(|dir| dir.path().file_name()?.to_str());
    names.map(str::to_string).collect()
}
