//! What a step takes from its blocks of script.

use super::claim::Claim;
use super::fenced::Wrong;
use super::question::Question;
use super::said::Said;
use super::types::{Peer, Step, When};
use crate::script::{Expectation, Line, Scripted};

impl Step {
    /// Takes a `socklab` block, which begins at `here`.
    pub(super) fn act(&mut self, words: &[&str], lines: Vec<Line>, here: &Line) -> Vec<Wrong> {
        let wrong = |message: String| (here.clone(), message);
        let count = lines.len();
        let Ok([line]) = <[Line; 1]>::try_from(lines) else {
            return vec![wrong(format!(
                "a step is one system call: one line in its `socklab` block, not {count}"
            ))];
        };
        let read = words
            .iter()
            .map(|word| self.read(word))
            .filter_map(Result::err);
        let mut all: Vec<Wrong> = read.map(wrong).collect();
        if !self.at.text.is_empty() {
            let message = "a second `socklab` block in one step; give it a `## step` of its own";
            all.push(wrong(message.into()));
        }
        self.at = line.clone();
        match Scripted::parse(line) {
            Ok(action) => self.action = Some(action),
            Err(wrong) => all.push(wrong),
        }
        all
    }

    /// Takes one of the words that stand behind `socklab` in a fence.
    fn read(&mut self, word: &str) -> Result<(), String> {
        let some = |value: &str| Some(value.to_string());
        match word.split_once('=').filter(|(_, value)| !value.is_empty()) {
            Some(("loop", name)) => self.repeat = some(name),
            Some(("until", "eof")) => self.until_eof = true,
            Some(("unless", name)) => self.unless = some(name),
            Some(("by", actor)) => self.by = some(actor),
            Some(("fails", errnos)) => self.fails = errnos.split('|').map(str::to_string).collect(),
            Some(("again", chapter)) => self.again = some(chapter),
            _ => {
                return Err(format!(
                    "'{word}' is no attribute; there are loop=NAME, until=eof, unless=SWITCH, \
                     by=ACTOR, fails=ERRNO, again=CHAPTER"
                ));
            }
        }
        Ok(())
    }

    /// Takes a `peer` block.
    pub(super) fn accompany(
        &mut self,
        words: &[&str],
        lines: Vec<Line>,
        here: &Line,
    ) -> Vec<Wrong> {
        let when = match words {
            ["when=before"] => When::Before,
            ["when=during"] => When::During,
            ["when=after"] => When::After,
            _ => {
                let message = "a `peer` block says when=before, when=during or when=after";
                return vec![(here.clone(), message.into())];
            }
        };
        let (actions, wrong) = parted(lines, Scripted::parse);
        self.peer.push(Peer { when, actions });
        wrong
    }

    /// Takes a `predict` block.
    pub(super) fn ask(&mut self, lines: &[Line], here: &Line) -> Vec<Wrong> {
        let question = Question::parse(lines, here.clone());
        only_one(&mut self.question, question, "question", here)
    }

    /// Takes a `verdict` block.
    pub(super) fn put(&mut self, lines: &[Line], here: &Line) -> Vec<Wrong> {
        only_one(
            &mut self.claim,
            Claim::parse(lines, here.clone()),
            "verdict",
            here,
        )
    }

    /// Takes what a translation says in place of a `predict` or `verdict` block.
    pub(super) fn say(&mut self, kind: &str, lines: &[Line], here: &Line) -> Vec<Wrong> {
        let kept = if kind == "predict" {
            &mut self.said_question
        } else {
            &mut self.said_claim
        };
        only_one(kept, Said::parse(lines, here.clone()), kind, here)
    }

    /// Takes an `expect` block.
    pub(super) fn expect(&mut self, lines: Vec<Line>) -> Vec<Wrong> {
        let (expects, wrong) = parted(lines, Expectation::parse);
        self.expects.extend(expects);
        wrong
    }
}

/// Keeps what was read of a block that a step has one of at the most.
fn only_one<T>(
    kept: &mut Option<T>,
    read: Result<T, Wrong>,
    what: &str,
    here: &Line,
) -> Vec<Wrong> {
    if kept.is_some() {
        return vec![(here.clone(), format!("one {what} a step is enough"))];
    }
    match read {
        Ok(read) => *kept = Some(read),
        Err(wrong) => return vec![wrong],
    }
    Vec::new()
}

/// The lines that could be read, and what is wrong with the others.
fn parted<T>(lines: Vec<Line>, read: fn(Line) -> Result<T, Wrong>) -> (Vec<T>, Vec<Wrong>) {
    let (mut fine, mut wrong) = (Vec::new(), Vec::new());
    for line in lines {
        match read(line) {
            Ok(it) => fine.push(it),
            Err(it) => wrong.push(it),
        }
    }
    (fine, wrong)
}
