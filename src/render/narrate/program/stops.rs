//! What is told where the program stops before a call.

use super::super::about::{About, who};
use super::ProgramNarrator;
use crate::course::Step;
use crate::model::{Ask, Call, Detail, Event, LessonEvent, Scene, Task, World};
use crate::picture::Story;
use crate::render::doc::{Block, Line, Role, field, muted, span};
use crate::render::facts::sockets;
use crate::render::ladder::ladder;
use crate::render::languages::languages;
use crate::render::markdown::markdown;
use crate::render::narrate::RUNGS;
use crate::render::states::states;
use crate::render::trouble::failure;
use crate::words::say;

impl ProgramNarrator<'_> {
    pub(super) fn lesson(
        &mut self,
        event: &Event,
        lesson: &LessonEvent,
        scene: &Scene,
    ) -> Vec<Block> {
        let world = scene.of(&Task::process(event.who.pid, ""));
        match lesson {
            LessonEvent::Failed(what) if self.detail != Detail::Brief => failure(what),
            LessonEvent::Pause { next, .. } => self.pause(event, next, world),
            LessonEvent::Asked(Ask::States) => self.drawn(|story| states(&story.states())),
            LessonEvent::Asked(Ask::Ladder) => self.drawn(|story| ladder(&story.ladder(RUNGS))),
            LessonEvent::Asked(Ask::Why) => {
                let said = self.of_step(event, world, |step| &step.why);
                said.unwrap_or_else(|| markdown(&say!("why-none")))
            }
            LessonEvent::Asked(Ask::Hints) => {
                let said = self.of_step(event, world, |step| &step.tries);
                let none = || field(say!("label-try"), vec![muted(say!("nothing-yet"))]);
                said.unwrap_or_else(|| vec![none()])
            }
            LessonEvent::Asked(Ask::Languages) => self.languages(world),
            _ => Vec::new(),
        }
    }

    fn drawn(&self, draw: impl Fn(&Story) -> Vec<Block>) -> Vec<Block> {
        self.story.as_ref().map_or(Vec::new(), draw)
    }

    /// What is there, and which call comes.
    fn pause(&mut self, event: &Event, next: &Call, world: Option<&World>) -> Vec<Block> {
        let mut blocks = vec![Block::Blank, self.row(event, Line::new())];
        if let Some(world) = world {
            blocks.extend(sockets(
                &say!("label-now"),
                who(&event.who),
                world,
                next.fd(),
            ));
        }
        blocks.push(field(
            say!("label-next"),
            vec![span(Role::Call, next.textbook())],
        ));
        self.next = Some(next.clone());
        blocks
    }

    /// What the call is about that it stops before.
    fn about_next<'w>(&self, world: Option<&'w World>) -> Option<About<'w>> {
        let call = self.next.as_ref()?;
        let socket = call.fd().and_then(|fd| world?.socket(fd));
        Some(self.about(call, None, socket))
    }

    /// What the step says that teaches the call, if it says anything.
    fn of_step(
        &self,
        event: &Event,
        world: Option<&World>,
        text: impl Fn(&Step) -> &String,
    ) -> Option<Vec<Block>> {
        let about = self.about_next(world)?;
        let (step, vars) = about.step(self.course, event.who.pid)?;
        let text = vars.fill(text(step));
        (!text.is_empty()).then(|| markdown(&text))
    }

    /// How languages write such a call.
    fn languages(&self, world: Option<&World>) -> Vec<Block> {
        let about = self.about_next(world);
        let taught = about.and_then(|about| about.taught(self.course));
        let found = taught.map_or(Vec::new(), |it| languages(it.track, &it.chapter.id));
        if found.is_empty() {
            return markdown(&say!("languages-none"));
        }
        found
    }
}
