//! Runs that do not come to their end.

use std::fs;

use super::keys::Lesson;
use super::learner::{Learner, assert_said, line, said};

/// What was finished is kept at once, not at the end of the run.
#[test]
fn a_run_that_is_killed_has_kept_what_was_finished() {
    let learner = Learner::new();
    let mut lesson = Lesson::start(learner.step());
    lesson.create();
    lesson.kill();
    assert_eq!(learner.times("create"), 1);
}

#[test]
fn a_run_killed_anywhere_leaves_whole_lines() {
    let learner = Learner::new();
    for _ in 0..20 {
        let mut lesson = Lesson::start(learner.step());
        lesson.wait_pause();
        lesson.send("\r");
        lesson.kill();
    }
    let kept = learner.times("create");
    assert_eq!(learner.create(), Vec::<String>::new());
    assert_eq!(learner.times("create"), kept + 1);
}

/// A limit on the size of files ends the write in front of a line, or when half of it is
/// written: that is said, and the lesson goes on.
#[test]
fn a_write_that_is_cut_by_a_limit_leaves_what_was_kept() {
    // The limit counts in blocks of 512 bytes.
    for size in [512, 512 - 20] {
        let mut kept = line("bind");
        kept += &"\n".repeat(size - kept.len());
        let learner = Learner::with_lines(&kept);
        let script = "ulimit -c 0; ulimit -f 1; exec \"$@\"";
        let mut lesson = Lesson::start(learner.step().under(["sh", "-c", script, "sh"]));
        lesson.wait_pause();
        lesson.finish_create();
        assert_said(&said(&lesson.leave()), &["EFBIG", "The lesson went on"]);
        let text = fs::read_to_string(learner.file()).unwrap();
        assert!(text.starts_with(&kept) && text.len() == 512, "{text}");
        assert_eq!(learner.create(), Vec::<String>::new());
        let shown = learner.socklab(&["progress", "--json"]).run().stdout();
        for kept in ["server/bind", "server/create"] {
            assert!(shown.contains(kept), "{shown}");
        }
    }
}

/// A crash of the machine, or a disk that was full, can leave half a line.
#[test]
fn half_a_line_costs_no_other() {
    let half = &line("listen")[..30];
    let learner = Learner::with_lines(line("bind") + half);
    assert_eq!(learner.create(), Vec::<String>::new());
    let text = fs::read_to_string(learner.file()).unwrap();
    assert!(text.starts_with(&(line("bind") + half + "\n{")), "{text}");

    let run = learner.socklab(&["progress", "--json"]).run();
    assert_said(&said(&run), &["line 2 was skipped: it is no JSON"]);
    for kept in ["server/bind", "server/create"] {
        assert!(run.stdout().contains(kept), "{}", run.stdout());
    }
    assert_eq!(run.code, Some(0));
    assert_eq!(fs::read_to_string(learner.file()).unwrap(), text);
}

/// An editor may leave out the last newline.
#[test]
fn a_last_line_without_its_newline_counts() {
    let learner = Learner::with_lines(line("bind").trim_end());
    assert_eq!(learner.times("bind"), 1);
    assert_eq!(learner.create(), Vec::<String>::new());
    assert_eq!((learner.times("bind"), learner.times("create")), (1, 1));
}
