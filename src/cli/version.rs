//! The version and its date.

use std::sync::LazyLock;

/// When this version was made: the date that CHANGELOG.md has for it, or else the one that
/// whoever builds gives (the package's script gives the commit's). No build asks git or a
/// clock: the same sources make the same program.
pub(super) const DATE: &str = match (
    released(CHANGELOG, HEADING.as_bytes()),
    option_env!("SOCKLAB_DATE"),
) {
    (Some(date), _) | (None, Some(date)) => date,
    (None, None) => "unreleased",
};

const CHANGELOG: &str = include_str!("../../CHANGELOG.md");
const HEADING: &str = concat!("\n## [", env!("CARGO_PKG_VERSION"), "] - ");

/// `0.1.0 (2026-11-27)`.
pub(super) static VERSION: LazyLock<String> =
    LazyLock::new(|| format!("{} ({DATE})", env!("CARGO_PKG_VERSION")));

/// The ten characters behind the heading, at the time of compiling: the text itself is not
/// needed in the program.
const fn released(text: &'static str, heading: &[u8]) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at + heading.len() + 10 <= bytes.len() {
        let (_, rest) = bytes.split_at(at);
        let mut same = 0;
        while same < heading.len() && rest[same] == heading[same] {
            same += 1;
        }
        if same == heading.len() {
            let (_, date) = rest.split_at(same);
            let (date, _) = date.split_at(10);
            return match str::from_utf8(date) {
                Ok(date) => Some(date),
                Err(_) => None,
            };
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::released;

    #[test]
    fn the_date_stands_behind_the_version() {
        let text = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n## [0.1.0]";
        let of = |version: &str| released(text, format!("\n## [{version}] - ").as_bytes());
        assert_eq!(of("0.2.0"), Some("2026-12-01"));
        assert_eq!((of("0.1.0"), of("0.3.0")), (None, None));
    }
}
