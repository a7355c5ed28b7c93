//! A claim of a textbook, and what the kernel may say to it.

use serde::Deserialize;

use super::fenced::{Wrong, read_block};
use super::question::Conditions;
use super::said::Own;
use crate::script::{Expectation, Line};

/// What the kernel may say to the claim that is the title of a chapter.
#[derive(Debug)]
pub(crate) struct Claim {
    pub outcomes: Vec<Outcome>,
    /// Told after the call, whatever came of it: Markdown.
    pub why: String,
    /// Where it stands.
    pub at: Line,
}

/// One thing that the kernel may show.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The claim holds then.
    pub holds: bool,
    pub text: String,
    /// What the kernel must show for it.
    pub when: Vec<Expectation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimFile {
    why: String,
    outcome: Vec<OutcomeFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutcomeFile {
    holds: bool,
    text: String,
    when: Conditions,
}

impl Claim {
    /// Reads the lines of a `verdict` block.
    pub(super) fn parse(lines: &[Line], at: Line) -> Result<Claim, Wrong> {
        let file: ClaimFile = read_block(lines, &at)?;
        let outcome = |outcome: OutcomeFile| {
            Ok(Outcome {
                holds: outcome.holds,
                text: outcome.text,
                when: outcome.when.read(lines, &at)?,
            })
        };
        let outcomes = file.outcome.into_iter().map(outcome);
        Ok(Claim {
            outcomes: outcomes.collect::<Result<_, _>>()?,
            why: file.why,
            at,
        })
    }

    /// Its texts, for a translation to replace.
    pub(super) fn texts(&mut self) -> Own<'_> {
        let outcomes = self.outcomes.iter_mut();
        Own {
            question: None,
            why: &mut self.why,
            texts: outcomes.map(|outcome| &mut outcome.text).collect(),
        }
    }
}
