mod world;

use serde::Serialize;
use serde_json::{Map, Value, json};

use self::world::{owned, relation_word};
use super::trouble::holder;
use crate::model::{
    Blocked, Call, Change, ChapterMode, Event, EventKind, Failure, Outcome, StepId, Subject,
};

/// The version of the format. Within one, fields are added, never changed.
const VERSION: u32 = 1;

/// One event as a line of JSON, without the newline.
pub fn json_line(event: &Event) -> String {
    let line = Wire {
        event: name(&event.kind),
        body: body(&event.kind),
        seq: event.seq,
        t_us: event.at.as_micros() as u64,
        actor: &event.actor,
        pid: event.pid,
        chapter: match &event.kind {
            EventKind::Chapter { id, .. } | EventKind::ChapterEnd { id } => Some(id),
            _ => event.step.as_ref().map(|StepId { chapter, .. }| chapter),
        },
        step: event.step.as_ref().map(|StepId { step, .. }| step),
    };
    // Every key is a string and every value finite: this cannot fail.
    serde_json::to_string(&line).unwrap_or_default()
}

#[derive(Serialize)]
struct Wire<'a> {
    event: &'static str,
    #[serde(flatten)]
    body: Map<String, Value>,
    seq: u64,
    /// Microseconds since the run began.
    t_us: u64,
    actor: &'a str,
    pid: u32,
    chapter: Option<&'a String>,
    step: Option<&'a String>,
}

fn name(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::Run(_) => "run",
        EventKind::Chapter { .. } => "chapter",
        EventKind::StepBegin { .. } => "step",
        EventKind::Question { .. } => "question",
        EventKind::Answered(_) => "answer",
        EventKind::Pause { .. } => "pause",
        EventKind::Asked(_) => "asked",
        EventKind::View { .. } => "view",
        EventKind::Enter(_) => "enter",
        EventKind::Blocked(_) => "blocked",
        EventKind::Exit { .. } => "exit",
        EventKind::Effect(_) => "effect",
        EventKind::Expect { .. } => "expect",
        EventKind::Failed(_) => "failure",
        EventKind::StepEnd => "step-end",
        EventKind::ChapterEnd { .. } => "chapter-end",
        EventKind::Tidied { .. } => "tidied",
        EventKind::Ended(_) => "end",
    }
}

fn body(kind: &EventKind) -> Map<String, Value> {
    let value = match kind {
        EventKind::Run(info) => json!({
            "version": VERSION,
            "socklab": info.version,
            "kernel": info.kernel,
            "argv": info.argv,
            "addr": info.addr.to_string(),
            "peer": if info.builtin_peer { "builtin" } else { "nc" },
        }),
        EventKind::Chapter { mode, .. } => json!({
            "taught": *mode == ChapterMode::Taught,
        }),
        EventKind::StepBegin { round } => json!({ "round": round }),
        EventKind::Answered(answer) => json!({
            "chosen": answer.chosen,
            "right": answer.right,
            "beliefs": answer.beliefs,
            "missed": answer.missed,
        }),
        EventKind::Question { next, round } | EventKind::Pause { next, round } => json!({
            "call": next.name(),
            "args": next.strace_args(),
            "round": round,
        }),
        EventKind::Asked(ask) => json!({ "what": format!("{ask:?}").to_lowercase() }),
        EventKind::View { world, moment } => world::view(world, *moment),
        EventKind::Enter(call) => json!({ "call": call.name(), "args": call.strace_args() }),
        EventKind::Blocked(blocked) => self::blocked(blocked),
        EventKind::Exit {
            call,
            outcome,
            took,
        } => json!({
            "call": call.name(),
            "args": call.strace_args(),
            "ret": match outcome {
                Outcome::Value(value) => Some(*value),
                Outcome::Failed(_) => Some(-1),
                Outcome::Never => None,
            },
            "errno": outcome.errno().map(|errno| errno.name()),
            "note": call.note,
            "took_us": took.as_micros() as u64,
        }),
        EventKind::Effect(changes) => json!({
            "changes": changes.iter().map(change).collect::<Vec<_>>(),
        }),
        EventKind::Expect { line, held, found } => json!({
            "line": line,
            "held": held,
            "found": (!held).then_some(found),
        }),
        EventKind::Failed(what) => failure(what),
        EventKind::StepEnd | EventKind::ChapterEnd { .. } => json!({}),
        EventKind::Tidied { path } => json!({ "path": path }),
        EventKind::Ended(ended) => json!({ "status": ended.word() }),
    };
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn change(change: &Change) -> Value {
    let mut line = match &change.subject {
        Subject::Fd(fd) => json!({ "socket": fd }),
        Subject::Row {
            relation,
            local,
            remote,
        } => json!({
            "socket": null,
            "relation": relation_word(*relation),
            "row": format!("{local} {remote}"),
        }),
        Subject::Path(path) => json!({ "socket": null, "path": path }),
    };
    line["field"] = json!(change.field);
    line["from"] = json!(change.from);
    line["to"] = json!(change.to);
    line
}

fn blocked(blocked: &Blocked) -> Value {
    json!({
        "call": blocked.call.name(),
        "args": blocked.call.strace_args(),
        "state": blocked.process.as_ref().map(|process| process.state.to_string()),
        "wchan": blocked.process.as_ref().and_then(|process| process.wchan.clone()),
        "cpu_ms": blocked.process.as_ref().map(|process| process.cpu_ms),
        "waited_us": blocked.waited.as_micros() as u64,
    })
}

fn failure(failure: &Failure) -> Value {
    let holders: Vec<Value> = failure
        .holders
        .iter()
        .map(|who| {
            json!({
                "state": who.state.to_string(),
                "local": who.local.to_string(),
                "uid": who.uid,
                "owner": who.owner.as_ref().map(owned),
                "expires_ms": who.timer.map(|timer| timer.expires_ms),
                "text": holder(who).iter().map(|piece| piece.text.as_str()).collect::<String>(),
            })
        })
        .collect();
    json!({
        "call": failure.call.as_ref().map(|call| call.name()),
        "args": failure.call.as_ref().map(Call::strace_args),
        "errno": failure.errno.map(|errno| errno.name()),
        "meaning": failure.meaning,
        "found": failure.found,
        "holders": holders,
        "advice": failure.advice,
    })
}
