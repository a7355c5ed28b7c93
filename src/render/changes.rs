use super::doc::{Block, Line, Role, Span, fields, span};
use crate::model::{Call, Change, Relation, Subject, World};

/// The `now` field after a call: what changed, and for the descriptor the call
/// worked on also the state that did not. Nothing where there is neither, as after
/// a fork.
pub fn effect(call: &Call, changes: &[Change], world: &World) -> Option<Block> {
    let mut body = lines(changes, world);
    if let Some(socket) = call.fd().and_then(|fd| world.socket(fd)) {
        let touched = changes
            .iter()
            .any(|change| change.subject == Subject::Fd(socket.fd));
        if !touched {
            body.push(vec![
                span(Role::Muted, format!("fd {}: ", socket.fd)),
                span(Role::Fact, unchanged(socket)),
            ]);
        }
    }
    (!body.is_empty()).then(|| fields("now", body))
}

/// What changed, a line for each socket.
pub fn lines(changes: &[Change], world: &World) -> Vec<Line> {
    // A socket that begins to listen has no byte queues any more; saying "was 0"
    // of them would only distract.
    let told: Vec<&Change> = changes
        .iter()
        .filter(|change| change.to.is_some() || !matches!(change.field, "recv_q" | "send_q"))
        .collect();
    let mut subjects: Vec<&Subject> = Vec::new();
    for change in &told {
        if !subjects.contains(&&change.subject) {
            subjects.push(&change.subject);
        }
    }
    subjects
        .into_iter()
        .map(|subject| {
            let about: Vec<&Change> = told
                .iter()
                .copied()
                .filter(|change| change.subject == *subject)
                .collect();
            match subject {
                Subject::Fd(fd) => descriptor(*fd, &about, world),
                Subject::Row {
                    relation,
                    local,
                    remote,
                } => row(*relation, local, remote, &about),
                Subject::Path(path) => file(path, &about),
            }
        })
        .collect()
}

fn unchanged(socket: &crate::model::SocketView) -> String {
    match socket.state.value() {
        Some(state) => format!("state {state} (unchanged)"),
        None => "nothing that can be seen has changed".into(),
    }
}

fn descriptor(fd: i32, changes: &[&Change], world: &World) -> Line {
    let table = changes.iter().find(|change| change.field == "fd");
    match table {
        Some(Change {
            from: Some(from),
            to: None,
            ..
        }) => vec![
            span(Role::Changed, format!("fd {fd} is free again")),
            span(Role::Muted, format!(" (was {from})")),
        ],
        Some(Change { to: Some(to), .. }) => {
            let mut line = vec![span(Role::Changed, format!("fd {fd} → {to} (new)"))];
            let facts = changes
                .iter()
                .filter(|change| change.field != "fd")
                .filter(|change| change.to.as_deref() != Some("0"));
            for change in facts {
                line.push(span(Role::Muted, " · "));
                line.push(new_value(change));
            }
            line
        }
        _ => {
            let mut line = vec![span(Role::Muted, format!("fd {fd}: "))];
            line.extend(differences(changes));
            let state_changed = changes.iter().any(|change| change.field == "state");
            if let (false, Some(state)) = (
                state_changed,
                world.socket(fd).and_then(|socket| socket.state.value()),
            ) {
                line.push(span(Role::Muted, format!(" · state {state} (unchanged)")));
            }
            line
        }
    }
}

fn row(relation: Relation, local: &str, remote: &str, changes: &[&Change]) -> Line {
    let who = match relation {
        Relation::Queued => format!("queued {remote}: "),
        Relation::HalfOpen => format!("half-open {remote}: "),
        Relation::Connecting => format!("outside {local}: "),
        Relation::Peer => format!("peer {local}: "),
        Relation::Left => format!("left {local} ↔ {remote}: "),
    };
    let mut line = vec![span(Role::Muted, who)];
    let state = changes.iter().find(|change| change.field == "state");
    match state {
        Some(Change {
            from: None,
            to: Some(to),
            ..
        }) => {
            line.push(span(Role::Changed, format!("state {to}")));
            line.push(span(Role::Muted, newly(relation)));
        }
        Some(Change {
            from: Some(from),
            to: None,
            ..
        }) => {
            line.push(span(Role::Changed, vanished(relation)));
            line.push(span(Role::Muted, format!(" (was {from})")));
        }
        _ => line.extend(differences(changes)),
    }
    let ended = changes
        .iter()
        .any(|change| change.to.as_deref() == Some("CLOSE-WAIT"));
    if ended && changes.iter().any(|change| change.field == "recv_q") {
        line.push(span(Role::Muted, " · the FIN counts as 1"));
    }
    line
}

/// `file /tmp/x.sock: a socket, srwxr-xr-x`, and whether it still has its socket.
fn file(path: &str, changes: &[&Change]) -> Line {
    let mut line = vec![span(Role::Muted, format!("file {path}: "))];
    let of = |field| changes.iter().find(|change| change.field == field);
    match (of("file"), of("bound")) {
        (Some(Change { from, to: None, .. }), _) => {
            line.push(span(Role::Changed, "gone"));
            let was = from.as_deref().unwrap_or("—");
            line.push(span(Role::Muted, format!(" (was {was})")));
        }
        (Some(Change { to: Some(to), .. }), _) => {
            line.push(span(Role::Changed, to.clone()));
            let new = changes.iter().any(|change| change.from.is_none());
            line.push(span(Role::Muted, if new { " (new)" } else { " (another)" }));
        }
        (None, Some(bound)) if bound.to.as_deref() == Some("no") => {
            line.push(span(Role::Changed, "stays"));
            line.push(span(Role::Muted, ", though its socket is gone"));
        }
        _ => line.push(span(Role::Changed, "has its socket")),
    }
    line
}

/// What it means that such a row is there no more.
fn vanished(relation: Relation) -> &'static str {
    match relation {
        // Reset, or let in by whoever else holds the listener.
        Relation::Queued | Relation::HalfOpen | Relation::Connecting => "waits no more",
        Relation::Peer | Relation::Left => "out of the kernel's tables",
    }
}

/// What it means that such a row has appeared.
fn newly(relation: Relation) -> &'static str {
    match relation {
        Relation::Queued => " · the kernel shook hands, nobody has accepted",
        Relation::HalfOpen => " · the queue is full: the end of its handshake is not taken",
        Relation::Connecting => " · the queue is full: its SYN is dropped and sent again",
        Relation::Peer | Relation::Left => "",
    }
}

/// `local 127.0.0.1:6789 (was —) · …`
fn differences(changes: &[&Change]) -> Line {
    let mut line = Line::new();
    for change in changes {
        if !line.is_empty() {
            line.push(span(Role::Muted, " · "));
        }
        if change.field == "inode" && change.to.is_none() {
            line.push(span(Role::Changed, "no process holds it now"));
            continue;
        }
        line.push(new_value(change));
        line.push(span(
            Role::Muted,
            format!(" (was {})", change.from.as_deref().unwrap_or("—")),
        ));
    }
    line
}

/// `local 127.0.0.1:6789`
fn new_value(change: &Change) -> Span {
    let value = change.to.as_deref().unwrap_or("—");
    span(Role::Changed, format!("{} {value}", word(change.field)))
}

/// A field's name as a person reads it.
fn word(field: &str) -> &str {
    match field {
        "accept_queue" => "accept queue",
        "recv_q" => "recv-q",
        "send_q" => "send-q",
        "inode" => "held as",
        "cred" => "peer process",
        "v6only" => "IPV6_V6ONLY",
        other => other,
    }
}
