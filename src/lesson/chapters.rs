//! Chapters in the order of the plan, and the choice at the end of each.

use super::lesson::Lesson;
use super::step::StepFlow;
use crate::course::{Chapter, RequiredPeer, Step};
use crate::error::Error;
use crate::model::{Ask, ChapterMode, Ended, LessonEvent, Moment, Part, Scene};
use crate::run::{Actors, Choice, Menu};
use crate::words::say;

impl<'a> Lesson<'a> {
    /// Plays the plan.
    pub(super) fn chapters(&mut self) -> Result<(), Error> {
        let track = self.track;
        let mut at = 0;
        while let Some(part) = self.plan.parts.get(at).cloned() {
            let Some(chapter) = track.chapter(&part.chapter) else {
                let message = format!("there is no chapter '{}'", part.chapter);
                return Err(Error::Usage(message));
            };
            if part.fresh && at > 0 {
                self.recast()?;
            }
            let mode = part.mode;
            self.leave_step();
            self.enter_chapter(chapter, mode, at);
            self.tell(LessonEvent::Chapter { id: part.chapter })?;
            let again = self.chapter(chapter)?;
            self.run_on = false;
            at += 1;
            if let Some(from) = again {
                let round = track.round(&from, &chapter.id);
                self.plan.parts.splice(at..at, round);
                continue;
            }
            self.leave_step();
            if mode == ChapterMode::DoneForYou {
                continue;
            }
            let id = chapter.id.clone();
            self.tell(LessonEvent::ChapterEnd { id })?;
            self.end_walk(chapter)?;
            if self.run.pace.attended() {
                self.chapter_end(chapter, at)?;
            }
        }
        Ok(())
    }

    /// Tells what the walk was, if this chapter was its last and not its only one.
    fn end_walk(&mut self, chapter: &Chapter) -> Result<(), Error> {
        let track = self.track;
        if track.number(&chapter.id) != Some(track.walk) || self.told.len() < 2 {
            return Ok(());
        }
        // What the peer has closed since is not left.
        self.run.look_outside(Moment::Changed)?;
        let more = track.extras().iter();
        self.recap.more = more.map(|it| (it.id.clone(), it.title.clone())).collect();
        let recap = std::mem::take(&mut self.recap);
        self.tell(LessonEvent::Recap(recap))
    }

    /// Must the built-in peer play in the part at that place? Where a chapter wants it,
    /// what is done for it beforehand does, too: they are about the same connection.
    fn needs_builtin_peer(&self, at: usize) -> bool {
        let mut parts = self.plan.parts[at..].iter();
        let taught = parts.find(|part| part.mode == ChapterMode::Taught);
        let chapter = taught.and_then(|part| self.track.chapter(&part.chapter));
        chapter.is_some_and(|chapter| chapter.peer == Some(RequiredPeer::Builtin))
    }

    /// What the events of a chapter have in common, which is the part at that place.
    fn enter_chapter(&mut self, chapter: &Chapter, mode: ChapterMode, at: usize) {
        let builtin_peer = self.plan.walk.builtin_peer || self.needs_builtin_peer(at);
        let mut held = chapter.steps().iter().flat_map(Step::held);
        self.run.sees_half_open = held.any(|it| it.predicate.is_about_half_open());
        let scope = &mut self.run.scope;
        scope.mode = mode;
        scope.builtin_peer = builtin_peer;
        scope.first_time = !self.told.contains(&chapter.id);
        if mode == ChapterMode::Taught {
            self.told.push(chapter.id.clone());
        }
    }

    /// Plays the steps of a chapter, round by round where they loop. `Some` is to go
    /// round again from that chapter.
    fn chapter(&mut self, chapter: &'a Chapter) -> Result<Option<String>, Error> {
        let steps = chapter.steps();
        let mut index = 0;
        let mut round = 1;
        while let Some(step) = steps.get(index) {
            let switch = step.unless.as_ref();
            if switch.is_some_and(|switch| self.plan.without.contains(switch)) {
                index += 1;
                continue;
            }
            let goes_round = step.repeat.is_some();
            let is_part = |other: &Step| goes_round && other.repeat == step.repeat;
            let rest = steps[index + 1..].iter();
            let behind = index + 1 + rest.take_while(|other| is_part(other)).count();
            index = match self.step(chapter, index, goes_round.then_some(round))? {
                StepFlow::Again(from) => return Ok(Some(from)),
                StepFlow::PeerGone => behind,
                StepFlow::Value(0) if step.until_eof => behind,
                StepFlow::Value(_) if goes_round && index + 1 == behind => {
                    round += 1;
                    steps.iter().position(is_part).unwrap_or(behind)
                }
                StepFlow::Value(_) => index + 1,
            };
        }
        Ok(None)
    }

    /// The choice at the end of a chapter. Adds the next chapter to the plan if
    /// the learner wants it and it is not planned yet.
    fn chapter_end(&mut self, chapter: &Chapter, at: usize) -> Result<(), Error> {
        let track = self.track;
        let number = track.number(&chapter.id);
        // Claims are a group of their own: no other chapter leads into them.
        let follows = |next: &usize| track.is_claim(*next) == track.is_claim(next - 1);
        let next = number.filter(follows);
        let next = next.and_then(|next| track.chapters.get(next));
        let mut choices = Vec::new();
        if let Some(next) = next {
            let label = say!("menu-next", id = next.id, title = next.title);
            choices.push((Choice::NextChapter, label));
        }
        choices.push((Choice::Ask(Ask::Inspect), say!("menu-look")));
        choices.push((Choice::Quit, say!("menu-quit")));
        let mut menu = Menu::new(say!("menu-done", id = chapter.id), choices);
        let back = ("b", Choice::Ask(Ask::Back), say!("key-back"));
        let hints = ("h", Choice::Ask(Ask::Hints), say!("key-hints"));
        menu.letters.splice(0..0, [back, hints]);
        if next.is_none() || track.number(&chapter.id) == Some(track.walk) {
            // Who only presses Enter walks to the end, and no further.
            menu.chosen = menu.choices.len() - 1;
        }
        loop {
            match self.run.choose(menu.clone())? {
                Choice::NextChapter => {
                    if self.plan.parts.len() == at
                        && let Some(next) = next
                    {
                        self.plan.parts.extend(if next.fresh {
                            track.one_chapter(&next.id)
                        } else {
                            vec![Part::taught(&next.id)]
                        });
                    }
                    return Ok(());
                }
                Choice::Ask(ask) => self.tell_asked(ask)?,
                // All that was asked for is done.
                _ if self.plan.parts.len() == at => return Err(Error::Ended(Ended::Done)),
                _ => return Err(Error::Ended(Ended::Quit)),
            }
        }
    }

    /// Begins anew with a new process: the old ones end, and their sockets.
    fn recast(&mut self) -> Result<(), Error> {
        let lead = Actors::start(self.lead())?;
        self.run.actors.end();
        self.run.scene = Scene::default();
        self.run.scope.addr = self.plan.walk.addr;
        self.run.scope.server = Some(lead.pid());
        self.run.actors = Actors::new(lead);
        Ok(())
    }
}
