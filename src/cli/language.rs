//! Which language of people a lesson is told in.

use std::ffi::{OsStr, OsString};

use super::early::values;

/// The one that was asked for, of these translations; `None` is English, which every
/// course falls back to.
pub(crate) fn language(argv: &[OsString], translations: &[String]) -> Option<String> {
    let mut given = values(argv, "--lang").map(OsStr::to_string_lossy);
    let by_option = given.find_map(|word| meant(&word, translations).filter(|_| !is_c(&word)));
    by_option.unwrap_or_else(|| by_environment(&|name| std::env::var(name).ok(), translations))
}

/// Of `--lang` it is the language C, not the locale.
pub(super) fn is_c(word: &str) -> bool {
    word.eq_ignore_ascii_case("c")
}

/// The language that a word such as `de_DE.UTF-8` means here: `Some(None)` is English,
/// `None` none that there is.
pub(super) fn meant(word: &str, translations: &[String]) -> Option<Option<String>> {
    let name = word.split(['.', '@']).next().unwrap_or_default();
    let name = name.to_ascii_lowercase().replace('_', "-");
    let bare = name.split('-').next().unwrap_or_default();
    if matches!(bare, "c" | "posix" | "en") {
        return Some(None);
    }
    let known = |wanted: &str| translations.iter().find(|known| *known == wanted).cloned();
    let found = known(&name).or_else(|| known(bare))?;
    Some(Some(found))
}

/// The variable that says the locale in that category, and what it says: locale(7).
pub(super) fn locale_of(
    category: &'static str,
    set: &dyn Fn(&str) -> Option<String>,
) -> Option<(&'static str, String)> {
    let names = ["LC_ALL", category, "LANG"].into_iter();
    let mut known = names.filter_map(|name| Some((name, set(name)?)));
    known.find(|(_, value)| !value.is_empty())
}

/// What the locale asks for, by the rules of gettext: LANGUAGE counts only where the locale
/// is not that of C.
fn by_environment(set: &dyn Fn(&str) -> Option<String>, translations: &[String]) -> Option<String> {
    let (_, locale) = locale_of("LC_MESSAGES", set)?;
    if matches!(locale.split('.').next(), Some("C" | "POSIX")) {
        return None;
    }
    let list = set("LANGUAGE").filter(|list| !list.is_empty());
    let list = list.unwrap_or(locale);
    let mut asked = list.split(':').filter_map(|word| meant(word, translations));
    asked.next().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_counts_as_with_gettext() {
        let there = ["de", "fr", "pt-br"].map(String::from);
        for (set, wanted) in [
            (&[][..], None),
            (&[("LANG", "de_DE.UTF-8")], Some("de")),
            (&[("LANG", "de_AT@euro")], Some("de")),
            (&[("LANG", "pt_BR.UTF-8")], Some("pt-br")),
            (&[("LANG", "pt_PT.UTF-8")], None),
            (&[("LANG", "en_GB.UTF-8")], None),
            (&[("LANG", "ja_JP.UTF-8")], None),
            (&[("LANG", "de_DE"), ("LC_ALL", "C.UTF-8")], None),
            (&[("LANG", "de_DE"), ("LC_ALL", "")], Some("de")),
            (&[("LANG", "en_US"), ("LC_MESSAGES", "de_DE")], Some("de")),
            (&[("LANG", "de_DE"), ("LC_MESSAGES", "POSIX")], None),
            (&[("LANG", "en_US"), ("LANGUAGE", "ja:fr:de")], Some("fr")),
            (&[("LANG", "de_DE"), ("LANGUAGE", "en:de")], None),
            (&[("LANG", "C"), ("LANGUAGE", "de")], None),
            (&[("LANGUAGE", "de")], None),
        ] {
            let value = |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name)?;
                Some(found.1.to_string())
            };
            let found = by_environment(&value, &there);
            assert_eq!(found.as_deref(), wanted, "{set:?}");
        }
    }
}
