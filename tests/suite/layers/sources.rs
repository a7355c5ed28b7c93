//! The files of the program, read as text.

use std::fs;
use std::path::{Path, PathBuf};

/// A file below src.
pub struct Source {
    /// From src on: `observe/diag.rs`.
    pub name: String,
    /// The modules that lead to it: `observe`, `diag`.
    pub module: Vec<String>,
    pub text: String,
    /// The same without comments, the insides of strings and unit tests.
    pub code: String,
}

impl Source {
    pub fn new(name: &str, text: &str) -> Source {
        let path = name.trim_end_matches(".rs");
        let path = path.trim_end_matches("/mod");
        let module = path.split('/').filter(|part| *part != "lib");
        Source {
            name: name.into(),
            module: module.map(str::to_string).collect(),
            text: text.into(),
            code: without_unit_tests(&code_of(text)),
        }
    }

    /// What it belongs to: `observe`; `error` for error.rs, nothing for lib.rs.
    pub fn folder(&self) -> &str {
        self.module.first().map_or("", String::as_str)
    }
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the program.
pub fn sources() -> Vec<Source> {
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root().join("src")).unwrap();
        Source::new(name.to_str().unwrap(), &fs::read_to_string(&path).unwrap())
    };
    rust_files("src").into_iter().map(read).collect()
}

/// The Rust files below a folder of the package.
pub fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{folder}");
    found
}

/// The program text alone, line by line: comments and what quotes hold are left out.
pub fn code_of(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(plain) = rest.find(['/', '"', '\'', 'r']) {
        code.push_str(&rest[..plain]);
        rest = &rest[plain..];
        let skipped = comment(rest).or_else(|| quoted(rest));
        if let Some(length) = skipped {
            code.extend(rest[..length].chars().filter(|c| *c == '\n'));
            rest = &rest[length..];
        } else {
            code.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    code.push_str(rest);
    code
}

/// The length of a comment that begins here.
fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    rest.starts_with("/*")
        .then(|| rest.find("*/").map_or(rest.len(), |end| end + 2))
}

/// The length of a string or a character that begins here. A lifetime is none.
fn quoted(rest: &str) -> Option<usize> {
    let raw = rest
        .strip_prefix('r')
        .map(|rest| rest.trim_start_matches('#'));
    if let Some(inside) = raw.and_then(|rest| rest.strip_prefix('"')) {
        let start = rest.len() - inside.len();
        let end = format!("\"{}", &rest[1..start - 1]);
        return Some(start + inside.find(&end)? + end.len());
    }
    let mut chars = rest.char_indices();
    let (_, quote) = chars.next().filter(|(_, c)| ['"', '\''].contains(c))?;
    if quote == '\'' {
        let mut inside = rest[1..].chars();
        let is_char = inside.next() == Some('\\') || inside.next() == Some('\'');
        is_char.then_some(())?;
    }
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == quote {
            return Some(at + 1);
        }
    }
    None
}

/// Blanks every `#[cfg(test)] mod … { … }`.
fn without_unit_tests(code: &str) -> String {
    let mut out = code.to_string();
    while let Some(start) = out.find("#[cfg(test)]") {
        let open = start + out[start..].find('{').unwrap_or(0);
        let end = closing(&out, open).unwrap_or(out.len());
        let lines = out[start..end].matches('\n').count();
        out.replace_range(start..end, &"\n".repeat(lines));
    }
    out
}

/// Behind the brace that closes the one at `open`.
pub fn closing(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in code[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(open + at + 1),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where that word stands by itself.
pub fn words<'t>(code: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let places = code.match_indices(word).map(|(at, _)| at);
    places.filter(move |&at| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(is_part_of_word) && !after.is_some_and(is_part_of_word)
    })
}

/// The identifier that begins here.
pub fn ident(code: &str) -> &str {
    let end = code.find(|c| !is_part_of_word(c)).unwrap_or(code.len());
    &code[..end]
}
