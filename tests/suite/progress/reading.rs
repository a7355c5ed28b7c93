//! Commands that only read: they write nothing at all.

use std::fs;

use super::learner::{Learner, line};

const COMMANDS: [&[&str]; 7] = [
    &[],
    &["list"],
    &["list", "--json"],
    &["read", "bind"],
    &["progress"],
    &["progress", "--json"],
    &["progress", "reset"],
];

fn assert_untouched(learner: &Learner) {
    let before = learner.everything();
    for words in COMMANDS {
        learner.reads(words);
        assert_eq!(learner.everything(), before, "{words:?}");
    }
}

#[test]
fn reading_makes_nothing() {
    let learner = Learner::new();
    assert_untouched(&learner);
    for words in COMMANDS {
        assert_eq!(learner.reads(words), (Vec::new(), Some(0)), "{words:?}");
    }
}

#[test]
fn reading_changes_nothing() {
    for (before, lines) in [
        ("{\"version\": 1}", line("bind")),
        ("damaged", "damaged\n".into()),
        ("", "half a line".into()),
        ("{\"version\": 2}", "{\"v\":2}\n".into()),
    ] {
        let learner = Learner::with_lines(lines);
        fs::write(learner.before(), before).unwrap();
        assert_untouched(&learner);
    }
}

/// What was kept before there were lines counts, and is not written any more.
#[test]
fn what_was_kept_before_is_carried_over() {
    let before = r#"{"version": 1, "labs": [1],
        "chapters": {"server/bind": {"finished": 2, "last_finished": 7, "how": "alone"},
            "server/close": {"finished": 18446744073709551615, "last_finished": 1}},
        "beliefs": {"a": {"met": 1, "missed": 1, "right": 0, "last": "missed"},
            "b": {"met": 1, "missed": 0, "right": 0}}}"#;
    let learner = Learner::with_folder();
    fs::write(learner.before(), before).unwrap();
    assert_eq!(learner.times("bind"), 2);
    assert_eq!(learner.create(), Vec::<String>::new());

    let answer = "{\"v\":1,\"event\":\"answer\",\"beliefs\":{\"a\":\"right\"},\"at\":9}\n";
    let lines = fs::read_to_string(learner.file()).unwrap();
    let more = [lines, line("bind"), line("close"), answer.into()].concat();
    fs::write(learner.file(), more).unwrap();
    // However often it is read.
    for _ in 0..2 {
        let kept = learner.progress();
        let bind = &kept["chapters"]["server/bind"];
        assert_eq!(
            (&bind["finished"], &bind["last_finished"]),
            (&3.into(), &7.into())
        );
        assert_eq!(kept["chapters"]["server/close"]["finished"], u64::MAX);
        assert_eq!(kept["chapters"]["server/create"]["finished"], 1);
        let a = serde_json::json!({"met": 2, "missed": 1, "right": 1, "last": "right"});
        assert_eq!(kept["beliefs"]["a"], a);
        assert_eq!(kept["beliefs"]["b"]["last"], "other");
    }
    assert_eq!(fs::read_to_string(learner.before()).unwrap(), before);
}

/// Each event says of each belief what the answer told; the last one that told
/// something counts.
#[test]
fn a_belief_is_open_until_it_is_answered_right() {
    let learner = Learner::with_folder();
    let mut lines = String::new();
    for (grade, standing) in [
        ("other", "met"),
        ("right", "right"),
        ("missed", "open"),
        // Another wrong answer, or none, does not put it right.
        ("other", "open"),
        ("right", "put right"),
        ("other", "put right"),
        ("missed", "open"),
    ] {
        lines += &format!(
            "{{\"v\":1,\"event\":\"answer\",\"beliefs\":{{\"it\":\"{grade}\",\"more\":\"right\"}},\"at\":1}}\n"
        );
        fs::write(learner.file(), &lines).unwrap();
        let shown = learner.socklab(&["progress"]).run().stdout();
        let row = shown.lines().find(|line| line.contains("it ·")).unwrap();
        assert!(row.trim_start().starts_with(standing), "{grade}: {row}");
    }
    let it = &learner.progress()["beliefs"]["it"];
    let counts = ["met", "missed", "right"].map(|name| it[name].as_u64().unwrap());
    assert_eq!(counts, [7, 2, 2]);
}

#[test]
fn the_open_beliefs_come_first_and_chapters_of_no_course_last() {
    let beliefs = r#"{"c-met":"other","d-right":"right","z-open":"missed","a-open":"missed"}"#;
    let learner = Learner::with_lines(format!(
        "{}{}{{\"v\":1,\"event\":\"answer\",\"beliefs\":{beliefs},\"at\":1}}\n",
        line("bind"),
        line("lab\\u001b[2J"),
    ));
    let shown = learner.socklab(&["progress"]).run().stdout();
    let mut rest = shown.as_str();
    for next in [
        "A TCP server 1 of ",
        "✓ bind",
        "Elsewhere",
        "✓ server/lab\\x1b[2J",
        "Beliefs",
        "a-open",
        "z-open",
        "d-right",
        "c-met",
        "kept in ",
    ] {
        let at = rest
            .find(next)
            .unwrap_or_else(|| panic!("{next}:\n{shown}"));
        rest = &rest[at..];
    }
    let json = learner.socklab(&["progress", "--json"]).run().stdout();
    let begin = format!(
        "{{\"version\":1,\"path\":\"{}\",\"chapters\":{{",
        learner.file().display()
    );
    assert!(
        json.starts_with(&begin) && json.lines().count() == 1,
        "{json}"
    );
}
