//! What errnos mean, as data: nothing is left unexplained, a teacher may say it
//! otherwise, and mistakes in it are found.

use std::fs;

use toml::Table;

use crate::support::{CourseDir, Run, Socklab, TempDir, free_addr, says, shipped, taught};

/// Pairs that are explained by an entry of their own.
const EXPLAINED: [(&str, &[&str]); 12] = [
    ("socket", &["EAFNOSUPPORT", "EMFILE", "ENFILE"]),
    ("bind", &["EADDRINUSE", "EACCES", "EADDRNOTAVAIL", "EINVAL"]),
    (
        "bind unix",
        &["EADDRINUSE", "ENOENT", "EACCES", "EPERM", "EROFS"],
    ),
    ("listen", &["EADDRINUSE", "EOPNOTSUPP"]),
    (
        "accept",
        &[
            "EMFILE",
            "ENFILE",
            "EOPNOTSUPP",
            "ECONNABORTED",
            "EAGAIN",
            "EINVAL",
        ],
    ),
    (
        "connect",
        &[
            "ECONNREFUSED",
            "ETIMEDOUT",
            "ENETUNREACH",
            "EHOSTUNREACH",
            "EISCONN",
        ],
    ),
    (
        "connect unix",
        &[
            "ENOENT",
            "ECONNREFUSED",
            "EACCES",
            "EPERM",
            "EPROTOTYPE",
            "EAGAIN",
        ],
    ),
    (
        "sendto",
        &[
            "EMSGSIZE",
            "ECONNREFUSED",
            "ENOTCONN",
            "EDESTADDRREQ",
            "EPIPE",
            "ECONNRESET",
            "EAGAIN",
        ],
    ),
    (
        "sendto unix",
        &["ENOENT", "ECONNREFUSED", "EACCES", "EPERM", "EPROTOTYPE"],
    ),
    (
        "recvfrom",
        &["ECONNREFUSED", "ECONNRESET", "EAGAIN", "ENOTCONN"],
    ),
    ("fork", &["EAGAIN"]),
    ("wait4", &["ECHILD"]),
];

#[test]
fn every_errno_that_a_lesson_meets_has_a_meaning_and_an_advice() {
    let text = fs::read_to_string(shipped().join("explain.toml")).unwrap();
    let entries: Table = text.parse().unwrap();
    let is_said = |words: &[&str], field: &str| {
        entries.iter().any(|(key, texts)| {
            let key: Vec<&str> = key.split(' ').collect();
            words.iter().all(|word| key.contains(word)) && texts.get(field).is_some()
        })
    };
    for (calls, errnos) in EXPLAINED {
        for errno in errnos {
            let words: Vec<&str> = calls.split(' ').chain([*errno]).collect();
            for field in ["means", "do"] {
                assert!(is_said(&words, field), "{words:?} {field}");
            }
        }
    }
    for words in [
        ["EINTR"],
        ["EBADF"],
        ["any"],
        ["never-returned"],
        ["killed"],
    ] {
        assert!(
            is_said(&words, "means") && is_said(&words, "do"),
            "{words:?}"
        );
    }
}

/// A client whose server is not there, in a course that may explain it.
fn refused(explain: Option<&str>) -> (Run, TempDir) {
    let addr = free_addr();
    let course = CourseDir::new()
        .step("socket inet stream as c")
        .step(&format!("connect c {addr}"))
        .write();
    if let Some(text) = explain {
        course.write("explain.toml", text);
    }
    let run = Socklab::walk().chapters(&course).run();
    (run, course)
}

#[test]
fn a_teacher_says_it_otherwise_or_leaves_it_as_it_is() {
    let (run, _dir) = refused(None);
    let built_in = taught(&run, "connect", "ECONNREFUSED");
    let own = "[\"connect ECONNREFUSED\"]\nmeans = \"niemand hört auf {port}\"\n";
    let (run, _dir) = refused(Some(own));
    let failure = taught(&run, "connect", "ECONNREFUSED");
    let port = failure["advice"][0].as_str().unwrap();
    let port = port.rsplit(':').next().unwrap();
    assert_eq!(failure["meaning"], format!("niemand hört auf {port}"));
    // What it does not say is said as ever.
    says(&failure["advice"], "start the server first");
    says(&built_in["advice"], "start the server first");
    // Another topic changes nothing.
    let other = "[\"connect ETIMEDOUT\"]\nmeans = \"…\"\n";
    let (run, _dir) = refused(Some(other));
    let failure = taught(&run, "connect", "ECONNREFUSED");
    assert_eq!(failure["meaning"], built_in["meaning"]);
}

