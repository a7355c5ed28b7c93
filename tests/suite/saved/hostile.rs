//! Files that nobody has vouched for.

use std::fs;

use serde_json::Value as Json;

use super::SavedRun;
use crate::support::{ANY_PORT, Run, Socklab, dir_of_test};

/// Replays a file of these bytes.
fn replayed(bytes: &[u8]) -> (Run, String) {
    let dir = dir_of_test();
    let file = dir.join("odd.jsonl");
    fs::write(&file, bytes).unwrap();
    let name = file.display().to_string();
    (Socklab::new(["replay", "--auto", &name]).run(), name)
}

fn saved() -> Vec<String> {
    SavedRun::of(&["step", "bind", "--auto", "--addr", ANY_PORT], [""; 0]).lines()
}

#[test]
fn what_is_no_run_is_refused_with_its_line() {
    let good = saved();
    let first = &good[0];
    for (bytes, line, why) in [
        (String::new(), 0, "has no line of a run"),
        ("nonsense\n".into(), 1, "no JSON: expected"),
        ("[]\n".into(), 1, "no object"),
        (
            "{\"event\":\"pause\"}\n".into(),
            1,
            "no run that --json has saved",
        ),
        (
            first.replace("\"version\":2", "\"version\":3") + "\n",
            1,
            "version is 3",
        ),
        (
            format!("{first}\n{{\"event\":\"exit\",\"seq\":1,\"task\":\"x\"}}\n"),
            2,
            "\"pid\"",
        ),
        (format!("{first}\n\n{{broken\n{}\n", good[1]), 3, "no JSON"),
        (
            first.replace("\"track\":\"server\"", "\"track\":\"x\"") + "\n",
            0,
            "does not have",
        ),
        (format!("{}\n", "[".repeat(100_000)), 1, "recursion"),
    ] {
        let (run, name) = replayed(bytes.as_bytes());
        assert_eq!(run.code, Some(1), "{bytes:.100}: {}", run.stderr);
        assert!(run.stderr.contains(why), "{bytes:.100}: {}", run.stderr);
        let place = format!("{name}:{line}: ");
        assert!(line == 0 || run.stderr.contains(&place), "{}", run.stderr);
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    }
    let (run, _) = replayed(b"\xff\xfe\n");
    assert!(run.stderr.contains(":1: no JSON"), "{}", run.stderr);
    let run = Socklab::new(["replay", "/nowhere/run.jsonl"]).run();
    assert!(run.stderr.contains("reading /nowhere/run.jsonl: ENOENT"));
}

/// A run that was killed while it wrote, or that a newer socklab has saved.
#[test]
fn what_can_be_read_of_it_is_told() {
    let good = saved();
    let whole = good.join("\n");
    let (run, name) = replayed(&whole.as_bytes()[..whole.len() - 20]);
    assert_eq!(run.code, Some(0));
    let cut = format!("{name}:{}: the line is cut off", good.len());
    assert!(run.stderr.contains(&cut), "{}", run.stderr);
    assert!(run.stdout().contains("bind(3,"));
    let mut newer = good.clone();
    for at in [3, 5] {
        let odd = r#"{"event":"sp\u001bin","seq":0,"t_us":0,"task":"x","pid":1,"tid":1}"#;
        newer.insert(at, odd.into());
    }
    let (run, _) = replayed((newer.join("\n") + "\n").as_bytes());
    assert_eq!(run.code, Some(0));
    assert!(
        run.stderr.contains("does not know: sp\\x1bin (2)"),
        "{}",
        run.stderr
    );
}

/// A file from elsewhere may have what was seen in another order, and twice.
#[test]
fn the_order_of_what_was_seen_is_no_matter() {
    let good = SavedRun::of(&["walk", "--auto", "--addr", ANY_PORT], [""; 0]);
    let told = |change: fn(&mut Vec<Json>)| {
        let mut text = String::new();
        for line in good.lines() {
            let mut line: Json = serde_json::from_str(&line).unwrap();
            for list in ["sockets", "others"] {
                line[list].as_array_mut().map(change);
            }
            text += &format!("{line}\n");
        }
        replayed(text.as_bytes()).0
    };
    let run = told(|list| list.reverse());
    assert_eq!(run.stdout(), good.live.stdout(), "{}", run.stderr);
    let run = told(|list| list.extend_from_within(..));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

#[test]
fn nothing_in_it_steers_a_terminal() {
    let evil = r"\u001b[2J\u009b31m\u202e\r";
    let lines: Vec<String> = saved()
        .iter()
        .map(|line| {
            let line = line.replace("\"server\"", &format!("\"server{evil}\""));
            line.replace("socket:[", &format!("socket:{evil}["))
        })
        .collect();
    let (run, _) = replayed((lines.join("\n") + "\n").as_bytes());
    let out = run.stdout() + &run.stderr;
    let obeyed = |c: &char| c.is_control() && *c != '\n' || *c == '\u{202e}';
    assert_eq!(out.chars().find(obeyed), None, "{out:?}");
}
