//! Steps: what each must have, and how much it may tell.

use super::Finder;
use crate::course::question::Question;
use crate::course::types::{Peer, Step, When};
use crate::model::Errno;
use crate::script::{Vars, known, strange_placeholder};

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
        for (index, step) in steps.iter().enumerate() {
            let starts =
                step.repeat.is_some() && (index == 0 || steps[index - 1].repeat != step.repeat);
            if !starts {
                if step.repeat.is_none() && step.until_eof {
                    self.at(&step.at, "until=eof without loop=NAME");
                }
                continue;
            }
            let again = steps[..index]
                .iter()
                .any(|other| other.repeat == step.repeat);
            if again {
                self.at(&step.at, "the steps of a loop must stand in a row");
            }
            let ends = steps[index..]
                .iter()
                .take_while(|other| other.repeat == step.repeat)
                .filter(|other| other.until_eof)
                .count();
            if ends != 1 {
                self.at(
                    &step.at,
                    format!("{ends} steps of this loop say until=eof; it takes one"),
                );
            }
        }
    }

    pub(super) fn step(&mut self, index: usize, step: &Step) {
        let told_by_chapter = index == 0 && !self.chapter.prose().is_empty();
        if step.prose.is_empty() && !told_by_chapter {
            self.at(&step.at, format!("the step '{}' tells nothing", step.title));
        }
        self.attributes(step);
        if let Some(question) = &step.question {
            self.question(question);
        }
        let during = |peer: &&Peer| peer.when == When::During;
        if step.repeat.is_none() && step.peer.iter().filter(during).count() > 1 {
            self.at(
                &step.at,
                "outside a loop one `peer when=during` block is enough",
            );
        }
        let first = if index == 0 { self.chapter.prose() } else { "" };
        self.length(step, first);
        self.placeholders(step, first);
    }

    /// What stands behind the word `socklab`.
    fn attributes(&mut self, step: &Step) {
        let switch = step.unless.iter();
        let switch = switch.map(|switch| known("switch", switch, &SWITCHES, |it| it));
        for message in switch.filter_map(Result::err) {
            self.at(&step.at, message);
        }
        if let Some(again) = &step.again
            && self
                .track
                .number(again)
                .is_none_or(|at| Some(at) > self.track.number(&self.chapter.id))
        {
            self.at(
                &step.at,
                format!("again={again}: that is no chapter before this one"),
            );
        }
        for errno in &step.fails {
            if Errno::from_name(errno).is_none() {
                self.at(&step.at, format!("no errno '{errno}' is known"));
            }
        }
    }

    /// What is told before the call, `first` by the chapter, must fit a screen.
    fn length(&mut self, step: &Step, first: &str) {
        let told = [first, &step.prose, &step.kernel]
            .iter()
            .map(|text| lines_of_text(text))
            .sum::<usize>();
        if told > LINES_BEFORE_A_CALL {
            self.at(
                &step.at,
                format!(
                    "{told} lines are told before this call; with the facts only \
                     {LINES_BEFORE_A_CALL} fit a screen (move some to `### Why` or `### Seen`)"
                ),
            );
        }
    }

    fn placeholders(&mut self, step: &Step, first: &str) {
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
            if let Some(name) = strange_placeholder(text, &Vars::NAMES) {
                self.at(
                    &step.at,
                    format!(
                        "no placeholder '{{{name}}}' in the prose of '{}'; there are {}",
                        step.title,
                        Vars::NAMES.map(|name| format!("{{{name}}}")).join(", ")
                    ),
                );
            }
        }
    }

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
            if choice.belief.is_some() && (choice.right || !choice.when.is_empty()) {
                let message = format!(
                    "'{}' is a mistaken belief: it cannot be right (no `when`, no `right`)",
                    choice.text
                );
                self.at(&question.at, message);
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

/// How many lines of 72 characters a text takes, roughly.
fn lines_of_text(text: &str) -> usize {
    if text.is_empty() {
        return 0;
    }
    text.split("\n\n")
        .map(|paragraph| paragraph.chars().count().div_ceil(72) + 1)
        .sum()
}
