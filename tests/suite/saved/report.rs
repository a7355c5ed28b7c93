//! A run as an HTML page.

use std::fs;

use super::SavedRun;
use crate::support::{ANY_PORT, Socklab, dir_of_test, is, output, python_itself, shipped};

/// The page of that file of a run.
pub fn page_of(file: &str) -> String {
    let run = Socklab::new(["report", file]).run();
    assert_eq!((run.code, &*run.stderr), (Some(0), ""));
    run.stdout()
}

/// The page that a run writes at once is that of the run that it saves.
#[track_caller]
fn assert_same(words: &[&str], behind: &[&str]) -> String {
    let dir = dir_of_test();
    let live = dir.join("live.html").display().to_string();
    let run = SavedRun::of(&[words, &["--report", &live]].concat(), behind);
    let page = fs::read_to_string(&live).unwrap();
    assert!(page == page_of(&run.file()), "{words:?}");
    assert!(page.ends_with("</html>\n"), "{words:?}");
    page
}

#[test]
fn a_saved_run_has_the_page_of_the_live_one() {
    let walk = assert_same(&["walk", "--auto", "--addr", ANY_PORT], &[]);
    assert!(walk.contains("id=\"step-accept\"") && walk.contains("href=\"#step-accept\""));
    let refused = [
        "walk", "--role", "client", "--auto", "--peer", "nc", "--addr",
    ];
    let refused = assert_same(&[&refused[..], &["127.0.0.1:1"]].concat(), &[]);
    assert!(refused.contains("ECONNREFUSED") && refused.contains("<dd>failed</dd>"));
    let claim = assert_same(&["step", "five", "--auto", "--addr", ANY_PORT], &[]);
    assert!(claim.contains("verdict") && claim.contains("(server backlog=10)"));
    let script = shipped()
        .join("scripts/epoll.socklab")
        .display()
        .to_string();
    assert_same(&["play", &script, "--addr", ANY_PORT], &[]);
    let program = "import socket\ns = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(0)";
    let program = ["--", &python_itself(), "-c", program];
    let traced = assert_same(&["trace"], &program);
    assert!(traced.contains("What a reviewer would say"));
    let checked = [
        "check",
        "create",
        "bind",
        "--addr",
        "127.0.0.1:6796",
        "--limit",
        "1",
    ];
    let checked = assert_same(&checked, &program);
    assert!(checked.contains("2 of 2 goals met"), "{checked}");
}

#[test]
fn every_call_of_the_events_is_in_it() {
    let run = SavedRun::of(&["walk", "--auto", "--addr", ANY_PORT], [""; 0]);
    let page = page_of(&run.file());
    let lines = run.lines();
    let events = lines.iter().map(|line| serde_json::from_str(line).unwrap());
    let exits: Vec<serde_json::Value> = events.filter(|event| is(event, "exit")).collect();
    assert_eq!(page.matches("<div class=\"call\"").count(), exits.len());
    for exit in exits {
        let place = format!("<div class=\"call\" id=\"e{}\">", exit["seq"]);
        let (_, call) = page.split_once(&place).unwrap();
        let call = &call[..call.find("</p>").unwrap()];
        let name = exit["call"].as_str().unwrap();
        let result = format!(" = {}", exit["ret"]);
        assert!(
            call.contains(name) && call.contains(&result),
            "{exit}: {call}"
        );
    }
}

#[test]
fn it_loads_nothing_and_runs_nothing() {
    let run = SavedRun::of(&["walk", "--auto", "--addr", ANY_PORT], [""; 0]);
    let page = page_of(&run.file());
    for loads in [
        "<script",
        "http://",
        "https://",
        " src=",
        "@import",
        "<link",
        " style=\"",
        " on",
    ] {
        let tags = page.split('<').filter_map(|it| it.split_once('>'));
        let has = |tag: &str| format!("<{tag}").contains(loads);
        assert!(!tags.clone().any(|(tag, _)| has(tag)), "{loads}");
    }
    assert!(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"));
}

#[test]
#[ignore = "needs python3"]
fn its_only_style_is_the_one_of_the_policy() {
    let run = SavedRun::of(&["step", "create", "--auto"], [""; 0]);
    let page = page_of(&run.file());
    let style = page.split("<style>").nth(1).unwrap();
    let style = &style[..style.find("</style>").unwrap()];
    let hash = "import sys, hashlib, base64\n\
        print(base64.b64encode(hashlib.sha256(sys.argv[1].encode()).digest()).decode())";
    let hash = output("python3", ["-c", hash, style]);
    assert!(page.contains(&format!("sha256-{}", hash.trim())), "{hash}");
}

/// Ten thousand events: the last connection of `serve`, again and again.
#[test]
fn a_long_run_has_a_page_of_less_than_5_mb() {
    let run = SavedRun::of(&["walk", "--auto", "--addr", ANY_PORT], [""; 0]);
    let lines = run.lines();
    let (last, rest) = lines.split_last().unwrap();
    let (first, rest) = rest.split_first().unwrap();
    let many = rest.iter().cycle().take(9_998);
    let all: Vec<&str> = [first]
        .into_iter()
        .chain(many)
        .chain([last])
        .map(|it| &**it)
        .collect();
    let file = run.dir.join("long.jsonl");
    fs::write(&file, all.join("\n") + "\n").unwrap();
    let page = page_of(&file.display().to_string());
    assert!(page.len() < 5_000_000, "{}", page.len());
}

#[test]
fn what_has_no_run_has_no_report() {
    let run = Socklab::new(["list", "--report", "x.html"]).run();
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("--report means nothing"));
    let run = Socklab::new(["report"]).run();
    assert_eq!(run.code, Some(2), "{}", run.stderr);
}
