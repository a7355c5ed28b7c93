//! Reads the body of a chapter file: Markdown with blocks of script.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag};

use super::problem::{Places, Problem};
use super::types::{Body, Step};
use crate::script::{Line, known};

/// Where the prose of a section belongs.
type Prose = fn(&mut Step) -> &mut String;

/// The sections of a step. In those without prose stand fenced blocks alone.
const SECTIONS: [(&str, Option<Prose>); 8] = [
    ("Kernel", Some(|step| &mut step.kernel)),
    ("Why", Some(|step| &mut step.why)),
    ("Seen", Some(|step| &mut step.seen)),
    ("Try", Some(|step| &mut step.tries)),
    ("Expect", None),
    ("Peer", None),
    ("Predict", None),
    ("Verdict", None),
];

/// Reads the body of a chapter file, which begins at `body_at`: what could be read,
/// and every problem.
pub(super) fn body(file: &str, text: &str, body_at: usize) -> (Body, Vec<Problem>) {
    let mut reader = Reader::of(file, text, body_at);
    reader.read();
    (reader.body, reader.problems)
}

/// The same of a translation: it has words alone, and its steps say by an id which they
/// stand for.
pub(super) fn translated(file: &str, text: &str, body_at: usize) -> (Body, Vec<Problem>) {
    let mut reader = Reader {
        is_translation: true,
        ..Reader::of(file, text, body_at)
    };
    reader.read();
    (reader.body, reader.problems)
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    places: Places<'a>,
    body_at: usize,
    problems: Vec<Problem>,
    body: Body,
    /// The section that is being read.
    section: Option<Prose>,
    is_translation: bool,
}

