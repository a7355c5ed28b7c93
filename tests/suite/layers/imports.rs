//! Which file uses which: every path of the program's own, followed through
//! re-exports to the file that defines what it names.

use std::collections::{BTreeMap, BTreeSet};

use super::sources::{Source, ident, words};

/// A file that uses another.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    pub from: usize,
    /// The file that defines what is used.
    pub to: usize,
    /// The folder by which it is named.
    pub by: String,
}

/// A path from the root of the crate on: `observe`, `look`.
type Path = Vec<String>;

/// What one file names.
struct Names {
    used: Vec<Path>,
    /// What it passes on, by the name it has there.
    exported: BTreeMap<String, Path>,
}

/// The files, and where each module is.
struct Program<'s> {
    files: BTreeMap<&'s [String], usize>,
    names: Vec<Names>,
}

/// Every use of another file.
pub fn uses(sources: &[Source]) -> BTreeSet<Use> {
    let modules = sources.iter().map(|source| source.module.as_slice());
    let files: BTreeMap<&[String], usize> = modules.zip(0..).collect();
    let names = sources.iter().map(|source| names(source, &files)).collect();
    let program = Program { files, names };
    let mut uses = BTreeSet::new();
    for (from, names) in program.names.iter().enumerate() {
        for path in &names.used {
            let to = program.defining(path, 0);
            if to != from {
                let by = path.first().cloned().unwrap_or_default();
                uses.insert(Use { from, to, by });
            }
        }
    }
    uses
}

impl Program<'_> {
    /// The file that defines what a path names.
    fn defining(&self, path: &[String], depth: usize) -> usize {
        assert!(depth < 9, "re-exports in a circle: {path:?}");
        let is_module = |length: &usize| self.files.contains_key(&path[..*length]);
        let length = (0..=path.len()).rev().find(is_module).unwrap();
        let file = self.files[&path[..length]];
        let item = path.get(length);
        match item.and_then(|item| self.names[file].exported.get(item)) {
            Some(elsewhere) => {
                let path = [elsewhere, &path[length + 1..]].concat();
                self.defining(&path, depth + 1)
            }
            None => file,
        }
    }
}

/// What a file uses, and what it passes on without using it itself.
fn names(source: &Source, files: &BTreeMap<&[String], usize>) -> Names {
    let mut body = source.code.clone();
    let mut used: Vec<Path> = Vec::new();
    let mut exported = BTreeMap::new();
    let absolute = |path: &[String]| absolute(path, &source.module, files);
    for at in words(&source.code, "use") {
        let statement = source.code[at..].split(';').next().unwrap();
        body.replace_range(at..at + statement.len(), &" ".repeat(statement.len()));
        let before = source.code[..at].trim_end();
        let is_public = before.ends_with("pub") || before.ends_with(')');
        for (path, name) in tree(&statement["use".len()..], &[]) {
            let Some(path) = absolute(&path) else {
                continue;
            };
            if is_public {
                exported.insert(name, path);
            } else {
                used.push(path);
            }
        }
    }
    let mentioned = exported
        .iter()
        .filter(|(name, _)| words(&body, name).next().is_some());
    used.extend(mentioned.map(|(_, path)| path.clone()));
    used.extend(paths(&body).iter().filter_map(|path| absolute(path)));
    Names { used, exported }
}

/// The paths of a `use`, and the name by which each is known here.
fn tree(text: &str, above: &[String]) -> Vec<(Path, String)> {
    let text = text.trim_start();
    if let Some(list) = text.strip_prefix('{') {
        let parts = top_level(list);
        return parts.iter().flat_map(|part| tree(part, above)).collect();
    }
    let word = ident(text);
    let rest = text[word.len()..].trim_start();
    let path = [above, &[word.to_string()]].concat();
    if let Some(below) = rest.strip_prefix("::") {
        return tree(below, &path);
    }
    // `self` and `*` are the module above.
    let path = if ["self", ""].contains(&word) {
        above.to_vec()
    } else {
        path
    };
    let renamed = rest
        .strip_prefix("as ")
        .map(|name| ident(name.trim_start()));
    let last = path.last().map_or("", String::as_str);
    let name = renamed.unwrap_or(last).to_string();
    vec![(path, name)]
}

/// The parts of a list between its commas, up to the brace that closes it.
fn top_level(list: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                parts.push(list[start..at].trim());
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Every path in the text: `a::b`, and `a` where something is called of it.
fn paths(body: &str) -> Vec<Path> {
    let mut found = Vec::new();
    for (at, _) in body.match_indices("::") {
        let before = &body[..at];
        let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_');
        let start = start.map_or(0, |at| at + 1);
        // Only where the path begins.
        if before[..start].ends_with("::") || start == at {
            continue;
        }
        let mut path = vec![before[start..].to_string()];
        let mut rest = &body[at..];
        while let Some(below) = rest.strip_prefix("::") {
            let word = ident(below);
            if word.is_empty() {
                break;
            }
            path.push(word.to_string());
            rest = &below[word.len()..];
        }
        found.push(path);
    }
    found
}

/// The path from the root of the crate on, if it is one of the crate's.
fn absolute(
    path: &[String],
    module: &[String],
    files: &BTreeMap<&[String], usize>,
) -> Option<Path> {
    let first = path.first()?;
    let child = [module, &path[..1]].concat();
    let (base, rest) = match first.as_str() {
        "crate" => (&module[..0], &path[1..]),
        "self" => (module, &path[1..]),
        "super" => {
            let ups = path.iter().take_while(|word| *word == "super").count();
            (&module[..module.len() - ups], &path[ups..])
        }
        _ if files.contains_key(child.as_slice()) => (module, path),
        _ => return None,
    };
    Some([base, rest].concat())
}
