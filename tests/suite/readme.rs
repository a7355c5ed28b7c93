//! The README is true: its commands run, its links lead somewhere.

use std::path::Path;

use crate::support::{Socklab, Track, tracks};

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    std::fs::read_to_string(path).unwrap()
}

/// The lines behind `$ ` in blocks fenced as `console`.
fn console_lines(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.trim() {
            "```console" => inside = true,
            "```" => inside = false,
            line if inside => found.extend(line.strip_prefix("$ ").map(str::to_string)),
            _ => {}
        }
    }
    found
}

/// The arguments of a line's `socklab`, if it is one.
fn arguments(line: &str) -> Option<Vec<String>> {
    let line = line.split(" #").next().unwrap();
    let words: Vec<String> = line.split_whitespace().map(str::to_string).collect();
    let (first, rest) = words.split_first()?;
    (first == "socklab").then(|| rest.to_vec())
}

/// Every `socklab …` in backticks too.
fn inline_commands(text: &str) -> Vec<Vec<String>> {
    let quoted = text.split('`').skip(1).step_by(2);
    let commands = quoted.filter_map(arguments);
    // DIR and CHAPTER are for the reader to fill in.
    commands
        .filter(|words| !words.is_empty())
        .filter(|words| {
            !words
                .iter()
                .any(|word| word.chars().all(char::is_uppercase))
        })
        .collect()
}

#[test]
fn every_command_runs() {
    let text = readme();
    let mut commands: Vec<Vec<String>> = console_lines(&text)
        .iter()
        .filter_map(|line| arguments(line))
        .collect();
    assert!(commands.len() >= 5, "{commands:?}");
    commands.extend(inline_commands(&text));
    for mut words in commands {
        // A program that runs: this one.
        if words[0] == "inspect" && words.len() > 1 {
            words[1] = std::process::id().to_string();
            words.retain(|word| !word.starts_with("--watch"));
        }
        // The program is the reader's own: any will do, and misses the goals.
        if let Some(at) = words.iter().position(|word| word == "--") {
            words.truncate(at);
            let run = Socklab::new(&words).args(["--", "true"]).run();
            assert_eq!(run.code, Some(1), "{words:?}: {}", run.stderr);
            continue;
        }
        // It parses as it stands.
        let run = Socklab::new(&words).args(["--help"]).run();
        assert_eq!(run.code, Some(0), "{words:?}: {}", run.stderr);
        // It plays: without keys, on a port that no other test has, quickly.
        let of_track = |track: &Track| {
            let chapters = track.chapters.iter().chain(&track.extras);
            chapters
                .map(|chapter| chapter.id.clone())
                .collect::<Vec<_>>()
        };
        let chapters: Vec<String> = tracks().iter().flat_map(of_track).collect();
        let plays = matches!(&*words[0], "walk" | "step") || chapters.contains(&words[0]);
        if plays {
            words.retain(|word| !word.starts_with("--auto"));
            words.push("--auto".into());
            let ipv6 = words.iter().any(|word| word.starts_with('['));
            let port0 = if ipv6 { "[::1]:0" } else { "127.0.0.1:0" };
            match words.iter().position(|word| word == "--addr") {
                Some(at) => words[at + 1] = port0.into(),
                None => words.extend(["--addr".into(), port0.into()]),
            }
        }
        let run = Socklab::new(&words).run();
        assert_eq!(run.code, Some(0), "{words:?}: {}", run.stderr);
        assert!(!run.stdout().is_empty(), "{words:?}");
    }
}

/// The targets of `[text](target)`.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("](") {
        let rest = &text[at + 2..];
        found.push(rest[..rest.find(')').unwrap()].to_string());
    }
    found
}

#[test]
fn every_file_it_links_to_exists() {
    let text = readme();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = 0;
    for link in links(&text) {
        if link.starts_with("https://") {
            continue;
        }
        let path = link.split('#').next().unwrap();
        assert!(root.join(path).exists(), "{link}");
        files += 1;
    }
    assert!(files >= 3, "{files}");
}

#[test]
fn every_script_it_runs_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for line in console_lines(&readme()) {
        let word = line.split_whitespace().next().unwrap();
        if word.contains('/') {
            assert!(root.join(word).exists(), "{line}");
        }
    }
}

