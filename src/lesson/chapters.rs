//! Chapters in the order of the plan, and the choice at the end of each.

use super::lesson::Lesson;
use super::step::StepFlow;
use crate::course::Chapter;
use crate::error::Error;
use crate::model::{Ask, ChapterMode, Ended, LessonEvent, Moment, Part, Scene};
use crate::run::{Actors, Choice, Menu};
use crate::source::Actor;

/// How a part of the run came out: go on, or end like this.
enum Flow {
    On,
    /// Again from that chapter.
    Again(String),
    End(Ended),
}

impl<'a> Lesson<'a> {
    /// Plays the plan.
    pub(super) fn chapters(&mut self) -> Result<Ended, Error> {
        let track = self.track;
        let mut at = 0;
        while let Some(part) = self.plan.parts.get(at).cloned() {
            let Some(chapter) = track.chapter(&part.chapter) else {
                return Err(Error::Usage(format!(
                    "there is no chapter '{}'",
                    part.chapter
                )));
            };
            if part.fresh && at > 0 {
                self.recast()?;
            }
            let mode = part.mode;
            self.leave_step();
            self.enter_chapter(chapter, mode);
            self.tell(LessonEvent::Chapter { id: part.chapter })?;
            let flow = self.chapter(chapter)?;
            self.run_on = false;
            match flow {
                Flow::On => {}
                Flow::End(ended) => return Ok(ended),
                Flow::Again(from) => {
                    at += 1;
                    let round = track.round(&from, &chapter.id);
                    self.plan.parts.splice(at..at, round);
                    continue;
                }
            }
            self.leave_step();
            at += 1;
            if mode == ChapterMode::DoneForYou {
                continue;
            }
            let id = chapter.id.clone();
            self.tell(LessonEvent::ChapterEnd { id })?;
            self.end_walk(chapter)?;
            if self.run.pace.attended()
                && let Flow::End(ended) = self.chapter_end(chapter, at)?
            {
                return Ok(ended);
            }
        }
        Ok(Ended::Done)
    }

    /// Tells what the walk was, if this chapter was its last and not its only one.
    fn end_walk(&mut self, chapter: &Chapter) -> Result<(), Error> {
        let track = self.track;
        if track.number(&chapter.id) != Some(track.walk) || self.told.len() < 2 {
            return Ok(());
        }
        let more = track.chapters[track.walk..].iter();
        self.recap.more = more.map(|it| (it.id.clone(), it.title.clone())).collect();
        let recap = std::mem::take(&mut self.recap);
        self.tell(LessonEvent::Recap(recap))
    }

    /// What the events of a chapter have in common.
    fn enter_chapter(&mut self, chapter: &Chapter, mode: ChapterMode) {
        let scope = &mut self.run.scope;
        scope.mode = mode;
        scope.builtin_peer = self.plan.walk.builtin_peer || chapter.builtin_peer;
        scope.first_time = !self.told.contains(&chapter.id);
        if mode == ChapterMode::Taught {
            self.told.push(chapter.id.clone());
        }
    }

    /// Plays the steps of a chapter, round by round where they loop.
    fn chapter(&mut self, chapter: &'a Chapter) -> Result<Flow, Error> {
        let steps = chapter.steps();
        let mut index = 0;
        let mut round = 1;
        while let Some(step) = steps.get(index) {
            let left_out = step
                .unless
                .as_ref()
                .is_some_and(|switch| self.plan.without.contains(switch));
            if left_out {
                index += 1;
                continue;
            }
            let after_loop = || {
                if step.repeat.is_none() {
                    return index + 1;
                }
                steps[index..]
                    .iter()
                    .position(|other| other.repeat != step.repeat)
                    .map_or(steps.len(), |offset| index + offset)
            };
            let in_loop = step.repeat.as_ref().map(|_| round);
            index = match self.step(chapter, index, in_loop)? {
                StepFlow::End(ended) => return Ok(Flow::End(ended)),
                StepFlow::Again(from) => return Ok(Flow::Again(from)),
                StepFlow::Value(0) if step.until_eof => after_loop(),
                StepFlow::PeerGone => after_loop(),
                StepFlow::Value(_) => {
                    let next = index + 1;
                    if step.repeat.is_some() && next == after_loop() {
                        round += 1;
                        steps
                            .iter()
                            .position(|other| other.repeat == step.repeat)
                            .unwrap_or(next)
                    } else {
                        next
                    }
                }
            };
        }
        Ok(Flow::On)
    }

    /// The choice at the end of a chapter. Adds the next chapter to the plan if
    /// the learner wants it and it is not planned yet.
    fn chapter_end(&mut self, chapter: &Chapter, at: usize) -> Result<Flow, Error> {
        let track = self.track;
        let next = track
            .number(&chapter.id)
            .and_then(|number| track.chapters.get(number));
        let mut choices = Vec::new();
        if let Some(next) = next {
            choices.push((
                Choice::NextChapter,
                format!("next chapter: {}, {}", next.id, next.title),
            ));
        }
        choices.push((Choice::Inspect, "look again".to_string()));
        choices.push((Choice::Quit, "quit".to_string()));
        let mut menu = Menu::new(format!("{} is done", chapter.id), choices);
        if next.is_none() || track.number(&chapter.id) == Some(track.walk) {
            // Who only presses Enter walks to the end, and no further.
            menu.chosen = menu.choices.len() - 1;
        }
        loop {
            match self.run.choose(menu.clone())? {
                Ok(Choice::NextChapter) => {
                    if self.plan.parts.len() == at
                        && let Some(next) = next
                    {
                        self.plan.parts.extend(if next.fresh {
                            track.one_chapter(&next.id)
                        } else {
                            vec![Part::taught(&next.id)]
                        });
                    }
                    return Ok(Flow::On);
                }
                Ok(Choice::Inspect) => {
                    self.tell(LessonEvent::Asked(Ask::Inspect))?;
                    self.run.look(Moment::Asked)?;
                }
                Ok(_) => {
                    let ended = if next.is_none() {
                        Ended::Done
                    } else {
                        Ended::Quit
                    };
                    return Ok(Flow::End(ended));
                }
                Err(ended) => return Ok(Flow::End(ended)),
            }
        }
    }

    /// Begins anew with a new process: the old ones end, and their sockets.
    fn recast(&mut self) -> Result<(), Error> {
        let lead = Actor::spawn(self.lead())
            .map_err(Error::system("starting the process that makes the calls"))?;
        self.run.actors.end();
        self.run.scene = Scene::default();
        self.run.scope.addr = self.plan.walk.addr;
        self.run.scope.server = Some(lead.pid());
        self.run.actors = Actors::new(lead);
        Ok(())
    }
}
