//! What a learner is asked before a call.

use serde::Deserialize;

use super::fenced::{Wrong, read_block};
use super::said::Own;
use crate::script::{Expectation, Line};

/// What a learner is asked before a call.
#[derive(Debug)]
pub(crate) struct Question {
    pub text: String,
    pub choices: Vec<Choice>,
    /// Told after the call, whatever was answered: Markdown.
    pub why: String,
    /// Where it stands.
    pub at: Line,
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Choice {
    pub text: String,
    /// The mistaken belief it stands for.
    pub belief: Option<String>,
    /// What the kernel must show for it to be right; of a wrong one nothing.
    pub when: Vec<Expectation>,
    /// It is right, in a question that no kernel can answer.
    pub right: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionFile {
    question: String,
    why: String,
    choice: Vec<ChoiceFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoiceFile {
    text: String,
    belief: Option<String>,
    #[serde(default)]
    when: Conditions,
    #[serde(default)]
    right: bool,
}

/// One line, or several.
#[derive(Default, Deserialize)]
#[serde(untagged)]
pub(super) enum Conditions {
    #[default]
    None,
    One(String),
    Several(Vec<String>),
}

impl Conditions {
    /// The expectations, each where its text is found in the block that begins at `at`.
    pub(super) fn read(self, lines: &[Line], at: &Line) -> Result<Vec<Expectation>, Wrong> {
        let conditions = match self {
            Conditions::None => Vec::new(),
            Conditions::One(line) => vec![line],
            Conditions::Several(lines) => lines,
        };
        let placed = |text: String| Line {
            line: lines
                .iter()
                .find(|line| line.text.contains(&text))
                .map_or(at.line, |line| line.line),
            column: 1,
            text,
        };
        let read = conditions.into_iter().map(placed).map(Expectation::parse);
        read.collect()
    }
}

impl Question {
    /// Reads the lines of a `predict` block.
    pub(super) fn parse(lines: &[Line], at: Line) -> Result<Question, Wrong> {
        let file: QuestionFile = read_block(lines, &at)?;
        let choice = |choice: ChoiceFile| {
            Ok(Choice {
                text: choice.text,
                belief: choice.belief,
                when: choice.when.read(lines, &at)?,
                right: choice.right,
            })
        };
        let choices = file.choice.into_iter().map(choice);
        Ok(Question {
            text: file.question,
            why: file.why,
            choices: choices.collect::<Result<_, _>>()?,
            at,
        })
    }

    /// Its texts, for a translation to replace.
    pub(super) fn texts(&mut self) -> Own<'_> {
        let choices = self.choices.iter_mut();
        Own {
            question: Some(&mut self.text),
            why: &mut self.why,
            texts: choices.map(|choice| &mut choice.text).collect(),
        }
    }

    /// The beliefs it is about.
    pub(crate) fn beliefs(&self) -> Vec<String> {
        let found = self
            .choices
            .iter()
            .filter_map(|choice| choice.belief.clone());
        found.collect()
    }
}
