//! What a question or a verdict says in another language: its texts alone. What decides
//! stands in the chapter.

use serde::Deserialize;

use super::fenced::{Wrong, read_block};
use crate::script::Line;

/// The texts of a block `predict` or `verdict` in a translation.
#[derive(Debug)]
pub(super) struct Said {
    file: SaidFile,
    /// Where they stand.
    at: Line,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SaidFile {
    /// Of a question.
    question: Option<String>,
    why: String,
    /// The choices of a question, or the outcomes of a verdict.
    #[serde(alias = "outcome")]
    choice: Vec<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    text: String,
}

/// The texts of a chapter's own block, which a translation takes the place of.
pub(super) struct Own<'b> {
    pub question: Option<&'b mut String>,
    pub why: &'b mut String,
    /// Those of its choices or outcomes, in order.
    pub texts: Vec<&'b mut String>,
}

impl Said {
    /// Reads the lines of a block.
    pub(super) fn parse(lines: &[Line], at: Line) -> Result<Said, Wrong> {
        let file = read_block(lines, &at)?;
        Ok(Said { file, at })
    }

    /// Takes the place of the chapter's own block, or says why it cannot.
    pub(super) fn replace(self, own: Option<Own<'_>>) -> Option<Wrong> {
        let Said { file, at } = self;
        let Some(own) = own else {
            return Some((at, "the step has no such block".into()));
        };
        let (count, wanted) = (file.choice.len(), own.texts.len());
        if count != wanted {
            let message = format!("the chapter has {wanted} of them here, not {count}");
            return Some((at, message));
        }
        for (own, said) in own.texts.into_iter().zip(file.choice) {
            *own = said.text;
        }
        *own.why = file.why;
        match (own.question, file.question) {
            (Some(own), Some(said)) => *own = said,
            (None, None) => {}
            (Some(_), None) => return Some((at, "it does not say the `question`".into())),
            (None, Some(_)) => return Some((at, "a verdict has no `question`".into())),
        }
        None
    }
}
