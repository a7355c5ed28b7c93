//! Tells events as a lesson.

mod about;
mod after;
mod before;
mod ended;
mod menus;
mod processes;
mod program;
mod run;
mod shell;

pub(super) use ended::recap;
use menus::{below_pause, end_menu};
pub(crate) use program::ProgramNarrator;

use super::calls::short;
use super::doc::{Block, Line, bad, fact, field, muted, paragraph, plain, strong};
use super::fact::Who;
use super::ladder::ladder;
use super::states::states;
use super::trouble::failure;
use super::wire::Wire;
use crate::course::{Step, Track};
use crate::model::{
    Ask, Call, ChapterMode, Event, LessonEvent, Look, MachineEvent, Moment, Scene, Side, What,
    World,
};
use crate::picture::Story;
use crate::script::Vars;
use crate::words::say;

/// What an event adds to the screen.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// To be printed below what is there.
    pub blocks: Vec<Block>,
    /// To be printed before the next call.
    pub before_next: Vec<Block>,
    /// To be printed where there is room.
    pub extra: Vec<Block>,
    /// A call's result begins with these blocks.
    pub begins_result: bool,
    /// The result in one line, as far as it is known.
    pub was: Option<Line>,
    /// They say what one line cannot: an answer, a failure.
    pub must_be_read: bool,
    /// The screen rests below these blocks and what will stand below them.
    pub rest: Option<Vec<Block>>,
    /// To stand on the one line that is rewritten.
    pub live: Option<Line>,
}

impl From<Vec<Block>> for Told {
    fn from(blocks: Vec<Block>) -> Told {
        Told {
            blocks,
            ..Told::default()
        }
    }
}

/// Tells events as a lesson. Prose is joined by step id from the course; what
/// is said of the machine comes from the events and the scene alone.
pub(crate) struct Narrator<'a> {
    track: &'a Track,
    /// The last call that was a step's own.
    call: Option<Call>,
    /// The question of the step was asked.
    asked: bool,
    wire: Wire,
    /// What the last call returned, in short.
    returned: Line,
    /// What can be seen of the last call elsewhere, and what to try.
    hints: Vec<Block>,
    /// What stood at the pause before this one, and what stands at this.
    pauses: [Vec<Block>; 2],
    /// What the run was so far.
    story: Story,
    /// How many states were passed when they were drawn; `None`: only if asked for.
    drawn: Option<usize>,
}

/// So many rungs of a ladder fit a screen.
pub(super) const RUNGS: usize = 18;

/// An event that is told, and what is known at that moment.
struct Telling<'e> {
    track: &'e Track,
    event: &'e Event,
    scene: &'e Scene,
}

