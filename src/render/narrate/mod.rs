mod after;
mod before;

use super::calls;
use super::doc::{Block, Line, Role, field, span};
use super::facts::Who;
use super::trouble::failure;
use crate::course::{Step, Track};
use crate::model::{
    ActorId, Ask, Call, ChapterMode, Event, EventKind, Outcome, Side, StepId, World, bound_address,
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

/// Tells events as a lesson. Prose is joined by step id from the course; what
/// is said of the machine comes from the events alone.
pub struct Narrator<'a> {
    track: &'a Track,
    vars: Option<Vars>,
    /// The peer of the run, and that of this chapter, is the built-in one.
    plan_builtin_peer: bool,
    builtin_peer: bool,
    /// Whose life is walked.
    lead: Side,
    mode: ChapterMode,
    /// The last look at each actor.
    worlds: Vec<(ActorId, World)>,
    /// The last call that an actor of a step made or is about to make.
    call: Option<Call>,
    /// The step whose prose was told last; a retry and a later round are told shorter.
    told: Option<StepId>,
    /// Chapters whose text was told; one that is played again is told shorter.
    chapters_told: Vec<String>,
    known_chapter: bool,
    /// The step goes round again: what was said of it is known.
    later_round: bool,
    /// Where the kernel lists a socket was said last: what the course says of it
    /// goes on there, without a label of its own.
    seen: bool,
    /// The step's call failed: what the course says of it would not fit.
    failed: bool,
    /// The step's own call comes next, or is under way.
    in_step: bool,
    /// The facts before the call were told with a question.
    facts_told: bool,
    /// A hint was given for the call that is blocked.
    hinted: bool,
}

