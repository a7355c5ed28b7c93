//! The steps of a chapter.

use super::claim::Claim;
use super::question::Question;
use super::said::Said;
use crate::script::{Expectation, Line, Scripted};

/// What a chapter file says below its front matter.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// What is told before its first step: Markdown.
    pub prose: String,
    pub steps: Vec<Step>,
}

/// One step: one system call, one pause. All prose is Markdown.
#[derive(Debug, Default)]
pub(crate) struct Step {
    /// Its heading in lower case, joined by hyphens.
    pub id: String,
    pub title: String,
    pub prose: String,
    /// What the actor does. A chapter that has a step without one has a problem, and
    /// is not played.
    pub action: Option<Scripted>,
    /// Where the step stands: its action, or its heading.
    pub at: Line,
    /// Steps in a row with the same name go round together …
    pub repeat: Option<String>,
    /// … until this one returns 0 or fails.
    pub until_eof: bool,
    /// The switch that leaves this step out.
    pub unless: Option<String>,
    /// Who makes the call; the lead, where nobody is named.
    pub by: Option<String>,
    /// The errnos of which the call is to fail with one; empty for a call that is
    /// to succeed.
    pub fails: Vec<String>,
    /// The chapter from which the learner may go round again before this step.
    pub again: Option<String>,
    /// What the learner is asked before the call.
    pub question: Option<Question>,
    /// What the kernel may say to the chapter's claim after the call.
    pub claim: Option<Claim>,
    /// What the built-in peer does around this step.
    pub peer: Vec<Peer>,
    /// What the kernel is about to check and change.
    pub kernel: String,
    /// Why the step is there: for the key `w`.
    pub why: String,
    /// What can be seen of it afterwards, and what cannot.
    pub seen: String,
    /// What to try in the second terminal.
    pub tries: String,
    /// The file of the translation that its words are from, and where.
    pub said_in: Option<(String, Line)>,
    /// Of a step in a translation: what its question and its verdict say there.
    pub(super) said_question: Option<Said>,
    pub(super) said_claim: Option<Said>,
    /// What the kernel must show after the call.
    pub expects: Vec<Expectation>,
}

impl Step {
    /// All that is held against the kernel: what is expected, and the conditions of the
    /// question's choices and of the verdict's outcomes.
    pub(crate) fn held(&self) -> impl Iterator<Item = &Expectation> {
        let choices = self.question.iter().flat_map(|question| &question.choices);
        let conditions = choices.flat_map(|choice| &choice.when);
        let outcomes = self.claim.iter().flat_map(|claim| &claim.outcomes);
        let shown = outcomes.flat_map(|outcome| &outcome.when);
        self.expects.iter().chain(conditions).chain(shown)
    }
}

/// Actions of the built-in client. Inside a loop, the n-th block of one kind
/// belongs to the n-th round.
#[derive(Debug)]
pub(crate) struct Peer {
    pub when: When,
    pub actions: Vec<Scripted>,
}

/// When the built-in client acts, relative to the step's call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Before the pause.
    Before,
    /// While the actor is blocked in the call.
    During,
    /// After the call.
    After,
}
