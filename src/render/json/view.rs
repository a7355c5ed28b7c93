//! What was seen of the machine, as JSON: what is not known is null, with its reason
//! under `unknown`.

use super::seen::{
    ChangeLine, Descriptor, EndsLine, FocusLine, OfPath, OfProcess, OfRow, OfSocket, Unknown, View,
};
use crate::model::{
    Change, Ends, Fact, Field, KernelRow, Look, Moment, PATH_FIELDS, PROCESS_FIELDS, ROW_FIELDS,
    Record, SOCKET_FIELDS, Shown, Subject, Value,
};

pub(super) fn view(look: &Look) -> View<'_> {
    let seen = &look.seen;
    // Which interface said what is for those who ask.
    let via = look.moment == Moment::Asked;
    let mut unknown = Unknown::new();
    View {
        moment: look.moment.word(),
        scope: match seen.focus {
            None => "all",
            Some(_) => "focus",
        },
        focus: seen.focus.as_ref().map(|focus| FocusLine {
            fds: &focus.fds,
            cookies: &focus.cookies,
        }),
        process: known("process", &seen.process, &mut unknown)
            .map(|it| OfProcess(record(PROCESS_FIELDS, it, false, None))),
        fds: known("fds", &seen.fds, &mut unknown).map(|entries| {
            let entries = entries.iter();
            let entry = entries.map(|it| Descriptor {
                fd: it.fd,
                target: &it.target,
            });
            entry.collect()
        }),
        sockets: seen
            .sockets
            .iter()
            .map(|it| {
                OfSocket(record(
                    SOCKET_FIELDS,
                    it,
                    via,
                    Some(("fd", Value::Number(it.fd.unsigned_abs().into()))),
                ))
            })
            .collect(),
        ends: seen.ends.iter().map(ends).collect(),
        others: known("others", &seen.others, &mut unknown)
            .map(|rows| rows.iter().map(|it| of_row(it, via)).collect()),
        paths: seen
            .paths
            .iter()
            .map(|it| {
                let path = Some(("path", Value::Word(it.path.to_string().into())));
                OfPath(record(PATH_FIELDS, it, false, path))
            })
            .collect(),
        changes: look.changes.iter().map(change).collect(),
        unknown,
    }
}

/// A row by itself.
pub(super) fn row(row: &KernelRow) -> OfRow<'_> {
    of_row(row, false)
}

fn of_row(row: &KernelRow, via: bool) -> OfRow<'_> {
    let relation = Some(("relation", Value::Word(row.relation.word().into())));
    OfRow(record(ROW_FIELDS, row, via, relation))
}

/// What is known of a fact; if nothing, the reason goes to `unknown`.
pub(super) fn known<'f, T>(
    name: &'static str,
    fact: &'f Fact<T>,
    unknown: &mut Unknown<'f>,
) -> Option<&'f T> {
    if let Fact::Unknown(why) = fact {
        unknown.insert(name, Shown(why));
    }
    fact.value()
}

fn ends(ends: &Ends) -> EndsLine {
    EndsLine {
        local: Shown(ends.local),
        peer: Shown(ends.peer),
        ours: Shown(ends.ours),
        theirs: Shown(ends.theirs),
        cookie: ends.cookie,
    }
}

fn change(change: &Change) -> ChangeLine<'_> {
    let mut unknown = Unknown::new();
    let from = known("from", &change.from, &mut unknown).map(Shown);
    let to = known("to", &change.to, &mut unknown).map(Shown);
    let mut cookie = None;
    let (mut socket, mut relation, mut row, mut path) = (None, None, None, None);
    match &change.subject {
        Subject::Socket { fd, cookie: known } => (socket, cookie) = (Some(*fd), *known),
        Subject::Row {
            relation: how,
            local,
            remote,
        } => {
            relation = Some(how.word());
            row = Some(format!("{local} {remote}"));
        }
        Subject::Path(name) => path = Some(name.as_str()),
    }
    ChangeLine {
        socket,
        cookie,
        relation,
        row,
        path,
        field: change.field,
        from,
        to,
        unknown,
    }
}

/// A thing, and what it is known by.
fn record<'a, T>(
    fields: &'static [Field<T>],
    of: &'a T,
    via: bool,
    own: Option<(&'static str, Value)>,
) -> Record<'a, T> {
    Record {
        own,
        fields,
        of,
        via,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{SocketView, Source, TcpState, Why, World};

    #[test]
    fn a_look_that_was_asked_for_says_who_said_what() {
        let socket = SocketView {
            fd: 3,
            state: Fact::Seen(TcpState::Listen, Source::Getsockopt),
            cookie: Fact::Unknown(Why::note(Source::Getsockopt, "refused")),
            ..SocketView::default()
        };
        let shown = |moment| {
            let seen = World {
                sockets: vec![socket.clone()],
                ..World::default()
            };
            let changes = Vec::new();
            serde_json::to_value(view(&Look {
                seen,
                moment,
                changes,
            }))
            .unwrap()
        };
        let asked = shown(Moment::Asked);
        let socket = &asked["sockets"][0];
        assert_eq!(
            (&socket["fd"], &socket["state"]),
            (&json!(3), &json!("LISTEN"))
        );
        assert_eq!(socket["via"], json!({ "state": "getsockopt" }));
        assert_eq!(
            socket["unknown"],
            json!({ "cookie": "getsockopt: refused" })
        );
        // What does not apply is null without a reason.
        assert!(socket["cookie"].is_null() && socket["recv_q"].is_null());
        assert!(asked["unknown"].is_null());
        assert!(shown(Moment::After)["sockets"][0]["via"].is_null());
    }
}
