//! Goals of a teacher's own.

use super::{check, ids, python};
use crate::support::{CourseDir, Socklab, TempDir};

const LAB: &str = r#"title = "Lab 1"
side = "server"

[[goal]]
id = "greet"
title = "Greet"
points = 7
read = "lab"
about = "The program greets."
hint = "send"
play = '''
socket {domain} stream as guest
connect guest {addr}
recv guest 99
expect returned 2..
'''
"#;

/// A course with the goals of that file.
fn course(goals: &str) -> TempDir {
    let dir = CourseDir::new()
        .step("socket inet stream as server")
        .write();
    let listed = std::fs::read_to_string(dir.join("course.toml")).unwrap();
    let chapter = listed.split('"').nth(3).unwrap_or("lab").to_string();
    dir.write("course.toml", &format!("goals = [\"lab1\"]\n{listed}"));
    std::fs::create_dir_all(dir.join("goals")).unwrap();
    dir.write(
        "goals/lab1.toml",
        &goals.replace("read = \"lab\"", &format!("read = \"{chapter}\"")),
    );
    dir
}

fn problems(goals: &str) -> String {
    let dir = course(goals);
    let path = dir.path().display().to_string();
    let run = Socklab::new(["chapters", "check", &path]).run();
    run.stdout().replace(&format!("{path}/"), "")
}

#[test]
#[ignore = "needs python3"]
fn they_are_played() {
    let dir = course(LAB);
    let path = dir.path().display().to_string();
    let greets = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(1)\n\
                  s.accept()[0].send(b'hello')";
    let run = check(&["lab1", "--chapters", &path], python(greets));
    assert_eq!(ids(&run, true), ["greet"], "{}{}", run.stdout(), run.stderr);
    assert_eq!(run.only("goal")["max_score"], 7);
}

#[test]
fn what_is_wrong_with_them_is_found_where_it_stands() {
    assert!(problems(LAB).contains("no problems"), "{}", problems(LAB));
    for (from, to, wanted) in [
        (
            "connect guest",
            "conect guest",
            "goals/lab1.toml:13:1: no action 'conect'",
        ),
        (
            "recv guest",
            "recv ghost",
            "goals/lab1.toml:14:1: no earlier line makes a socket 'ghost'",
        ),
        (
            "expect returned",
            "expect retrned",
            "goals/lab1.toml:15:8: ",
        ),
        (
            "expect returned 2..",
            "expect called recv conn",
            "no socket 'conn'",
        ),
        (
            "recv guest 99",
            "fork as child",
            "the tester is one process",
        ),
        ("points = 7", "points = -7", "goals/lab1.toml:7:10"),
        (
            "id = \"greet\"",
            "id = \"Greet\"",
            "goals/lab1.toml:5:6: the name 'Greet'",
        ),
        (
            "read = \"lab\"",
            "read = \"none\"",
            "there is no such chapter",
        ),
        ("expect returned 2..\n", "", "expects nothing"),
    ] {
        let found = problems(&LAB.replace(from, to));
        assert!(found.contains(wanted), "{to}: {found}");
    }
}

#[test]
fn faults_in_a_teachers_words() {
    let dir = course(LAB);
    dir.write(
        "faults.toml",
        "[backlog-one]\ntitle = \"a\"\nmeans = \"b\"\ndo = \"c\"\nread = \"x\"\n",
    );
    let path = dir.path().display().to_string();
    let run = Socklab::new(["chapters", "check", &path]).run();
    assert!(
        run.stdout()
            .contains("faults.toml:1:1: no fault 'backlog-one'"),
        "{}",
        run.stdout()
    );
}
