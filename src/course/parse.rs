//! Reads the body of a chapter file: Markdown with blocks of script.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::Problem;
use super::problem::Places;
use super::question::Question;
use super::types::{Body, Peer, Step, When};
use crate::script::{Action, Expectation, Line, Scripted};

/// Which part of the file is being read.
#[derive(Clone, Copy, PartialEq)]
enum Section {
    Prose,
    Kernel,
    Why,
    Seen,
    Try,
    Expect,
    Peer,
    Predict,
}

const SECTIONS: [(&str, Section); 7] = [
    ("Kernel", Section::Kernel),
    ("Why", Section::Why),
    ("Seen", Section::Seen),
    ("Try", Section::Try),
    ("Expect", Section::Expect),
    ("Peer", Section::Peer),
    ("Predict", Section::Predict),
];

/// Reads the body of a chapter file, which begins at `body_at`: what could be read,
/// and every problem.
pub fn body(file: &str, text: &str, body_at: usize) -> (Body, Vec<Problem>) {
    let mut reader = Reader {
        file,
        text,
        places: Places::of(text),
        body_at,
        problems: Vec::new(),
        body: Body::default(),
        section: Section::Prose,
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
    section: Section,
}

impl Reader<'_> {
    fn read(&mut self) {
        let body = &self.text[self.body_at..];
        let mut events = Parser::new_ext(body, Options::ENABLE_TABLES).into_offset_iter();
        // Only blocks at the top count: a heading inside a quotation is prose.
        while let Some((event, range)) = events.next() {
            let Event::Start(tag) = event else { continue };
            let mut lines = Vec::new();
            let mut heading = String::new();
            let mut depth = 1;
            for (inner, at) in events.by_ref() {
                match inner {
                    Event::Start(_) => depth += 1,
                    Event::End(end) => {
                        depth -= 1;
                        if depth == 0 {
                            debug_assert!(!matches!(end, TagEnd::Item));
                            break;
                        }
                    }
                    Event::Text(text) | Event::Code(text) => {
                        if matches!(tag, Tag::CodeBlock(_)) {
                            self.split_lines(at, &mut lines);
                        } else {
                            heading.push_str(&text);
                        }
                    }
                    _ => {}
                }
            }
            match tag {
                Tag::Heading { level, .. } => self.heading(level, heading.trim(), range),
                Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
                    self.fence(&info, lines, range);
                }
                _ => self.prose(range),
            }
        }
        let end = self.text.len();
        self.end_step(end);
        if self.body.steps.is_empty() {
            self.problem(
                self.body_at,
                "the chapter has no step: a `## heading` and a `socklab` block",
            );
        }
    }

    fn problem(&mut self, offset: usize, message: impl Into<String>) {
        let (line, column) = self.places.position(offset);
        self.problems.push(Problem {
            file: self.file.into(),
            line,
            column,
            message: message.into(),
        });
    }

    /// The non-empty lines of a code block's text, with their places.
    fn split_lines(&self, range: Range<usize>, lines: &mut Vec<Line>) {
        let start = self.body_at + range.start;
        let mut at = start;
        for raw in self.text[start..self.body_at + range.end].split_inclusive('\n') {
            let text = raw.trim();
            if !text.is_empty() {
                let indent = raw.len() - raw.trim_start().len();
                let (line, column) = self.places.position(at + indent);
                lines.push(Line {
                    text: text.into(),
                    line,
                    column,
                });
            }
            at += raw.len();
        }
    }

    fn heading(&mut self, level: HeadingLevel, title: &str, range: Range<usize>) {
        let at = self.body_at + range.start;
        match level {
            HeadingLevel::H2 => {
                self.end_step(at);
                self.section = Section::Prose;
                self.body.steps.push(Step {
                    id: slug(title),
                    title: title.into(),
                    at: Line {
                        line: self.places.position(at).0,
                        column: 1,
                        ..Line::default()
                    },
                    ..Step::default()
                });
            }
            HeadingLevel::H3 if !self.body.steps.is_empty() => {
                match SECTIONS.iter().find(|(name, _)| *name == title) {
                    Some((_, section)) => self.section = *section,
                    None => {
                        let names: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
                        self.problem(
                            at,
                            format!("no section '{title}'; there are {}", names.join(", ")),
                        );
                    }
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
        let Some(step) = self.body.steps.last() else {
            return;
        };
        let (title, lacks_action, lacks_kernel) = (
            step.title.clone(),
            step.at.text.is_empty(),
            step.kernel.is_empty(),
        );
        let at = self.text[..end].trim_end().len();
        if lacks_action {
            self.problem(
                at,
                format!("the step '{title}' has no `socklab` block with its action"),
            );
        }
        if lacks_kernel {
            self.problem(
                at,
                format!("the step '{title}' has no text under `### Kernel`"),
            );
        }
    }

    fn prose(&mut self, range: Range<usize>) {
        let at = self.body_at + range.start;
        let source = self.text[at..self.body_at + range.end].trim_end();
        let target = match (self.body.steps.last_mut(), self.section) {
            (None, _) => &mut self.body.prose,
            (Some(step), Section::Prose) => &mut step.prose,
            (Some(step), Section::Kernel) => &mut step.kernel,
            (Some(step), Section::Why) => &mut step.why,
            (Some(step), Section::Seen) => &mut step.seen,
            (Some(step), Section::Try) => &mut step.tries,
            (Some(_), Section::Expect | Section::Peer | Section::Predict) => {
                return self.problem(at, "only a fenced block belongs into this section");
            }
        };
        if !target.is_empty() {
            target.push_str("\n\n");
        }
        target.push_str(source);
    }

    fn fence(&mut self, info: &str, lines: Vec<Line>, range: Range<usize>) {
        let at = self.body_at + range.start;
        let mut words = info.split_whitespace();
        let kind = words.next().unwrap_or_default();
        if !["socklab", "expect", "peer", "predict"].contains(&kind) {
            return self.prose(range);
        }
        let attributes: Vec<&str> = words.collect();
        if self.body.steps.is_empty() {
            return self.problem(at, format!("a `{kind}` block before the first `## step`"));
        }
        let answer = match kind {
            "socklab" => self.action(&attributes, lines),
            "peer" => self.peer(&attributes, lines),
            "predict" if attributes.is_empty() => return self.question(lines, at),
            "predict" => Err("a `predict` block takes no attributes".to_string()),
            _ if attributes.is_empty() => {
                for line in lines {
                    match Expectation::parse(line) {
                        Ok(expectation) => self.last_step(|step| step.expects.push(expectation)),
                        Err((at, message)) => self.problem_at(&at, message),
                    }
                }
                Ok(())
            }
            _ => Err("an `expect` block takes no attributes".to_string()),
        };
        if let Err(message) = answer {
            self.problem(at, message);
        }
    }

    fn last_step(&mut self, change: impl FnOnce(&mut Step)) {
        if let Some(step) = self.body.steps.last_mut() {
            change(step);
        }
    }

    fn action(&mut self, attributes: &[&str], lines: Vec<Line>) -> Result<(), String> {
        let [line] = lines.as_slice() else {
            return Err(format!(
                "a step is one system call: one line in its `socklab` block, not {}",
                lines.len()
            ));
        };
        let scripted = self.scripted(line.clone());
        let Some(step) = self.body.steps.last_mut() else {
            return Ok(());
        };
        let twice = !step.at.text.is_empty();
        for attribute in attributes {
            step.read(attribute)?;
        }
        step.at = line.clone();
        step.action = scripted;
        if twice {
            return Err(
                "a second `socklab` block in one step; give it a `## step` of its own".into(),
            );
        }
        Ok(())
    }

    /// A line as an action. One that is none is a problem, and stands for nothing.
    fn scripted(&mut self, at: Line) -> Option<Scripted> {
        match Action::parse(&at.text) {
            Ok(action) => Some(Scripted { action, at }),
            Err(message) => {
                self.problem_at(&at, message);
                None
            }
        }
    }

    fn question(&mut self, lines: Vec<Line>, offset: usize) {
        let (line, column) = self.places.position(offset);
        let at = Line {
            text: String::new(),
            line,
            column,
        };
        if self
            .body
            .steps
            .last()
            .is_some_and(|step| step.question.is_some())
        {
            return self.problem(offset, "one question a step is enough");
        }
        match Question::parse(&lines, at) {
            Ok(question) => self.last_step(|step| step.question = Some(question)),
            Err((at, message)) => self.problem_at(&at, message),
        }
    }

    fn problem_at(&mut self, at: &Line, message: String) {
        self.problems.push(Problem {
            file: self.file.into(),
            line: at.line,
            column: at.column,
            message,
        });
    }

    fn peer(&mut self, attributes: &[&str], lines: Vec<Line>) -> Result<(), String> {
        let when = match attributes {
            ["when=before"] => When::Before,
            ["when=during"] => When::During,
            ["when=after"] => When::After,
            _ => return Err("a `peer` block says when=before, when=during or when=after".into()),
        };
        let actions = lines
            .into_iter()
            .filter_map(|line| self.scripted(line))
            .collect();
        self.last_step(|step| step.peer.push(Peer { when, actions }));
        Ok(())
    }
}

impl Step {
    /// Takes one of the words that stand behind `socklab` in a fence.
    fn read(&mut self, attribute: &str) -> Result<(), String> {
        let some = |value: &str| Some(value.to_string());
        match attribute
            .split_once('=')
            .filter(|(_, value)| !value.is_empty())
        {
            Some(("loop", name)) => self.repeat = some(name),
            Some(("until", "eof")) => self.until_eof = true,
            Some(("unless", name)) => self.unless = some(name),
            Some(("by", actor)) => self.by = some(actor),
            Some(("fails", errnos)) => self.fails = errnos.split('|').map(str::to_string).collect(),
            Some(("again", chapter)) => self.again = some(chapter),
            _ => {
                return Err(format!(
                    "'{attribute}' is no attribute; there are loop=NAME, until=eof, \
                     unless=SWITCH, by=ACTOR, fails=ERRNO, again=CHAPTER"
                ));
            }
        }
        Ok(())
    }
}

/// A heading as an id: lower case, words joined by hyphens.
fn slug(title: &str) -> String {
    let words: Vec<String> = title
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("-")
}
