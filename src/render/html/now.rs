//! Where a run is now: the step, the calls under way, and the one that comes next.

use maud::{Markup, html};

use super::blocks::blocks;
use crate::model::{
    Blocked, Call, ChapterMode, Event, LessonEvent, MachineEvent, RunEvent, Scope, StepId, Task,
    What,
};
use crate::render::clean::clean;
use crate::render::doc::{Block, Line, call, fact, field, muted};
use crate::render::facts::place;
use crate::words::say;

/// Of more calls under way the last are shown.
const CALLS: usize = 4;

/// Where a run is now, as far as it was told.
#[derive(Default)]
pub(super) struct Now {
    step: Option<Step>,
    under_way: Vec<UnderWay>,
    next: Option<(Task, Call)>,
}

struct Step {
    id: StepId,
    round: Option<u32>,
    mode: ChapterMode,
}

/// A call that has not returned.
struct UnderWay {
    who: Task,
    call: Call,
    /// What was said of its sleep last.
    sleeps: Option<Blocked>,
}

impl Now {
    /// Takes in the next event.
    pub(super) fn take(&mut self, event: &Event) {
        match &event.what {
            What::Machine(machine) if !event.scope.aside => self.machine(event, machine),
            What::Lesson(lesson) => self.lesson(event, lesson),
            What::Run(RunEvent::End(_)) => {
                self.under_way.clear();
                self.next = None;
            }
            _ => {}
        }
    }

    fn machine(&mut self, event: &Event, machine: &MachineEvent) {
        let tid = event.who.tid;
        match machine {
            MachineEvent::Enter(call) => {
                // What the other end does leaves the step's own call to come.
                if event.scope.own {
                    self.next = None;
                }
                self.under_way.push(UnderWay {
                    who: event.who.clone(),
                    call: call.clone(),
                    sleeps: None,
                });
            }
            MachineEvent::Blocked(blocked) => {
                let mut all = self.under_way.iter_mut();
                if let Some(it) = all.find(|it| it.who.tid == tid) {
                    it.sleeps = Some(blocked.clone());
                }
            }
            MachineEvent::Exit { .. } | MachineEvent::Gone(_) => {
                self.under_way.retain(|it| it.who.tid != tid);
            }
            _ => {}
        }
    }

    fn lesson(&mut self, event: &Event, lesson: &LessonEvent) {
        match lesson {
            LessonEvent::Step { round } => {
                self.next = None;
                self.step = step(&event.scope, *round);
            }
            LessonEvent::Question { next, .. } | LessonEvent::Pause { next, .. } => {
                self.next = Some((event.who.clone(), next.clone()));
            }
            LessonEvent::StepEnd { .. } => self.next = None,
            _ => {}
        }
    }

    /// `bind › make-the-socket · round 2`
    pub(super) fn place(&self) -> Markup {
        let Some(Step { id, round, mode }) = &self.step else {
            return html! {};
        };
        html! {
            (clean(&id.chapter)) " › " strong { (clean(&id.step)) }
            @if let Some(round) = round { (say!("html-round", round = round)) }
            @if *mode == ChapterMode::DoneForYou { (say!("html-done-for-you")) }
        }
    }

    /// What is under way, and what comes next.
    pub(super) fn calls(&self) -> Markup {
        let from = self.under_way.len().saturating_sub(CALLS);
        let under_way = self.under_way[from..].iter().map(UnderWay::told);
        let next = self.next.iter();
        let next = next.map(|(who, call)| field(say!("label-next"), by(who, call)));
        let all: Vec<Block> = under_way.chain(next).collect();
        blocks(&all)
    }
}

fn step(scope: &Scope, round: Option<u32>) -> Option<Step> {
    Some(Step {
        id: scope.step.clone()?,
        round,
        mode: scope.mode,
    })
}

impl UnderWay {
    fn told(&self) -> Block {
        let mut line = by(&self.who, &self.call);
        let Some(sleeps) = &self.sleeps else {
            return field(say!("label-calls"), line);
        };
        line.push(muted(format!(" {} s", sleeps.waited.as_secs())));
        if let Some(process) = &sleeps.process {
            line.push(fact(format!(
                " · CPU {} ms · {}",
                process.cpu_ms,
                place(process)
            )));
        }
        field(say!("label-asleep"), line)
    }
}

/// `server: accept(3, NULL, NULL)`
fn by(who: &Task, made: &Call) -> Line {
    vec![muted(format!("{}: ", who.name)), call(made.textbook())]
}
