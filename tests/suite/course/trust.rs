//! A course of somebody else's touches the walk's own address and files, and loopback;
//! anything else only if the learner allows it.

use crate::support::{CourseDir, Socklab, TempDir, copied, dir_of_test};

/// What the check says, its folder's name left out.
fn check(dir: &TempDir, code: i32) -> Vec<String> {
    let path = dir.path().display().to_string();
    let run = Socklab::new(["chapters", "check", &path]).run();
    assert_eq!(run.code, Some(code), "{}", run.stdout());
    let lines = run.stdout();
    let lines = lines.lines();
    lines
        .map(|line| line.replace(&format!("{path}/"), ""))
        .collect()
}

/// It is told where it stands, and not played.
#[track_caller]
fn is_refused(dir: &TempDir, place: &str, line: &str) {
    let told = check(dir, 0);
    let start = format!("{place}: '{line}' touches ");
    assert!(told[0].starts_with(&start), "{line}: {told:#?}");
    assert_eq!(
        told[1],
        "1 chapters, no problems; 1 lines need --trust-course"
    );
    let run = Socklab::walk().chapters(dir).run();
    assert_eq!((run.code, &*run.stdout()), (Some(1), ""), "{line}");
    for word in [place, line, "--trust-course"] {
        assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
    }
    // To read it touches nothing.
    let read = Socklab::new(["read", "lab"]).chapters(dir).run();
    assert_eq!(read.code, Some(0), "{}", read.stderr);
}

#[test]
fn no_file_of_the_learners_is_removed() {
    let home = dir_of_test();
    home.write("dear", "x");
    let path = home.join("dear");
    let line = format!("unlink {}", path.display());
    let dir = CourseDir::new().step(&line).write();
    is_refused(&dir, "lab.md:11:1", &line);
    assert!(path.exists());
    let run = Socklab::walk()
        .chapters(&dir)
        .args(["--trust-course"])
        .run();
    run.assert_done();
    assert!(!path.exists());
}

#[test]
fn nobody_else_is_listened_for_or_called() {
    for line in [
        "bind it 0.0.0.0:0",
        "bind it [::]:{port}",
        "connect it 192.0.2.1:80",
        "sendto it 192.0.2.1:{port} hi",
        "bind it /tmp/of-the-course.sock",
    ] {
        let course = CourseDir::new().step("socket {domain} stream as it");
        is_refused(&course.step(line).write(), "lab.md:19:1", line);
    }
    let course = CourseDir::new().step("socket {domain} stream as it");
    let dir = course.expect("refuses 192.0.2.1:80").write();
    is_refused(&dir, "lab.md:17:1", "refuses 192.0.2.1:80");
}

/// The learner's own address may be any, and a course of theirs has it.
#[test]
fn the_walks_own_address_is_free() {
    let dir = CourseDir::listener().write();
    assert_eq!(check(&dir, 0), ["1 chapters, no problems"]);
    let run = Socklab::walk_at("0.0.0.0:0").chapters(&dir).run();
    run.assert_done();
}

/// What is named only when it is played is refused then.
#[test]
fn what_only_the_run_knows_is_held_to_it_too() {
    // As the check fills it in, but not the walk's.
    let course = CourseDir::new().step("socket {domain} stream as it");
    let dir = course.step("bind it 240.0.0.1:6789").write();
    assert_eq!(check(&dir, 0), ["1 chapters, no problems"]);
    let run = Socklab::walk().chapters(&dir).run();
    assert_eq!(run.code, Some(1));
    assert!(run.exits("server", "bind").is_empty());
    assert!(run.stderr.contains("--trust-course"), "{}", run.stderr);
}

#[test]
fn no_more_than_eight_processes_are_forked_at_once() {
    let forks = |count: usize| {
        let mut course = CourseDir::new();
        for number in 0..count {
            course = course.step(&format!("fork as child{number}"));
        }
        course
    };
    assert_eq!(check(&forks(8).write(), 0).len(), 1);
    let told = check(&forks(9).write(), 1);
    assert!(
        told[0].ends_with(": more than 8 processes at once"),
        "{told:?}"
    );
    let waited = forks(8).step_with("by=child0", "exit").step("wait child0");
    assert_eq!(check(&waited.step("fork as another").write(), 0).len(), 1);
}

/// What of the built-in course a copy of it must be allowed.
#[test]
fn the_walk_of_the_shipped_course_needs_no_trust() {
    let dir = copied();
    let told = check(&dir, 0);
    let public: Vec<&String> = told
        .iter()
        .filter(|line| line.contains("touches"))
        .collect();
    for line in &public {
        // Listeners for everybody, an address that is nobody's here, a group, other programs.
        let kinds = [
            "0.0.0.0",
            "[::]",
            "1.0.0.127",
            "239.1.2.3",
            "touches the program",
        ];
        assert!(kinds.iter().any(|kind| line.contains(kind)), "{line}");
    }
    let summary = format!("{} lines need --trust-course", public.len());
    assert!(told.last().unwrap().contains(&summary), "{told:?}");
    // Its walk needs none.
    Socklab::walk().chapters(&dir).run().assert_done();
}
