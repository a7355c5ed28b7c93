//! The reader of the sources finds what it is to find.

use super::circles::circle;
use super::functions::functions;
use super::imports::uses;
use super::sources::Source;

/// Which file uses which, as `a.rs -> b.rs`.
fn used(files: &[(&str, &str)]) -> Vec<String> {
    let sources: Vec<Source> = files
        .iter()
        .map(|(name, text)| Source::new(name, text))
        .collect();
    let name = |at: usize| sources[at].name.clone();
    let uses = uses(&sources);
    uses.iter()
        .map(|one| format!("{} -> {}", name(one.from), name(one.to)))
        .collect()
}

#[test]
fn a_re_export_is_followed_to_the_file_that_defines() {
    let uses = used(&[
        ("lib.rs", "mod a;\nmod b;\n"),
        (
            "a/mod.rs",
            "mod one;\nmod two;\npub use one::{Thing, other as renamed};\n",
        ),
        ("a/one.rs", "pub struct Thing; pub fn other() {}"),
        ("a/two.rs", "use super::Thing;\n"),
        ("b.rs", "fn f() { crate::a::renamed() }\n"),
    ]);
    assert_eq!(uses, ["a/two.rs -> a/one.rs", "b.rs -> a/one.rs"]);
}

#[test]
fn every_way_to_name_a_file_is_read() {
    let uses = used(&[
        ("lib.rs", ""),
        ("a/mod.rs", "mod one;\nmod two;\nfn f() { one::f() }\n"),
        ("a/one.rs", "use super::{two::{self, g}, three as four};\n"),
        (
            "a/two.rs",
            "use crate::{\n    b::deep::{x, y},\n    error::*,\n};\n",
        ),
        ("a/three.rs", "fn f() { super::super::error::f() }\n"),
        ("b/mod.rs", "mod deep;\npub use deep::x;\nfn f() { x() }\n"),
        (
            "b/deep.rs",
            "fn f() { let text = \"crate::a::one\"; } // crate::a\n",
        ),
        (
            "error.rs",
            "#[cfg(test)]\nmod tests { use super::super::a::one; }\n",
        ),
    ]);
    let expected = [
        "a/mod.rs -> a/one.rs",
        "a/one.rs -> a/two.rs",
        "a/one.rs -> a/three.rs",
        "a/two.rs -> b/deep.rs",
        "a/two.rs -> error.rs",
        "a/three.rs -> error.rs",
        "b/mod.rs -> b/deep.rs",
    ];
    assert_eq!(uses, expected);
}

#[test]
fn circles_of_two_and_more_are_found() {
    let files = [
        ("lib.rs", ""),
        ("a/mod.rs", "pub use one::X;"),
        ("a/one.rs", "use super::two::Y;"),
        ("a/two.rs", "use super::three::Z;"),
        ("a/three.rs", "use super::X;"),
        ("a/four.rs", "use super::X;"),
    ];
    let sources = files.map(|(name, text)| Source::new(name, text));
    let uses = uses(&sources);
    let circles = [1, 2, 3, 4, 5].map(|file| circle(file, &uses));
    let of_three = [vec![2, 3, 4, 2], vec![3, 4, 2, 3], vec![4, 2, 3, 4]].map(Some);
    assert_eq!(circles[1..4], of_three);
    assert_eq!((&circles[0], &circles[4]), (&None, &None));
}

#[test]
fn functions_are_measured_without_what_they_quote() {
    let text = "fn short() {}\n/// Docs.\n// Long because: it lists.\npub fn two(f: fn(u8)) -> char {\n    \
                '{'\n}\nfn three<'a>() {\n    let s = r#\"}\"}\"#;\n    let t = \"\\\"}\";\n}\n";
    let all = functions(&Source::new("a.rs", text));
    let all: Vec<(&str, usize, bool)> = all
        .iter()
        .map(|one| (&*one.name, one.lines, one.says_why))
        .collect();
    assert_eq!(
        all,
        [("short", 1, false), ("two", 3, true), ("three", 4, false)]
    );
}
