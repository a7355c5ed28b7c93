//! What is told where the program stops before a call.

use super::super::about::who;
use super::ProgramNarrator;
use crate::course::Step;
use crate::model::{Ask, Call, Detail, Event, LessonEvent, Scene, Task, World};
use crate::picture::Story;
use crate::render::doc::{Block, Line, Role, field, span};
use crate::render::facts::sockets;
use crate::render::ladder::ladder;
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
            LessonEvent::Asked(Ask::Why) => self.of_step(event, world, |step| &step.why),
            LessonEvent::Asked(Ask::Hints) => self.of_step(event, world, |step| &step.tries),
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

    fn of_step(
        &self,
        event: &Event,
        world: Option<&World>,
        text: impl Fn(&Step) -> &String,
    ) -> Vec<Block> {
        let Some(call) = &self.next else {
            return Vec::new();
        };
        let socket = call.fd().and_then(|fd| world?.socket(fd));
        let about = self.about(call, None, socket);
        let step = about.step(self.course, event.who.pid);
        step.map_or(Vec::new(), |(step, vars)| markdown(&vars.fill(text(step))))
    }
}
