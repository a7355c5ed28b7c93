//! Claims: each has one verdict, which the kernel alone decides.

use super::Finder;
use super::steps::too_long;
use crate::course::claim::{Claim, Outcome};
use crate::course::types::Step;

impl Finder<'_> {
    /// A claim has one verdict, and nothing else has any.
    pub(super) fn claim(&mut self, at: usize) {
        let mut claims = Vec::new();
        for step in self.chapter.steps() {
            claims.extend(step.claim.as_ref());
        }
        let is_claim = self.track.is_claim(at);
        // A chapter that could not be read may have one.
        if is_claim && claims.is_empty() && self.chapter.problems().is_empty() {
            self.top("a claim has a verdict: `### Verdict` and a `verdict` block");
        }
        for claim in claims.iter().skip(usize::from(is_claim)) {
            let message = if is_claim {
                "one verdict a claim is enough"
            } else {
                "a verdict belongs to a chapter under `claims` in course.toml"
            };
            self.at(&claim.at, message);
        }
        for step in self.chapter.steps() {
            if let Some(claim) = &step.claim {
                self.verdict(step, claim);
            }
        }
    }

    /// It can come out both ways, and never in both at once.
    fn verdict(&mut self, step: &Step, claim: &Claim) {
        let (yes, no): (Vec<_>, Vec<_>) = claim.outcomes.iter().partition(|it| it.holds);
        if yes.is_empty() || no.is_empty() {
            let message =
                "a verdict has an outcome where the claim holds, and one where it does not";
            self.at(&claim.at, message);
        }
        for outcome in &claim.outcomes {
            if let Some(message) = too_long(&outcome.text) {
                self.said(step, &claim.at, message);
            }
            if outcome.when.is_empty() {
                let message = format!("nothing shows that '{}'", outcome.text);
                self.at(&claim.at, message);
            }
        }
        for (one, other) in yes
            .iter()
            .flat_map(|one| no.iter().map(move |it| (one, it)))
        {
            if !exclude(one, other) {
                let (one, other) = (&one.text, &other.text);
                let message = format!("'{one}' and '{other}' do not exclude each other");
                self.at(&claim.at, message);
            }
        }
    }
}

/// Can they never hold together?
fn exclude(one: &Outcome, other: &Outcome) -> bool {
    let others = || other.when.iter();
    let mut conditions = one.when.iter();
    conditions.any(|it| others().any(|other| it.predicate.excludes(&other.predicate)))
}
