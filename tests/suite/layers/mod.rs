//! How the sources are laid out: imports only point down, files use each other one way,
//! and what is long says why.

mod circles;
mod functions;
mod imports;
mod known;
mod reader;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use circles::circle;
use functions::{file_says_why, functions};
use imports::uses;
use sources::{Source, code_of, root, rust_files, sources, words};

/// How many lines a file may have, and a function, without saying why.
const FILE: usize = 400;
const FUNCTION: usize = 60;

/// A row of the table in lib.rs.
struct Layer {
    name: String,
    may_import: Vec<String>,
}

/// The table of layers: rows of ``//! | `name` | what it holds | what it may import |``.
fn layers() -> Vec<Layer> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("//! | `"));
    let layer = |row: &str| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let may_import = cells[2].split(',').map(|word| word.trim().to_string());
        Layer {
            name: cells[0].trim_end_matches('`').into(),
            may_import: may_import.filter(|word| !word.is_empty()).collect(),
        }
    };
    rows.map(layer).collect()
}

/// Which folders each folder imports, and where.
fn imports() -> BTreeMap<String, BTreeMap<String, String>> {
    let sources = sources();
    let mut found: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for source in &sources {
        found.entry(source.folder().into()).or_default();
    }
    for one in uses(&sources) {
        let from = &sources[one.from];
        let folder = found.get_mut(from.folder()).unwrap();
        // By its own name, and by that of a folder that only passes it on.
        for to in [sources[one.to].folder(), &one.by] {
            if to != from.folder() {
                folder.insert(to.into(), from.name.clone());
            }
        }
    }
    // lib.rs is where everything begins, and main.rs uses it from outside.
    found.remove("");
    found.remove("main");
    found
}

#[test]
fn the_table_of_layers_is_the_code() {
    let mut table: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for layer in layers() {
        table.insert(layer.name, layer.may_import.into_iter().collect());
    }
    let imports = imports();
    assert!(imports.keys().eq(table.keys()), "{:?}", imports.keys());
    let mut wrong = Vec::new();
    for (folder, imported) in &imports {
        let may_import = &table[folder];
        for (other, place) in imported {
            if !may_import.contains(other) {
                wrong.push(format!("{place} imports {other}, which {folder} may not"));
            }
        }
        for other in may_import {
            if !imported.contains_key(other) {
                wrong.push(format!("{folder} may import {other}, and does not"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // The reader has not gone blind.
    assert!(imports.values().map(BTreeMap::len).sum::<usize>() > 30);
}

/// Each layer stands above all that it may import: so there is no circle of folders.
#[test]
fn imports_only_point_down() {
    let layers = layers();
    for (at, layer) in layers.iter().enumerate() {
        let below: Vec<&str> = layers[at + 1..].iter().map(|layer| &*layer.name).collect();
        for name in &layer.may_import {
            let (this, below) = (&layer.name, below.contains(&&**name));
            assert!(below, "{this} may import {name}, which is not below it");
        }
    }
}

#[test]
fn main_only_runs_the_library() {
    let sources = sources();
    let main = sources
        .iter()
        .find(|source| source.name == "main.rs")
        .unwrap();
    let paths = main.code.split("socklab::").skip(1);
    let used: BTreeSet<&str> = paths.map(sources::ident).collect();
    assert_eq!(used, BTreeSet::from(["run"]));
}

/// Whatever offends is one of those known, and each of those still does. Beside each
/// offender stands what is wrong with it.
#[track_caller]
fn assert_known(offenders: &BTreeMap<String, String>, known: &[&str]) {
    let is_known = |name: &str| known.contains(&name);
    let mut new = offenders.clone();
    new.retain(|name, _| !is_known(name));
    assert!(new.is_empty(), "new: {new:#?}");
    let mended: Vec<&&str> = known
        .iter()
        .filter(|name| !offenders.contains_key(**name))
        .collect();
    assert!(mended.is_empty(), "take out of known.rs: {mended:#?}");
}

#[test]
fn files_use_each_other_one_way() {
    let sources = sources();
    let uses = uses(&sources);
    let name = |file: usize| sources[file].name.clone();
    let mut found = BTreeMap::new();
    for file in 0..sources.len() {
        if let Some(way) = circle(file, &uses) {
            let way: Vec<String> = way.into_iter().map(name).collect();
            found.insert(name(file), way.join(" uses "));
        }
    }
    assert_known(&found, &known::IN_CIRCLES);
}

#[test]
fn every_file_says_what_it_is() {
    let silent = |source: &Source| !source.text.starts_with("//! ");
    let silent = sources().into_iter().filter(silent);
    let found = silent.map(|source| (source.name, "does not open with //!".into()));
    assert_known(&found.collect(), &known::SILENT);
    for path in rust_files("tests") {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{}", path.display());
    }
}

#[test]
fn what_is_long_says_why() {
    let mut long = BTreeMap::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > FILE && !file_says_why(&source.text) {
            long.insert(source.name.clone(), format!("{lines} lines"));
        }
        for one in functions(&source) {
            if one.lines > FUNCTION && !one.says_why {
                let name = format!("{}: {}", source.name, one.name);
                long.insert(name, format!("{} lines", one.lines));
            }
        }
    }
    assert_known(&long, &known::LONG);
    for path in rust_files("tests") {
        let text = fs::read_to_string(&path).unwrap();
        let fine = text.lines().count() <= FILE || file_says_why(&text);
        assert!(fine, "{}", path.display());
    }
}

#[test]
fn nothing_is_left_to_do() {
    for source in sources() {
        for word in ["todo", "unimplemented", "TODO", "FIXME", "XXX"] {
            let found = words(&source.text, word).next();
            assert_eq!(found, None, "{word}: {}", source.name);
        }
    }
}

#[test]
fn only_sys_is_unsafe() {
    let mut in_sys = 0;
    for source in sources() {
        let found = words(&source.code, "unsafe").count();
        if source.folder() == "sys" {
            in_sys += found;
        } else {
            assert_eq!(found, 0, "{}", source.name);
        }
    }
    assert!(in_sys > 0);
}

/// The one user of the terminal crates.
#[test]
fn only_tty_speaks_to_the_terminal() {
    for source in sources().iter().filter(|source| source.folder() != "tty") {
        for name in ["dialoguer::", "console::"] {
            assert!(!source.code.contains(name), "{}", source.name);
        }
    }
}

/// What renders is pure: it opens, reads and prints nothing.
#[test]
fn rendering_and_the_model_are_pure() {
    for source in sources() {
        if !["model", "render", "script"].contains(&source.folder()) {
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
            assert!(!source.code.contains(word), "{word}: {}", source.name);
        }
    }
}

/// One place cleans all that is printed as text: nobody else writes to stdout and stderr,
/// but tty for what it has laid out.
#[test]
fn text_is_printed_in_one_place() {
    for source in sources() {
        let mut words = vec!["println!", "print!"];
        if source.folder() != "tty" && source.name != "app/print.rs" {
            words.extend([
                "write!(io::",
                "writeln!(io::",
                "stderr().lock",
                "stderr().write",
            ]);
        }
        for word in words {
            assert!(!source.code.contains(word), "{word}: {}", source.name);
        }
    }
}

/// Every `unwrap` in tests is fine; sleeping and silent skipping are not.
#[test]
fn tests_wait_for_conditions_and_say_what_they_need() {
    for path in rust_files("tests") {
        let text = fs::read_to_string(&path).unwrap();
        let code = code_of(&text);
        let sleeps = words(&code, "sleep").any(|at| code[at..].starts_with("sleep("));
        assert!(!sleeps, "{}", path.display());
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