impl<'a> Narrator<'a> {
    /// Nothing has been told yet.
    pub(crate) fn new(track: &'a Track) -> Narrator<'a> {
        Narrator {
            track,
            call: None,
            asked: false,
            wire: Wire::default(),
            returned: Line::new(),
            hints: Vec::new(),
            pauses: Default::default(),
            story: Story::default(),
            drawn: None,
        }
    }

    /// The same, and draws the states of both ends where one has changed.
    pub(crate) fn drawing_states(track: &'a Track) -> Narrator<'a> {
        Narrator {
            drawn: Some(0),
            ..Narrator::new(track)
        }
    }

    /// Tells one event. The scene is as it is after it.
    pub(crate) fn tell(&mut self, event: &Event, scene: &Scene) -> Told {
        self.story.take(event);
        let at = Telling {
            track: self.track,
            event,
            scene,
        };
        match &event.what {
            What::Machine(machine) => self.machine(&at, machine),
            What::Lesson(lesson) => self.lesson(&at, lesson),
            What::Shell(shell) => shell::told(event, shell).into(),
            What::Run(run) => run::told(run).into(),
        }
    }

    fn machine(&mut self, at: &Telling<'_>, machine: &MachineEvent) -> Told {
        match machine {
            _ if at.event.scope.aside => Told::default(),
            MachineEvent::Enter(call) => {
                if at.event.scope.own {
                    self.call = Some(call.clone());
                }
                Told::default()
            }
            MachineEvent::Blocked(blocked) => {
                let hints = blocked.first && !at.event.scope.builtin_peer;
                Told {
                    blocks: hints.then(|| at.hint(blocked)).into_iter().collect(),
                    live: Some(at.live(blocked)),
                    ..Told::default()
                }
            }
            MachineEvent::Exit {
                call,
                outcome,
                took,
            } => {
                let own = at.event.scope.own && at.taught();
                if own {
                    self.call = Some(call.clone());
                    self.returned = short(call, *outcome);
                }
                Told {
                    blocks: at.exit(call, *outcome, *took),
                    begins_result: own,
                    was: own.then(|| self.returned.clone()),
                    ..Told::default()
                }
            }
            MachineEvent::Look(look) => self.look(at, look),
            MachineEvent::Packet(packet) => self.wire.told(packet).into(),
            MachineEvent::Born { .. }
            | MachineEvent::Exec { .. }
            | MachineEvent::Signal(_)
            | MachineEvent::Gone(_) => Told::default(),
        }
    }

    fn question(&mut self, at: &Telling<'_>, next: &Call, round: Option<u32>) -> Told {
        self.asked = true;
        self.call = Some(next.clone());
        let blocks = at.facts(next, round);
        self.pauses[1].extend_from_slice(&blocks);
        Told {
            blocks,
            rest: Some(at.question_menu()),
            ..Told::default()
        }
    }

    fn step_end(&mut self, at: &Telling<'_>) -> Told {
        self.hints = at.hints();
        let mut extra = self.hints.clone();
        if !self.asked {
            extra.extend(at.unasked());
        }
        let passed = self.story.passed();
        let is_news = self.drawn.is_some_and(|drawn| drawn < passed);
        let mut blocks = Vec::new();
        if is_news {
            self.drawn = Some(passed);
            blocks = states(&self.story.states());
        }
        Told {
            blocks,
            extra,
            must_be_read: is_news,
            ..Told::default()
        }
    }

    fn look(&mut self, at: &Telling<'_>, look: &Look) -> Told {
        match (look.moment, &self.call) {
            (Moment::After, Some(call)) if at.taught() => {
                let (blocks, seen) = at.effect(call, look);
                Told {
                    was: Some(at.was(std::mem::take(&mut self.returned), call, look)),
                    blocks,
                    extra: seen.into_iter().collect(),
                    ..Told::default()
                }
            }
            _ => at.view(look).into(),
        }
    }

    fn lesson(&mut self, at: &Telling<'_>, lesson: &LessonEvent) -> Told {
        let taught = at.taught();
        match lesson {
            LessonEvent::Chapter { id } if taught => before_next(at.chapter(id)),
            LessonEvent::ChapterEnd { id } => {
                self.leave_pause();
                Told {
                    rest: (!at.ends_walk(id)).then(end_menu),
                    ..Told::default()
                }
            }
            LessonEvent::Recap(recap) => Told {
                blocks: at.recap(recap),
                rest: Some(end_menu()),
                ..Told::default()
            },
            LessonEvent::Step { .. } if taught => {
                self.asked = false;
                self.leave_pause();
                self.pauses[1] = at.step_begin();
                before_next(self.pauses[1].clone())
            }
            LessonEvent::Pause {
                next,
                round,
                asked,
                rests,
            } => {
                self.call = Some(next.clone());
                if !taught {
                    return Told::default();
                }
                let blocks = at.pause(next, *round, *asked);
                self.pauses[1].extend_from_slice(&blocks);
                Told {
                    blocks,
                    rest: rests.then(|| below_pause(next)),
                    ..Told::default()
                }
            }
            LessonEvent::Question { next, round, .. } => self.question(at, next, *round),
            LessonEvent::Answered(answer) => must_be_read(at.answered(answer)),
            LessonEvent::Claimed(claimed) => must_be_read(at.claimed(claimed)),
            LessonEvent::Asked(ask) => self.at_a_key(at, *ask).into(),
            LessonEvent::Expect { line, held, found } if !held => otherwise(line, found).into(),
            LessonEvent::Expect { line, .. } if at.event.scope.step.is_none() => {
                vec![field(say!("label-holds"), fact(line))].into()
            }
            LessonEvent::Failed(what) => must_be_read(failure(what)),
            LessonEvent::StepEnd { failed: false } if taught => self.step_end(at),
            LessonEvent::Chapter { .. }
            | LessonEvent::Step { .. }
            | LessonEvent::StepEnd { .. }
            | LessonEvent::Expect { .. } => Told::default(),
        }
    }

    /// What a key asks for; a look comes by itself.
    fn at_a_key(&self, at: &Telling<'_>, ask: Ask) -> Vec<Block> {
        match ask {
            Ask::Why => at.why(),
            Ask::Languages => at.languages(),
            Ask::Hints if self.hints.is_empty() => {
                vec![field(say!("label-try"), muted(say!("nothing-yet")))]
            }
            Ask::Hints => self.hints.clone(),
            Ask::States => states(&self.story.states()),
            Ask::Ladder => ladder(&self.story.ladder(RUNGS)),
            Ask::Back => self.back(at),
            Ask::Next => Vec::from_iter(self.call.as_ref().map(|call| at.next(call, None))),
            Ask::Inspect => Vec::new(),
        }
    }

    /// The pause that was is the one before.
    fn leave_pause(&mut self) {
        let [before, last] = &mut self.pauses;
        if !last.is_empty() {
            *before = std::mem::take(last);
        }
    }

    /// What stood at the pause before, as it was then, and where the lesson is now.
    fn back(&self, at: &Telling<'_>) -> Vec<Block> {
        let [before, this] = &self.pauses;
        let title = if before.is_empty() {
            say!("back-none")
        } else {
            say!("back-then")
        };
        let mut blocks = vec![Block::Blank, paragraph(strong(title))];
        blocks.extend_from_slice(before);
        blocks.push(Block::Blank);
        let next = self.call.as_ref().filter(|_| !this.is_empty());
        blocks.extend(next.map(|call| at.next(call, None)));
        blocks
    }
}

/// What one line cannot say.
fn must_be_read(blocks: Vec<Block>) -> Told {
    Told {
        must_be_read: !blocks.is_empty(),
        blocks,
        ..Told::default()
    }
}

/// What is told between two calls.
fn before_next(before_next: Vec<Block>) -> Told {
    Told {
        before_next,
        ..Told::default()
    }
}

fn otherwise(expected: &str, found: &str) -> Vec<Block> {
    let expected = plain(say!("expected", what = expected));
    let otherwise = bad(say!("says-otherwise"));
    vec![field(
        say!("label-but"),
        vec![otherwise, fact(found), expected],
    )]
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
