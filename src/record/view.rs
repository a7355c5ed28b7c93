//! A look at a process and its sockets.

use serde_json::Value as Json;

use super::address::shown;
use super::fields::Fields;
use super::socket::{path, process, row, socket};
use crate::model::{
    AcceptQueue, Address, Change, End, Ends, Fact, FdEntry, Focus, Look, Moment, PATH_FIELDS,
    ROW_FIELDS, Relation, SOCKET_FIELDS, Subject, TcpState, Value, World, place,
};

pub(super) fn look(of: Fields<'_>, pid: u32) -> Result<Look, String> {
    let focus = match of.json("focus") {
        Json::Null => None,
        focus => Some(Fields::of(focus)?),
    };
    let mut seen = World {
        pid,
        focus: focus.map(|it| focus_on(it, of)).transpose()?,
        process: of.fact("process", process)?,
        fds: listed(of, "fds", |it| {
            Ok(FdEntry {
                fd: it.get("fd")?,
                target: it.get("target")?,
            })
        })?,
        sockets: of.all("sockets", socket)?,
        others: listed(of, "others", row)?,
        ends: of.all("ends", ends)?.into(),
        paths: of.all("paths", path)?,
    };
    // A file may have them in any order; they are found by their places.
    seen.sockets.sort_by_key(|it| it.fd);
    if let Fact::Seen(rows, _) = &mut seen.others {
        rows.sort_by_key(place);
    }
    Ok(Look {
        seen,
        moment: of.read("moment", Moment::of_word)?,
        changes: of.all("changes", change)?,
    })
}

fn focus_on(focus: Fields<'_>, look: Fields<'_>) -> Result<Focus, String> {
    Ok(Focus {
        fds: focus.get("fds")?,
        cookies: focus.get("cookies")?,
        process: !look.json("process").is_null(),
    })
}

/// A list, or why it is not known.
fn listed<'a, T>(
    of: Fields<'a>,
    name: &str,
    read: impl Fn(Fields<'a>) -> Result<T, String>,
) -> Result<Fact<Vec<T>>, String> {
    let known = of.fact(name, |_| Some(()))?;
    let all = match known {
        Fact::Seen(..) => of.all(name, read)?,
        _ => Vec::new(),
    };
    Ok(known.map(|()| all))
}

fn ends(of: Fields<'_>) -> Result<Ends, String> {
    let inet = |text: &str| shown(text).and_then(Address::inet);
    Ok(Ends {
        local: of.read("local", inet)?,
        peer: of.read("peer", inet)?,
        ours: of.read("ours", end)?,
        theirs: of.read("theirs", end)?,
        cookie: of.get("cookie")?,
        // Only who looks again asks for it.
        peer_cookie: None,
    })
}

fn end(word: &str) -> Option<End> {
    match word {
        "gone" => Some(End::Gone),
        "elsewhere" => Some(End::Elsewhere),
        state => TcpState::of_name(state).map(End::There),
    }
}

fn change(of: Fields<'_>) -> Result<Change, String> {
    let (subject, fields) = if let Some(relation) = of.read_if("relation", Relation::of_word)? {
        let addresses: &str = of.get("row")?;
        let (local, remote) = addresses.split_once(' ').unwrap_or((addresses, ""));
        let subject = Subject::Row {
            relation,
            local: local.into(),
            remote: remote.into(),
        };
        let fields = ROW_FIELDS.iter().map(|field| (field.name, field.label));
        (subject, fields.collect::<Vec<_>>())
    } else if let Some(path) = of.get("path")? {
        let fields = PATH_FIELDS.iter().map(|field| (field.name, field.label));
        (Subject::Path(path), fields.collect())
    } else {
        let subject = Subject::Socket {
            fd: of.get("socket")?,
            cookie: of.get("cookie")?,
        };
        let fields = SOCKET_FIELDS.iter().map(|field| (field.name, field.label));
        (subject, fields.chain([("fd", "fd")]).collect())
    };
    let named = |name: &str| fields.iter().find(|(known, _)| *known == name).copied();
    let (field, label) = of.read("field", named)?;
    Ok(Change {
        subject,
        field,
        label,
        from: of.word("from", |text| Some(value(field, text)))?,
        to: of.word("to", |text| Some(value(field, text)))?,
    })
}

/// A value as a change spells it. What nothing is concluded from stays a word.
fn value(field: &str, text: &str) -> Value {
    let known = match (field, text) {
        ("state", _) => TcpState::of_name(text).map(Value::State),
        ("accept_queue", _) => queue(text).map(Value::Queue),
        (_, "on" | "off") => Some(Value::Switch(text == "on")),
        (_, "yes" | "no") => Some(Value::Is(text == "yes")),
        _ => text.parse().ok().map(Value::Number),
    };
    known.unwrap_or_else(|| Value::Word(text.to_string().into()))
}

/// `0/5`
fn queue(text: &str) -> Option<AcceptQueue> {
    let (len, max) = text.split_once('/')?;
    let (len, max) = (len.parse().ok()?, max.parse().ok()?);
    Some(AcceptQueue { len, max })
}
