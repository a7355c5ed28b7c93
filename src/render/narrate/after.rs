//! What is told of a call that was made, and of a look.

use std::time::Duration;

use super::Narrator;
use crate::model::{
    Answer, Call, Change, ChapterMode, Event, Moment, Outcome, Subject, World, changes,
};
use crate::render::calls;
use crate::render::changes::{effect, lines};
use crate::render::doc::{Block, Role, field, fields, span};
use crate::render::facts::everything;
use crate::render::listing::seen;
use crate::render::markdown::field_body;

impl Narrator<'_> {
    pub(super) fn view(&self, event: &Event, world: &World, moment: Moment) -> Vec<Block> {
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

    pub(super) fn exit(
        &self,
        event: &Event,
        call: &Call,
        outcome: Outcome,
        took: Duration,
    ) -> Vec<Block> {
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
            (call.name(), call.bytes(), outcome)
        {
            let socket = self
                .world(&event.actor)
                .and_then(|world| world.socket(call.fd()?));
            blocks.push(calls::data(call.name(), &bytes.head, count, socket));
        }
        blocks
    }

    pub(super) fn effect(&mut self, event: &Event, changes: &[Change]) -> Vec<Block> {
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

    /// A prediction beside what was observed.
    pub(super) fn answered(&self, event: &Event, answer: &Answer) -> Vec<Block> {
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

    /// What the course says of what can be seen now, and what to try. Once is
    /// enough where steps go round.
    pub(super) fn step_end(&self, event: &Event) -> Vec<Block> {
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
