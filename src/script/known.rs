//! Words that must be of a list.

/// The one of `known` that `name` calls so. The error says which there are.
pub(crate) fn known<'k, T>(
    what: &str,
    word: &str,
    known: &'k [T],
    name: impl Fn(&T) -> &str,
) -> Result<&'k T, String> {
    known.iter().find(|it| name(it) == word).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(&name).collect();
        format!("no {what} '{word}'; there are {}", names.join(", "))
    })
}
