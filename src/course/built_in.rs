//! The files of the course inside the binary.

use lz4_flex::block::decompress;

use super::problem::SourceFile;
use super::translation::FOLDER;

/// In the order of their names: the name of each, the length of its text in bytes, and
/// the text, compressed. build.rs has put them there.
static FILES: &[(&str, usize, &[u8])] = include!(concat!(env!("OUT_DIR"), "/course.rs"));

fn place(name: &str) -> Option<usize> {
    FILES.binary_search_by_key(&name, |file| file.0).ok()
}

/// The text of one.
pub(super) fn text(name: &str) -> Result<String, String> {
    let (_, len, packed) = place(name)
        .map(|place| FILES[place])
        .ok_or("not embedded")?;
    let text = decompress(packed, len).map_err(|error| error.to_string())?;
    String::from_utf8(text).map_err(|error| error.to_string())
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
    place(name).is_some()
}

/// The languages that it is translated into.
pub(super) fn translations() -> Vec<String> {
    let below = |name: &'static str| name.strip_prefix(FOLDER)?.strip_prefix('/');
    let names = FILES
        .iter()
        .filter_map(|file| below(file.0)?.split_once('/'));
    let mut languages: Vec<String> = names.map(|(language, _)| language.into()).collect();
    languages.dedup();
    languages
}
