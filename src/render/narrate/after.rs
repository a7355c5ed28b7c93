//! What is told of a call that was made, and of a look.

use std::time::Duration;

use super::Telling;
use crate::model::{Answer, Call, Look, Moment, Outcome, Subject};
use crate::render::calls;
use crate::render::changes::{effect, lines};
use crate::render::doc::{Block, Role, field, fields, span};
use crate::render::facts::everything;
use crate::render::listing::seen as listed;
use crate::render::markdown::field_body;

impl Telling<'_> {
    /// What the learner asked to see, or what has changed by itself.
    pub(super) fn view(&self, look: &Look) -> Vec<Block> {
        match look.moment {
            Moment::Asked => everything(self.who(), &look.seen),
            Moment::Changed => {
                let lines = lines(&look.changes, &look.seen);
                let told = (!lines.is_empty()).then(|| fields("look", lines));
                told.into_iter().collect()
            }
            Moment::Before | Moment::After | Moment::Checked => Vec::new(),
        }
    }

    pub(super) fn exit(&self, call: &Call, outcome: Outcome, took: Duration) -> Vec<Block> {
        let role = if outcome.errno().is_some() {
            Role::Bad
        } else {
            Role::Call
        };
        let line = vec![
            span(Role::Call, call.textbook()),
            span(role, format!(" = {}", call.strace_result(outcome))),
        ];
        if !self.event.scope.own {
            return vec![field(self.event.who.name.to_string(), line)];
        }
        if !self.taught() {
            return vec![calls::done_for_you(self.track, self.event, line)];
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
            let socket = self.world().and_then(|world| world.socket(call.fd()?));
            blocks.push(calls::data(call.name(), &bytes.head, count, socket));
        }
        blocks
    }

    /// What the call has changed, and whether it was said where the kernel lists the
    /// socket.
    pub(super) fn effect(&self, call: &Call, look: &Look) -> (Vec<Block>, bool) {
        let Look { seen, changes, .. } = look;
        let mut blocks: Vec<Block> = effect(call, changes, seen).into_iter().collect();
        let new = changes.iter().find_map(|change| match change.subject {
            Subject::Socket { fd, .. } if change.field == "fd" => seen.socket(fd),
            _ => None,
        });
        let touched = new.or(call.fd().and_then(|fd| seen.socket(fd)));
        blocks.extend(touched.map(|socket| field("seen", listed(socket))));
        (blocks, touched.is_some())
    }

    /// A prediction beside what was observed.
    pub(super) fn answered(&self, answer: &Answer) -> Vec<Block> {
        let Some(question) = self.step().and_then(|step| step.question.as_ref()) else {
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
    pub(super) fn step_end(&self, seen_told: bool) -> Vec<Block> {
        let mut blocks = Vec::new();
        if let Some(step) = self.step().filter(|_| self.event.scope.first_time) {
            let seen = if seen_told { "" } else { "seen" };
            for (label, text) in [(seen, &step.seen), ("try", &step.tries)] {
                if !text.is_empty() {
                    blocks.push(fields(label, field_body(&self.fill(text))));
                }
            }
        }
        blocks
    }
}
