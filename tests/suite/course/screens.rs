//! What stands before a call fits a screen of 24 lines and 80 columns.

use crate::support::{Socklab, Track, dir_of_test, tracks};

/// A field's label stands in the third column; what belongs to it is indented
/// to this one.
const BODY: usize = 10;

fn is_field(line: &str, label: &str) -> bool {
    let wanted = format!("  {label:<7} ");
    line.starts_with(&wanted)
}

fn continues(line: &str) -> bool {
    line.len() > BODY && line[..BODY].trim().is_empty()
}

/// The text of each pause: from behind the step before to the last line of what
/// stands above the prompt.
fn pauses(shown: &str) -> Vec<Vec<&str>> {
    let lines: Vec<&str> = shown.lines().collect();
    let mut found = Vec::new();
    let mut from = 0;
    for (at, line) in lines.iter().enumerate() {
        if !is_field(line, "next") {
            continue;
        }
        let mut end = at + 1;
        while end < lines.len() && (continues(lines[end]) || is_field(lines[end], "kernel")) {
            end += 1;
        }
        let mut block = &lines[from..end];
        // A chapter begins with a rule; what was done for the learner stands above.
        if let Some(rule) = block.iter().rposition(|line| line.starts_with("── ")) {
            block = &block[rule..];
        }
        while block.first().is_some_and(|line| line.is_empty()) {
            block = &block[1..];
        }
        found.push(block.to_vec());
        // The step's own report begins with `did` and ends with an empty line.
        let rest = lines[end..]
            .iter()
            .skip_while(|line| !is_field(line, "did"))
            .skip_while(|line| !line.is_empty());
        from = lines.len() - rest.count();
    }
    found
}

/// Every pause of one run stands on a screen, the prompt with it.
fn assert_fits(words: &[&str], track: &Track) {
    let run = Socklab::new(words.iter().copied())
        .args(track.options())
        .args(["--auto", "--width", "80"])
        .run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let shown = run.stdout();
    let pauses = pauses(&shown);
    let calls = shown.lines().filter(|line| is_field(line, "did")).count();
    assert!(
        calls > 0 && pauses.len() >= calls,
        "{calls}: {}",
        pauses.len()
    );
    for pause in pauses {
        let lines = pause.len() + 1;
        assert!(
            lines <= 24,
            "{words:?}: {lines} lines:\n{}",
            pause.join("\n")
        );
        assert!(pause.iter().any(|line| is_field(line, "now")), "{pause:#?}");
    }
}

#[test]
fn every_pause_of_the_course_fits_a_screen() {
    let dir = dir_of_test();
    let path = dir.join("s").display().to_string();
    for mut track in tracks() {
        // The longest addresses of each family that a class room meets.
        let addrs = match track.domain.as_str() {
            "unix" => vec![path.as_str()],
            "inet6" => vec!["[::1]:0"],
            _ => vec!["127.0.0.1:0", "[::1]:0"],
        };
        for addr in addrs {
            if addr.starts_with('[') {
                track.domain = "inet6".into();
            }
            assert_fits(&["walk", "--addr", addr], &track);
        }
    }
}

#[test]
fn every_pause_of_a_chapter_by_itself_fits_a_screen() {
    let path = dir_of_test();
    let path = path.join("s").display().to_string();
    for track in tracks() {
        let addr = match track.domain.as_str() {
            "unix" => path.as_str(),
            "inet6" => "[::1]:0",
            _ => "127.0.0.1:0",
        };
        for chapter in &track.extras {
            assert_fits(&["step", &chapter.id, "--addr", addr], &track);
        }
    }
}

/// The walk begins with the life of a server as a picture, its two loops with it,
/// and so does the text alone.
#[test]
fn a_servers_life_is_drawn_where_the_walk_begins() {
    let walk = ["walk", "--auto", "--addr", "127.0.0.1:0"];
    for words in [&walk[..], &["read", "create"]] {
        let shown = Socklab::new(words).args(["--width", "60"]).run().stdout();
        let lines: Vec<&str> = shown.lines().take(12).collect();
        let calls = "accept > recv > send > close > close";
        let at = lines.iter().position(|line| line.trim() == calls);
        let at = at.unwrap_or_else(|| panic!("{lines:#?}"));
        let column = |row: usize, word| lines[at + row].find(word);
        assert_eq!(column(0, "recv"), column(1, "'<- more -'"));
        assert_eq!(column(0, "accept"), column(2, "'<---- next client ----'"));
    }
}
