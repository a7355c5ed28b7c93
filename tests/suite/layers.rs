//! The layers are what the sources import, and imports only point down.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Which modules each module may use. `main` uses the library from outside.
const ALLOWED: [(&str, &[&str]); 14] = [
    ("model", &[]),
    ("sys", &[]),
    ("error", &["model"]),
    ("progress", &["model"]),
    ("script", &["model"]),
    ("course", &["script", "model"]),
    ("observe", &["sys", "model"]),
    ("source", &["observe", "script", "sys", "model"]),
    (
        "run",
        &["source", "observe", "script", "sys", "model", "error"],
    ),
    (
        "lesson",
        &[
            "run", "source", "observe", "course", "script", "model", "error",
        ],
    ),
    ("render", &["course", "progress", "script", "model"]),
    ("tty", &["render", "run", "sys"]),
    ("cli", &["course", "model", "tty"]),
    (
        "app",
        &[
            "cli", "course", "error", "lesson", "model", "progress", "render", "run", "script",
            "source", "sys", "tty",
        ],
    ),
];

struct Source {
    path: PathBuf,
    /// The module of the crate that it belongs to: `observe` for observe/diag.rs.
    module: String,
    /// Without comments and string literals.
    code: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn files_under(dir: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    rust_files(&root().join(dir), &mut found);
    found.sort();
    assert!(!found.is_empty(), "{dir}");
    found
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let read = |path: PathBuf| {
        let inner = path.strip_prefix(&src).unwrap();
        let first = inner.components().next().unwrap();
        let module = first.as_os_str().to_string_lossy();
        Source {
            module: module.trim_end_matches(".rs").to_string(),
            code: code_of(&fs::read_to_string(&path).unwrap()),
            path,
        }
    };
    files_under("src").into_iter().map(read).collect()
}

/// The program text alone: comments and the insides of strings are blanked.
fn code_of(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => {
                for c in chars.by_ref() {
                    if c == '\n' {
                        out.push('\n');
                        break;
                    }
                }
            }
            '"' => {
                out.push_str("\"\"");
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => drop(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            // A quote as a character is no string.
            '\'' if chars.peek() == Some(&'"') => {
                out.push_str("' '");
                chars.next();
                chars.next();
            }
            other => out.push(other),
        }
    }
    out
}

/// The words behind `crate::`, each of `crate::{a, b}` too.
fn crate_words(code: &str, prefix: &str) -> Vec<String> {
    let ident = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect()
    };
    let mut found = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            None => found.push(ident(rest)),
            Some(list) => {
                let mut depth = 0;
                let mut start = true;
                for (at, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && !c.is_whitespace() => {
                            found.push(ident(&list[at..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

fn modules(sources: &[Source]) -> BTreeSet<String> {
    let all = sources.iter().map(|source| source.module.clone());
    all.filter(|name| name != "lib" && name != "main").collect()
}

#[test]
fn every_module_has_its_place() {
    let known: BTreeSet<String> = ALLOWED.iter().map(|(name, _)| (*name).into()).collect();
    assert_eq!(modules(&sources()), known);
}

#[test]
fn the_allowed_imports_point_down() {
    // In an order in which each uses only earlier ones: so there is no circle.
    let mut above: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, (module, uses)) in ALLOWED.iter().enumerate() {
        for used in *uses {
            assert!(above.contains_key(used), "{module} uses {used}");
        }
        above.insert(module, at);
    }
}

#[test]
fn imports_only_point_down() {
    let sources = sources();
    let modules = modules(&sources);
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.into_iter().collect();
    let mut wrong = Vec::new();
    let mut checked = 0;
    for source in &sources {
        let name = source.path.strip_prefix(root()).unwrap().display();
        let mut uses = crate_words(&source.code, "crate::");
        // Beyond its own folder `super` is the crate as well.
        let beyond = crate_words(&source.code, "super::super::");
        uses.extend(beyond.into_iter().filter(|word| modules.contains(word)));
        let at_top = source.path.parent().unwrap().ends_with("src");
        let folder = source.path.ends_with("mod.rs");
        if at_top || folder {
            let up = crate_words(&source.code, "super::");
            uses.extend(up.into_iter().filter(|word| modules.contains(word)));
        }
        if source.module == "main" {
            uses = crate_words(&source.code, "socklab::");
            for used in &uses {
                checked += 1;
                if !["app", "error"].contains(&used.as_str()) {
                    wrong.push(format!("{name} uses {used}"));
                }
            }
            continue;
        }
        for used in uses {
            if used == source.module || !modules.contains(&used) {
                // Nothing but modules may stand behind `crate::`, so that no
                // re-export hides an import.
                if !modules.contains(&used) {
                    wrong.push(format!("{name} uses crate::{used}, which is no module"));
                }
                continue;
            }
            checked += 1;
            if !allowed[source.module.as_str()].contains(&used.as_str()) {
                wrong.push(format!("{name} uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // The reader above has not gone blind.
    assert!(checked > 60, "{checked}");
}

#[test]
fn only_sys_is_unsafe() {
    let mut in_sys = 0;
    for source in sources() {
        let is_word = |at: usize| {
            let before = source.code[..at].chars().next_back();
            let after = source.code[at + "unsafe".len()..].chars().next();
            let joins = |c: char| c.is_alphanumeric() || c == '_';
            !before.is_some_and(joins) && !after.is_some_and(joins)
        };
        let mut words = source.code.match_indices("unsafe");
        let found = words.any(|(at, _)| is_word(at));
        if source.module == "sys" {
            in_sys += usize::from(found);
        } else {
            assert!(!found, "{}", source.path.display());
        }
    }
    assert!(in_sys > 0);
}

/// The one user of the terminal crates.
#[test]
fn only_tty_speaks_to_the_terminal() {
    for source in sources() {
        if source.module == "tty" {
            continue;
        }
        for name in ["dialoguer::", "console::"] {
            assert!(!source.code.contains(name), "{}", source.path.display());
        }
    }
}

/// What renders is pure: it opens, reads and prints nothing.
#[test]
fn rendering_and_the_model_are_pure() {
    for source in sources() {
        if !["model", "render", "script"].contains(&source.module.as_str()) {
            continue;
        }
        for word in [
            "std::fs",
            "std::env",
            "std::process",
            "println!",
            "eprint",
            "stdout()",
            "Instant",
        ] {
            let pure = !source.code.contains(word);
            assert!(pure, "{word}: {}", source.path.display());
        }
    }
}

/// Every `unwrap` in tests is fine; sleeping and silent skipping are not.
#[test]
fn tests_wait_for_conditions_and_say_what_they_need() {
    let sleep = ["sle", "ep("].concat();
    for path in files_under("tests") {
        let text = fs::read_to_string(&path).unwrap();
        let code = code_of(&text);
        assert!(!code.contains(&sleep), "{}", path.display());
        for (at, _) in code.match_indices("#[ignore") {
            let rest = &code[at + "#[ignore".len()..];
            assert!(rest.trim_start().starts_with('='), "{}", path.display());
        }
        for line in text.lines() {
            if let Some((_, reason)) = line.split_once("#[ignore = \"") {
                let said = reason.starts_with("needs ");
                assert!(said, "{}: {line}", path.display());
            }
        }
    }
}
