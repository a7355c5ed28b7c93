//! What is made for other programs: completions for shells, and the manual page.

use std::process::Command;

use crate::support::{Socklab, TempDir, dir_of_test, obeying_course, output};

/// The completions of a shell, as a file of that name.
fn completions(shell: &str, name: &str) -> (TempDir, String) {
    let dir = dir_of_test();
    let made = Socklab::new(["completions", shell]).run();
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let path = dir.join(name);
    std::fs::write(&path, made.stdout()).unwrap();
    let path = path.display().to_string();
    (dir, path)
}

/// What is typed, and what is offered for its last word among others.
const OFFERED: &[(&str, &str)] = &[
    ("socklab step ba", "backlog"),
    ("socklab read dat", "datagrams"),
    ("socklab bi", "bind"),
    ("socklab doc", "doctor"),
    ("socklab walk --role c", "client"),
    ("socklab walk --domain u", "unix"),
];

#[test]
fn bash_completes_chapters_and_tracks() {
    let (_dir, path) = completions("bash", "socklab");
    let script = r#"source "$0"; COMP_WORDS=($1); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _socklab socklab "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\n' "${COMPREPLY[@]}""#;
    for (typed, offered) in OFFERED {
        let told = output("bash", ["-c", script, &path, typed]);
        assert!(told.lines().any(|it| it == *offered), "{typed}: {told}");
    }
}

#[test]
#[ignore = "needs fish"]
fn fish_completes_chapters_and_tracks() {
    let (_dir, path) = completions("fish", "socklab.fish");
    for (typed, offered) in OFFERED {
        let told = output(
            "fish",
            ["-c", &format!("source {path}; complete -C '{typed}'")],
        );
        let mut words = told.lines().map(|it| it.split('\t').next().unwrap());
        assert!(words.any(|it| it == *offered), "{typed}: {told}");
    }
}

/// In a zsh at a terminal of its own, as there is no other way to ask it.
#[test]
#[ignore = "needs zsh"]
fn zsh_completes_chapters_and_tracks() {
    let (dir, _) = completions("zsh", "_socklab");
    let dir = dir.path().display().to_string();
    let script = r#"zmodload zsh/zpty; zpty z zsh -f -i
        zpty -w z "PROMPT=; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D; echo re''ady"
        zpty -r -m z out '*ready*'; zpty -w -n z "$2"$'\t'
        zpty -r -m z out "*$3*" && print found; zpty -d z"#;
    for (typed, offered) in OFFERED {
        let words = ["20", "zsh", "-c", script, "zsh", &dir, typed, offered];
        assert_eq!(output("timeout", words).trim(), "found", "{typed}");
    }
}

/// A course of one's own is completed where it is given.
#[test]
fn another_courses_chapters_are_in_its_completions() {
    let dir = obeying_course(|_, text| text);
    let made = Socklab::new(["completions", "bash"]).chapters(&dir).run();
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert!(made.stdout().contains("lab"), "its own");
    assert!(!made.stdout().contains("backlog"));
}

fn manual() -> (TempDir, String) {
    let dir = dir_of_test();
    let made = Socklab::new(["man"]).run();
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let path = dir.join("socklab.1");
    std::fs::write(&path, made.stdout()).unwrap();
    let path = path.display().to_string();
    (dir, path)
}

#[test]
#[ignore = "needs man"]
fn man_has_nothing_to_warn_of() {
    let (_dir, path) = manual();
    let words = ["--warnings", "-E", "UTF-8", "-l", &path];
    let shown = Command::new("man")
        .args(words)
        .env("MANWIDTH", "80")
        .output();
    let shown = shown.unwrap();
    assert_eq!(String::from_utf8_lossy(&shown.stderr), "");
    let text = String::from_utf8_lossy(&shown.stdout);
    for said in [
        "socklab step <CHAPTER>",
        "--keep-going",
        "socklab doctor",
        "Exit status: 0 done",
        "--role <ROLE>",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
#[ignore = "needs mandoc"]
fn mandoc_has_nothing_to_warn_of() {
    let (_dir, path) = manual();
    let words = ["-T", "lint", "-W", "warning", &path];
    let found = Command::new("mandoc").args(words).output().unwrap();
    let told = String::from_utf8_lossy(&found.stdout);
    // Between two releases there is no date.
    let told: Vec<&str> = told
        .lines()
        .filter(|it| !it.contains("cannot parse date"))
        .collect();
    assert!(told.is_empty(), "{told:#?}");
}
