//! What is told before a call, and while it sleeps.

use super::Telling;
use crate::course::Topic;
use crate::model::{Blocked, Call, World};
use crate::render::doc::{Block, Line, call, fact, field, fields, muted, paragraph, plain};
use crate::render::facts::{place, sockets};
use crate::render::languages::languages;
use crate::render::lists::chapter_rule;
use crate::render::markdown::{field_body, markdown};
use crate::render::prompt::menu_line;
use crate::render::tables::tables;
use crate::words::say;

impl Telling<'_> {
    pub(super) fn chapter(&self, id: &str) -> Vec<Block> {
        let Some(chapter) = self.track.chapter(id) else {
            return Vec::new();
        };
        let mut blocks = vec![
            Block::Blank,
            chapter_rule(self.track, chapter),
            Block::Blank,
        ];
        if self.event.scope.first_time {
            blocks.extend(markdown(&self.fill(chapter.prose())));
        }
        blocks
    }

    /// The prose of a step: once, not in a later round.
    pub(super) fn step_begin(&self) -> Vec<Block> {
        let mut blocks = vec![Block::Blank];
        if let Some(step) = self.step().filter(|_| self.event.scope.first_time)
            && !step.prose.is_empty()
        {
            blocks.extend(markdown(&self.fill(&step.prose)));
            blocks.push(Block::Blank);
        }
        blocks
    }

    /// What is there, and which call comes.
    pub(super) fn facts(&self, next: &Call, round: Option<u32>) -> Vec<Block> {
        let mut blocks = Vec::new();
        if let Some(world) = self.world() {
            blocks.extend(sockets(&say!("label-now"), self.who(), world, next.fd()));
        }
        let peer = self.lead().other().word();
        let tasks = self.scene.tasks().map(|(task, world)| (&*task.name, world));
        let family: Vec<(&str, &World)> = tasks.filter(|(name, _)| *name != peer).collect();
        if family.len() > 1 && &*self.event.who.name != peer {
            blocks.push(tables(&family));
        }
        blocks.push(self.next(next, round));
        blocks
    }

    /// The call that comes.
    pub(super) fn next(&self, next: &Call, round: Option<u32>) -> Block {
        let round = round.map(|round| muted(say!("round", round = round)));
        let next = [call(next.textbook())].into_iter().chain(round);
        field(say!("label-next"), Vec::from_iter(next))
    }

    /// The facts, unless a question has told them, and the kernel's part.
    pub(super) fn pause(&self, next: &Call, round: Option<u32>, asked: bool) -> Vec<Block> {
        let mut blocks = if asked {
            Vec::new()
        } else {
            self.facts(next, round)
        };
        if let Some(step) = self.step().filter(|_| self.event.scope.first_time) {
            blocks.push(fields(
                say!("label-kernel"),
                field_body(&self.fill(&step.kernel)),
            ));
        }
        blocks
    }

    /// What the question of the step will take.
    pub(super) fn question_menu(&self) -> Vec<Block> {
        let Some(question) = self.step().and_then(|step| step.question.as_ref()) else {
            return Vec::new();
        };
        let texts = question.choices.iter().map(|choice| &choice.text);
        let line = |text: &String| paragraph(plain(self.fill(text)));
        let mut menu = vec![Block::Blank, line(&question.text)];
        menu.extend(texts.map(line));
        let keys = menu_line(
            question.choices.len() + 1,
            &[("s", say!("key-skips")), ("q", say!("key-leaves"))],
        );
        menu.extend([paragraph(plain(say!("skip-question"))), paragraph(keys)]);
        menu
    }

    pub(super) fn why(&self) -> Vec<Block> {
        let text = match self.step() {
            Some(step) if !step.why.is_empty() => self.fill(&step.why),
            _ => say!("why-none"),
        };
        self.aside(markdown(&text))
    }

    /// How languages write the chapter's step.
    pub(super) fn languages(&self) -> Vec<Block> {
        let step = self.event.scope.step.as_ref();
        let found = step.map_or(Vec::new(), |id| languages(self.track, &id.chapter));
        if found.is_empty() {
            return self.aside(markdown(&say!("languages-none")));
        }
        self.aside(found)
    }

    /// What was asked for, apart from the lesson.
    fn aside(&self, text: Vec<Block>) -> Vec<Block> {
        [vec![Block::Blank], text, vec![Block::Blank]].concat()
    }

    /// What a learner can do about a call that sleeps.
    pub(super) fn hint(&self, blocked: &Blocked) -> Block {
        let topic = Topic {
            call: Some(&blocked.call),
            errno: None,
            socket: self
                .world()
                .and_then(|world| world.socket(blocked.call.fd()?)),
            server: self.event.scope.addr,
            by: self.lead().of(&self.event.who.name),
            is_traced: false,
            found: None,
        };
        let hint = self.track.explain.hint(&topic);
        fields(say!("label-asleep"), field_body(&hint))
    }

    pub(super) fn live(&self, blocked: &Blocked) -> Line {
        let mut line = Line::new();
        if !self.event.scope.own {
            line.push(plain(format!("{}: ", self.event.who.name)));
        }
        line.push(call(say!("sleeps", call = blocked.call.book_name())));
        line.push(muted(format!(" {} s", blocked.waited.as_secs())));
        let queue = self.world().and_then(|world| {
            let listener = world.sockets.iter().find(|socket| socket.is_listening())?;
            listener.accept_queue.value().copied()
        });
        if let Some(queue) = queue {
            line.push(fact(say!("live-queue", queue = queue)));
        }
        let process = blocked.process.as_ref();
        if let Some(process) = process {
            line.push(fact(say!("live-cpu", ms = process.cpu_ms)));
        }
        line.push(muted(say!("live-keys")));
        // What is left out first where there is no room comes last.
        let place = process.map(|process| format!(" · {}", place(process)));
        line.push(fact(place.unwrap_or_default()));
        line
    }
}
