//! Steps: what each must have, and how much it may tell.

use unicode_width::UnicodeWidthStr;

use super::Finder;
use crate::course::question::{Choice, Question};
use crate::course::types::{Peer, Step, When};
use crate::model::Errno;
use crate::script::{Predicate, Vars, known, strange_placeholder};

/// The switches that can leave a step out.
const SWITCHES: [&str; 1] = ["no-reuseaddr"];

/// How much may be told before a call, in lines of 72 characters, so that it
/// fits a screen of 24 lines together with the facts.
const LINES_BEFORE_A_CALL: usize = 13;

/// How long a choice of a question may be, so that it fits a narrow terminal.
const CHOICE: usize = 60;

impl Finder<'_> {
    /// A loop is steps in a row, one of which says when it ends.
    pub(super) fn loops(&mut self) {
        let steps = self.chapter.steps();
        let mut known: Vec<&String> = Vec::new();
        for part in steps.chunk_by(|one, next| one.repeat == next.repeat) {
            let ends = part.iter().filter(|step| step.until_eof);
            let Some(name) = &part[0].repeat else {
                for step in ends {
                    self.at(&step.at, "until=eof without loop=NAME");
                }
                continue;
            };
            if known.contains(&name) {
                self.at(&part[0].at, "the steps of a loop must stand in a row");
            }
            known.push(name);
            let ends = ends.count();
            if ends != 1 {
                let message = format!("{ends} steps of this loop say until=eof; it takes one");
                self.at(&part[0].at, message);
            }
        }
    }

    pub(super) fn step(&mut self, index: usize, step: &Step) {
        let told_by_chapter = index == 0 && !self.chapter.prose().is_empty();
        if step.prose.is_empty() && !told_by_chapter {
            self.at(&step.at, format!("the step '{}' tells nothing", step.title));
        }
        self.attributes(step);
        for expectation in step.held() {
            if let Predicate::Called(_) | Predicate::Moved { .. } = expectation.predicate {
                self.at(&expectation.at, "calls of a program are for goals alone");
            }
        }
        if let Some(question) = &step.question {
            self.question(step, question);
        }
        let during = |peer: &&Peer| peer.when == When::During;
        if step.repeat.is_none() && step.peer.iter().filter(during).count() > 1 {
            let message = "outside a loop one `peer when=during` block is enough";
            self.at(&step.at, message);
        }
        let first = if index == 0 { self.chapter.prose() } else { "" };
        self.length(step, first);
        self.placeholders(step, first);
    }

    /// What stands behind the word `socklab`.
    fn attributes(&mut self, step: &Step) {
        if let Some(switch) = &step.unless
            && let Err(message) = known("switch", switch, &SWITCHES, |it| it)
        {
            self.at(&step.at, message);
        }
        let number = |id: &str| self.track.number(id);
        let is_behind =
            |again: &str| number(again).is_none_or(|at| Some(at) > number(&self.chapter.id));
        if let Some(again) = &step.again
            && is_behind(again)
        {
            let message = format!("again={again}: that is no chapter before this one");
            self.at(&step.at, message);
        }
        for errno in &step.fails {
            if Errno::from_name(errno).is_none() {
                self.at(&step.at, format!("no errno '{errno}' is known"));
            }
        }
    }

    /// What is told before the call, `first` by the chapter, must fit a screen.
    fn length(&mut self, step: &Step, first: &str) {
        let told = [first, &step.prose, &step.kernel].map(lines_of_text);
        let told: usize = told.iter().sum();
        if told > LINES_BEFORE_A_CALL {
            let message = format!(
                "{told} lines are told before this call; with the facts only \
                 {LINES_BEFORE_A_CALL} fit a screen (move some to `### Why` or `### Seen`)"
            );
            self.said(step, &step.at, message);
        }
    }

    fn placeholders(&mut self, step: &Step, first: &str) {
        let Step {
            prose, kernel, why, ..
        } = step;
        let answer = step.question.as_ref().map_or("", |question| &question.why);
        let verdict = step.claim.as_ref().map_or("", |claim| &claim.why);
        let shown = [&step.seen, &step.tries, answer, verdict];
        for text in [first, prose, kernel, why].into_iter().chain(shown) {
            if let Some(message) = strange_placeholder(text, &Vars::NAMES) {
                self.said(step, &step.at, message);
            }
        }
    }

    /// A question must have an answer that the kernel, or else its author, gives.
    fn question(&mut self, step: &Step, question: &Question) {
        let choices = &question.choices;
        if !(2..=4).contains(&choices.len()) {
            self.at(&question.at, "a question has 2 to 4 choices");
        }
        for choice in choices {
            if let Some(message) = too_long(&choice.text) {
                self.said(step, &question.at, message);
            }
            if let Some(belief) = &choice.belief
                && !self.track.beliefs.contains_key(belief)
            {
                self.at(&question.at, format!("no belief '{belief}' in course.toml"));
            }
            if choice.belief.is_some() && (choice.right || !choice.when.is_empty()) {
                let message = format!(
                    "'{}' is a mistaken belief: it cannot be right (no `when`, no `right`)",
                    choice.text
                );
                self.at(&question.at, message);
            }
        }
        let count = |is: fn(&Choice) -> bool| choices.iter().filter(|choice| is(choice)).count();
        let decided = count(|choice| !choice.when.is_empty());
        let right = count(|choice| choice.right);
        let message = match (decided, right) {
            (0, 0) => "no choice says when it is right",
            (0, 1) | (1.., 0) => return,
            (0, _) => "only one choice is right",
            _ => "what the kernel decides (when) is not decided by `right`",
        };
        self.at(&question.at, message);
    }
}

/// How many lines of 72 characters a text takes, roughly.
fn lines_of_text(text: &str) -> usize {
    let paragraphs = text.split("\n\n").filter(|text| !text.is_empty());
    paragraphs.map(|text| text.width().div_ceil(72) + 1).sum()
}

/// What the kernel may show must fit a line.
pub(super) fn too_long(text: &str) -> Option<String> {
    (text.width() > CHOICE).then(|| format!("'{text}' is longer than {CHOICE} columns"))
}
