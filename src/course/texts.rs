//! A file of TOML that says something to learners, and the same texts in another language.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::de::{DeArray, DeTable, DeValue};

use super::problem::{Problem, SourceFile};

/// The keys under which texts stand. What stands under others is no prose.
const TEXTS: [&str; 6] = ["title", "means", "found", "do", "about", "hint"];

/// A file of TOML, and what takes the place of its texts.
#[derive(Debug)]
pub(crate) struct TextFile {
    pub own: SourceFile,
    /// Its translations, the last of which wins: that of the built-in file, and a teacher's.
    pub said: Vec<SourceFile>,
}

/// A text, or a list of them, where it stands in a file.
struct Text {
    span: Range<usize>,
    /// As TOML, which JSON is here.
    quoted: String,
    is_list: bool,
}

/// Texts by the way to them. An entry of a list of tables goes by its `id`.
type Texts = BTreeMap<Vec<String>, Text>;

impl TextFile {
    /// What it says, in the learner's language.
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        self.merged().parse()
    }

    /// The file itself with the texts of its translations. A line stays where it is.
    pub(super) fn merged(&self) -> Cow<'_, SourceFile> {
        if self.said.is_empty() {
            return Cow::Borrowed(&self.own);
        }
        let mut said = self.translated();
        let own = texts(&self.own).into_iter();
        let mut places: Vec<(Range<usize>, String)> = own
            .filter_map(|(key, own)| {
                let said = said.remove(&key)?;
                (said.is_list == own.is_list).then_some((own.span, said.quoted))
            })
            .collect();
        // From the end, so that the places before stay.
        places.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        let mut merged = self.own.clone();
        for (span, quoted) in places {
            merged.text.replace_range(span, &quoted);
        }
        Cow::Owned(merged)
    }

    /// Both as they were read.
    pub(super) fn files(&self) -> impl Iterator<Item = &SourceFile> {
        std::iter::once(&self.own).chain(&self.said)
    }

    /// What is wrong with its translations: what cannot be read, or stands in the place of
    /// nothing.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let own = texts(&self.own);
        let mut problems = Vec::new();
        for file in &self.said {
            problems.extend(file.parse::<toml::Table>().err());
            for (key, said) in texts(file) {
                if own.get(&key).is_none_or(|own| own.is_list != said.is_list) {
                    let message = format!("there is no {} that this translates", name(&key));
                    let start = said.span.start;
                    problems.push(Problem::at(&file.file, &file.text, start, message));
                }
            }
        }
        problems
    }

    /// What its translations do not say.
    pub(super) fn lacks(&self) -> Vec<String> {
        let said = self.translated();
        let own = texts(&self.own).into_iter();
        let lacking = own.filter(|(key, own)| own.quoted != "[]" && !said.contains_key(key));
        lacking.map(|(key, _)| name(&key)).collect()
    }

    fn translated(&self) -> Texts {
        self.said.iter().flat_map(texts).collect()
    }
}

/// `means of 'bind EACCES'`
fn name(key: &[String]) -> String {
    match key {
        [of @ .., text] if !of.is_empty() => format!("{text} of '{}'", of.join(" ")),
        _ => key.join(" "),
    }
}

/// The texts of a file; none of one that cannot be read.
fn texts(file: &SourceFile) -> Texts {
    let mut found = Texts::new();
    if let Ok(table) = DeTable::parse(&file.text) {
        collect(table.get_ref(), &[], &mut found);
    }
    found
}

fn collect(table: &DeTable<'_>, way: &[String], found: &mut Texts) {
    for (key, value) in table {
        let way = [way, &[key.get_ref().to_string()]].concat();
        let is_text = TEXTS.contains(&key.get_ref().as_ref());
        let mut keep = |quoted: Option<String>, is_list| {
            if let Some(quoted) = quoted.filter(|_| is_text) {
                let span = value.span();
                let text = Text {
                    span,
                    quoted,
                    is_list,
                };
                found.insert(way.clone(), text);
            }
        };
        match value.get_ref() {
            DeValue::String(text) => keep(serde_json::to_string(text).ok(), false),
            DeValue::Array(list) if list.iter().all(|it| it.get_ref().is_str()) => {
                keep(quoted(list), true);
            }
            DeValue::Array(list) => {
                for entry in list.iter().filter_map(|it| it.get_ref().as_table()) {
                    let id = entry.get("id").and_then(|id| id.get_ref().as_str());
                    collect(entry, &[id.unwrap_or_default().to_string()], found);
                }
            }
            DeValue::Table(table) => collect(table, &way, found),
            _ => {}
        }
    }
}

fn quoted(list: &DeArray<'_>) -> Option<String> {
    let texts: Vec<&str> = list.iter().filter_map(|it| it.get_ref().as_str()).collect();
    serde_json::to_string(&texts).ok()
}
