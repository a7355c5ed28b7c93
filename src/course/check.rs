use std::net::{Ipv4Addr, SocketAddr};

use super::Problem;
use super::load::{bad_id, is_id};
use super::question::Question;
use super::track::{Course, Track};
use super::types::{Chapter, Line, Step, When};
use crate::model::{Domain, Errno};
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

/// How long a choice of a question may be, so that it fits a narrow terminal.
const CHOICE: usize = 60;

/// Everything that is wrong with a course that could be parsed.
pub fn check(course: &Course) -> Vec<Problem> {
    let mut problems: Vec<Problem> = course
        .tracks
        .first()
        .iter()
        .flat_map(|track| track.languages.iter())
        .filter_map(|file| file.parse().err())
        .collect();
    for chapter in course.every_chapter() {
        problems.extend(chapter.problems());
    }
    // What could not be read has no steps to judge.
    if !problems.is_empty() {
        return problems;
    }
    for track in &course.tracks {
        for (at, chapter) in track.chapters.iter().enumerate() {
            let mut found = Finder {
                track,
                chapter,
                problems: &mut problems,
            };
            found.front(at);
            found.names();
            found.loops();
            for (index, step) in chapter.steps().iter().enumerate() {
                found.step(index, step);
            }
        }
    }
    problems
}

struct Finder<'a> {
    track: &'a Track,
    chapter: &'a Chapter,
    problems: &'a mut Vec<Problem>,
}

impl Finder<'_> {
    fn at(&mut self, line: &Line, message: impl Into<String>) {
        let problem = Problem {
            file: self.chapter.file.clone(),
            line: line.line,
            column: line.column,
            message: message.into(),
        };
        // Tracks share chapters, and then their mistakes.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn top(&mut self, message: impl Into<String>) {
        let top = Line {
            text: String::new(),
            line: 1,
            column: 1,
        };
        self.at(&top, message);
    }

    fn front(&mut self, at: usize) {
        let chapter = self.chapter;
        if !LABELS.contains(&chapter.label.as_str()) {
            self.top(format!(
                "no label '{}'; there are {}",
                chapter.label,
                LABELS.join(", ")
            ));
        }
        let earlier = &self.track.chapters[..at];
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
        if at >= self.track.walk && !chapter.fresh {
            self.top("a chapter that stands by itself begins with new processes: fresh = true");
        }
    }

    /// Every socket that a line names must have been made by an earlier one.
    fn names(&mut self) {
        let (lead, peer) = (self.track.role.word(), self.track.role.other().word());
        let mut names = Names::default();
        for earlier in self.track.before(&self.chapter.id) {
            for step in earlier.steps() {
                for (line, by) in lines_of(step, lead, peer) {
                    if let Ok(action) = parse(self.track, line) {
                        names.learn(by, &action);
                    }
                }
            }
        }
        for step in self.chapter.steps() {
            for (line, by) in lines_of(step, lead, peer) {
                match parse(self.track, line) {
                    Err(message) => self.at(line, message),
                    Ok(action) => {
                        for name in action.uses() {
                            if !names.has(by, name) {
                                self.unknown(line, name);
                            }
                        }
                        names.learn(by, &action);
                    }
                }
            }
            let by = step.by.as_deref().unwrap_or(lead);
            let conditions = step
                .question
                .iter()
                .flat_map(|question| question.choices.iter().flat_map(|choice| &choice.when));
            for line in step.expects.iter().chain(conditions) {
                match Expectation::parse(&sample(self.track).fill(&line.text)) {
                    Err(message) => self.at(line, message),
                    Ok(expect) => {
                        if let Some(name) = expect.socket()
                            && !names.has(name.actor.as_deref().unwrap_or(by), &name.socket)
                        {
                            self.unknown(line, &name.socket);
                        }
                    }
                }
            }
        }
    }

    fn unknown(&mut self, line: &Line, name: &str) {
        self.at(line, format!("no earlier step makes a socket '{name}'"));
    }

    /// A loop is steps in a row, one of which says when it ends.
    fn loops(&mut self) {
        let steps = self.chapter.steps();
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
        let told_by_chapter = index == 0 && !self.chapter.prose().is_empty();
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
        if let Some(again) = &step.again
            && self
                .track
                .number(again)
                .is_none_or(|at| Some(at) > self.track.number(&self.chapter.id))
        {
            self.at(
                &step.action,
                format!("again={again}: that is no chapter before this one"),
            );
        }
        for errno in &step.fails {
            if Errno::from_name(errno).is_none() {
                self.at(&step.action, format!("no errno '{errno}' is known"));
            }
        }
        if let Some(question) = &step.question {
            self.question(question);
        }
        let during = |peer: &&super::Peer| peer.when == When::During;
        if step.repeat.is_none() && step.peer.iter().filter(during).count() > 1 {
            self.at(
                &step.action,
                "outside a loop one `peer when=during` block is enough",
            );
        }
        let first = if index == 0 { self.chapter.prose() } else { "" };
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
            step.question
                .as_ref()
                .map_or("", |question| question.why.as_str()),
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

impl Finder<'_> {
    /// A question must have an answer that the kernel, or else its author, gives.
    fn question(&mut self, question: &Question) {
        let choices = &question.choices;
        if !(2..=4).contains(&choices.len()) {
            self.at(&question.at, "a question has 2 to 4 choices");
        }
        for choice in choices {
            if choice.text.chars().count() > CHOICE {
                let message = format!("'{}' is longer than {CHOICE} characters", choice.text);
                self.at(&question.at, message);
            }
            if let Some(belief) = &choice.belief
                && !self.track.beliefs.contains_key(belief)
            {
                self.at(&question.at, format!("no belief '{belief}' in course.toml"));
            }
        }
        let decided = choices
            .iter()
            .filter(|choice| !choice.when.is_empty())
            .count();
        let right = choices.iter().filter(|choice| choice.right).count();
        let message = match (decided, right) {
            (0, 0) => "no choice says when it is right",
            (0, 1) | (1.., 0) => return,
            (0, _) => "only one choice is right",
            _ => "what the kernel decides (when) is not decided by `right`",
        };
        self.at(&question.at, message);
    }
}

