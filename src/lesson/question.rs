//! Questions: what a learner predicts, and what the kernel shows.

use super::lesson::Lesson;
use super::step::Asked;
use crate::course::{Question, Step};
use crate::error::Error;
use crate::model::{Answer, Call, ChapterMode, Ended, LessonEvent};
use crate::run::{Choice, Menu};
use crate::script::Verdict;

/// What a learner said; `None` is nothing.
pub(super) type Prediction = Option<usize>;

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

    /// Asks the step's question, if it has one.
    pub(super) fn ask(
        &mut self,
        step: &Step,
        next: &Call,
        round: Option<u32>,
    ) -> Result<Asked, Error> {
        // Said already, where the call is tried once more.
        if self.predicted.is_some() {
            return Ok(Asked::Nothing);
        }
        let Some(question) = self.asks(step, round) else {
            return Ok(Asked::Nothing);
        };
        let vars = self.run.vars();
        self.tell(LessonEvent::Question {
            next: next.clone(),
            round,
        })?;
        let texts = question
            .choices
            .iter()
            .map(|choice| vars.fill(&choice.text));
        let mut choices: Vec<(Choice, String)> = texts
            .enumerate()
            .map(|(at, text)| (Choice::Answer(at), text))
            .collect();
        choices.push((Choice::Skip, "skip this question".into()));
        let menu = Menu::new(vars.fill(&question.text), choices);
        self.predicted = match self.run.choose(menu)? {
            Ok(Choice::Answer(at)) => Some(Some(at)),
            Ok(Choice::Skip) => Some(None),
            Ok(_) => return Ok(Asked::End(Ended::Quit)),
            Err(ended) => return Ok(Asked::End(ended)),
        };
        Ok(Asked::Told)
    }

    /// Tells what was predicted and what the kernel shows. The right answer is
    /// computed: the first choice whose conditions hold now.
    pub(super) fn answer(&mut self, step: &Step) -> Result<Option<Ended>, Error> {
        let (Some(chosen), Some(question)) = (self.predicted.take(), &step.question) else {
            return Ok(None);
        };
        let right = match question.choices.iter().position(|choice| choice.right) {
            Some(right) => Some(right),
            None => match self.observed(question)? {
                Ok(right) => right,
                Err(ended) => return Ok(Some(ended)),
            },
        };
        let belief = |at: Option<usize>| at.and_then(|at| question.choices[at].belief.clone());
        let answer = Answer {
            chosen,
            right,
            beliefs: question.beliefs(),
            missed: belief(chosen.filter(|_| right.is_some() && chosen != right)),
        };
        self.recap.answers.push(answer.clone());
        self.tell(LessonEvent::Answered(answer))?;
        Ok(None)
    }

    /// Which choice the kernel shows to be right, if any. What the peer has a hand
    /// in is given a moment to settle.
    fn observed(&mut self, question: &Question) -> Result<Result<Option<usize>, Ended>, Error> {
        self.settled(|lesson| {
            let mut is_final = true;
            for (at, choice) in question.choices.iter().enumerate() {
                let mut holds = !choice.when.is_empty();
                for expectation in &choice.when {
                    let predicate = &expectation.predicate;
                    holds &= lesson.judge(predicate)? == Verdict::Held;
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
