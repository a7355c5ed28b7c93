//! What changed from one look to the next, in words.

use super::crowd::{self, counted};
use super::doc::{self, Block, Line, Span, changed, fact, fields, joined, muted};
use super::fact::{or_why, value};
use crate::model::{
    Address, Arg, Call, Change, Fact, KernelRow, Relation, SocketView, Subject, TcpState, Value,
    World, plain,
};
use crate::words::{name_of, say};

/// The `now` field after a call: what changed, and for the descriptor the call
/// worked on also the state that did not. Nothing where there is neither, as after
/// a fork.
pub(super) fn effect(call: &Call, changes: &[Change], world: &World) -> Option<Block> {
    let mut body = lines_after(call, changes, world);
    if let Some(socket) = call.fd().and_then(|fd| world.socket(fd)) {
        let touched = |change: &Change| matches!(change.subject, Subject::Socket { fd, .. } if fd == socket.fd);
        if !changes.iter().any(touched) {
            body.push(vec![
                muted(say!("fd-of", fd = socket.fd)),
                fact(unchanged(socket)),
            ]);
        }
    }
    (!body.is_empty()).then(|| fields(say!("label-now"), body))
}

/// What changed, a line for each socket, row and file; of a crowd of rows the rest is
/// counted.
pub(super) fn lines(changes: &[Change], world: &World) -> Vec<Line> {
    told_of(None, changes, world)
}

/// The same after a call. A dup2 puts another file in the place of a socket.
pub(super) fn lines_after(call: &Call, changes: &[Change], world: &World) -> Vec<Line> {
    let target = call.args.get(1).and_then(Arg::number);
    let target = target.filter(|_| matches!(call.name(), "dup2" | "dup3"));
    told_of(target, changes, world)
}

/// `taken` is a descriptor that another file has now.
fn told_of(taken: Option<i64>, changes: &[Change], world: &World) -> Vec<Line> {
    let told: Vec<&Change> = changes.iter().filter(|change| is_telling(change)).collect();
    // The changes of one subject stand together.
    let mut about: Vec<&[&Change]> = told
        .chunk_by(|one, other| one.subject == other.subject)
        .collect();
    about.sort_by_key(|about| kind(&about[0].subject));
    let groups: Vec<&[&[&Change]]> = about
        .chunk_by(|one, other| kind(&one[0].subject) == kind(&other[0].subject))
        .collect();
    let tell = |about: &&[&Change]| match &about[0].subject {
        Subject::Socket { fd, .. } => descriptor(*fd, taken, about, world),
        Subject::Row {
            relation,
            local,
            remote,
        } => row(*relation, local, remote, about, world),
        Subject::Path(path) => file(path, about),
    };
    crowd::told(&groups, tell, more)
}

/// Sockets come first, then rows by relation, then files.
fn kind(subject: &Subject) -> (u8, Option<Relation>) {
    match subject {
        Subject::Socket { .. } => (0, None),
        Subject::Row { relation, .. } => (1, Some(*relation)),
        Subject::Path(_) => (2, None),
    }
}

/// `and 980 more queued: 980 new`
fn more(rest: &[&[&Change]]) -> Line {
    let what = match &rest[0][0].subject {
        Subject::Row { relation, .. } => name_of("relation", relation.word()),
        _ => say!("changes-word"),
    };
    let how = rest.iter().map(|about| match of(about, "state") {
        Some(state) if state.from == Fact::None => say!("change-new"),
        Some(state) if state.to == Fact::None => say!("change-gone"),
        _ => say!("change-changed"),
    });
    vec![
        muted(say!("changes-more", count = rest.len(), what = what)),
        changed(counted(how)),
    ]
}

/// A new socket has empty queues, and one that begins to listen has no queues of
/// bytes any more: saying so would only distract.
fn is_telling(change: &Change) -> bool {
    let is_nothing = |fact: &Fact<Value>| match fact {
        Fact::None => true,
        Fact::Seen(value, _) => value.is_zero(),
        Fact::Unknown(_) => false,
    };
    !(is_nothing(&change.from) && is_nothing(&change.to))
}

