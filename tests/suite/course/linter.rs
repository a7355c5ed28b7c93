//! Errors planted in a course are found where they stand.

use std::path::Path;

use crate::support::{Socklab, TempDir, dir_of_test};

const COURSE: &str = "title = \"Lab\"\nchapters = [\"lab\"]\n";

/// A chapter without a mistake. Its lines are numbered from 1.
pub const FINE: &str = r#"+++
id = "lab"
title = "Lab"
label = "name"
summary = "a lab"
+++
Prose.

## First step
Prose of the step.
```socklab
socket {domain} stream as server
```
### Kernel
What the kernel does.
### Expect
```expect
server state=CLOSED
```

## Second step
Prose of the step.
```socklab
bind server {addr}
```
### Kernel
What the kernel does.
### Peer
```peer when=after
socket {domain} stream as client
```
"#;

/// The course with a piece of its chapter exchanged.
fn planted(from: &str, to: &str) -> TempDir {
    assert_eq!(FINE.matches(from).count(), 1, "{from}");
    course_of(COURSE, &FINE.replace(from, to))
}

pub fn course_of(course: &str, lab: &str) -> TempDir {
    let dir = dir_of_test();
    dir.write("course.toml", course);
    dir.write("lab.md", lab);
    dir
}

/// Checks it: the problems, without the folder's name in front.
pub fn problems(dir: &TempDir) -> Vec<String> {
    let path = dir.path().display().to_string();
    let run = Socklab::new(["chapters", "check", &path]).run();
    let shown = run.stdout();
    if run.code == Some(0) {
        assert!(shown.contains("no problems"), "{shown}");
        return Vec::new();
    }
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let prefix = format!("{path}/");
    let lines = shown.lines().map(|line| {
        line.strip_prefix(&prefix)
            .unwrap_or_else(|| panic!("{line}"))
            .to_string()
    });
    lines.collect()
}

#[track_caller]
pub fn finds(dir: &TempDir, place: &str, message: &str) {
    let found = problems(dir);
    let fits = |line: &&String| line.starts_with(&format!("{place}: ")) && line.contains(message);
    assert!(
        found.iter().any(|line| fits(&line)),
        "{place}: {message}: {found:#?}"
    );
    // No course with a problem is played.
    let run = Socklab::walk().chapters(dir).run();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(run.stdout(), "");
    assert!(run.stderr.contains(place), "{}", run.stderr);
}

#[test]
fn a_course_without_a_mistake_passes_and_plays() {
    let dir = course_of(COURSE, FINE);
    assert!(problems(&dir).is_empty());
    Socklab::walk().chapters(&dir).run().assert_done();
}

#[test]
fn the_shipped_course_is_clean() {
    let run = Socklab::new(["chapters", "check"]).run();
    assert_eq!(run.code, Some(0), "{}", run.stdout());
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("chapters");
    let path = shipped.display().to_string();
    let run = Socklab::new(["chapters", "check", &path]).run();
    assert_eq!(run.code, Some(0), "{}", run.stdout());
    let translations = markdown_files(&shipped.join("translations"));
    let files = markdown_files(&shipped) - translations - 1; // README.md is no chapter.
    // And which lines of a copy a learner must allow.
    let told = run.stdout();
    let (allow, summary) = told.trim_end().rsplit_once('\n').unwrap();
    let touches = |line: &&str| line.contains("' touches ");
    let count = allow.lines().filter(touches).count();
    assert_eq!(count, allow.lines().count(), "{allow}");
    assert_eq!(
        summary,
        format!("{files} chapters, no problems; {count} lines need --trust-course")
    );
}

/// Those of the sub-folders too: each is a chapter of some track.
fn markdown_files(dir: &Path) -> usize {
    let entries = std::fs::read_dir(dir).unwrap();
    let count = |path: std::path::PathBuf| {
        if path.is_dir() {
            markdown_files(&path)
        } else {
            usize::from(path.extension().is_some_and(|extension| extension == "md"))
        }
    };
    entries.map(|entry| count(entry.unwrap().path())).sum()
}