/// Every chapter of `socklab list` stands there: those of the first track in a row
/// each, those of another together in the row of their track.
#[test]
fn its_chapter_tables_are_the_course() {
    let text = readme();
    let listed = Socklab::new(["list"]).run().stdout();
    let mut tracks = 0;
    let mut rows = Vec::new();
    // Claims have a heading of their own.
    let counts = |line: &&str| !line.is_empty() && !line.ends_with(':');
    for line in listed.lines().filter(counts) {
        let mut words = line.split_whitespace();
        let (number, id) = (words.next().unwrap(), words.next().unwrap());
        if number.parse::<usize>().is_err() {
            tracks += 1;
            let (title, options) = line.trim().split_once(" --").unwrap_or((line, ""));
            rows.push((format!("| {title} | `--{options}` |"), Vec::new()));
        } else if tracks == 1 {
            let row = format!("| {number} | `{id}` |");
            assert!(text.contains(&row), "{row}");
        } else {
            rows.last_mut().unwrap().1.push(id.to_string());
        }
    }
    assert!(tracks > 1);
    for (start, ids) in &rows[1..] {
        let row = text.lines().find(|line| line.starts_with(start));
        let row = row.unwrap_or_else(|| panic!("{start}"));
        let told: Vec<&str> = row[start.len()..].split('`').skip(1).step_by(2).collect();
        assert_eq!(&told, ids, "{row}");
    }
}

/// Each option it names is one that the program has.
#[test]
fn every_option_it_names_exists() {
    let of = |words: &[&str]| Socklab::new(words).run().stdout();
    let help = of(&["--help"]) + &of(&["inspect", "--help"]) + &of(&["trace", "--help"]);
    let help = help + &of(&["check", "--help"]);
    let text = readme();
    let mut checked = 0;
    for quoted in text.split('`').skip(1).step_by(2) {
        let word = quoted.split([' ', '=']).next().unwrap();
        if word.starts_with("--") {
            assert!(help.contains(word), "{word}");
            checked += 1;
        }
    }
    assert!(checked > 0);
}

/// Nothing that its author meant to replace.
#[test]
fn no_line_of_work_is_left_in_it() {
    let text = readme();
    for word in ["TODO", "FIXME", "BENCHMARKS", "XXX"] {
        assert!(!text.contains(word), "{word}");
    }
}

/// The table of events: each that a run prints is there, with the fields it names.
#[test]
fn the_table_of_events_is_complete() {
    let text = readme();
    let section = text.split("## JSON lines").nth(1).unwrap();
    let rows: Vec<Vec<&str>> = section
        .lines()
        .take_while(|line| !line.starts_with("## "))
        .filter_map(|line| line.strip_prefix("| `"))
        .map(|row| row.split('`').step_by(2).collect())
        .collect();
    let walk = Socklab::walk().args(["--packets", "--private"]).run();
    // Where nobody may have a network of his own there are none.
    let has_packets = !walk.all("packet").is_empty();
    let is_told = |row: &Vec<&str>| has_packets || !["packet", "private"].contains(&row[0]);
    let words: Vec<&str> = rows.into_iter().filter(is_told).flatten().collect();
    let refused = [
        "walk", "--role", "client", "--auto", "--json", "--peer", "nc",
    ];
    let refused = Socklab::new(refused).args(["--addr", "127.0.0.1:1"]).run();
    let own = std::process::id().to_string();
    let inspected = Socklab::new(["inspect", &own, "--json"]).run();
    // What a traced program is told in goes to stderr: stdout is the program's.
    let ends = ["trace", "--json", "--", "sh", "-c", "kill -TERM $$"];
    let traced = Socklab::new(ends).run().stderr;
    let traced = traced
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let checked = ["check", "create", "--json", "--limit", "1", "--", "true"];
    let checked = Socklab::new(checked).run();
    let doctor = Socklab::new(["doctor", "--json"]).run();
    let claim = ["step", "five", "--auto", "--json", "--addr", "127.0.0.1:0"];
    let claim = Socklab::new(claim).run();
    let events = [&walk, &refused, &inspected, &checked, &doctor, &claim].map(|run| run.events());
    let events = events.into_iter().flatten().chain(traced);
    let events: Vec<serde_json::Value> = events.collect();
    assert!(events.iter().any(|event| event["event"] == "failure"));
    for event in &events {
        let kind = event["event"].as_str().unwrap();
        assert!(words.contains(&kind), "{kind}: {words:?}");
    }
    let told = |word: &&str| {
        let is_field = |event: &serde_json::Value| event.get(*word).is_some();
        events
            .iter()
            .any(|event| event["event"] == **word || is_field(event))
    };
    for word in words.iter().filter(|word| {
        ![
            "tidied",
            "fault",
            "path",
            "strangers",
            "count",
            "first",
            "unknown",
            "gone",
            "via",
            "port",
            "all",
            "focus",
        ]
        .contains(*word)
    }) {
        assert!(told(word), "{word}");
    }
}