fn unchanged(socket: &SocketView) -> String {
    match socket.state.value() {
        Some(state) => say!("state-unchanged", state = state),
        None => say!("nothing-changed"),
    }
}

/// The change of that field.
fn of<'c>(changes: &[&'c Change], field: &str) -> Option<&'c Change> {
    changes.iter().copied().find(|change| change.field == field)
}

fn descriptor(fd: i32, taken: Option<i64>, changes: &[&Change], world: &World) -> Line {
    match of(changes, "fd") {
        Some(entry) if entry.to == Fact::None => {
            let now = if taken == Some(fd.into()) {
                say!("fd-taken", fd = fd)
            } else {
                say!("fd-free", fd = fd)
            };
            vec![changed(now), was(&entry.from)]
        }
        Some(entry) if entry.from == Fact::None => {
            let entry = say!("fd-new", fd = fd, what = shown(&entry.to));
            let others = changes.iter().filter(|change| change.field != "fd");
            let pieces = others.map(|change| new_value(change));
            joined([changed(entry)].into_iter().chain(pieces).map(Line::from))
        }
        _ => {
            let mut line = vec![muted(say!("fd-of", fd = fd))];
            line.extend(differences(changes));
            let state = world.socket(fd).and_then(|socket| socket.state.value());
            if let (None, Some(state)) = (of(changes, "state"), state) {
                line.push(doc::plain(format!(
                    " · {}",
                    say!("state-unchanged", state = state)
                )));
            }
            line
        }
    }
}

fn row(relation: Relation, local: &str, remote: &str, changes: &[&Change], world: &World) -> Line {
    let who = match relation {
        Relation::Queued => say!("row-queued", who = remote),
        Relation::HalfOpen => say!("row-half-open", who = remote),
        Relation::Connecting => say!("row-outside", who = local),
        Relation::Peer => say!("row-peer", who = local),
        Relation::Left => left(local, remote, world),
    };
    let mut line = vec![doc::plain(who)];
    let state = of(changes, "state");
    match state {
        Some(state) if state.from == Fact::None => {
            line.push(new_value(state));
            if let Some(unread) = of(changes, "recv_q") {
                line.extend([doc::plain(" · "), new_value(unread)]);
            }
            line.push(muted(newly(relation, world)));
        }
        Some(state) if state.to == Fact::None => {
            line.push(changed(vanished(relation, local, world)));
            line.push(was(&state.from));
        }
        // The same reason holds for the rest of the row.
        Some(state) if state.to.value().is_none() => line.extend(differences(&[state])),
        _ => line.extend(differences(changes)),
    }
    let close_wait = Some(&Value::State(TcpState::CloseWait));
    let ended = state.is_some_and(|state| state.to.value() == close_wait);
    if ended && of(changes, "recv_q").is_some() {
        line.push(muted(say!("fin-counts")));
    }
    line
}

/// A socket that this process has closed: what is left of it, or who has it still.
fn left(local: &str, remote: &str, world: &World) -> String {
    let who = format!("{local} ↔ {remote}");
    let is_it = |row: &&KernelRow| {
        row.relation == Relation::Left
            && (row.local.to_string(), row.remote.to_string()) == (local.into(), remote.into())
    };
    match world.rows().iter().find(is_it) {
        Some(row) if row.inode != 0 => match row.owner.value() {
            Some(owner) => say!("row-open-in", owner = owner, who = who),
            None => say!("row-open-elsewhere", who = who),
        },
        _ => say!("row-left", who = who),
    }
}

/// `file /tmp/x.sock: a socket, srwxr-xr-x`, and whether it still has its socket.
fn file(path: &str, changes: &[&Change]) -> Line {
    let mut line = vec![muted(say!("file-of", path = path))];
    let (told, note) = match (of(changes, "file"), of(changes, "bound")) {
        (Some(file), _) if file.to == Fact::None => (say!("file-gone"), was(&file.from).text),
        (Some(file), _) if file.from == Fact::None => (shown(&file.to), say!("file-new")),
        (Some(file), _) => (shown(&file.to), say!("file-another")),
        (None, Some(bound)) if bound.to.value() == Some(&Value::Is(true)) => {
            (say!("file-has-socket"), String::new())
        }
        (None, Some(bound)) if bound.to.value().is_none() => {
            (say!("file-whether", what = shown(&bound.to)), String::new())
        }
        _ => (say!("file-stays"), say!("file-without")),
    };
    line.push(changed(told));
    line.push(muted(note));
    line
}

