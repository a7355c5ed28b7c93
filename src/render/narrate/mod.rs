//! Tells events as a lesson.

mod after;
mod before;

use super::calls;
use super::doc::{Block, Line, Role, field, span};
use super::facts::Who;
use super::trouble::failure;
use crate::course::{Step, Track};
use crate::model::{
    Ask, Call, ChapterMode, Event, LessonEvent, Look, MachineEvent, Moment, RunEvent, Scene, Side,
    What, World,
};
use crate::script::Vars;

/// What an event adds to the screen.
#[derive(Debug, Default)]
pub struct Told {
    /// To be printed below what is there.
    pub blocks: Vec<Block>,
    /// To stand on the one line that is rewritten.
    pub live: Option<Line>,
}

impl From<Vec<Block>> for Told {
    fn from(blocks: Vec<Block>) -> Told {
        Told { blocks, live: None }
    }
}

/// Tells events as a lesson. Prose is joined by step id from the course; what
/// is said of the machine comes from the events and the scene alone.
pub struct Narrator<'a> {
    track: &'a Track,
    /// The last call that was a step's own.
    call: Option<Call>,
    /// Where the kernel lists a socket was said last: what the course says of it
    /// goes on there, without a label of its own.
    seen: bool,
}

/// An event that is told, and what is known at that moment.
struct Telling<'e> {
    track: &'e Track,
    event: &'e Event,
    scene: &'e Scene,
}

impl<'a> Narrator<'a> {
    /// Nothing has been told yet.
    pub fn new(track: &'a Track) -> Narrator<'a> {
        Narrator {
            track,
            call: None,
            seen: false,
        }
    }

    /// Tells one event. The scene is as it is after it.
    pub fn tell(&mut self, event: &Event, scene: &Scene) -> Told {
        let at = Telling {
            track: self.track,
            event,
            scene,
        };
        match &event.what {
            What::Machine(machine) => self.machine(&at, machine),
            What::Lesson(lesson) => self.lesson(&at, lesson).into(),
            What::Run(run) => told_of_run(run).into(),
        }
    }

    fn machine(&mut self, at: &Telling<'_>, machine: &MachineEvent) -> Told {
        match machine {
            MachineEvent::Enter(call) => {
                if at.event.scope.own {
                    self.call = Some(call.clone());
                }
                Told::default()
            }
            MachineEvent::Blocked(blocked) => Told {
                blocks: if blocked.first && !at.event.scope.builtin_peer {
                    at.hint(blocked)
                } else {
                    Vec::new()
                },
                live: Some(at.live(blocked)),
            },
            MachineEvent::Exit {
                call,
                outcome,
                took,
            } => {
                self.seen = false;
                at.exit(call, *outcome, *took).into()
            }
            MachineEvent::Look(look) => self.look(at, look).into(),
            MachineEvent::Born { .. } | MachineEvent::Gone => Told::default(),
        }
    }

    fn look(&mut self, at: &Telling<'_>, look: &Look) -> Vec<Block> {
        let blocks = match (look.moment, &self.call) {
            (Moment::After, Some(call)) if at.taught() => {
                let (blocks, seen) = at.effect(call, look);
                self.seen = seen;
                return blocks;
            }
            _ => at.view(look),
        };
        self.seen &= blocks.is_empty();
        blocks
    }

    fn lesson(&mut self, at: &Telling<'_>, lesson: &LessonEvent) -> Vec<Block> {
        let taught = at.taught();
        match lesson {
            LessonEvent::Chapter { id } if taught => at.chapter(id),
            LessonEvent::Step { .. } if taught => at.step_begin(),
            LessonEvent::Pause { next, .. } if !taught => {
                self.call = Some(next.clone());
                Vec::new()
            }
            LessonEvent::Pause { next, round, asked } => {
                self.call = Some(next.clone());
                at.pause(next, *round, *asked)
            }
            LessonEvent::Question { next, round } => at.facts(next, *round),
            LessonEvent::Answered(answer) => {
                let blocks = at.answered(answer);
                self.seen &= blocks.is_empty();
                blocks
            }
            LessonEvent::Asked(Ask::Why) => at.why(),
            LessonEvent::Expect { line, held, found } if !held => vec![field(
                "but",
                vec![
                    span(Role::Bad, "the kernel here says otherwise: "),
                    span(Role::Fact, found.clone()),
                    span(Role::Muted, format!(" (expected: {line})")),
                ],
            )],
            LessonEvent::Failed(what) => failure(what),
            LessonEvent::StepEnd { failed: false } if taught => at.step_end(self.seen),
            LessonEvent::Chapter { .. }
            | LessonEvent::ChapterEnd { .. }
            | LessonEvent::Step { .. }
            | LessonEvent::StepEnd { .. }
            | LessonEvent::Expect { .. }
            | LessonEvent::Asked(Ask::Inspect) => Vec::new(),
        }
    }
}

fn told_of_run(run: &RunEvent) -> Vec<Block> {
    match run {
        RunEvent::Begin(_) => Vec::new(),
        RunEvent::Tidied { path } => {
            let text = format!("socklab removed {path}: a program that just ends leaves it");
            vec![field("tidied", vec![span(Role::Plain, text)])]
        }
        RunEvent::End(ended) => calls::ended(*ended),
    }
}

impl<'e> Telling<'e> {
    fn taught(&self) -> bool {
        self.event.scope.mode == ChapterMode::Taught
    }

    fn lead(&self) -> Side {
        self.event.scope.lead
    }

    /// The last look at the one whom the event is about.
    fn world(&self) -> Option<&'e World> {
        self.scene.of(&self.event.who)
    }

    fn step(&self) -> Option<&'e Step> {
        self.track.step(self.event.scope.step.as_ref()?)
    }

    fn fill(&self, text: &str) -> String {
        let scope = &self.event.scope;
        let vars = Vars {
            addr: scope.addr,
            pid: scope.server,
        };
        vars.fill(text)
    }

    /// Whose facts an event tells. The built-in peer is known by its part.
    fn who(&self) -> Who<'e> {
        let side = self.lead().of(&self.event.who.name);
        Who {
            actor: &self.event.who.name,
            side: side.word(),
            peer: self.event.scope.builtin_peer.then_some(side.other().word()),
        }
    }
}
