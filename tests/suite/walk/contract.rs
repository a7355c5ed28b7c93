//! The JSON lines, version 2: every field that the contract names, with its type.

use serde_json::Value;

use crate::support::{ANY_PORT, Run, Socklab, dir_of_test, is};

const STATES: [&str; 11] = [
    "CLOSED",
    "LISTEN",
    "SYN-SENT",
    "SYN-RECEIVED",
    "ESTABLISHED",
    "FIN-WAIT-1",
    "FIN-WAIT-2",
    "CLOSE-WAIT",
    "CLOSING",
    "LAST-ACK",
    "TIME-WAIT",
];

fn is_int(value: &Value) -> bool {
    value.is_u64()
}

fn is_text(value: &Value) -> bool {
    value.is_string()
}

fn nothing_or(value: &Value, test: impl Fn(&Value) -> bool) -> bool {
    value.is_null() || test(value)
}

fn is_address(value: &Value) -> bool {
    let addr = value.as_str().map(str::parse::<std::net::SocketAddr>);
    addr.is_some_and(|addr| addr.is_ok())
}

fn is_state(value: &Value) -> bool {
    STATES.iter().any(|state| value == state)
}

fn all_text(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|list| list.iter().all(is_text))
}

/// The object has that field, and it passes.
#[track_caller]
fn field(object: &Value, name: &str, test: impl Fn(&Value) -> bool) {
    let value = object.get(name);
    assert!(value.is_some_and(test), "{name}: {object}");
}

fn call(event: &Value) {
    field(event, "call", is_text);
    field(event, "args", all_text);
}

fn exit(event: &Value) {
    call(event);
    field(event, "ret", Value::is_i64);
    field(event, "errno", |errno| nothing_or(errno, is_text));
    field(event, "took_us", is_int);
    assert_eq!(event["ret"] == -1, event["errno"].is_string(), "{event}");
}

fn view(event: &Value) {
    for entry in event["fds"].as_array().unwrap() {
        field(entry, "fd", is_int);
        field(entry, "target", is_text);
    }
    for one in event["sockets"].as_array().unwrap() {
        socket(one);
        // It is the fd table's own entry.
        let target = format!("socket:[{}]", one["inode"]);
        let entries = event["fds"].as_array().unwrap();
        let entry = entries.iter().find(|entry| entry["fd"] == one["fd"]);
        assert_eq!(entry.unwrap()["target"], target);
    }
    for other in event["others"].as_array().unwrap() {
        for name in ["cookie", "recv_q", "send_q"] {
            field(other, name, is_int);
        }
        // None as long as no file refers to it.
        field(other, "inode", |inode| nothing_or(inode, is_int));
        field(other, "relation", is_text);
        field(other, "state", is_state);
        field(other, "local", is_address);
        field(other, "peer", is_address);
        field(other, "timer", |timer| {
            nothing_or(timer, |timer| {
                field(timer, "kind", is_text);
                field(timer, "expires_ms", is_int);
                true
            })
        });
        field(other, "owner", |owner| {
            nothing_or(owner, |owner| {
                field(owner, "pid", is_int);
                field(owner, "name", is_text);
                true
            })
        });
    }
}

fn socket(one: &Value) {
    for name in ["fd", "inode", "cookie"] {
        field(one, name, is_int);
    }
    field(one, "domain", |domain| {
        domain == "inet" || domain == "inet6"
    });
    field(one, "type", |kind| kind == "stream");
    field(one, "protocol", |protocol| protocol == "tcp");
    field(one, "state", is_state);
    field(one, "local", |addr| nothing_or(addr, is_address));
    field(one, "peer", |addr| nothing_or(addr, is_address));
    let is_listener = one["state"] == "LISTEN";
    for name in ["recv_q", "send_q"] {
        // No byte passes through a listener, which is nothing that is not known.
        field(one, name, |bytes| is_int(bytes) != is_listener);
        assert!(one["unknown"][name].is_null(), "{one}");
    }
    field(one, "accept_queue", |queue| {
        queue.is_object() == is_listener
    });
    if is_listener {
        field(&one["accept_queue"], "len", is_int);
        field(&one["accept_queue"], "max", is_int);
    }
}