impl<'a> Reader<'a> {
    fn of(file: &'a str, text: &'a str, body_at: usize) -> Reader<'a> {
        Reader {
            file,
            text,
            places: Places::of(text),
            body_at,
            problems: Vec::new(),
            body: Body::default(),
            section: None,
            is_translation: false,
        }
    }

    fn read(&mut self) {
        let body = &self.text[self.body_at..];
        let mut options = Options::ENABLE_TABLES;
        options.set(Options::ENABLE_HEADING_ATTRIBUTES, self.is_translation);
        let mut events = Parser::new_ext(body, options).into_offset_iter();
        // Only blocks at the top count: a heading inside a quotation is prose.
        while let Some((event, range)) = events.next() {
            let Event::Start(tag) = event else { continue };
            let mut lines = Vec::new();
            let mut heading = String::new();
            let mut depth = 1;
            for (inner, at) in events.by_ref() {
                match inner {
                    Event::Start(_) => depth += 1,
                    Event::End(_) if depth == 1 => break,
                    Event::End(_) => depth -= 1,
                    Event::Text(_) if matches!(tag, Tag::CodeBlock(_)) => {
                        self.split_lines(at, &mut lines);
                    }
                    Event::Text(text) | Event::Code(text) => heading.push_str(&text),
                    _ => {}
                }
            }
            let range = self.body_at + range.start..self.body_at + range.end;
            match tag {
                Tag::Heading { level, id, .. } => {
                    let id = id.filter(|_| level == HeadingLevel::H2);
                    self.heading(level, heading.trim(), range.start, id.as_deref());
                }
                Tag::CodeBlock(CodeBlockKind::Fenced(info)) => self.fence(&info, lines, range),
                _ => self.prose(range),
            }
        }
        self.end_step(self.text.len());
        if self.body.steps.is_empty() && !self.is_translation {
            let message = "the chapter has no step: a `## heading` and a `socklab` block";
            self.problem(self.body_at, message);
        }
    }

    fn problem(&mut self, offset: usize, message: impl Into<String>) {
        let line = self.places.line(offset, "");
        self.problems.push(Problem::on(self.file, &line, message));
    }

    /// The non-empty lines of a code block's text, with their places.
    fn split_lines(&self, range: Range<usize>, lines: &mut Vec<Line>) {
        let mut at = self.body_at + range.start;
        for raw in self.text[at..self.body_at + range.end].split_inclusive('\n') {
            let text = raw.trim();
            if !text.is_empty() {
                let indent = raw.len() - raw.trim_start().len();
                lines.push(self.places.line(at + indent, text));
            }
            at += raw.len();
        }
    }

    fn heading(&mut self, level: HeadingLevel, title: &str, at: usize, id: Option<&str>) {
        match level {
            HeadingLevel::H2 => {
                self.end_step(at);
                if self.is_translation && id.is_none() {
                    let message = "which step does it translate? `## Title {#its-id}`";
                    self.problem(at, message);
                }
                self.section = Some(|step| &mut step.prose);
                self.body.steps.push(Step {
                    id: id.map_or_else(|| slug(title), str::to_string),
                    title: title.into(),
                    at: self.places.line(at, ""),
                    ..Step::default()
                });
            }
            HeadingLevel::H3 if !self.body.steps.is_empty() => {
                match known("section", title, &SECTIONS, |(name, _)| name) {
                    Ok((_, section)) => self.section = *section,
                    Err(message) => self.problem(at, message),
                }
            }
            _ => self.problem(
                at,
                "only `## step` and, below a step, `### section` headings are used",
            ),
        }
    }

    /// A step ends at `end`: does it have what every step needs?
    fn end_step(&mut self, end: usize) {
        let Some(step) = self.body.steps.last().filter(|_| !self.is_translation) else {
            return;
        };
        let at = self.text[..end].trim_end().len();
        let title = &step.title;
        let no_action = format!("the step '{title}' has no `socklab` block with its action");
        let no_kernel = format!("the step '{title}' has no text under `### Kernel`");
        let (acts, explains) = (!step.at.text.is_empty(), !step.kernel.is_empty());
        if !acts {
            self.problem(at, no_action);
        }
        if !explains {
            self.problem(at, no_kernel);
        }
    }

    fn prose(&mut self, range: Range<usize>) {
        let source = self.text[range.clone()].trim_end();
        let target = match (self.body.steps.last_mut(), self.section) {
            (None, _) => &mut self.body.prose,
            (Some(step), Some(prose)) => prose(step),
            (Some(_), None) => {
                let message = "only a fenced block belongs into this section";
                return self.problem(range.start, message);
            }
        };
        if !target.is_empty() {
            target.push_str("\n\n");
        }
        target.push_str(source);
    }

    fn fence(&mut self, info: &str, lines: Vec<Line>, range: Range<usize>) {
        let words: Vec<&str> = info.split_whitespace().collect();
        let (kind, words) = words.split_first().unwrap_or((&"", &[]));
        if !["socklab", "expect", "peer", "predict", "verdict"].contains(kind) {
            return self.prose(range);
        }
        if self.is_translation && !["predict", "verdict"].contains(kind) {
            let message = format!("a `{kind}` block stands in the chapter itself, not here");
            return self.problem(range.start, message);
        }
        let here = self.places.line(range.start, "");
        let wrong = match (*kind, self.body.steps.last_mut()) {
            (_, None) => {
                let message = format!("a `{kind}` block before the first `## step`");
                vec![(here, message)]
            }
            ("socklab", Some(step)) => step.act(words, lines, &here),
            ("peer", Some(step)) => step.accompany(words, lines, &here),
            _ if !words.is_empty() => {
                vec![(here, format!("a block of `{kind}` takes no attributes"))]
            }
            (kind, Some(step)) if self.is_translation => step.say(kind, &lines, &here),
            ("predict", Some(step)) => step.ask(&lines, &here),
            ("verdict", Some(step)) => step.put(&lines, &here),
            (_, Some(step)) => step.expect(lines),
        };
        let problem = |(at, message)| Problem::on(self.file, &at, message);
        self.problems.extend(wrong.into_iter().map(problem));
    }
}

/// A heading as an id: lower case, words joined by hyphens.
fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric());
    let words = words
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase);
    words.collect::<Vec<_>>().join("-")
}