#[test]
fn mistakes_in_explanations_are_found() {
    for (text, place, message) in [
        (
            "[\"bnid EACCES\"]\nmeans = \"x\"",
            "1:2",
            "'bnid' is no call",
        ),
        ("[any]\nmeans = \"x\"\n['bind EWRONG']", "3:2", "'EWRONG'"),
        ("[any]\nmeaning = \"x\"", "2:1", "unknown field `meaning`"),
        ("[any]\nmeans = [\"x\"]", "2:9", "expected a string"),
        (
            "[any]\nmeans = \"at {adr}\"",
            "2:9",
            "no placeholder '{adr}'",
        ),
        (
            "['bind EADDRINUSE']\ndo = [\n  'a',\n  'kill {holder}',\n]",
            "4:3",
            "no placeholder '{holder}' here; there are {addr}",
        ),
        (
            "[unread]\nmeans = \"{count} at {addr}\"",
            "2:9",
            "no placeholder '{addr}' here; there are {count}",
        ),
        ("[unread]\nread = \"x\"", "2:8", "no chapter 'x' to read"),
        ("[EINTR\nmeans = 1", "1:7", ""),
        ("[EINTR]\n[EINTR]", "2:2", "duplicate key"),
    ] {
        let dir = CourseDir::listener().write();
        dir.write("explain.toml", text);
        let path = dir.path().display().to_string();
        let run = Socklab::new(["chapters", "check", &path]).run();
        assert_eq!(run.code, Some(1), "{text}");
        let said = run.stdout();
        let wanted = format!("{path}/explain.toml:{place}: ");
        assert!(
            said.starts_with(&wanted) && said.contains(message),
            "{said}"
        );
    }
    // What is there and cannot be read is not passed over.
    let dir = CourseDir::listener().write();
    fs::create_dir(dir.join("explain.toml")).unwrap();
    let run = Socklab::walk().chapters(&dir).run();
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("explain.toml:1:1: cannot be read"),
        "{}",
        run.stderr
    );
}

/// Where a placeholder of a finding stands, that finding is in the key.
#[test]
fn the_placeholders_of_a_finding_may_be_used_with_it() {
    let dir = CourseDir::listener().write();
    let text = "['bind EADDRINUSE process']\ndo = ['kill {holder} {call} {addr} {peer}']\n";
    dir.write("explain.toml", text);
    let path = dir.path().display().to_string();
    let run = Socklab::new(["chapters", "check", &path]).run();
    assert_eq!(run.code, Some(0), "{}", run.stdout());
}

/// Whatever the program may say of a running program has its words, and sends its readers
/// to chapters that there are.
#[test]
fn what_is_said_of_running_programs_can_be_read_on() {
    let text = fs::read_to_string(shipped().join("explain.toml")).unwrap();
    let entries: Table = text.parse().unwrap();
    let mut read = 0;
    for chapter in entries.values().filter_map(|texts| texts.get("read")) {
        let id = chapter.as_str().unwrap();
        let run = Socklab::new(["read", id]).run();
        assert_eq!(run.code, Some(0), "{id}");
        read += 1;
    }
    assert!(read >= 9);
}

/// Every word that the program knows is explained to teachers.
#[test]
fn the_words_of_topics_are_documented() {
    let readme = fs::read_to_string(shipped().join("README.md")).unwrap();
    let (_, section) = readme.split_once("## What an errno means").unwrap();
    let text = fs::read_to_string(shipped().join("explain.toml")).unwrap();
    let entries: Table = text.parse().unwrap();
    for word in entries.keys().flat_map(|key| key.split(' ')) {
        let is_errno = word.chars().all(|c| c.is_ascii_uppercase() || c == '2');
        let said = section.contains(&format!("`{word}`"));
        assert!(said || is_errno || word == "any", "{word}");
    }
}
