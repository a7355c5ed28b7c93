use serde::Serialize;
use serde_json::{Map, Value, json};

use super::trouble::holder;
use crate::model::{
    Blocked, Call, ChapterMode, Event, EventKind, Failure, KernelRow, Known, Listing, Moment,
    Owner, PathFact, PathFile, Relation, SocketView, StepId, Subject, World,
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
            "call": next.name,
            "args": next.strace_args(),
            "round": round,
        }),
        EventKind::Asked(ask) => json!({ "what": format!("{ask:?}").to_lowercase() }),
        EventKind::View { world, moment } => view(world, *moment),
        EventKind::Enter(call) => json!({ "call": call.name, "args": call.strace_args() }),
        EventKind::Blocked(blocked) => self::blocked(blocked),
        EventKind::Exit {
            call,
            outcome,
            took,
        } => json!({
            "call": call.name,
            "args": call.strace_args(),
            "ret": match outcome {
                crate::model::Outcome::Value(value) => Some(*value),
                crate::model::Outcome::Failed(_) => Some(-1),
                crate::model::Outcome::Never => None,
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

fn change(change: &crate::model::Change) -> Value {
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

fn relation_word(relation: Relation) -> &'static str {
    match relation {
        Relation::Queued => "queued",
        Relation::HalfOpen => "half-open",
        Relation::Connecting => "connecting",
        Relation::Peer => "peer",
        Relation::Left => "left",
    }
}

/// Collects facts, and the reasons of those that are not known.
#[derive(Default)]
struct Facts {
    values: Map<String, Value>,
    unknown: Map<String, Value>,
}

impl Facts {
    fn put<T>(&mut self, name: &str, fact: &Known<T>, show: impl Fn(&T) -> Value) {
        let value = match fact {
            Known::Seen { value, .. } => show(value),
            Known::Unavailable(why) => {
                self.unknown.insert(name.into(), why.to_string().into());
                Value::Null
            }
        };
        self.values.insert(name.into(), value);
    }

    fn finish(mut self) -> Value {
        if !self.unknown.is_empty() {
            self.values.insert("unknown".into(), self.unknown.into());
        }
        self.values.into()
    }
}

fn view(world: &World, moment: Moment) -> Value {
    let mut facts = Facts::default();
    facts.values.insert(
        "moment".into(),
        match moment {
            Moment::Before => "before",
            Moment::After => "after",
            Moment::Asked => "asked",
            Moment::Changed => "changed",
        }
        .into(),
    );
    facts.put("process", &world.process, |process| {
        json!({
            "state": process.state.to_string(),
            "wchan": process.wchan,
            "syscall": process.syscall,
            "cpu_ms": process.cpu_ms,
        })
    });
    facts.put("fds", &world.fds, |entries| {
        entries
            .iter()
            .map(|entry| json!({ "fd": entry.fd, "target": entry.target }))
            .collect()
    });
    facts
        .values
        .insert("sockets".into(), world.sockets.iter().map(socket).collect());
    let both_ends = world.ends.iter().map(|ends| {
        json!({
            "local": ends.local.to_string(),
            "peer": ends.peer.to_string(),
            "ours": ends.ours.to_string(),
            "theirs": ends.theirs.to_string(),
        })
    });
    facts.values.insert("ends".into(), both_ends.collect());
    facts.put("others", &world.others, |rows| {
        rows.iter().map(row).collect()
    });
    facts
        .values
        .insert("paths".into(), world.paths.iter().map(path).collect());
    facts.finish()
}

fn socket(socket: &SocketView) -> Value {
    let mut facts = Facts::default();
    facts.values.insert("fd".into(), socket.fd.into());
    facts.put("inode", &socket.inode, |inode| json!(inode));
    facts.put("cookie", &socket.cookie, |cookie| json!(cookie));
    facts.put("domain", &socket.domain, |domain| json!(domain.word()));
    facts.put("type", &socket.kind, |kind| json!(kind.word()));
    facts.put("protocol", &socket.protocol, |protocol| {
        json!(protocol.word())
    });
    facts.put("state", &socket.state, |state| json!(state.to_string()));
    facts.put("local", &socket.local, |addr| {
        json!(addr.map(|addr| addr.to_string()))
    });
    facts.put("peer", &socket.peer, |addr| {
        json!(addr.map(|addr| addr.to_string()))
    });
    facts.put("recv_q", &socket.recv_q, |bytes| json!(bytes));
    facts.put("send_q", &socket.send_q, |bytes| json!(bytes));
    facts.put("accept_queue", &socket.accept_queue, |queue| {
        json!(queue.map(|queue| json!({ "len": queue.len, "max": queue.max })))
    });
    facts.put("rtt_us", &socket.rtt_us, |rtt| json!(rtt));
    facts.put("segs_out", &socket.segs_out, |segs| json!(segs));
    facts.put("segs_in", &socket.segs_in, |segs| json!(segs));
    facts.put("v6only", &socket.v6only, |only| json!(only));
    facts.put("cred", &socket.cred, |cred| {
        json!(cred.map(|cred| json!({ "pid": cred.pid, "uid": cred.uid, "gid": cred.gid })))
    });
    facts.put("peer_inode", &socket.peer_inode, |inode| json!(inode));
    facts.put("listing", &socket.listing, |listing| match listing {
        Listing::Nowhere => json!("nowhere"),
        Listing::BoundOnly => json!("bound-only"),
        Listing::Row {
            state,
            recv_q,
            send_q,
        } => json!({ "state": state.ss_name(), "recv_q": recv_q, "send_q": send_q }),
    });
    facts.finish()
}

fn row(row: &KernelRow) -> Value {
    let mut facts = Facts::default();
    for (name, value) in [
        ("relation", json!(relation_word(row.relation))),
        ("state", json!(row.state.to_string())),
        ("local", json!(row.local.to_string())),
        ("peer", json!(row.remote.to_string())),
        ("inode", json!(row.inode)),
        ("cookie", json!(row.cookie)),
        ("recv_q", json!(row.recv_q)),
        ("send_q", json!(row.send_q)),
        ("peer_inode", json!(row.peer_inode)),
        (
            "timer",
            json!(row.timer.map(|timer| json!({
                "kind": timer.kind,
                "expires_ms": timer.expires_ms,
                "retries": timer.retries,
            }))),
        ),
    ] {
        facts.values.insert(name.into(), value);
    }
    facts.put("owner", &row.owner, |owner| {
        json!(owner.as_ref().map(owned))
    });
    facts.finish()
}

fn path(fact: &PathFact) -> Value {
    let mut facts = Facts::default();
    facts
        .values
        .insert("path".into(), fact.path.to_string().into());
    facts.put("file", &fact.file, |file| {
        json!(file.as_ref().map(path_file))
    });
    facts.finish()
}

fn path_file(file: &PathFile) -> Value {
    let mut facts = Facts::default();
    for (name, value) in [
        ("type", json!(file.what())),
        ("mode", json!(file.mode_letters())),
        ("uid", json!(file.uid)),
        ("inode", json!(file.inode)),
    ] {
        facts.values.insert(name.into(), value);
    }
    facts.put("bound", &file.bound, |bound| json!(bound));
    facts.finish()
}

fn owned(owner: &Owner) -> Value {
    json!({ "pid": owner.pid, "name": owner.name })
}

fn blocked(blocked: &Blocked) -> Value {
    json!({
        "call": blocked.call.name,
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
        "call": failure.call.as_ref().map(|call| call.name),
        "args": failure.call.as_ref().map(Call::strace_args),
        "errno": failure.errno.map(|errno| errno.name()),
        "meaning": failure.meaning,
        "found": failure.found,
        "holders": holders,
        "advice": failure.advice,
    })
}
