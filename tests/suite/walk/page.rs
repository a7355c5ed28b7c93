//! What is printed away from a terminal: characters, columns, colours.

use super::cli::{CHAPTERS, fine};
use crate::support::{ANY_PORT, Run, Socklab};

/// Every screen there is without a terminal.
fn screens(options: &[&str], env: &[(&str, &str)]) -> Vec<(String, Run)> {
    let mut commands: Vec<Vec<&str>> = vec![vec![], vec!["list"]];
    commands.extend(CHAPTERS.iter().map(|chapter| vec!["read", chapter]));
    commands.push(vec!["walk", "--auto", "--addr", ANY_PORT]);
    commands.push(vec!["walk", "--auto", "--addr", "[::1]:0"]);
    commands.push(vec!["step", "close", "--auto", "--addr", ANY_PORT]);
    // And one that fails: no such address.
    commands.push(vec!["walk", "--auto", "--addr", "192.0.2.1:6789"]);
    commands
        .into_iter()
        .map(|words| {
            let mut socklab = Socklab::new(&words).args(options);
            for (name, value) in env {
                socklab = socklab.env(name, value);
            }
            let run = socklab.run();
            let fails = words.contains(&"192.0.2.1:6789");
            assert_eq!(
                run.code,
                Some(i32::from(fails)),
                "{words:?}: {}",
                run.stderr
            );
            (words.join(" "), run)
        })
        .collect()
}

#[test]
fn ascii_prints_nothing_else() {
    for (words, run) in screens(&["--ascii"], &[]) {
        let other: String = run.stdout().chars().filter(|c| !c.is_ascii()).collect();
        assert_eq!(other, "", "{words}");
        assert!(run.stderr.is_ascii(), "{words}: {}", run.stderr);
    }
    // So does a locale that has no other.
    for (words, run) in screens(&[], &[("LC_ALL", "C")]) {
        assert!(run.stdout().is_ascii(), "{words}");
    }
    // And the others do print more.
    let shown = fine(["walk", "--auto", "--addr", ANY_PORT]).stdout();
    assert!(!shown.is_ascii());
}

#[test]
fn a_narrow_page_is_kept_to() {
    for width in [60, 72, 100] {
        for (words, run) in screens(&["--width", &width.to_string()], &[]) {
            for line in run.stdout().lines() {
                // All that is printed here is one column wide.
                assert!(line.chars().count() <= width, "{words}: {width}: {line}");
            }
        }
    }
}

#[test]
fn without_a_terminal_the_page_has_80_columns() {
    let mut longest = 0;
    for (words, run) in screens(&[], &[]) {
        for line in run.stdout().lines().chain(run.stderr.lines()) {
            assert!(line.chars().count() <= 80, "{words}: {line}");
            longest = longest.max(line.chars().count());
        }
    }
    assert_eq!(longest, 80);
}

fn is_coloured(options: &[&str], env: &[(&str, &str)]) -> bool {
    let mut found = Vec::new();
    for (_, run) in screens(options, env) {
        found.push(run.stdout().contains('\x1b'));
    }
    let coloured = found[0];
    assert!(found.iter().all(|&other| other == coloured), "{found:?}");
    coloured
}

#[test]
fn colour_is_where_it_is_wanted_and_nowhere_else() {
    let force = ("CLICOLOR_FORCE", "1");
    let no = ("NO_COLOR", "1");
    assert!(!is_coloured(&[], &[]), "off a terminal");
    assert!(is_coloured(&[], &[force]));
    assert!(!is_coloured(&[], &[("CLICOLOR_FORCE", "0")]));
    assert!(!is_coloured(&[], &[no, force]), "NO_COLOR wins");
    assert!(
        is_coloured(&[], &[("NO_COLOR", ""), force]),
        "empty is unset"
    );
    assert!(is_coloured(&["--color", "always"], &[no]), "asked for");
    assert!(!is_coloured(&["--color", "never"], &[force]), "asked for");
}

#[test]
fn colour_changes_no_word() {
    let plain = fine(["read", "close"]).stdout();
    let coloured = fine(["read", "close", "--color", "always"]).stdout();
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("\x1b[") {
        stripped.push_str(before);
        let end = after.find('m').expect("only colours are escapes");
        assert!(after[..end].chars().all(|c| c.is_ascii_digit() || c == ';'));
        rest = &after[end + 1..];
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain);
}
