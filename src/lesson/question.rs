//! Questions and claims: what a learner predicts or a textbook says, and what the kernel
//! shows.

use super::lesson::Lesson;
use crate::course::{Question, Step};
use crate::error::Error;
use crate::model::{Answer, Call, ChapterMode, Claimed, Ended, LessonEvent};
use crate::run::{Choice, Menu};
use crate::script::{Expectation, Predicate, Verdict};
use crate::words::say;

impl Lesson<'_> {
    /// Is the learner asked before this call? Once, where steps go round, and not
    /// when nobody is there or the chapter is hurried through.
    fn asks<'s>(&self, step: &'s Step, round: Option<u32>) -> Option<&'s Question> {
        let wanted = self.plan.predict
            && self.run.pace.attended()
            && self.run.scope.mode == ChapterMode::Taught
            && !self.run_on
            && round.is_none_or(|round| round == 1);
        step.question.as_ref().filter(|_| wanted)
    }

    /// Asks the step's question, if it has one. True if it did, and told the facts.
    pub(super) fn ask(
        &mut self,
        step: &Step,
        next: &Call,
        round: Option<u32>,
    ) -> Result<bool, Error> {
        // Said already, where the call is tried once more.
        if self.predicted.is_some() {
            return Ok(false);
        }
        let Some(question) = self.asks(step, round) else {
            return Ok(false);
        };
        let vars = self.run.vars();
        let text = vars.fill(&question.text);
        let choices = question.choices.iter();
        let choices: Vec<String> = choices.map(|choice| vars.fill(&choice.text)).collect();
        self.tell(LessonEvent::Question {
            next: next.clone(),
            round,
            text: text.clone(),
            choices: choices.clone(),
        })?;
        let choices = choices.into_iter().enumerate();
        let choices = choices.map(|(at, choice)| (Choice::Answer(at), choice));
        let skip = (Choice::Skip, say!("skip-question"));
        let choices = choices.chain([skip]).collect();
        let menu = Menu::new(text, choices);
        self.predicted = match self.run.choose(menu)? {
            Choice::Answer(at) => Some(Some(at)),
            Choice::Skip => Some(None),
            _ => return Err(Error::Ended(Ended::Quit)),
        };
        Ok(true)
    }

    /// Tells what was predicted and what the kernel shows. The right answer is
    /// computed: the first choice whose conditions hold now.
    pub(super) fn answer(&mut self, step: &Step) -> Result<(), Error> {
        let (Some(chosen), Some(question)) = (self.predicted.take(), &step.question) else {
            return Ok(());
        };
        let right = match question.choices.iter().position(|choice| choice.right) {
            Some(right) => Some(right),
            None => {
                let choices = question.choices.iter().map(|choice| &choice.when[..]);
                self.observed(choices)?
            }
        };
        let shown = right.map_or(&[][..], |at| &question.choices[at].when);
        let of_packets = |it: &&Expectation| matches!(it.predicate, Predicate::Packets { .. });
        let evidence = self.evidence(shown.iter().filter(of_packets))?;
        let belief = |at: Option<usize>| at.and_then(|at| question.choices[at].belief.clone());
        let answer = Answer {
            chosen,
            right,
            beliefs: question.beliefs(),
            missed: belief(chosen.filter(|_| right.is_some() && chosen != right)),
            evidence,
        };
        self.recap.answers.push(answer.clone());
        self.tell(LessonEvent::Answered(answer))
    }

    /// Holds the chapter's claim against the kernel, where the step has come to that.
    pub(super) fn put_to_kernel(&mut self, step: &Step) -> Result<(), Error> {
        let taught = self.run.scope.mode == ChapterMode::Taught;
        let Some(claim) = step.claim.as_ref().filter(|_| taught) else {
            return Ok(());
        };
        let outcomes = claim.outcomes.iter();
        let shown = self.observed(outcomes.map(|outcome| &outcome.when[..]))?;
        let shown = shown.map(|at| &claim.outcomes[at]);
        let evidence = self.evidence(shown.into_iter().flat_map(|outcome| &outcome.when))?;
        let chapter = self.run.scope.step.as_ref().map(|step| &step.chapter);
        let chapter = chapter.and_then(|id| self.track.chapter(id));
        let vars = self.run.vars();
        self.tell(LessonEvent::Claimed(Claimed {
            claim: chapter.map_or_else(String::new, |chapter| chapter.title.clone()),
            holds: shown.map(|outcome| outcome.holds),
            text: shown.map_or_else(String::new, |outcome| vars.fill(&outcome.text)),
            evidence,
        }))
    }

    /// What has shown that these conditions hold.
    fn evidence<'c>(
        &mut self,
        held: impl Iterator<Item = &'c Expectation>,
    ) -> Result<Vec<String>, Error> {
        let (lead, made) = (self.lead(), self.made.clone());
        held.map(|it| self.run.evidence(it, made.as_ref(), lead))
            .collect()
    }

    /// The first of several lists of conditions that the kernel shows to hold, if any does.
    /// What the peer has a hand in is given a moment to settle.
    fn observed<'c>(
        &mut self,
        all: impl Iterator<Item = &'c [Expectation]> + Clone,
    ) -> Result<Option<usize>, Error> {
        let (lead, made) = (self.lead(), self.made.clone());
        self.run.settled(|run| {
            let mut is_final = true;
            for (at, conditions) in all.clone().enumerate() {
                let mut holds = !conditions.is_empty();
                for Expectation { predicate, .. } in conditions {
                    holds &= run.judge(predicate, made.as_ref(), lead)? == Verdict::Held;
                    is_final &= predicate.is_immediate();
                }
                if holds {
                    return Ok((Some(at), true));
                }
            }
            Ok((None, is_final))
        })
    }
}
