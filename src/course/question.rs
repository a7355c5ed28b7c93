//! What a learner is asked before a call.

use serde::Deserialize;

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
enum Conditions {
    #[default]
    None,
    One(String),
    Several(Vec<String>),
}

impl Question {
    /// Reads the lines of a `predict` block. The error says what is wrong, and in
    /// which of the lines.
    pub(crate) fn parse(lines: &[Line], at: Line) -> Result<Question, (Line, String)> {
        let text: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        let text = text.join("\n");
        let file: QuestionFile = toml::from_str(&text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let row = text[..offset.min(text.len())].matches('\n').count();
            let line = lines.get(row).unwrap_or(&at).clone();
            (line, error.message().to_string())
        })?;
        let choice = |choice: ChoiceFile| {
            let conditions = match choice.when {
                Conditions::None => Vec::new(),
                Conditions::One(line) => vec![line],
                Conditions::Several(lines) => lines,
            };
            // A condition stands where its text is found.
            let placed = |text: String| Line {
                line: lines
                    .iter()
                    .find(|line| line.text.contains(&text))
                    .map_or(at.line, |line| line.line),
                column: 1,
                text,
            };
            let when = conditions.into_iter().map(placed).map(Expectation::parse);
            Ok(Choice {
                text: choice.text,
                belief: choice.belief,
                when: when.collect::<Result<_, _>>()?,
                right: choice.right,
            })
        };
        Ok(Question {
            text: file.question,
            why: file.why,
            choices: file
                .choice
                .into_iter()
                .map(choice)
                .collect::<Result<_, _>>()?,
            at,
        })
    }

    /// Says it as the same question in another language does, or what is wrong with that.
    pub(super) fn translate(&mut self, said: Question) -> Option<(Line, String)> {
        let acts =
            |choice: &Choice| choice.right || choice.belief.is_some() || !choice.when.is_empty();
        let message = if said.choices.len() != self.choices.len() {
            format!("the chapter's question has {} choices", self.choices.len())
        } else if said.choices.iter().any(acts) {
            "a choice has its `text` alone here: the rest stands in the chapter".into()
        } else {
            for (own, said) in self.choices.iter_mut().zip(said.choices) {
                own.text = said.text;
            }
            (self.text, self.why) = (said.text, said.why);
            return None;
        };
        Some((said.at, message))
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