#[test]
fn mistakes_in_the_front_matter_are_found() {
    for (from, to, place, message) in [
        (
            "label = \"name\"",
            "label = \"nmae\"",
            "lab.md:1:1",
            "no label 'nmae'",
        ),
        ("summary = \"a lab\"\n", "", "lab.md:2:1", "summary"),
        ("title = \"Lab\"", "titel = \"Lab\"", "lab.md:3:1", "titel"),
        ("title = \"Lab\"", "title = Lab", "lab.md:3:9", ""),
        ("id = \"lab\"", "id = \"Lab 1\"", "lab.md:1:1", "lower-case"),
        (
            "summary",
            "needs = [\"listen\"]\nsummary",
            "lab.md:1:1",
            "needs 'listen'",
        ),
        ("+++\nProse.", "Prose.", "lab.md:1:1", "closing line +++"),
        ("+++\nid", "id", "lab.md:1:1", "begin with front matter"),
    ] {
        finds(&planted(from, to), place, message);
    }
}

#[test]
fn mistakes_in_the_shape_of_a_step_are_found() {
    for (from, to, place, message) in [
        (
            "## First step\n",
            "",
            "lab.md:10:1",
            "before the first `## step`",
        ),
        (
            "### Expect",
            "### Expects",
            "lab.md:16:1",
            "no section 'Expects'",
        ),
        (
            "## Second step",
            "# Second step",
            "lab.md:21:1",
            "only `## step`",
        ),
        ("### Peer", "#### Peer", "lab.md:28:1", "headings are used"),
        (
            "```socklab\nbind server {addr}\n```\n",
            "",
            "lab.md:28:4",
            "'Second step' has no `socklab` block",
        ),
        (
            "bind server {addr}\n```\n### Kernel\nWhat the kernel does.",
            "bind server {addr}\n```",
            "lab.md:29:4",
            "no text under `### Kernel`",
        ),
        (
            "bind server {addr}",
            "bind server {addr}\nlisten server 1",
            "lab.md:23:1",
            "one line in its `socklab` block, not 2",
        ),
        ("bind server {addr}\n", "", "lab.md:23:1", "not 0"),
        (
            "bind server {addr}\n```",
            "bind server {addr}\n```\n```socklab\nlisten server 1\n```",
            "lab.md:26:1",
            "a second `socklab` block",
        ),
        (
            "### Expect\n",
            "### Expect\nSome prose.\n",
            "lab.md:17:1",
            "only a fenced block",
        ),
        ("when=after", "when=later", "lab.md:29:1", "when=before"),
        (
            "```expect",
            "```expect now",
            "lab.md:17:1",
            "takes no attributes",
        ),
    ] {
        finds(&planted(from, to), place, message);
    }
}

#[test]
fn mistakes_in_an_action_are_found() {
    for (to, place, message) in [
        ("bnid server {addr}", "lab.md:24:1", "no action 'bnid'"),
        (
            "  bind srever {addr}",
            "lab.md:24:3",
            "no earlier step makes a socket 'srever'",
        ),
        ("bind server {adr}", "lab.md:24:1", "{adr}"),
        ("bind server", "lab.md:24:1", "ADDR"),
        ("send server \"a", "lab.md:24:1", "quote"),
        ("send server '\\q'", "lab.md:24:1", "no escape"),
        ("recv server 0", "lab.md:24:1", "0 is not in"),
        ("accept srever as conn", "lab.md:24:1", "'srever'"),
        ("accept server as 9", "lab.md:24:1", "lower-case"),
        ("bind client {addr}", "lab.md:24:1", "'client'"),
    ] {
        // The client's socket is the client's: made later, and not ours.
        finds(&planted("bind server {addr}", to), place, message);
    }
    let dir = planted("socket {domain} stream as client", "connect client {addr}");
    finds(
        &dir,
        "lab.md:30:1",
        "no earlier step makes a socket 'client'",
    );
}

#[test]
fn mistakes_in_an_expectation_are_found() {
    for (to, place, message) in [
        ("server stat=CLOSED", "lab.md:18:1", "no field 'stat'"),
        (
            "server CLOSED",
            "lab.md:18:1",
            "'CLOSED' is not field=value",
        ),
        ("server", "lab.md:18:1", "nothing is expected"),
        ("gone", "lab.md:18:1", "name is missing"),
        ("srever state=CLOSED", "lab.md:18:1", "'srever'"),
        ("client state=CLOSED", "lab.md:18:1", "'client'"),
        (
            "server state=CLOSED\npeer server x=1",
            "lab.md:19:1",
            "no field 'x'",
        ),
    ] {
        finds(&planted("server state=CLOSED", to), place, message);
    }
}

