//! What an errno means for a call, what to do about it, and what ends a wait: the
//! texts of explain.toml, each found by its topic.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::texts::TextFile;
use super::topic::{Topic, kind, words_of};
use crate::model::{Diagnosis, Failure, Fault, Finding, Syscall, TcpState};
use crate::words::fill;

/// The explanations of a course. They are parsed when something is to be explained:
/// at the start of a run nothing is.
#[derive(Debug)]
pub(crate) struct Explanations {
    /// The built-in ones, and behind them a teacher's, which win where both fit.
    pub(super) files: Vec<TextFile>,
    entries: OnceCell<Vec<(String, Texts)>>,
}

/// What a file says, by the words of the topic.
pub(super) type Entries = BTreeMap<Spanned<String>, Texts>;

/// What is said of one topic. What is left out, a more general entry says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Texts {
    /// What it means, in a sentence.
    means: Option<Spanned<String>>,
    /// What was found out by looking, in a sentence.
    found: Option<Spanned<String>>,
    /// What to do, a sentence each.
    #[serde(rename = "do")]
    advice: Option<Vec<Spanned<String>>>,
    /// What a call does, and a line that makes it.
    about: Option<Spanned<String>>,
    example: Option<Spanned<String>>,
    /// The id of the chapter that tells more.
    pub(super) read: Option<Spanned<String>>,
}

impl Texts {
    /// All its texts.
    pub(super) fn all(&self) -> impl Iterator<Item = &Spanned<String>> {
        let advice = self.advice.iter().flatten();
        let about = self.about.iter().chain(&self.example);
        self.means
            .iter()
            .chain(&self.found)
            .chain(advice)
            .chain(about)
    }
}

impl Explanations {
    /// Those of the files, the last of which wins where several fit as closely.
    pub(super) fn new(files: Vec<TextFile>) -> Explanations {
        let entries = OnceCell::new();
        Explanations { files, entries }
    }

    /// Explains a failed call by what was found out about it, the surest cause first.
    pub(crate) fn failure(&self, topic: &Topic<'_>, found: &[Finding]) -> Failure {
        let of = |finding| topic.with(finding);
        let looks = found.iter().map(|finding| of(Some(finding)));
        let first = of(found.first());
        let holders = found.iter().filter_map(|finding| finding.holder.clone());
        Failure {
            call: topic.call.cloned(),
            errno: topic.errno,
            meaning: self
                .text(&first, |texts| texts.means.as_ref())
                .unwrap_or_default(),
            found: looks
                .filter_map(|it| self.text(&it, |texts| texts.found.as_ref()))
                .collect(),
            advice: self.advice(&first),
            holders: holders.collect(),
        }
    }

    /// What is said of a call that has not returned: why, and what ends the wait.
    pub(crate) fn hint(&self, topic: &Topic<'_>) -> String {
        let blocked = Finding::new("blocked", []);
        let topic = topic.with(Some(&blocked));
        let why = self.text(&topic, |texts| texts.means.as_ref());
        let advice = self.advice(&topic).join("; ");
        let parts = [why.unwrap_or_default(), advice];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(": ")
    }

    /// What a line with that verb does, and such a line; or else what its call does: send
    /// and sendto are one call of the kernel's.
    pub(crate) fn about(&self, verb: &str, call: &Syscall) -> Option<(&str, &str)> {
        let of = |name: &str| {
            let words = [name.to_string()];
            let about = self.closest(&words, |texts| texts.about.as_ref())?;
            let example = self.closest(&words, |texts| texts.example.as_ref())?;
            Some((about.get_ref().as_str(), example.get_ref().as_str()))
        };
        // dup2 is dup to a number of one's own.
        let bare = call
            .book_name
            .trim_end_matches(|c: char| c.is_ascii_digit());
        of(verb)
            .or_else(|| of(call.book_name))
            .or_else(|| of(call.does()))
            .or_else(|| of(bare))
    }