impl<'a> Narrator<'a> {
    /// Nothing has been told yet.
    pub fn new(track: &'a Track) -> Narrator<'a> {
        Narrator {
            track,
            vars: None,
            plan_builtin_peer: false,
            builtin_peer: false,
            lead: Side::Server,
            mode: ChapterMode::Taught,
            worlds: Vec::new(),
            call: None,
            told: None,
            chapters_told: Vec::new(),
            known_chapter: false,
            later_round: false,
            seen: false,
            failed: false,
            in_step: false,
            facts_told: false,
            hinted: false,
        }
    }

    /// Tells one event.
    pub fn tell(&mut self, event: &Event) -> Told {
        let mut told = Told::default();
        let taught = self.mode == ChapterMode::Taught;
        match &event.kind {
            EventKind::Run(info) => {
                self.vars = Some(Vars {
                    addr: info.addr,
                    pid: Some(event.pid),
                });
                self.plan_builtin_peer = info.builtin_peer;
                self.lead = info.lead;
            }
            EventKind::Chapter { id, mode } => {
                self.mode = *mode;
                self.told = None;
                self.worlds.clear();
                self.known_chapter = self.chapters_told.contains(id);
                if *mode == ChapterMode::Taught {
                    self.chapters_told.push(id.clone());
                }
                self.builtin_peer = self.plan_builtin_peer
                    || self
                        .track
                        .chapter(id)
                        .is_some_and(|chapter| chapter.builtin_peer);
                if *mode == ChapterMode::Taught {
                    told.blocks = self.chapter(id);
                }
            }
            EventKind::StepBegin { round } => {
                self.later_round = self.known_chapter || round.is_some_and(|round| round > 1);
                self.failed = false;
                if taught {
                    told.blocks = self.step_begin(event);
                }
            }
            EventKind::View { world, moment } => {
                told.blocks = self.view(event, world, *moment);
                self.seen &= told.blocks.is_empty();
                self.learn(&event.actor, world);
            }
            EventKind::Pause { next, round } => {
                // The client knows the server's address from here on.
                if let ("connect", Some(addr), Some(vars)) =
                    (next.name(), next.address(), &mut self.vars)
                    && self.lead == Side::Client
                {
                    vars.addr = addr;
                }
                self.call = Some(next.clone());
                self.in_step = true;
                self.failed = false;
                self.hinted = false;
                if taught {
                    told.blocks = self.pause(event, next, *round);
                }
            }
            EventKind::Question { next, round } => {
                self.facts_told = true;
                told.blocks = self.facts(event, next, *round);
            }
            EventKind::Answered(answer) => {
                told.blocks = self.answered(event, answer);
                self.seen &= told.blocks.is_empty();
            }
            EventKind::Asked(Ask::Why) => told.blocks = self.why(event),
            EventKind::Asked(Ask::Inspect) => {}
            EventKind::Enter(call) if !self.is_peer(event) => self.call = Some(call.clone()),
            EventKind::Enter(_) => {}
            EventKind::Blocked(blocked) => {
                if !self.hinted && !self.builtin_peer {
                    self.hinted = true;
                    told.blocks = self.hint(event, blocked);
                }
                told.live = Some(self.live(event, blocked));
            }
            EventKind::Exit {
                call,
                outcome,
                took,
            } => {
                told.blocks = self.exit(event, call, *outcome, *took);
                self.seen = false;
                self.in_step &= self.is_peer(event);
                if let ("wait4", Outcome::Value(pid)) = (call.name(), *outcome) {
                    self.worlds.retain(|(_, world)| i64::from(world.pid) != pid);
                }
            }
            EventKind::Effect(changes) if taught => told.blocks = self.effect(event, changes),
            EventKind::Effect(_) => {}
            EventKind::Expect { line, held, found } if !held => {
                told.blocks = vec![field(
                    "but",
                    vec![
                        span(Role::Bad, "the kernel here says otherwise: "),
                        span(Role::Fact, found.clone()),
                        span(Role::Muted, format!(" (expected: {line})")),
                    ],
                )];
            }
            EventKind::Expect { .. } => {}
            EventKind::Failed(what) => {
                self.failed = true;
                told.blocks = failure(what);
            }
            EventKind::StepEnd if taught => told.blocks = self.step_end(event),
            EventKind::StepEnd | EventKind::ChapterEnd { .. } => {}
            EventKind::Tidied { path } => {
                told.blocks = vec![field(
                    "tidied",
                    vec![span(
                        Role::Plain,
                        format!("socklab removed {path}: a program that just ends leaves it"),
                    )],
                )];
            }
            EventKind::Ended(ended) => told.blocks = calls::ended(*ended),
        }
        told
    }

    /// Is it the built-in peer's part that is told, not the step's own call?
    fn is_peer(&self, event: &Event) -> bool {
        let by = self.step(event).and_then(|step| step.by.as_deref());
        event.actor != by.unwrap_or(self.lead.word()) || !self.in_step
    }

    fn learn(&mut self, actor: &str, world: &World) {
        if let (Some(addr), Some(vars)) = (bound_address(&world.sockets), &mut self.vars)
            && actor == Side::Server.word()
        {
            vars.addr = addr;
        }
        match self.worlds.iter_mut().find(|(known, _)| known == actor) {
            Some((_, known)) => *known = world.clone(),
            None => self.worlds.push((actor.into(), world.clone())),
        }
    }

    /// The last look at an actor.
    fn world(&self, actor: &str) -> Option<&World> {
        let (_, world) = self.worlds.iter().find(|(known, _)| known == actor)?;
        Some(world)
    }

    fn step(&self, event: &Event) -> Option<&'a Step> {
        self.track.step(event.step.as_ref()?)
    }

    fn fill(&self, text: &str) -> String {
        match self.vars {
            Some(vars) => vars.fill(text),
            None => text.into(),
        }
    }

    /// Whose facts an event tells. The built-in peer is known by its part.
    fn who<'e>(&self, event: &'e Event) -> Who<'e> {
        let (lead, peer) = (self.lead.word(), self.lead.other().word());
        let (side, other) = match event.actor == peer {
            true => (peer, lead),
            false => (lead, peer),
        };
        Who {
            actor: &event.actor,
            side,
            peer: self.builtin_peer.then_some(other),
        }
    }
}
