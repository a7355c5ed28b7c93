use super::{Fact, KernelRow, PathFact, Relation, SocketView, World};

/// What a change is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A socket of the actor, by descriptor.
    Fd(i32),
    /// A row of the kernel's that no fd of the actor holds.
    Row {
        relation: Relation,
        local: String,
        remote: String,
    },
    /// A file that a unix socket of the actor is or was bound to.
    Path(String),
}

/// One difference between two looks at the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub subject: Subject,
    /// The field's name, as the JSON view spells it.
    pub field: &'static str,
    /// `None` where there was nothing.
    pub from: Option<String>,
    /// `None` where nothing is left.
    pub to: Option<String>,
}

/// What changed from one look to the next: descriptors in number order, then
/// the kernel's other rows, matched by cookie, then the files of unix sockets.
pub fn changes(before: &World, after: &World) -> Vec<Change> {
    let mut found = Vec::new();
    let mut fds: Vec<i32> = before
        .sockets
        .iter()
        .chain(&after.sockets)
        .map(|socket| socket.fd)
        .collect();
    fds.sort_unstable();
    fds.dedup();
    for fd in fds {
        compare(
            Subject::Fd(fd),
            &before.socket(fd).map(socket_fields).unwrap_or_default(),
            &after.socket(fd).map(socket_fields).unwrap_or_default(),
            &mut found,
        );
    }
    for row in after.rows() {
        let was = before.rows().iter().find(|old| old.cookie == row.cookie);
        compare(
            row_subject(row),
            &was.map(row_fields).unwrap_or_default(),
            &row_fields(row),
            &mut found,
        );
    }
    for row in before.rows() {
        // A queued connection that was accepted is not gone: an fd has it now.
        let taken = after
            .sockets
            .iter()
            .any(|socket| socket.cookie.value() == Some(&row.cookie));
        if !taken && !after.rows().iter().any(|new| new.cookie == row.cookie) {
            compare(row_subject(row), &row_fields(row), &[], &mut found);
        }
    }
    for fact in &after.paths {
        let was = before.paths.iter().find(|old| old.path == fact.path);
        compare(
            Subject::Path(fact.path.to_string()),
            &was.map(path_fields).unwrap_or_default(),
            &path_fields(fact),
            &mut found,
        );
    }
    found
}

type Fields = Vec<(&'static str, Option<String>)>;

fn compare(
    subject: Subject,
    before: &[(&'static str, Option<String>)],
    after: &[(&'static str, Option<String>)],
    found: &mut Vec<Change>,
) {
    let names: Vec<&'static str> = if after.is_empty() {
        before.iter().map(|(name, _)| *name).collect()
    } else {
        after.iter().map(|(name, _)| *name).collect()
    };
    let value = |fields: &[(&'static str, Option<String>)], name| {
        fields
            .iter()
            .find(|(field, _)| *field == name)
            .and_then(|(_, value)| value.clone())
    };
    for field in names {
        let (from, to) = (value(before, field), value(after, field));
        if from != to {
            found.push(Change {
                subject: subject.clone(),
                field,
                from,
                to,
            });
        }
    }
}

fn shown<T, U: std::fmt::Display>(
    fact: &Fact<T>,
    pick: impl Fn(&T) -> Option<U>,
) -> Option<String> {
    fact.value()
        .and_then(|value| pick(value).map(|v| v.to_string()))
}

fn socket_fields(socket: &SocketView) -> Fields {
    vec![
        (
            "fd",
            shown(&socket.inode, |i| Some(format!("socket:[{i}]"))),
        ),
        ("state", shown(&socket.state, |s| Some(*s))),
        ("local", shown(&socket.local, |a| Some(*a))),
        ("peer", shown(&socket.peer, |a| Some(*a))),
        ("accept_queue", shown(&socket.accept_queue, |q| Some(*q))),
        ("recv_q", shown(&socket.recv_q, |n| Some(*n))),
        ("send_q", shown(&socket.send_q, |n| Some(*n))),
        // Off is how a socket begins, as a rule, and is nothing to tell.
        ("v6only", shown(&socket.v6only, |only| only.then_some("on"))),
        ("cred", shown(&socket.cred, |cred| Some(*cred))),
    ]
}

fn path_fields(fact: &PathFact) -> Fields {
    let file = fact.found();
    let bound = file.and_then(|file| file.bound.value());
    vec![
        ("file", file.map(ToString::to_string)),
        (
            "bound",
            bound.map(|bound| if *bound { "yes" } else { "no" }.to_string()),
        ),
    ]
}

fn row_subject(row: &KernelRow) -> Subject {
    Subject::Row {
        relation: row.relation,
        local: row.local.to_string(),
        remote: row.remote.to_string(),
    }
}

fn row_fields(row: &KernelRow) -> Fields {
    vec![
        ("state", Some(row.state.to_string())),
        (
            "inode",
            (row.inode != 0).then(|| format!("socket:[{}]", row.inode)),
        ),
        ("recv_q", Some(row.recv_q.to_string())),
        ("send_q", Some(row.send_q.to_string())),
    ]
}
