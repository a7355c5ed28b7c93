use std::net::{Ipv4Addr, SocketAddr};

use super::Problem;
use super::load::{bad_id, is_id};
use super::types::{Chapter, Course, Line, Step, When};
use crate::script::{Action, Expectation, Vars};

/// The subgoals, in the order of a socket's life. Every chapter carries one.
const LABELS: [&str; 6] = [
    "endpoint",
    "name",
    "passive",
    "connection",
    "bytes",
    "teardown",
];

/// The switches that can leave a step out.
const SWITCHES: [&str; 1] = ["no-reuseaddr"];

/// How much may be told before a call, in lines of 72 characters, so that it
/// fits a screen of 24 lines together with the facts.
const LINES_BEFORE_A_CALL: usize = 13;

/// Everything that is wrong with a course that could be parsed.
pub fn check(course: &Course) -> Vec<Problem> {
    let mut problems: Vec<Problem> = course
        .languages
        .iter()
        .filter_map(|file| file.parse().err())
        .collect();
    for (at, chapter) in course.chapters.iter().enumerate() {
        let mut found = Finder {
            chapter,
            problems: &mut problems,
        };
        found.front(course, at);
        found.names(course);
        found.loops();
        for (index, step) in chapter.steps.iter().enumerate() {
            found.step(index, step);
        }
    }
    problems
}

struct Finder<'a> {
    chapter: &'a Chapter,
    problems: &'a mut Vec<Problem>,
}

