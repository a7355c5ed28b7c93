//! Whatever a course, an argument or a path holds: no character of it steers a
//! terminal, on stdout or stderr, as text or as JSON.

use crate::support::{ANY_PORT, Run, Socklab, dir_of_test, obeyed, obeying_course};

#[track_caller]
fn is_clean(what: &str, text: &str) {
    let obeyed = obeyed();
    let found: Vec<char> = text
        .chars()
        .filter(|c| obeyed.contains(*c) && !c.is_ascii_alphanumeric() && !"];[".contains(*c))
        .collect();
    assert!(found.is_empty(), "{what}: {found:?} in {text}");
}

#[track_caller]
fn ran(what: &str, socklab: Socklab, code: i32) -> Run {
    let run = socklab.run();
    is_clean(what, &run.stdout());
    is_clean(what, &run.stderr);
    assert_eq!(
        run.code,
        Some(code),
        "{what}: {}\n{}",
        run.stdout(),
        run.stderr
    );
    run
}

#[test]
fn nothing_of_a_course_steers_a_terminal() {
    // And an expectation that does not hold, which is told.
    let wrong = "### Expect\n```expect\nserver 'state=RAW'\n```\n";
    let dir = obeying_course(|name, text| match name {
        "lab.md" => text + wrong,
        _ => text,
    });
    ran(
        "check",
        Socklab::new(["chapters", "check", &dir.path().display().to_string()]),
        0,
    );
    for (words, code) in [
        (&[][..], 0),
        (&["list"], 0),
        (&["list", "--json"], 0),
        (&["read", "lab"], 0),
        (&["step", "--help"], 0),
        (&["step", "lab", "--help"], 0),
        (&["step", "lbb"], 2),
        (&["walk", "--auto"], 1),
        (&["walk", "--auto", "--ascii"], 1),
        (&["walk", "--auto", "--json"], 1),
        (&["progress"], 0),
        (&["progress", "--json"], 0),
    ] {
        let mut socklab = Socklab::new(words).chapters(&dir);
        if words.first() != Some(&"progress") {
            socklab = socklab.args(["--addr", ANY_PORT]);
        }
        ran(&words.join(" "), socklab, code);
    }
}

#[test]
fn no_mistake_of_a_course_steers_a_terminal() {
    for (file, from, to) in [
        ("course.toml", "title", "\"TOML\" = 1\ntitle"),
        ("course.toml", "\"lab\"", "\"TOML\""),
        ("course.toml", "\"c\"", "\"TOML\""),
        ("course.toml", "\"T TOML\"", "RAW"),
        ("languages/c.toml", "code", "\"TOML\" = 1\ncode"),
        ("lab.md", "id = \"lab\"", "id = \"TOML\""),
        ("lab.md", "label = \"name\"", "label = \"TOML\""),
        ("lab.md", "label", "needs = [\"TOML\"]\nlabel"),
        ("lab.md", "label", "\"TOML\" = 1\nlabel"),
        ("lab.md", "label", "RAW\nlabel"),
        ("lab.md", "### Kernel\nKernel.", "### RAW"),
        ("lab.md", "### Kernel\nKernel.", ""),
        ("lab.md", "```socklab\nbind", "```socklab RAW\nbind"),
        ("lab.md", "```socklab\nbind", "```socklab unless=RAW\nbind"),
        ("lab.md", "```socklab\nbind", "```socklab again=RAW\nbind"),
        ("lab.md", "```socklab\nbind", "```socklab fails=RAW\nbind"),
        ("lab.md", "bind server {addr}", "bind RAW {addr}"),
        ("lab.md", "bind server {addr}", "RAW server {addr}"),
        ("lab.md", "bind server {addr}", "bind server RAW"),
        ("lab.md", "bind server {addr}", "bind server /RAW/{port}"),
        ("lab.md", "bind server {addr}", "send server 'RAW\\q'"),
        ("lab.md", "server 'state=CLOSED|", "'RAW' 'state="),
        ("lab.md", "server 'state=CLOSED|", "server 'RAW="),
        ("lab.md", "server 'state=CLOSED|", "server '"),
        ("lab.md", "belief = \"mine\"", "belief = \"TOML\""),
        ("lab.md", "belief = \"mine\"", "\"TOML\" = 1"),
        (
            "lab.md",
            "when = \"server state=CLOSED\"",
            "when = \"TOML\"",
        ),
        ("lab.md", "two TOML", "TOML"),
    ] {
        let what = format!("{from:?} as {to:?}");
        let dir = obeying_course(|name, text| {
            let found = name != file || text.contains(from);
            assert!(found, "{what}");
            if name == file {
                text.replacen(from, to, 1)
            } else {
                text
            }
        });
        let path = dir.path().display().to_string();
        ran(&what, Socklab::new(["chapters", "check", &path]), 1);
        ran(&what, Socklab::new(["walk", "--auto"]).chapters(&dir), 1);
    }
}

#[test]
fn no_argument_steers_a_terminal() {
    let obeyed = obeyed();
    for words in [
        &[&*obeyed][..],
        &["step", &obeyed],
        &["read", &obeyed],
        &[&format!("--{obeyed}")],
        &["walk", "--addr", &obeyed],
        &["walk", "--color", &obeyed],
        &["walk", "--width", &obeyed],
        &["walk", "--auto", &obeyed],
        &["progress", &obeyed],
    ] {
        ran(&format!("{words:?}"), Socklab::new(words), 2);
    }
    ran("course", Socklab::new(["list", "--chapters", &obeyed]), 1);
    ran("check", Socklab::new(["chapters", "check", &obeyed]), 1);
}

#[test]
fn no_path_steers_a_terminal() {
    let dir = dir_of_test();
    let folder = dir.join("\u{1b}[2J\u{9b}2J\u{202e}\u{7f}");
    std::fs::create_dir(&folder).unwrap();
    let folder = folder.to_str().unwrap();
    let path = format!("{folder}/\t\u{2028}x");
    ran("walk", Socklab::new(["walk", "--auto", "--addr", &path]), 0);
    ran("json", Socklab::walk_at(&path), 0);
    let nowhere = format!("{folder}/none/x");
    ran(
        "nowhere",
        Socklab::new(["walk", "--auto", "--addr", &nowhere]),
        1,
    );
    ran("nowhere", Socklab::walk_at(&nowhere), 1);
    for words in [&["progress"][..], &["progress", "--json"]] {
        ran(
            "state",
            Socklab::new(words).env("XDG_STATE_HOME", folder),
            0,
        );
    }
    let words = ["step", "bind", "--domain", "unix", "--auto"];
    ran(
        "runtime",
        Socklab::new(words).env("XDG_RUNTIME_DIR", folder),
        0,
    );
}

/// What is expected of a path is held against the path, whatever characters it has.
#[test]
fn a_path_equals_itself() {
    let held = |name: &str, options: &[&str]| {
        let dir = dir_of_test();
        let path = dir.join(name);
        let run = Socklab::walk_at(path.to_str().unwrap()).args(options).run();
        run.assert_held();
        run.assert_done();
        run.all("expect").len()
    };
    for options in [&[][..], &["--type", "dgram"]] {
        let of_plain = held("plain", options);
        for name in [
            "a\tb",
            "a\nb",
            "a\\b",
            "a|b",
            "a\u{202e}b",
            "a b",
            "a'b",
            "a\"b",
            "a{pid}b",
            "a=*b",
            "é",
        ] {
            assert_eq!(held(name, options), of_plain, "{name:?}");
        }
    }
}
