//! Questions: what a learner predicts, and what the kernel shows.

use super::lesson::Lesson;
use crate::course::{Question, Step};
use crate::error::Error;
use crate::model::{Answer, Call, ChapterMode, Ended, LessonEvent};
use crate::run::{Choice, Menu};
use crate::script::Verdict;
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
            None => self.observed(question)?,
        };
        let belief = |at: Option<usize>| at.and_then(|at| question.choices[at].belief.clone());
        let answer = Answer {
            chosen,
            right,
            beliefs: question.beliefs(),
            missed: belief(chosen.filter(|_| right.is_some() && chosen != right)),
        };
        self.recap.answers.push(answer.clone());
        self.tell(LessonEvent::Answered(answer))
    }

    /// Which choice the kernel shows to be right, if any. What the peer has a hand
    /// in is given a moment to settle.
    fn observed(&mut self, question: &Question) -> Result<Option<usize>, Error> {
        let (lead, made) = (self.lead(), self.made.clone());
        self.run.settled(|run| {
            let mut is_final = true;
            for (at, choice) in question.choices.iter().enumerate() {
                let mut holds = !choice.when.is_empty();
                for expectation in &choice.when {
                    let predicate = &expectation.predicate;
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
