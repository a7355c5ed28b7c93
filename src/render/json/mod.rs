//! One event as a line of JSON.

mod world;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::trouble::holder;
use crate::model::{
    Blocked, Call, Change, ChapterMode, Event, Fact, Failure, LessonEvent, MachineEvent, Outcome,
    RunEvent, StepId, Subject, What,
};

/// The version of the format. Within one, fields are added, never changed.
const VERSION: u32 = 2;

/// One event as a line of JSON, without the newline.
pub fn json_line(event: &Event) -> String {
    let (name, body) = body(event);
    let step = event.scope.step.as_ref();
    let line = Wire {
        event: name,
        body: match body {
            Value::Object(map) => map,
            _ => Map::new(),
        },
        seq: event.seq,
        t_us: event.at.as_micros() as u64,
        task: &event.who.name,
        pid: event.who.pid,
        tid: event.who.tid,
        chapter: match &event.what {
            What::Lesson(LessonEvent::Chapter { id } | LessonEvent::ChapterEnd { id }) => Some(id),
            _ => step.map(|StepId { chapter, .. }| chapter),
        },
        step: step.map(|StepId { step, .. }| step),
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
    task: &'a str,
    pid: u32,
    tid: u32,
    chapter: Option<&'a String>,
    step: Option<&'a String>,
}

fn body(event: &Event) -> (&'static str, Value) {
    match &event.what {
        What::Machine(machine) => of_machine(machine),
        What::Lesson(lesson) => of_lesson(lesson, event.scope.mode),
        What::Run(RunEvent::Begin(info)) => (
            "run",
            json!({
                "version": VERSION,
                "socklab": info.version,
                "kernel": info.kernel,
                "argv": info.argv,
                "addr": info.addr.to_string(),
                "peer": if info.builtin_peer { "builtin" } else { "nc" },
            }),
        ),
        What::Run(RunEvent::Tidied { path }) => ("tidied", json!({ "path": path })),
        What::Run(RunEvent::Strangers { first, count }) => (
            "strangers",
            json!({ "first": first.to_string(), "count": count }),
        ),
        What::Run(RunEvent::End(ended)) => ("end", json!({ "status": ended.word() })),
    }
}

fn of_machine(machine: &MachineEvent) -> (&'static str, Value) {
    match machine {
        MachineEvent::Born { by } => ("born", json!({ "by": by })),
        MachineEvent::Enter(call) => (
            "enter",
            json!({ "call": call.name(), "args": call.strace_args() }),
        ),
        MachineEvent::Blocked(blocked) => ("blocked", self::blocked(blocked)),
        MachineEvent::Exit {
            call,
            outcome,
            took,
        } => (
            "exit",
            json!({
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
        ),
        MachineEvent::Look(look) => {
            let mut view = world::view(&look.seen, look.moment);
            view["changes"] = look.changes.iter().map(change).collect();
            ("view", view)
        }
        MachineEvent::Gone => ("gone", json!({})),
    }
}

fn of_lesson(lesson: &LessonEvent, mode: ChapterMode) -> (&'static str, Value) {
    match lesson {
        LessonEvent::Chapter { .. } => {
            ("chapter", json!({ "taught": mode == ChapterMode::Taught }))
        }
        LessonEvent::ChapterEnd { .. } => ("chapter-end", json!({})),
        LessonEvent::Step { round } => ("step", json!({ "round": round })),
        LessonEvent::StepEnd { failed } => ("step-end", json!({ "failed": failed })),
        LessonEvent::Question { next, round } => ("question", coming(next, *round)),
        LessonEvent::Pause { next, round, .. } => ("pause", coming(next, *round)),
        LessonEvent::Answered(answer) => (
            "answer",
            json!({
                "chosen": answer.chosen,
                "right": answer.right,
                "beliefs": answer.beliefs,
                "missed": answer.missed,
            }),
        ),
        LessonEvent::Asked(ask) => (
            "asked",
            json!({ "what": format!("{ask:?}").to_lowercase() }),
        ),
        LessonEvent::Expect { line, held, found } => (
            "expect",
            json!({ "line": line, "held": held, "found": (!held).then_some(found) }),
        ),
        LessonEvent::Failed(what) => ("failure", failure(what)),
    }
}

fn coming(next: &Call, round: Option<u32>) -> Value {
    json!({ "call": next.name(), "args": next.strace_args(), "round": round })
}

fn change(change: &Change) -> Value {
    let mut line = match &change.subject {
        Subject::Socket { fd, .. } => json!({ "socket": fd }),
        Subject::Row {
            relation,
            local,
            remote,
        } => json!({
            "socket": null,
            "relation": relation.word(),
            "row": format!("{local} {remote}"),
        }),
        Subject::Path(path) => json!({ "socket": null, "path": path }),
    };
    line["field"] = json!(change.field);
    for (side, fact) in [("from", &change.from), ("to", &change.to)] {
        line[side] = json!(fact.value().map(ToString::to_string));
        if let Fact::Unknown(why) = fact {
            line["unknown"][side] = json!(why.to_string());
        }
    }
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
                "owner": who.owner.value(),
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
