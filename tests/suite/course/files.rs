//! Whatever stands in the place of a course's file is read within bounds, or refused.

use std::os::unix::fs::symlink;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::support::{CourseDir, Socklab, TempDir, copied};

/// A course whose file of that name is away, so that something can stand in its place.
fn course_without(name: &str) -> TempDir {
    let dir = CourseDir::new()
        .step("socket {domain} stream as server")
        .write();
    std::fs::create_dir(dir.join("languages")).unwrap();
    dir.write(
        "course.toml",
        "title = \"Lab\"\nchapters = [\"lab\"]\nlanguages = [\"c\"]\n",
    );
    dir.write("languages/c.toml", "name = \"C\"\n");
    dir.write("explain.toml", "");
    std::fs::remove_file(dir.join(name)).unwrap();
    dir
}

/// What the check says, and that no lesson is played.
#[track_caller]
fn refused(dir: &TempDir, name: &str) -> String {
    let path = dir.path().display().to_string();
    let run = Socklab::new(["chapters", "check", &path]).run();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let said = run.stdout();
    let lines: Vec<&str> = said.lines().collect();
    let [line] = lines.as_slice() else {
        panic!("{said}");
    };
    let start = format!("{path}/{name}:1:1: cannot be read: ");
    assert!(line.starts_with(&start), "{line}");
    let run = Socklab::new(["list"]).chapters(dir).run();
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains(&start), "{}", run.stderr);
    line[start.len()..].to_string()
}

const FILES: [&str; 4] = ["course.toml", "lab.md", "languages/c.toml", "explain.toml"];

#[test]
fn a_file_that_never_ends_is_not_read() {
    for name in FILES {
        let dir = course_without(name);
        symlink("/dev/zero", dir.join(name)).unwrap();
        assert_eq!(refused(&dir, name), "it is no regular file");
    }
}

#[test]
fn a_fifo_is_not_waited_for() {
    for name in FILES {
        let dir = course_without(name);
        mknodat(CWD, dir.join(name), FileType::Fifo, Mode::RWXU, 0).unwrap();
        assert_eq!(refused(&dir, name), "it is no regular file");
    }
}

#[test]
fn a_folder_in_its_place_is_named() {
    for name in FILES {
        let dir = course_without(name);
        std::fs::create_dir(dir.join(name)).unwrap();
        assert_eq!(refused(&dir, name), "it is a folder");
    }
}

#[test]
fn a_file_has_at_most_a_megabyte() {
    for name in FILES {
        let dir = course_without(name);
        dir.write(name, &"#".repeat((1 << 20) + 1));
        let said = refused(&dir, name);
        assert_eq!(
            said,
            "it has 1048577 bytes; a file of a course has at most 1048576"
        );
    }
}

#[test]
fn a_file_that_is_no_text_is_refused() {
    for name in FILES {
        let dir = course_without(name);
        std::fs::write(dir.join(name), b"\xff").unwrap();
        assert!(refused(&dir, name).contains("UTF-8"), "{name}");
    }
}

/// All that a megabyte can hold is judged before a test's deadline.
#[test]
fn a_long_file_is_judged() {
    let many = |line: &str| line.repeat((1 << 20) / line.len() - 1000);
    for text in [many("server state=CLOSED\n"), many("```socklab\n```\n")] {
        let dir = course_without("lab.md");
        let head = "+++\nid = \"lab\"\ntitle = \"Lab\"\nlabel = \"name\"\nsummary = \"a\"\n+++\n\
            ## Step\nP.\n```socklab\nsocket inet stream as server\n```\n### Kernel\nK.\n\
            ### Expect\n```expect\n";
        dir.write("lab.md", &format!("{head}{text}"));
        let path = dir.path().display().to_string();
        let run = Socklab::new(["chapters", "check", &path]).run();
        assert!(matches!(run.code, Some(0 | 1)), "{}", run.stderr);
    }
}

/// What follows from a mistake is no mistake.
#[test]
fn a_wrong_need_is_one_problem() {
    let dir = copied();
    let text = std::fs::read_to_string(dir.join("listen.md")).unwrap();
    let wrong = text.replace("needs = [\"bind\"]", "needs = [\"bnid\"]");
    assert_ne!(wrong, text);
    dir.write("listen.md", &wrong);
    let path = dir.path().display().to_string();
    let run = Socklab::new(["chapters", "check", &path]).run();
    let wanted = format!("{path}/listen.md:1:1: needs 'bnid', which is no earlier chapter\n");
    assert_eq!(run.stdout(), wanted);
    // Without any, each name that nobody has made is told once.
    dir.write("listen.md", &text.replace("needs = [\"bind\"]\n", ""));
    let said = Socklab::new(["chapters", "check", &path]).run().stdout();
    let of_listen = said.lines().filter(|line| line.contains("/listen.md:"));
    assert_eq!(of_listen.count(), 1, "{said}");
}
