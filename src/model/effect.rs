//! What differs between two looks.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Fact, Field, Focus, KernelRow, Listing, PATH_FIELDS, ROW_FIELDS, Relation, SOCKET_FIELDS,
    SocketView, Source, Value, World,
};

/// What a change is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A socket of the actor, by descriptor and, where it is known, by cookie.
    Socket { fd: i32, cookie: Option<u64> },
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
pub(crate) struct Change {
    pub subject: Subject,
    /// The field's name, as the JSON view spells it.
    pub field: &'static str,
    /// The same as the screen spells it.
    pub label: &'static str,
    pub from: Fact<Value>,
    pub to: Fact<Value>,
}

/// What a descriptor refers to: told where a socket is new or gone.
const ENTRY: &[Field<SocketView>] = &[Field::told(
    "fd",
    "fd",
    |it| it.inode.show(Value::Inode),
    "the fd table's entry: `socket:[17162]`",
)];

/// What a look shows that differs from what was known: descriptors in number order,
/// then the kernel's other rows, matched by cookie, then the files of unix sockets.
/// What the look did not look at is no change.
pub(crate) fn changes(before: &World, after: &World) -> Vec<Change> {
    let mut found = Vec::new();
    let mut sockets = before.sockets_in(after.focus.as_ref());
    sockets.retain(|it| after.same_socket(it).is_none());
    sockets.extend(&after.sockets);
    // One that is gone comes before another that has its number now.
    sockets.sort_by_key(|socket| socket.fd);
    for socket in sockets {
        let subject = || Subject::Socket {
            fd: socket.fd,
            cookie: socket.cookie.value().copied(),
        };
        let old = Fact::of_option(before.same_socket(socket), Source::Proc);
        let new = Fact::of_option(after.same_socket(socket), Source::Proc);
        for fields in [ENTRY, SOCKET_FIELDS] {
            compare(subject, fields, &old, &new, &mut found);
        }
    }
    other_rows(before, after, &mut found);
    for new in &after.paths {
        let subject = || Subject::Path(new.path.to_string());
        let old = before.paths.iter().find(|old| old.path == new.path);
        let (old, now) = (
            Fact::of_option(old, Source::Lstat),
            Fact::Seen(new, Source::Lstat),
        );
        compare(subject, PATH_FIELDS, &old, &now, &mut found);
    }
    found
}

fn other_rows(before: &World, after: &World, found: &mut Vec<Change>) {
    let mut looked_at = before.rows_in(after.focus.as_ref());
    if after.focus.is_some() {
        // One that is met again by another socket.
        let focus = Focus {
            cookies: after.rows().iter().map(|row| row.cookie).collect(),
            ..Focus::default()
        };
        looked_at.extend(before.rows_in(Some(&focus)));
    }
    let old = by_cookie(&looked_at);
    let new = by_cookie(&after.rows().iter().collect::<Vec<_>>());
    let held = after.sockets.iter().filter_map(|it| it.cookie.value());
    let held: BTreeSet<&u64> = held.collect();
    // A queued connection that was accepted is not gone: an fd has it now. Where a process
    // has both ends, its descriptor says that one is gone.
    let gone = |it: &&KernelRow| {
        let cookie = &it.cookie;
        let is_its_own = it.relation == Relation::Peer && before.with_cookie(*cookie).is_some();
        let is_held = held.contains(cookie) || is_its_own;
        after.looked_at(*cookie) && !is_held && !new.contains_key(cookie)
    };
    let of = |rows: &BTreeMap<u64, _>, world: &World, cookie| {
        let others = world.others.as_ref();
        others.and_then(|_, via| Fact::of_option(rows.get(&cookie).copied(), via))
    };
    // Of a connection to itself a process has looked at the other end by its descriptor.
    let by_descriptor = |row: &KernelRow| row_of(before.with_cookie(row.cookie)?);
    let gone = looked_at.into_iter().filter(gone);
    for row in after.rows().iter().chain(gone) {
        let subject = || Subject::Row {
            relation: row.relation,
            local: row.local.to_string(),
            remote: row.remote.to_string(),
        };
        let (was, is) = (of(&old, before, row.cookie), of(&new, after, row.cookie));
        let is_new = row.relation == Relation::Peer && was == Fact::None;
        let held = is_new.then(|| by_descriptor(row)).flatten();
        let was = match &held {
            Some(held) => Fact::Seen(held, Source::SockDiag),
            None => was,
        };
        compare(subject, ROW_FIELDS, &was, &is, found);
    }
}

/// The row of a socket that a look has shown, as the other end of another.
fn row_of(view: &SocketView) -> Option<KernelRow> {
    let Listing::Row {
        state,
        recv_q,
        send_q,
    } = *view.listing.value()?
    else {
        return None;
    };
    Some(KernelRow {
        relation: Relation::Peer,
        state,
        local: *view.local.value()?,
        remote: *view.peer.value()?,
        inode: *view.inode.value()?,
        cookie: *view.cookie.value()?,
        recv_q,
        send_q,
        timer: None,
        owner: Fact::None,
        peer_inode: view.peer_inode.value().copied(),
        client: Fact::None,
    })
}

fn by_cookie<'r>(rows: &[&'r KernelRow]) -> BTreeMap<u64, &'r KernelRow> {
    rows.iter().map(|row| (row.cookie, *row)).collect()
}

