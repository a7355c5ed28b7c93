//! A lesson under way: the plan, and the run that carries it out.

use crate::course::Track;
use crate::error::Error;
use crate::model::{Ended, LessonEvent, Part, Recap, RunEvent, RunInfo, StepId, WalkInfo};
use crate::run::Run;
use crate::script::Made;

/// What a learner said; `None` is nothing.
type Prediction = Option<usize>;

/// What a lesson is to do.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub info: RunInfo,
    pub walk: WalkInfo,
    /// The chapters to play.
    pub parts: Vec<Part>,
    /// Ask the learner what will happen?
    pub predict: bool,
    /// Do what is otherwise asked about first?
    pub force: bool,
    /// Switches that leave steps out.
    pub without: Vec<String>,
}

/// A lesson under way.
pub(crate) struct Lesson<'a> {
    pub(super) run: Run<'a>,
    pub(super) track: &'a Track,
    pub(super) plan: Plan,
    /// The chapters whose text was told: one that is played again is told shorter.
    pub(super) told: Vec<String>,
    /// The last call of a step.
    pub(super) made: Option<Made>,
    /// What the learner predicted of the step: `None` if nothing was asked.
    pub(super) predicted: Option<Prediction>,
    /// What the end of a walk tells of it.
    pub(super) recap: Recap,
    /// The learner wants no more pauses in this chapter.
    pub(super) run_on: bool,
    /// A call or an expectation failed.
    pub(super) failed: bool,
}

impl<'a> Lesson<'a> {
    /// Nothing has been played yet.
    pub(crate) fn new(track: &'a Track, plan: Plan, run: Run<'a>) -> Lesson<'a> {
        Lesson {
            run,
            track,
            plan,
            told: Vec::new(),
            made: None,
            predicted: None,
            recap: Recap::default(),
            run_on: false,
            failed: false,
        }
    }

    /// Plays the plan to its end.
    pub(crate) fn play(mut self) -> Result<Ended, Error> {
        self.run.tell(RunEvent::Begin(self.plan.info.clone()))?;
        match self.played() {
            Ok(ended) => self.end(ended),
            // Whoever reads along is told the end also where socklab itself fails.
            Err(error) => self.end(Ended::Failed).and(Err(error)),
        }
    }

    fn played(&mut self) -> Result<Ended, Error> {
        let ended = match self.chapters() {
            Ok(()) => Ended::Done,
            Err(error) => self.stopped(error)?,
        };
        Ok(match ended {
            Ended::Done | Ended::Quit if self.failed => Ended::Failed,
            other => other,
        })
    }

    fn end(&mut self, ended: Ended) -> Result<Ended, Error> {
        self.leave_step();
        self.run.finish(ended)
    }

    /// Tells an event of the actor whose step it is.
    pub(super) fn tell(&mut self, what: LessonEvent) -> Result<(), Error> {
        self.run.tell(what)
    }

    /// The name of the actor whose life is walked.
    pub(super) fn lead(&self) -> &'static str {
        self.plan.walk.lead.word()
    }

    /// The name of the other end.
    pub(super) fn peer(&self) -> &'static str {
        self.plan.walk.lead.other().word()
    }

    /// From now on nothing belongs to a step.
    pub(super) fn leave_step(&mut self) {
        self.enter_step(None, self.lead());
    }

    /// From now on everything belongs to that step of `actor`.
    pub(super) fn enter_step(&mut self, step: Option<StepId>, actor: &str) {
        self.run.scope.step = step;
        self.run.scope.own = false;
        self.run.acting = actor.into();
    }
}