fn changes(event: &Value) {
    for change in event["changes"].as_array().unwrap() {
        field(change, "socket", |fd| nothing_or(fd, is_int));
        field(change, "field", is_text);
        field(change, "from", |value| nothing_or(value, is_text));
        field(change, "to", |value| nothing_or(value, is_text));
        assert_ne!(change["from"], change["to"], "{change}");
    }
}

fn keeps_the_contract(run: &Run, addr: &str) {
    let events = run.events();
    let first = &events[0];
    assert!(is(first, "run"), "{first}");
    assert_eq!(first["version"], 2);
    assert_eq!(first["socklab"], env!("CARGO_PKG_VERSION"));
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert_eq!(first["kernel"], kernel.trim_end());
    field(first, "argv", all_text);
    assert!(first["argv"].as_array().unwrap().contains(&addr.into()));
    assert!(is(events.last().unwrap(), "end"));

    let mut clock = 0;
    let mut kinds = Vec::new();
    for (at, event) in events.iter().enumerate() {
        assert_eq!(event["seq"], at, "{event}");
        let now = event["t_us"].as_u64().unwrap();
        assert!(now >= clock, "{event}");
        clock = now;
        field(event, "tid", is_int);
        field(event, "task", |actor| {
            actor == "server" || actor == "client"
        });
        field(event, "pid", is_int);
        field(event, "chapter", |chapter| nothing_or(chapter, is_text));
        field(event, "step", |step| nothing_or(step, is_text));
        let kind = event["event"].as_str().unwrap();
        match kind {
            "run" | "chapter" | "chapter-end" | "step" | "step-end" => {}
            "recap" => field(event, "calls", all_text),
            "pause" | "enter" | "blocked" => call(event),
            "exit" => exit(event),
            "view" => {
                view(event);
                changes(event);
            }
            "born" => field(event, "by", |by| nothing_or(by, is_int)),
            "gone" => {}
            "expect" => {
                field(event, "line", is_text);
                field(event, "held", Value::is_boolean);
            }
            "end" => field(event, "status", |status| status == "done"),
            other => panic!("{other}"),
        }
        let inside = ["enter", "exit", "view", "expect", "pause"];
        if inside.contains(&kind) {
            assert!(event["chapter"].is_string(), "{event}");
            assert!(event["step"].is_string(), "{event}");
        }
        kinds.push(kind.to_string());
    }
    for kind in ["run", "enter", "exit", "view", "expect", "end"] {
        assert!(kinds.iter().any(|other| other == kind), "{kind}");
    }
    for once in ["run", "end"] {
        assert_eq!(kinds.iter().filter(|kind| *kind == once).count(), 1);
    }
}

#[test]
fn a_walk_keeps_the_contract() {
    for addr in ["127.0.0.1:0", "[::1]:0"] {
        let run = Socklab::walk_at(addr).run();
        run.assert_done();
        assert_eq!(run.stderr, "");
        keeps_the_contract(&run, addr);
    }
}

/// What changed is the difference of the two views around it.
#[test]
fn changes_are_what_two_views_differ_in() {
    let run = Socklab::walk().run();
    run.assert_done();
    let mut after: Option<Value> = None;
    let mut compared = 0;
    for event in run.events() {
        if !is(&event, "view") || event["task"] != "server" {
            continue;
        }
        let before = after.take();
        after = Some(event.clone());
        let (Some(before), Some(after)) = (&before, &after) else {
            continue;
        };
        for change in event["changes"].as_array().unwrap() {
            let plain = ["state", "local", "peer"];
            let name = change["field"].as_str().unwrap();
            if change["socket"].is_null() || !plain.contains(&name) {
                continue;
            }
            let of = |view: &Value| -> Value {
                let all = view["sockets"].as_array().unwrap();
                let one = all.iter().find(|one| one["fd"] == change["socket"]);
                one.map_or(Value::Null, |one| one[name].clone())
            };
            assert_eq!(change["from"], of(before), "{change}");
            assert_eq!(change["to"], of(after), "{change}");
            compared += 1;
        }
    }
    assert!(compared >= 8, "{compared}");
}