/// The changes of the fields whose changes are told.
fn compare<T>(
    subject: impl Fn() -> Subject,
    fields: &'static [Field<T>],
    before: &Fact<&T>,
    after: &Fact<&T>,
    found: &mut Vec<Change>,
) {
    for field in fields.iter().filter(|field| field.told) {
        let value = |of: &Fact<&T>| of.clone().and_then(|it, _| (field.get)(it));
        let (from, to) = (value(before), value(after));
        if !from.is_same(&to) {
            found.push(Change {
                subject: subject(),
                field: field.name,
                label: field.label,
                from,
                to,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::recorded::{self, seen, unknown};
    use crate::model::{AcceptQueue, Address, PathFact, PathFile, TcpState, Why};

    fn socket(fd: i32, cookie: u64) -> SocketView {
        let mut socket = recorded::socket(fd, cookie, TcpState::Closed);
        socket.recv_q = seen(0);
        socket
    }

    fn row(cookie: u64) -> KernelRow {
        recorded::row(Relation::Queued, cookie, "127.0.0.1:1", "127.0.0.1:2")
    }

    fn world(sockets: Vec<SocketView>, others: Fact<Vec<KernelRow>>) -> World {
        World {
            sockets,
            others,
            ..World::default()
        }
    }

    /// Each change as a line: `3 state CLOSED -> LISTEN`.
    fn told(before: &World, after: &World) -> Vec<String> {
        let side = |fact: &Fact<Value>| match fact {
            Fact::None => "-".to_string(),
            Fact::Seen(value, _) => value.to_string(),
            Fact::Unknown(why) => format!("? {why}"),
        };
        let line = |change: &Change| {
            let of = match &change.subject {
                Subject::Socket { fd, .. } => fd.to_string(),
                Subject::Row { remote, .. } => remote.clone(),
                Subject::Path(path) => path.clone(),
            };
            let (from, to) = (side(&change.from), side(&change.to));
            format!("{of} {} {from} -> {to}", change.field)
        };
        changes(before, after).iter().map(line).collect()
    }

    #[test]
    fn what_does_not_apply_any_more_is_not_unknown() {
        let mut listener = socket(3, 1);
        listener.state = seen(TcpState::Listen);
        listener.recv_q = Fact::None;
        listener.accept_queue = seen(AcceptQueue { len: 0, max: 1 });
        let (before, after) = (
            world(vec![socket(3, 1)], seen(vec![])),
            world(vec![listener], seen(vec![])),
        );
        assert_eq!(
            told(&before, &after),
            [
                "3 state CLOSED -> LISTEN",
                "3 accept_queue - -> 0/1",
                "3 recv_q 0 -> -"
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_any_more_is_unknown_and_not_gone() {
        let mut hidden = socket(3, 1);
        hidden.recv_q = unknown();
        let before = world(vec![socket(3, 1)], seen(vec![row(9)]));
        let after = world(vec![hidden.clone()], unknown());
        assert_eq!(
            told(&before, &after),
            [
                "3 recv_q 0 -> ? sock_diag: refused",
                "127.0.0.1:2 state FIN-WAIT-2 -> ? sock_diag: refused",
                "127.0.0.1:2 inode - -> ? sock_diag: refused",
                "127.0.0.1:2 recv_q 0 -> ? sock_diag: refused",
                "127.0.0.1:2 send_q 7 -> ? sock_diag: refused",
            ]
        );
        // Another reason, or another source of the same value, is no change.
        hidden.recv_q = Fact::Unknown(Why::note(Source::Ioctl, "another reason"));
        hidden.state = Fact::Seen(TcpState::Closed, Source::Getsockopt);
        assert!(told(&after, &world(vec![hidden], unknown())).is_empty());
    }

    #[test]
    fn a_descriptor_that_was_given_again_is_another_socket() {
        let of = |socket| world(vec![socket], seen(vec![]));
        let before = of(socket(3, 1));
        assert_eq!(
            told(&before, &of(socket(3, 2))),
            [
                "3 fd socket:[101] -> -",
                "3 state CLOSED -> -",
                "3 recv_q 0 -> -",
                "3 fd - -> socket:[102]",
                "3 state - -> CLOSED",
                "3 recv_q - -> 0",
            ]
        );
        // Where a cookie is not known, the descriptor alone tells.
        let mut unnamed = socket(3, 1);
        unnamed.cookie = unknown();
        assert!(told(&before, &of(unnamed)).is_empty());
    }

    #[test]
    fn a_file_that_stays_without_its_socket_is_no_other_file() {
        let of = |inode, bound| {
            let file = PathFile {
                mode: 0o140_755,
                uid: 0,
                inode,
            };
            let path = PathFact {
                path: "/x".parse::<Address>().unwrap().path().unwrap(),
                file: seen(file),
                bound: seen(bound),
                sockets: Vec::new(),
            };
            World {
                paths: vec![path],
                ..World::default()
            }
        };
        let before = of(1, true);
        assert_eq!(told(&before, &of(1, false)), ["/x bound yes -> no"]);
        assert_eq!(told(&before, &of(2, false)).len(), 2);
        let gone = PathFact {
            file: Fact::None,
            bound: Fact::None,
            ..before.paths[0].clone()
        };
        let gone = World {
            paths: vec![gone],
            ..World::default()
        };
        let told = told(&before, &gone);
        assert_eq!(
            told,
            ["/x file a socket, srwxr-xr-x -> -", "/x bound yes -> -"]
        );
    }

    #[test]
    fn a_queued_connection_that_was_accepted_is_not_gone() {
        let before = world(vec![], seen(vec![row(9), row(8)]));
        let after = world(vec![socket(4, 9)], seen(vec![]));
        let told = told(&before, &after);
        let gone = told.iter().filter(|line| line.contains("FIN-WAIT-2 -> -"));
        assert_eq!(gone.count(), 1, "{told:?}");
    }
}