impl Finder<'_> {
    fn at(&mut self, line: &Line, message: impl Into<String>) {
        self.problems.push(Problem {
            file: self.chapter.file.clone(),
            line: line.line,
            column: line.column,
            message: message.into(),
        });
    }

    fn top(&mut self, message: impl Into<String>) {
        let top = Line {
            text: String::new(),
            line: 1,
            column: 1,
        };
        self.at(&top, message);
    }

    fn front(&mut self, course: &Course, at: usize) {
        let chapter = self.chapter;
        if !LABELS.contains(&chapter.label.as_str()) {
            self.top(format!(
                "no label '{}'; there are {}",
                chapter.label,
                LABELS.join(", ")
            ));
        }
        let earlier = &course.chapters[..at];
        if earlier.iter().any(|other| other.id == chapter.id) {
            self.top(format!("a second chapter with the id '{}'", chapter.id));
        }
        if !is_id(&chapter.id) {
            self.top(bad_id(&chapter.id));
        }
        for need in &chapter.needs {
            if !earlier.iter().any(|other| other.id == *need) {
                self.top(format!("needs '{need}', which is no earlier chapter"));
            }
        }
    }

    /// Every socket that a line names must have been made by an earlier one.
    fn names(&mut self, course: &Course) {
        let mut ours: Vec<String> = Vec::new();
        let mut theirs: Vec<String> = Vec::new();
        for earlier in course.before(&self.chapter.id) {
            for step in &earlier.steps {
                for (line, peer) in lines_of(step) {
                    if let Ok(action) = parse(line) {
                        let names = if peer { &mut theirs } else { &mut ours };
                        names.extend(action.creates().map(str::to_string));
                    }
                }
            }
        }
        for step in &self.chapter.steps {
            for (line, peer) in lines_of(step) {
                match parse(line) {
                    Err(message) => self.at(line, message),
                    Ok(action) => {
                        let names = if peer { &mut theirs } else { &mut ours };
                        for used in action.uses() {
                            if !names.iter().any(|name| name == used) {
                                self.unknown(line, used);
                            }
                        }
                        names.extend(action.creates().map(str::to_string));
                    }
                }
            }
            for line in &step.expects {
                match Expectation::parse(&sample().fill(&line.text)) {
                    Err(message) => self.at(line, message),
                    Ok(expect) if !ours.iter().any(|name| name == expect.socket()) => {
                        self.unknown(line, expect.socket());
                    }
                    Ok(_) => {}
                }
            }
        }
    }

    fn unknown(&mut self, line: &Line, name: &str) {
        self.at(line, format!("no earlier step makes a socket '{name}'"));
    }

    /// A loop is steps in a row, one of which says when it ends.
    fn loops(&mut self) {
        let steps = &self.chapter.steps;
        for (index, step) in steps.iter().enumerate() {
            let starts =
                step.repeat.is_some() && (index == 0 || steps[index - 1].repeat != step.repeat);
            if !starts {
                if step.repeat.is_none() && step.until_eof {
                    self.at(&step.action, "until=eof without loop=NAME");
                }
                continue;
            }
            let again = steps[..index]
                .iter()
                .any(|other| other.repeat == step.repeat);
            if again {
                self.at(&step.action, "the steps of a loop must stand in a row");
            }
            let ends = steps[index..]
                .iter()
                .take_while(|other| other.repeat == step.repeat)
                .filter(|other| other.until_eof)
                .count();
            if ends != 1 {
                self.at(
                    &step.action,
                    format!("{ends} steps of this loop say until=eof; it takes one"),
                );
            }
        }
    }

    fn step(&mut self, index: usize, step: &Step) {
        let told_by_chapter = index == 0 && !self.chapter.prose.is_empty();
        if step.prose.is_empty() && !told_by_chapter {
            self.at(
                &step.action,
                format!("the step '{}' tells nothing", step.title),
            );
        }
        if let Some(switch) = &step.unless
            && !SWITCHES.contains(&switch.as_str())
        {
            self.at(
                &step.action,
                format!("no switch '{switch}'; there are {}", SWITCHES.join(", ")),
            );
        }
        let during = |peer: &&super::Peer| peer.when == When::During;
        if step.repeat.is_none() && step.peer.iter().filter(during).count() > 1 {
            self.at(
                &step.action,
                "outside a loop one `peer when=during` block is enough",
            );
        }
        let first = if index == 0 {
            self.chapter.prose.as_str()
        } else {
            ""
        };
        let told = [first, &step.prose, &step.kernel]
            .iter()
            .map(|text| lines_of_text(text))
            .sum::<usize>();
        if told > LINES_BEFORE_A_CALL {
            self.at(
                &step.action,
                format!(
                    "{told} lines are told before this call; with the facts only \
                     {LINES_BEFORE_A_CALL} fit a screen (move some to `### Why` or `### Seen`)"
                ),
            );
        }
        for text in [
            first,
            &step.prose,
            &step.kernel,
            &step.why,
            &step.seen,
            &step.tries,
        ] {
            if let Some(name) = strange_placeholder(text) {
                self.at(
                    &step.action,
                    format!(
                        "no placeholder '{{{name}}}' in the prose of '{}'; there are {}",
                        step.title,
                        Vars::NAMES.map(|name| format!("{{{name}}}")).join(", ")
                    ),
                );
            }
        }
    }
}

/// The action lines of a step in the order they are played, and whose they are.
fn lines_of(step: &Step) -> impl Iterator<Item = (&Line, bool)> {
    let peer = |when| {
        step.peer
            .iter()
            .filter(move |peer| peer.when == when)
            .flat_map(|peer| &peer.actions)
            .map(|line| (line, true))
    };
    peer(When::Before)
        .chain(std::iter::once((&step.action, false)))
        .chain(peer(When::During))
        .chain(peer(When::After))
}

fn parse(line: &Line) -> Result<Action, String> {
    Action::parse(&sample().fill(&line.text))
}

/// Values to fill placeholders with while checking.
fn sample() -> Vars {
    Vars {
        addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 6789)),
        pid: None,
    }
}

/// How many lines of 72 characters a text takes, roughly.
fn lines_of_text(text: &str) -> usize {
    if text.is_empty() {
        return 0;
    }
    text.split("\n\n")
        .map(|paragraph| paragraph.chars().count().div_ceil(72) + 1)
        .sum()
}

/// The first `{word}` that is no placeholder. Braces around anything but one
/// lower-case word are prose.
fn strange_placeholder(text: &str) -> Option<&str> {
    text.split('{').skip(1).find_map(|rest| {
        let (word, _) = rest.split_once('}')?;
        let is_word = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
        (is_word && !Vars::NAMES.contains(&word)).then_some(word)
    })
}
