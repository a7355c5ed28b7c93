//! The functions of a file, and how long each is.

use super::sources::{Source, closing, ident, words};

pub struct Function {
    pub name: String,
    pub lines: usize,
    /// Why it is so long, if a comment says so.
    pub says_why: bool,
}

/// What stands beside a function, or at the top of a file, that is long for a reason.
const REASON: &str = "// Long because: ";

pub fn functions(source: &Source) -> Vec<Function> {
    let code = &source.code;
    let lines: Vec<&str> = source.text.lines().collect();
    let mut found = Vec::new();
    for at in words(code, "fn") {
        let rest = &code[at..];
        let name = ident(rest["fn".len()..].trim_start());
        let end = rest.find(['{', ';']);
        let Some(open) = end.filter(|&end| rest[end..].starts_with('{') && !name.is_empty()) else {
            // The type of a function, or one without a body.
            continue;
        };
        let end = closing(code, at + open).unwrap_or(code.len());
        let line_of = |at: usize| code[..at].matches('\n').count();
        let (first, last) = (line_of(at), line_of(end));
        let above = lines[..first].iter().rev();
        let above = above.take_while(|line| line.trim_start().starts_with(['/', '#']));
        let mut beside = above.chain(&lines[first..=last]);
        found.push(Function {
            name: name.into(),
            lines: last - first + 1,
            says_why: beside.any(|line| line.contains(REASON)),
        });
    }
    found
}

/// Does the head of a file say why it is so long?
pub fn file_says_why(text: &str) -> bool {
    let mut head = text.lines().take_while(|line| line.starts_with("//"));
    head.any(|line| line.starts_with(REASON))
}