#[test]
fn mistakes_in_a_loop_are_found() {
    let second = "```socklab\nbind";
    for (to, message) in [
        ("```socklab until=eof\nbind", "until=eof without loop=NAME"),
        (
            "```socklab loop=echo\nbind",
            "0 steps of this loop say until=eof",
        ),
    ] {
        finds(&planted(second, to), "lab.md:24:1", message);
    }
    for (to, message) in [
        ("```socklab lop=echo\nbind", "'lop=echo' is no attribute"),
        ("```socklab loop=\nbind", "'loop=' is no attribute"),
    ] {
        finds(&planted(second, to), "lab.md:23:1", message);
    }
    let dir = planted(second, "```socklab unless=no-keepalive\nbind");
    finds(&dir, "lab.md:24:1", "no switch 'no-keepalive'");
}

#[test]
fn prose_that_does_not_fit_is_found() {
    let long = "word ".repeat(300);
    let dir = planted(
        "Prose of the step.\n```socklab\nbind",
        &format!("{long}\n```socklab\nbind"),
    );
    finds(&dir, "lab.md:24:1", "lines are told before this call");
    let dir = planted("What the kernel does.\n### Peer", "Of {prot}.\n### Peer");
    finds(&dir, "lab.md:24:1", "no placeholder '{prot}'");
    let dir = planted("Prose of the step.\n```socklab\nbind", "```socklab\nbind");
    finds(&dir, "lab.md:23:1", "'Second step' tells nothing");
}

#[test]
fn mistakes_in_the_courses_own_file_are_found() {
    for (course, place, message) in [
        (
            "title = \"Lab\"\nchapters = []\n",
            "course.toml:1:1",
            "lists no chapter",
        ),
        (
            "title = \"Lab\"\nchapters = [\"lab\", \"more\"]\n",
            "more.md:1:1",
            "cannot be read",
        ),
        ("title = \"Lab\"\n", "course.toml:1:1", "chapters"),
        (
            "title = \"Lab\"\nchapter = [\"lab\"]\n",
            "course.toml:2:1",
            "chapter",
        ),
        (
            "title = \"Lab\"\nchapters = [\"lab\", \"lab\"]\n",
            "lab.md:1:1",
            "a second chapter with the id 'lab'",
        ),
    ] {
        finds(&course_of(course, FINE), place, message);
    }
    let empty = dir_of_test();
    finds(&empty, "course.toml:1:1", "cannot be read");
}

/// Not the first problem only: a teacher mends them in one go.
#[test]
fn every_problem_is_reported() {
    let lab = FINE
        .replace("bind server", "bnid server")
        .replace("state=CLOSED", "stat=CLOSED")
        .replace("label = \"name\"", "label = \"x\"");
    let found = problems(&course_of(COURSE, &lab));
    for place in ["lab.md:1:1", "lab.md:18:1", "lab.md:24:1"] {
        assert!(
            found.iter().any(|line| line.starts_with(place)),
            "{found:#?}"
        );
    }
    assert_eq!(found.len(), 3, "{found:#?}");
}

/// Half a file, as an editor may leave it: problems, or none, and no panic.
#[test]
fn a_file_cut_anywhere_is_judged() {
    for end in (0..FINE.len()).step_by(5) {
        let dir = course_of(COURSE, &FINE[..end]);
        let path = dir.path().display().to_string();
        let run = Socklab::new(["chapters", "check", &path]).run();
        assert!(run.code == Some(0) || run.code == Some(1), "{end}");
        assert_eq!(run.stderr, "", "{end}");
        assert!(!run.stdout().is_empty(), "{end}");
    }
}

/// Written on Windows, read on Linux.
#[test]
fn windows_line_ends_are_line_ends() {
    let dir = course_of(&COURSE.replace('\n', "\r\n"), &FINE.replace('\n', "\r\n"));
    assert_eq!(problems(&dir), [""; 0]);
    Socklab::walk().chapters(&dir).run().assert_done();
}

#[test]
fn a_mistaken_belief_that_could_be_right_is_found() {
    for right in ["right = true", "when = \"returned 0\""] {
        let predict = format!(
            "### Predict\n```predict\nquestion = \"What?\"\nwhy = \"So.\"\n[[choice]]\n\
             text = \"this\"\nbelief = \"it\"\n{right}\n[[choice]]\ntext = \"that\"\n```\n### Peer"
        );
        let lab = FINE.replace("### Peer", &predict);
        let course = format!("{COURSE}[beliefs]\nit = \"a belief\"\n");
        let found = problems(&course_of(&course, &lab));
        let told = |line: &String| line.contains("'this' is a mistaken belief");
        assert!(found.iter().any(told), "{found:?}");
    }
}