#[test]
fn the_end_says_how_it_ended() {
    let run = Socklab::new(["step", "bind", "--auto", "--json", "--addr", "192.0.2.1:1"]).run();
    assert_eq!(run.only("end")["status"], "failed");
    assert_eq!(run.code, Some(1));
    let events = run.events();
    assert!(is(events.last().unwrap(), "end"));
    for (at, event) in events.iter().enumerate() {
        assert_eq!(event["seq"], at);
    }
}

/// The lesson on stdout, and the same events in a file.
#[test]
fn events_go_to_a_file_beside_the_lesson() {
    let dir = dir_of_test();
    let file = dir.join("run.jsonl");
    let json = format!("--json={}", file.display());
    let run = Socklab::new(["step", "bind", "--auto", "--addr", ANY_PORT, &json]).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stdout().contains("  did     bind(3,"),
        "{}",
        run.stdout()
    );
    let lines = std::fs::read_to_string(&file).unwrap();
    let told: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(is(&told[0], "run") && is(told.last().unwrap(), "end"));
    assert!(
        told.iter()
            .any(|event| is(event, "exit") && event["call"] == "bind")
    );
    // Where there is no such file to be had, that is the error.
    let nowhere = format!("--json={}", dir.join("none/run.jsonl").display());
    let run = Socklab::new(["walk", "--auto", "--addr", ANY_PORT, &nowhere]).run();
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("writing to ") && run.stderr.contains("none/run.jsonl"));
    let run = Socklab::new(["list", &json]).run();
    assert_eq!(run.code, Some(2));
}

/// Every line has what the schema of its event requires, and nothing that it does not
/// name.
#[test]
fn every_line_keeps_to_the_schema() {
    let schema = Socklab::new(["report", "--schema"]).run().stdout();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let at = |pointer: &str| {
        schema
            .pointer(pointer.trim_start_matches('#'))
            .unwrap()
            .clone()
    };
    let events = schema["oneOf"].as_array().unwrap();
    let refused = [
        "walk", "--role", "client", "--auto", "--json", "--peer", "nc",
    ];
    let refused = Socklab::new(refused).args(["--addr", "127.0.0.1:1"]).run();
    let own = std::process::id().to_string();
    let inspected = Socklab::new(["inspect", &own, "--json"]).run();
    let lines = [
        Socklab::walk().run().events(),
        refused.events(),
        inspected.events(),
        Socklab::new(["doctor", "--json"]).run().events(),
        Socklab::new(["step", "five", "--auto", "--json", "--addr", ANY_PORT])
            .run()
            .events(),
    ]
    .concat();
    for line in &lines {
        let kind = &line["event"];
        let of_kind = |it: &&Value| it["properties"]["event"]["const"] == *kind;
        let event = events
            .iter()
            .find(of_kind)
            .unwrap_or_else(|| panic!("{kind}"));
        let body = event["$ref"].as_str().map(at).unwrap_or_default();
        let parts = [event, &schema, &body];
        let has = |part: &&Value, name: &str| part["properties"].get(name).is_some();
        let named = |name: &str| parts.iter().any(|part| has(part, name));
        let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
        for name in &keys {
            assert!(named(name), "{name}: {line}");
        }
        for part in parts {
            for name in part["required"].as_array().into_iter().flatten() {
                assert!(line.get(name.as_str().unwrap()).is_some(), "{name}: {line}");
            }
        }
    }
}
