//! What is told of a call that was made, and of a look.

use std::time::Duration;

use super::Telling;
use crate::model::{Answer, Call, Claimed, Look, Moment, Outcome, Recap, Subject};
use crate::render::calls;
use crate::render::changes::{effect, lines};
use crate::render::claims::verdict;
use crate::render::doc::{
    Block, Line, NO_BREAK, Role, Span, call, changed, code, fact, field, fields, muted, plain, span,
};
use crate::render::facts::everything;
use crate::render::listing::seen as listed;
use crate::render::markdown::field_body;
use crate::words::say;

impl Telling<'_> {
    /// What the learner asked to see, or what has changed by itself.
    pub(super) fn view(&self, look: &Look) -> Vec<Block> {
        match look.moment {
            Moment::Asked => everything(self.who(), &look.seen, true),
            Moment::Changed => {
                let mut lines = lines(&look.changes, &look.seen);
                if let Some(first) = lines.first_mut() {
                    first.splice(0..0, self.whose());
                }
                let told = (!lines.is_empty()).then(|| fields(say!("label-look"), lines));
                Vec::from_iter(told)
            }
            Moment::Before | Moment::After | Moment::Checked => Vec::new(),
        }
    }

    /// Whose call or socket it is, where that is not clear: beside a step, with several
    /// processes.
    fn whose(&self) -> Option<Span> {
        let is_shell = self.event.scope.step.is_none();
        let unclear = is_shell && self.scene.tasks().count() > 1;
        unclear.then(|| fact(format!("{}: ", self.event.who.name)))
    }

    pub(super) fn exit(&self, made: &Call, outcome: Outcome, took: Duration) -> Vec<Block> {
        let mut line = calls::returned(made, outcome);
        if !self.event.scope.own {
            return vec![field(self.event.who.name.to_string(), line)];
        }
        if !self.taught() {
            return vec![calls::done_for_you(self.track, self.event, line)];
        }
        line.splice(0..0, self.whose());
        let is_shell = self.event.scope.step.is_none();
        let did = calls::did(line, took);
        // The prompt that stood between is gone.
        let mut blocks = if is_shell {
            vec![did]
        } else {
            vec![Block::Blank, did]
        };
        let socket = self.world().and_then(|world| world.socket(made.fd()?));
        blocks.extend(calls::moved(made, outcome, socket));
        blocks
    }

    /// What the call has changed, and where the kernel lists the socket.
    pub(super) fn effect(&self, call: &Call, look: &Look) -> (Vec<Block>, Option<Block>) {
        let Look { seen, changes, .. } = look;
        let blocks = effect(call, changes, seen).into_iter().collect();
        let new = changes.iter().find_map(|change| match change.subject {
            Subject::Socket { fd, .. } if change.field == "fd" => seen.socket(fd),
            _ => None,
        });
        let touched = new.or(call.fd().and_then(|fd| seen.socket(fd)));
        (
            blocks,
            touched.map(|socket| field(say!("label-seen"), listed(socket, seen))),
        )
    }

    /// The result of a call in one line: what it returned, and the first change.
    pub(super) fn was(&self, mut returned: Line, call: &Call, look: &Look) -> Line {
        if let Some(Block::Field { body, .. }) = effect(call, &look.changes, &look.seen)
            && let Some(first) = body.first()
        {
            returned.push(plain(" · "));
            returned.extend(first.iter().cloned());
        }
        returned
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
        let shown = format!(" ({})", answer.evidence.join(" · "));
        let shown = (!answer.evidence.is_empty()).then(|| muted(shown));
        let mut body = Vec::new();
        if let Some(chosen) = answer.chosen {
            let right = answer.right == Some(chosen);
            let declared = question.choices.get(chosen).is_some_and(|it| it.right);
            let so = match (right, declared) {
                (false, _) => String::new(),
                (true, true) => say!("right"),
                (true, false) => say!("and-so-it-is"),
            };
            let mut line = vec![
                plain(say!("you-said")),
                span(if right { Role::Strong } else { Role::Plain }, text(chosen)),
                plain(so),
            ];
            line.extend(shown.clone().filter(|_| right));
            body.push(line);
        }
        match answer.right {
            Some(right) if answer.chosen == Some(right) => {}
            Some(right) => {
                let declared = question.choices.get(right).is_some_and(|it| it.right);
                let how = if declared {
                    say!("right-is")
                } else {
                    say!("observed")
                };
                let line = [plain(how), changed(text(right))].into_iter();
                body.push(line.chain(shown).collect());
            }
            None => body.push(plain(say!("not-observed")).into()),
        }
        body.extend(field_body(&self.fill(&question.why)));
        vec![fields(say!("label-answer"), body)]
    }

    /// What the kernel says to the chapter's claim, and what explains that.
    pub(super) fn claimed(&self, claimed: &Claimed) -> Vec<Block> {
        let claim = self.step().and_then(|step| step.claim.as_ref());
        let why = claim.map(|claim| field_body(&self.fill(&claim.why)));
        vec![verdict(claimed, why.unwrap_or_default())]
    }

    /// What the answer to the step's question explains, where it was not asked.
    pub(super) fn unasked(&self) -> Option<Block> {
        let step = self.step().filter(|_| self.event.scope.first_time)?;
        let question = step.question.as_ref()?;
        Some(fields(
            say!("label-why"),
            field_body(&self.fill(&question.why)),
        ))
    }

    /// What the course says of what can be seen now, and what to try. Once is
    /// enough where steps go round.
    pub(super) fn hints(&self) -> Vec<Block> {
        let Some(step) = self.step().filter(|_| self.event.scope.first_time) else {
            return Vec::new();
        };
        let told = [
            (say!("label-seen"), &step.seen),
            (say!("label-try"), &step.tries),
        ]
        .into_iter();
        told.filter(|(_, text)| !text.is_empty())
            .map(|(label, text)| fields(label, field_body(&self.fill(text))))
            .collect()
    }

    /// Is it the last chapter of the walk, whose recap follows?
    pub(super) fn ends_walk(&self, id: &str) -> bool {
        self.track.number(id) == Some(self.track.walk)
    }

    /// The walk in short: its calls, what was predicted, what stays in the kernel, and
    /// what else there is.
    pub(super) fn recap(&self, recap: &Recap) -> Vec<Block> {
        let mut calls = Line::new();
        for (made, outcome) in &recap.calls {
            if !calls.is_empty() {
                calls.push(plain(" · "));
            }
            // A call and its result stay on one line.
            let result = format!("{} = {}", made.book_name(), short_result(*outcome));
            calls.push(call(result.replace(' ', NO_BREAK)));
        }
        let mut blocks = vec![Block::Blank, fields(say!("label-recap"), vec![calls])];
        if recap.predicted() > 0 {
            let (right, all) = (recap.right(), recap.predicted());
            let text = say!("predictions-true", right = right, all = all);
            blocks.push(field(say!("label-predictions"), fact(text)));
        }
        blocks.extend(self.world().map(|world| calls::left(world.rows())));
        let more: Vec<&str> = recap.more.iter().map(|(id, _)| id.as_str()).collect();
        if !more.is_empty() {
            let text = format!("socklab step {}", more.join(" · "));
            blocks.push(field(say!("label-more"), code(text)));
        }
        blocks
    }
}

/// `0`, `-1 ENOTCONN`
fn short_result(outcome: Outcome) -> String {
    match outcome {
        Outcome::Failed(errno) => format!("-1 {}", errno.name()),
        other => other.strace(),
    }
}
