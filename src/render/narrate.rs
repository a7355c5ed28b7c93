use std::time::Duration;

use super::calls;
use super::changes::{effect, lines};
use super::doc::{Block, Line, Role, field, fields, span};
use super::facts::{Who, asleep, everything, now};
use super::languages::languages;
use super::listing::seen;
use super::markdown::{field_body, markdown};
use super::tables::tables;
use super::trouble::failure;
use crate::course::{Step, Track};
use crate::model::{
    ActorId, Address, Answer, Ask, Blocked, Call, Change, ChapterMode, Event, EventKind, Moment,
    Outcome, Side, StepId, Subject, World, changes,
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
    /// Where the kernel lists a socket was said for this step.
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
                self.learn(&event.actor, world);
            }
            EventKind::Pause { next, round } => {
                // The client knows the server's address from here on.
                if let ("connect", Some(addr), Some(vars)) =
                    (next.name, next.address(), &mut self.vars)
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
                // What follows is no part of the answer: it needs its label again.
                self.seen &= told.blocks.is_empty();
            }
            EventKind::Asked(Ask::Why) => told.blocks = self.why(event),
            EventKind::Asked(Ask::Inspect) => {}
            EventKind::Enter(call) if !self.is_peer(event) => self.call = Some(call.clone()),
            EventKind::Enter(_) => {}
            EventKind::Blocked(blocked) => {
                if !self.hinted && !self.builtin_peer {
                    self.hinted = true;
                    told.blocks = self.hint(blocked);
                }
                told.live = Some(self.live(event, blocked));
            }
            EventKind::Exit {
                call,
                outcome,
                took,
            } => {
                told.blocks = self.exit(event, call, *outcome, *took);
                self.in_step &= self.is_peer(event);
                if let ("wait4", Outcome::Value(pid)) = (call.name, *outcome) {
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
        let bound = world.sockets.iter().find_map(|socket| {
            let unconnected = socket.peer.value()?.is_none();
            (*socket.local.value()?).filter(|_| unconnected)
        });
        let known = |addr: &Address| addr.inet().is_some() || addr.path().is_some();
        if let (Some(addr), Some(vars)) = (bound.filter(known), &mut self.vars)
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

    fn chapter(&self, id: &str) -> Vec<Block> {
        let Some(chapter) = self.track.chapter(id) else {
            return Vec::new();
        };
        let number = self.track.number(id).unwrap_or(0);
        let mut blocks = vec![
            Block::Blank,
            Block::Rule {
                title: format!("{number} {id}"),
                right: format!("{}: {}", chapter.label, chapter.title),
            },
            Block::Blank,
        ];
        if !self.known_chapter {
            blocks.extend(markdown(&self.fill(chapter.prose())));
        }
        blocks
    }

    /// The prose of a step: once, not on a retry, not in a later round.
    fn step_begin(&mut self, event: &Event) -> Vec<Block> {
        let again = self.told == event.step;
        self.told = event.step.clone();
        let mut blocks = vec![Block::Blank];
        if let Some(step) = self.step(event).filter(|_| !again && !self.later_round)
            && !step.prose.is_empty()
        {
            blocks.extend(markdown(&self.fill(&step.prose)));
            blocks.push(Block::Blank);
        }
        blocks
    }

    /// Whose facts an event tells. The built-in peer is known by its part.
    fn who<'e>(&self, event: &'e Event) -> Who<'e> {
        let other = match event.actor == self.lead.other().word() {
            true => self.lead.word(),
            false => self.lead.other().word(),
        };
        Who {
            actor: &event.actor,
            peer: self.builtin_peer.then_some(other),
        }
    }

    /// What is there, and which call comes.
    fn facts(&self, event: &Event, next: &Call, round: Option<u32>) -> Vec<Block> {
        let mut blocks = Vec::new();
        if let Some(world) = self.world(&event.actor) {
            blocks.extend(now("now", self.who(event), world));
        }
        let peer = self.lead.other().word();
        let family: Vec<(&str, &World)> = self
            .worlds
            .iter()
            .filter(|(name, _)| name != peer)
            .map(|(name, world)| (name.as_str(), world))
            .collect();
        if family.len() > 1 && event.actor != peer {
            blocks.push(tables(&family));
        }
        let mut call = vec![span(Role::Call, next.textbook())];
        if let Some(round) = round {
            call.push(span(Role::Muted, format!(" · round {round}")));
        }
        blocks.push(field("next", call));
        blocks
    }

    /// The facts, unless a question has told them, and the kernel's part.
    fn pause(&mut self, event: &Event, next: &Call, round: Option<u32>) -> Vec<Block> {
        let mut blocks = match std::mem::take(&mut self.facts_told) {
            true => Vec::new(),
            false => self.facts(event, next, round),
        };
        if let Some(step) = self.step(event).filter(|_| !self.later_round) {
            blocks.push(fields("kernel", field_body(&self.fill(&step.kernel))));
        }
        blocks
    }

    /// A prediction beside what was observed.
    fn answered(&self, event: &Event, answer: &Answer) -> Vec<Block> {
        let Some(question) = self.step(event).and_then(|step| step.question.as_ref()) else {
            return Vec::new();
        };
        let text = |at: usize| {
            let choice = question.choices.get(at);
            choice.map_or_else(String::new, |choice| self.fill(&choice.text))
        };
        let mut body = Vec::new();
        if let Some(chosen) = answer.chosen {
            let right = answer.right == Some(chosen);
            body.push(vec![
                span(Role::Plain, "you said: "),
                span(if right { Role::Strong } else { Role::Plain }, text(chosen)),
                span(Role::Muted, if right { " · and so it is" } else { "" }),
            ]);
        }
        match answer.right {
            Some(right) if answer.chosen == Some(right) => {}
            Some(right) => {
                let declared = question.choices.get(right).is_some_and(|it| it.right);
                let how = if declared { "right: " } else { "observed: " };
                body.push(vec![
                    span(Role::Plain, how),
                    span(Role::Changed, text(right)),
                ]);
            }
            None => body.push(vec![span(
                Role::Muted,
                "it could not be observed this time",
            )]),
        }
        body.extend(field_body(&self.fill(&question.why)));
        vec![fields("answer", body)]
    }

    fn view(&self, event: &Event, world: &World, moment: Moment) -> Vec<Block> {
        match (self.world(&event.actor), moment) {
            (_, Moment::Asked) => everything(self.who(event), world),
            (Some(before), Moment::Changed) => {
                let lines = lines(&changes(before, world), world);
                if lines.is_empty() {
                    Vec::new()
                } else {
                    vec![fields("look", lines)]
                }
            }
            _ => Vec::new(),
        }
    }

    fn why(&self, event: &Event) -> Vec<Block> {
        let text = match self.step(event) {
            Some(step) if !step.why.is_empty() => self.fill(&step.why),
            _ => "There is nothing more to say about this step.".into(),
        };
        let mut blocks = vec![Block::Blank];
        // The reason comes last: it should stand on the screen without scrolling.
        if let Some(id) = &event.step {
            blocks.extend(languages(self.track, &id.chapter));
            blocks.push(Block::Blank);
        }
        blocks.extend(markdown(&text));
        blocks.push(Block::Blank);
        blocks
    }

    /// What a learner can do about a call that sleeps.
    fn hint(&self, blocked: &Blocked) -> Vec<Block> {
        let text = match blocked.call.name {
            "accept" => {
                "the queue is empty: connect from a second terminal with `nc {host} {port}`"
            }
            "recvfrom" => {
                "nothing has arrived: type a line in the client and press Enter, or end it"
            }
            "wait4" => "the child has not exited",
            "poll" => "nothing is readable: connect or type a line in a client",
            _ => "the call has not returned",
        };
        vec![fields("asleep", field_body(&self.fill(text)))]
    }

    fn live(&self, event: &Event, blocked: &Blocked) -> Line {
        let mut line = vec![
            span(Role::Call, format!("{} sleeps", blocked.call.book_name())),
            span(Role::Muted, format!(" {} s", blocked.waited.as_secs())),
        ];
        if let Some(process) = &blocked.process {
            line.push(span(Role::Fact, format!(" · {}", asleep(process))));
        }
        let queue = self.world(&event.actor).and_then(|world| {
            let listener = world.sockets.iter().find(|socket| socket.is_listening())?;
            *listener.accept_queue.value()?
        });
        if let Some(queue) = queue {
            line.push(span(Role::Fact, format!(" · queue {queue}")));
        }
        line.push(span(Role::Muted, " · keys i w q"));
        line
    }

    fn exit(&self, event: &Event, call: &Call, outcome: Outcome, took: Duration) -> Vec<Block> {
        let role = if outcome.errno().is_some() {
            Role::Bad
        } else {
            Role::Call
        };
        let line = vec![
            span(Role::Call, call.textbook()),
            span(role, format!(" = {}", call.strace_result(outcome))),
        ];
        if self.is_peer(event) {
            return vec![field(event.actor.clone(), line)];
        }
        if self.mode == ChapterMode::DoneForYou {
            return vec![calls::done_for_you(self.track, event, line)];
        }
        // The prompt that stood between is gone.
        let mut blocks = vec![
            Block::Blank,
            Block::Field {
                label: "did".into(),
                body: vec![line],
                right: Some(calls::duration(took)),
            },
        ];
        if let ("recvfrom" | "sendto", Some(bytes), Outcome::Value(count)) =
            (call.name, call.bytes(), outcome)
        {
            let socket = self
                .world(&event.actor)
                .and_then(|world| world.socket(call.fd()?));
            blocks.push(calls::data(call.name, &bytes.head, count, socket));
        }
        blocks
    }

    fn effect(&mut self, event: &Event, changes: &[Change]) -> Vec<Block> {
        match (&self.call, self.world(&event.actor)) {
            (Some(call), Some(world)) => {
                let mut blocks: Vec<Block> = effect(call, changes, world).into_iter().collect();
                let new = changes.iter().find_map(|change| match change.subject {
                    Subject::Fd(fd) if change.field == "fd" => world.socket(fd),
                    _ => None,
                });
                let touched = new.or(call.fd().and_then(|fd| world.socket(fd)));
                if let Some(socket) = touched {
                    blocks.push(field("seen", seen(socket)));
                }
                self.seen = touched.is_some();
                blocks
            }
            _ => Vec::new(),
        }
    }

    /// What the course says of what can be seen now, and what to try. Once is
    /// enough where steps go round.
    fn step_end(&self, event: &Event) -> Vec<Block> {
        let mut blocks = Vec::new();
        let known = self.later_round || self.failed;
        if let Some(step) = self.step(event).filter(|_| !known) {
            let seen = if self.seen { "" } else { "seen" };
            for (label, text) in [(seen, &step.seen), ("try", &step.tries)] {
                if !text.is_empty() {
                    blocks.push(fields(label, field_body(&self.fill(text))));
                }
            }
        }
        blocks
    }
}