/// What it means that such a row is there no more, whose own address is `local`.
fn vanished(relation: Relation, local: &str, world: &World) -> String {
    let client = local.parse().ok().map(plain);
    let is_client = |addr: Address| addr.inet().map(plain) == client;
    let mut rows = world.rows().iter();
    let mut peers = world.sockets.iter().filter_map(|it| it.peer.value());
    match relation {
        Relation::Peer | Relation::Left => say!("row-vanished"),
        Relation::Connecting
            if rows.any(|row| row.relation == Relation::Queued && is_client(row.remote)) =>
        {
            say!("row-let-in")
        }
        Relation::Connecting if peers.any(|peer| is_client(*peer)) => say!("row-accepted"),
        // Reset, or let in by whoever else holds the listener.
        _ => say!("row-waits-no-more"),
    }
}

/// What it means that such a row has appeared.
fn newly(relation: Relation, world: &World) -> String {
    let is_full = world.sockets.iter().any(SocketView::is_full);
    match relation {
        Relation::Queued => say!("row-shook-hands"),
        Relation::HalfOpen if is_full => {
            say!("row-half-full")
        }
        Relation::HalfOpen => say!("row-half"),
        Relation::Connecting if is_full => {
            say!("row-dropped")
        }
        Relation::Connecting => say!("row-unanswered"),
        Relation::Peer | Relation::Left => String::new(),
    }
}

/// `local 127.0.0.1:6789 (was —) · …`
fn differences(changes: &[&Change]) -> Line {
    joined(changes.iter().map(|change| {
        if change.field == "inode" && change.to == Fact::None {
            return changed(say!("no-process-now")).into();
        }
        let mut line = vec![new_value(change), was(&change.from)];
        if matches!(change.to.value(), Some(Value::Queue(queue)) if queue.is_over()) {
            line.push(doc::plain(say!("one-more")));
        }
        line
    }))
}

/// `local 127.0.0.1:6789`
fn new_value(change: &Change) -> Span {
    changed(format!(
        "{} {}",
        name_of("field", change.label),
        shown(&change.to)
    ))
}

/// ` (was 127.0.0.1:6789)`
fn was(from: &Fact<Value>) -> Span {
    let from = match from {
        Fact::Unknown(_) => say!("not-known"),
        known => shown(known),
    };
    doc::plain(say!("was-before", what = from))
}

fn shown(fact: &Fact<Value>) -> String {
    or_why(fact, value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Source, Why};

    /// What is unknown never reads as gone.
    #[test]
    fn what_is_not_known_any_more_is_said_to_be_so() {
        let unknown = || Fact::Unknown(Why::note(Source::SockDiag, "refused"));
        let was = Fact::Seen(Value::State(TcpState::Established), Source::SockDiag);
        let row = Subject::Row {
            relation: Relation::Peer,
            local: "127.0.0.1:1".into(),
            remote: "127.0.0.1:2".into(),
        };
        for (subject, field) in [
            (
                Subject::Socket {
                    fd: 3,
                    cookie: None,
                },
                "fd",
            ),
            (
                Subject::Socket {
                    fd: 3,
                    cookie: None,
                },
                "recv_q",
            ),
            (row, "state"),
            (Subject::Path("/tmp/x".into()), "file"),
            (Subject::Path("/tmp/x".into()), "bound"),
        ] {
            let change = Change {
                subject,
                field,
                label: field,
                from: was.clone(),
                to: unknown(),
            };
            let lines = lines(&[change], &World::default());
            let text: String = lines[0].iter().map(|span| span.text.as_str()).collect();
            assert!(
                text.contains("not available (sock_diag: refused)"),
                "{text}"
            );
            assert!(!text.contains("gone") && !text.contains("free"), "{text}");
        }
    }
}
