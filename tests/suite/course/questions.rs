//! Every belief is asked somewhere, and every question has an answer.

use std::collections::BTreeSet;

use toml::Table;

use crate::support::{
    ANY_PORT, Chapter, Socklab, Step, Track, course_table, one_line, track, tracks,
};

/// What the course is to put right: ids that progress files keep, so they may
/// never change.
const BELIEFS: [&str; 26] = [
    "accept-handshakes",
    "backlog-max-5",
    "backlog-refuses",
    "bind-is-visible",
    "blocking-burns-cpu",
    "bound-is-reachable",
    "client-port-early",
    "close-after-fork",
    "close-frees-port",
    "close-is-shutdown",
    "dead-peer-errors",
    "dead-peer-noticed",
    "edge-is-level",
    "go-cannot-bind",
    "listen-cannot-fail",
    "listener-talks",
    "localhost-is-ipv4",
    "loopback-everywhere",
    "message-boundaries",
    "recv-waits-for-all",
    "reuseaddr-shares",
    "send-delivers",
    "send-takes-all",
    "udp-reports",
    "unix-path-vanishes",
    "zero-is-eof",
];

#[test]
fn the_table_of_beliefs_is_complete() {
    let course = course_table();
    let table = course["beliefs"].as_table().unwrap();
    let ids: BTreeSet<&str> = table.keys().map(String::as_str).collect();
    assert_eq!(ids, BTreeSet::from(BELIEFS));
}

/// Every step of the course that has a question.
pub fn asking() -> Vec<(Chapter, Step)> {
    let chapters = tracks().into_iter().flat_map(|track| {
        let Track {
            chapters, extras, ..
        } = track;
        chapters.into_iter().chain(extras)
    });
    let steps = chapters.flat_map(|chapter| {
        let steps = chapter.steps.clone().into_iter();
        steps.map(move |step| (chapter.clone(), step))
    });
    steps.filter(|(_, step)| step.question.is_some()).collect()
}

/// The choices of its question.
pub fn choices(step: &Step) -> Vec<&Table> {
    let list = step.question.as_ref().unwrap()["choice"]
        .as_array()
        .unwrap();
    list.iter().map(|one| one.as_table().unwrap()).collect()
}

/// The conditions of a choice: a line, or several, or none.
pub fn conditions(choice: &Table) -> Vec<&str> {
    match choice.get("when") {
        None => Vec::new(),
        Some(toml::Value::String(line)) => vec![line],
        Some(lines) => {
            let lines = lines.as_array().unwrap().iter();
            lines.map(|line| line.as_str().unwrap()).collect()
        }
    }
}

#[test]
fn every_belief_is_asked() {
    let mut asked = BTreeSet::new();
    for (_, step) in asking() {
        for choice in choices(&step) {
            let belief = choice.get("belief").map(|id| id.as_str().unwrap());
            asked.extend(belief.map(str::to_string));
        }
    }
    let asked: BTreeSet<&str> = asked.iter().map(String::as_str).collect();
    assert_eq!(asked, BTreeSet::from(BELIEFS));
}

/// What a beginner must meet is in the walk, and not only in chapters that stand by
/// themselves.
#[test]
fn the_walk_of_a_server_meets_what_beginners_believe() {
    let server = track("server");
    let walked = |file: &str| server.chapters.iter().any(|chapter| chapter.file == file);
    let mut asked = BTreeSet::new();
    for (chapter, step) in asking() {
        if walked(&chapter.file) {
            let ids = choices(&step)
                .into_iter()
                .filter_map(|one| one.get("belief"));
            asked.extend(ids.map(|id| id.as_str().unwrap().to_string()));
        }
    }
    for id in [
        "close-is-shutdown",
        "listen-cannot-fail",
        "listener-talks",
        "loopback-everywhere",
        "message-boundaries",
        "zero-is-eof",
    ] {
        assert!(asked.contains(id), "{id}");
    }
}

#[test]
fn a_question_that_no_kernel_can_answer_has_one_right_choice() {
    for (chapter, step) in asking() {
        let choices = choices(&step);
        let mut right = choices.iter().filter(|one| one.contains_key("right"));
        let observed = choices.iter().any(|one| one.contains_key("when"));
        let at = format!("{} {}", chapter.file, step.title);
        match right.next() {
            None => assert!(observed, "{at}: nothing says which choice is right"),
            Some(_) => assert!(!observed && right.next().is_none(), "{at}"),
        }
    }
}

/// Whatever a learner does in a second terminal, what the course puts right is
/// never graded right.
#[test]
fn a_mistaken_belief_can_never_be_right() {
    for (chapter, step) in asking() {
        for choice in choices(&step) {
            let may_hold = choice.contains_key("when") || choice.contains_key("right");
            let at = format!("{} {}: {choice:?}", chapter.file, step.title);
            assert!(!choice.contains_key("belief") || !may_hold, "{at}");
        }
    }
}

/// Nobody is asked, and what the answer explains is told all the same.
#[test]
fn what_a_question_explains_is_told_where_it_is_not_asked() {
    let run = Socklab::new(["step", "serve", "--auto=0", "--addr", ANY_PORT]).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let told = one_line(&run.stdout());
    for why in [
        "The kernel completes its handshake and lets it wait",
        "Only the number of holders counts, not who made the socket.",
    ] {
        assert!(told.contains(why), "{why}: {told}");
    }
}