/// Which actors have made sockets of which names.
#[derive(Default)]
struct Names(Vec<(String, String)>);

impl Names {
    fn has(&self, actor: &str, name: &str) -> bool {
        self.0
            .iter()
            .any(|(by, known)| by == actor && known == name)
    }

    fn learn(&mut self, actor: &str, action: &Action) {
        if let Some(name) = action.creates() {
            self.0.push((actor.into(), name.into()));
        }
        // A child has what its parent had.
        if let Some(child) = action.creates_actor() {
            let of_parent = self.0.iter().filter(|(by, _)| by == actor);
            let born: Vec<_> = of_parent
                .map(|(_, name)| (child.to_string(), name.clone()))
                .collect();
            self.0.extend(born);
        }
    }
}

/// The action lines of a step in the order they are played, and who plays them.
fn lines_of<'s>(
    step: &'s Step,
    lead: &'s str,
    peer: &'s str,
) -> impl Iterator<Item = (&'s Line, &'s str)> {
    let peers = move |when| {
        step.peer
            .iter()
            .filter(move |part| part.when == when)
            .flat_map(|part| &part.actions)
            .map(move |line| (line, peer))
    };
    let by = step.by.as_deref().unwrap_or(lead);
    peers(When::Before)
        .chain(std::iter::once((&step.action, by)))
        .chain(peers(When::During))
        .chain(peers(When::After))
}

fn parse(track: &Track, line: &Line) -> Result<Action, String> {
    Action::parse(&sample(track).fill(&line.text))
}

/// Values to fill placeholders with while checking.
fn sample(track: &Track) -> Vars {
    let inet = SocketAddr::from((Ipv4Addr::LOCALHOST, 6789)).into();
    Vars {
        addr: match track.domain {
            Domain::Unix => "/tmp/socklab.sock".parse().unwrap_or(inet),
            _ => inet,
        },
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
