//! What stands before a call fits a screen of 24 lines and 80 columns.

use crate::support::Socklab;

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

#[test]
fn every_pause_of_the_course_fits_a_screen() {
    // The longest addresses of each family that a class room meets.
    for addr in ["127.0.0.1:0", "[::1]:0"] {
        let words = ["walk", "--auto", "--addr", addr, "--width", "80"];
        let run = Socklab::new(words).run();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let shown = run.stdout();
        let pauses = pauses(&shown);
        assert!(pauses.len() >= 11, "{}", pauses.len());
        for pause in pauses {
            let lines = pause.len() + 1;
            assert!(lines <= 24, "{lines} lines:\n{}", pause.join("\n"));
            assert!(pause.iter().any(|line| is_field(line, "now")), "{pause:#?}");
        }
    }
}