    /// A state of a socket in words.
    pub(crate) fn state(&self, state: TcpState) -> &str {
        let said = self.closest(&[state.name().into()], |texts| texts.means.as_ref());
        said.map_or("", |text| text.get_ref())
    }

    /// What is said of something that looks wrong with a program.
    pub(crate) fn diagnosis(&self, fault: Fault) -> Diagnosis {
        let words = [fault.finding.word.to_string()];
        let value = |name: &str| {
            let mut values = fault.finding.values.iter();
            let (_, value) = values.find(|(known, _)| *known == name)?;
            Some(value.clone())
        };
        let said = |text: &Spanned<String>| fill(text.get_ref(), value);
        let means = self.closest(&words, |texts| texts.means.as_ref());
        let advice = self.closest(&words, |texts| texts.advice.as_ref());
        let chapter = self.closest(&words, |texts| texts.read.as_ref());
        Diagnosis {
            meaning: means.map_or_else(String::new, said),
            advice: advice.into_iter().flatten().map(said).collect(),
            chapter: chapter.map(|id| id.get_ref().clone()),
            is_known: false,
            fault,
        }
    }

    fn text(
        &self,
        topic: &Topic<'_>,
        pick: fn(&Texts) -> Option<&Spanned<String>>,
    ) -> Option<String> {
        Some(topic.fill(self.closest(&topic.words(), pick)?.get_ref()))
    }

    fn advice(&self, topic: &Topic<'_>) -> Vec<String> {
        let lines = self.closest(&topic.words(), |texts| texts.advice.as_ref());
        let lines = lines.into_iter().flatten();
        lines.map(|line| topic.fill(line.get_ref())).collect()
    }

    /// What the closest entry says that says such a thing at all.
    fn closest<T>(&self, words: &[String], pick: fn(&Texts) -> Option<&T>) -> Option<&T> {
        let fitting = self.entries().iter().filter_map(|(key, texts)| {
            let said = pick(texts)?;
            Some((closeness(key, words)?, said))
        });
        let (_, said) = fitting.max_by_key(|(closeness, _)| *closeness)?;
        Some(said)
    }

    /// The files were checked when the course was; one that cannot be read says nothing.
    fn entries(&self) -> &[(String, Texts)] {
        self.entries.get_or_init(|| {
            let files = self.files.iter().filter_map(|file| file.parse().ok());
            let entries = files.flat_map(Entries::into_iter);
            entries
                .map(|(key, texts)| (key.into_inner(), texts))
                .collect()
        })
    }
}

/// How closely a key fits the words of a topic: by how many kinds of words, and which.
/// Words of one kind are alternatives. `None` if it does not fit.
fn closeness(key: &str, topic: &[String]) -> Option<(u32, u32)> {
    let (mut asked, mut met) = (0u32, 0u32);
    for word in words_of(key) {
        let number = kind(word)?;
        asked |= 1 << number;
        if topic.iter().any(|known| known == word) {
            met |= 1 << number;
        }
    }
    (asked == met).then_some((asked.count_ones(), asked))
}

#[cfg(test)]
mod tests {
    use super::closeness;

    #[test]
    fn the_more_kinds_of_words_fit_the_closer_is_an_entry() {
        let words = ["sendto", "ENOENT", "unix", "dgram", "server"];
        let topic: Vec<String> = words.map(String::from).into();
        let keys = [
            "any",
            "ENOENT",
            "connect sendto ENOENT",
            "sendto ENOENT unix",
            "sendto unix ENOENT EPERM dgram",
            "sendto ENOENT unix server",
        ];
        let close = keys.map(|key| closeness(key, &topic).unwrap());
        assert!(close.is_sorted_by(|one, next| one < next), "{close:?}");
        let others = [
            "connect ENOENT",
            "sendto EPERM",
            "inet",
            "left",
            "sendto bnid",
        ];
        assert_eq!(others.map(|key| closeness(key, &topic)), [None; 5]);
    }
}
