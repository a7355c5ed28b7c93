//! What was seen of the machine, as JSON: what is not known is null, with its reason
//! under `unknown`.

use serde_json::{Map, Value, json};

use crate::model::{
    Fact, Field, KernelRow, Moment, PATH_FIELDS, PROCESS_FIELDS, PathFact, ROW_FIELDS, Record,
    SOCKET_FIELDS, SocketView, World,
};

pub(super) fn view(world: &World, moment: Moment) -> Value {
    let mut unknown = Map::new();
    let mut known = |name: &str, fact: Fact<Value>| match fact {
        Fact::Seen(value, _) => value,
        Fact::None => Value::Null,
        Fact::Unknown(why) => {
            unknown.insert(name.into(), why.to_string().into());
            Value::Null
        }
    };
    // Which interface said what is for those who ask.
    let via = moment == Moment::Asked;
    let rows = |rows: &Vec<KernelRow>| rows.iter().map(|it| row(it, via)).collect();
    let process = world.process.as_ref();
    let process = process.map(|it| record(PROCESS_FIELDS, it, false).into());
    let ends = world.ends.iter().map(|ends| {
        json!({
            "local": ends.local.to_string(),
            "peer": ends.peer.to_string(),
            "ours": ends.ours.to_string(),
            "theirs": ends.theirs.to_string(),
        })
    });
    let mut view = json!({
        "moment": match moment {
            Moment::Before => "before",
            Moment::After => "after",
            Moment::Asked => "asked",
            Moment::Changed => "changed",
            Moment::Checked => "checked",
        },
        "process": known("process", process),
        "fds": known("fds", world.fds.as_ref().map(|entries| json!(entries))),
        "sockets": world.sockets.iter().map(|it| socket(it, via)).collect::<Value>(),
        "ends": ends.collect::<Value>(),
        "others": known("others", world.others.as_ref().map(rows)),
        "paths": world.paths.iter().map(path).collect::<Value>(),
    });
    if !unknown.is_empty() {
        view["unknown"] = unknown.into();
    }
    view
}

fn socket(socket: &SocketView, via: bool) -> Value {
    let mut fields = record(SOCKET_FIELDS, socket, via);
    fields.insert("fd".into(), socket.fd.into());
    fields.into()
}

fn row(row: &KernelRow, via: bool) -> Value {
    let mut fields = record(ROW_FIELDS, row, via);
    fields.insert("relation".into(), row.relation.word().into());
    fields.into()
}

fn path(fact: &PathFact) -> Value {
    let mut fields = record(PATH_FIELDS, fact, false);
    fields.insert("path".into(), fact.path.to_string().into());
    fields.into()
}

fn record<T: 'static>(fields: &'static [Field<T>], of: &T, via: bool) -> Map<String, Value> {
    let record = Record { fields, of, via };
    match serde_json::to_value(record) {
        Ok(Value::Object(fields)) => fields,
        // Every key is a string and every value finite: this cannot happen.
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Source, TcpState, Why};

    #[test]
    fn a_look_that_was_asked_for_says_who_said_what() {
        let socket = SocketView {
            fd: 3,
            state: Fact::Seen(TcpState::Listen, Source::Getsockopt),
            cookie: Fact::Unknown(Why::note(Source::Getsockopt, "refused")),
            ..SocketView::default()
        };
        let world = World {
            sockets: vec![socket],
            ..World::default()
        };
        let asked = view(&world, Moment::Asked);
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
        assert!(view(&world, Moment::After)["sockets"][0]["via"].is_null());
    }
}
