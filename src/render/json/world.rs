//! What was seen of the machine, as JSON: what is not known is null, with its reason
//! under `unknown`.

use serde_json::{Map, Value, json};

use crate::model::{
    Fact, KernelRow, Listing, Moment, Owner, PathFact, PathFile, Relation, SocketView, World,
};

/// Collects facts, and the reasons of those that are not known.
#[derive(Default)]
struct Facts {
    values: Map<String, Value>,
    unknown: Map<String, Value>,
}

impl Facts {
    fn put<T>(&mut self, name: &str, fact: &Fact<T>, show: impl Fn(&T) -> Value) {
        let value = match fact {
            Fact::Seen(value, _) => show(value),
            Fact::None => Value::Null,
            Fact::Unknown(why) => {
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

pub(super) fn view(world: &World, moment: Moment) -> Value {
    let mut facts = Facts::default();
    facts.values.insert(
        "moment".into(),
        match moment {
            Moment::Before => "before",
            Moment::After => "after",
            Moment::Asked => "asked",
            Moment::Changed => "changed",
            Moment::Checked => "checked",
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
    facts.put("local", &socket.local, |addr| json!(addr.to_string()));
    facts.put("peer", &socket.peer, |addr| json!(addr.to_string()));
    facts.put("recv_q", &socket.recv_q, |bytes| json!(bytes));
    facts.put("send_q", &socket.send_q, |bytes| json!(bytes));
    facts.put(
        "accept_queue",
        &socket.accept_queue,
        |queue| json!({ "len": queue.len, "max": queue.max }),
    );
    facts.put("rtt_us", &socket.rtt_us, |rtt| json!(rtt));
    facts.put("segs_out", &socket.segs_out, |segs| json!(segs));
    facts.put("segs_in", &socket.segs_in, |segs| json!(segs));
    facts.put("v6only", &socket.v6only, |only| json!(only));
    facts.put(
        "cred",
        &socket.cred,
        |cred| json!({ "pid": cred.pid, "uid": cred.uid, "gid": cred.gid }),
    );
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
    facts.put("owner", &row.owner, owned);
    facts.finish()
}

fn path(fact: &PathFact) -> Value {
    let mut facts = Facts::default();
    facts
        .values
        .insert("path".into(), fact.path.to_string().into());
    facts.put("file", &fact.file, path_file);
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

pub(super) fn owned(owner: &Owner) -> Value {
    json!({ "pid": owner.pid, "name": owner.name })
}

pub(super) fn relation_word(relation: Relation) -> &'static str {
    match relation {
        Relation::Queued => "queued",
        Relation::HalfOpen => "half-open",
        Relation::Connecting => "connecting",
        Relation::Peer => "peer",
        Relation::Left => "left",
    }
}
