//! To forget is to rename: nothing is lost.

use std::fs;

use super::learner::{Learner, line, names};

const RESET: [&str; 3] = ["progress", "reset", "--force"];

#[test]
fn reset_renames_what_was_kept() {
    let learner = Learner::with_lines(line("bind"));
    fs::write(learner.before(), "{\"version\": 1, \"beliefs\": {}}").unwrap();
    let run = learner.socklab(&RESET).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let left = names(&learner.folder());
    assert_eq!(left.len(), 2, "{left:?}");
    for (name, start, text) in [
        (
            &left[0],
            "progress.json.forgotten-",
            "{\"version\": 1, \"beliefs\": {}}",
        ),
        (&left[1], "progress.jsonl.forgotten-", &*line("bind")),
    ] {
        assert!(name.starts_with(start), "{name}");
        // It says where it is now.
        let path = learner.folder().join(name);
        let shown = run.stdout();
        assert!(shown.contains(path.to_str().unwrap()), "{shown}");
        assert_eq!(fs::read_to_string(path).unwrap(), text);
    }
    assert_eq!(learner.times("bind"), 0);
    assert_eq!(learner.create(), Vec::<String>::new());
    assert_eq!(learner.times("create"), 1);
    // The second does not replace what the first one moved.
    assert_eq!(learner.reads(&RESET).1, Some(0));
    assert_eq!(names(&learner.folder()).len(), 3);
}

#[test]
fn nothing_is_nothing_to_forget() {
    let learner = Learner::new();
    let run = learner.socklab(&RESET).run();
    assert!(run.stdout().contains("There is no progress to forget."));
    assert!(names(learner.home.path()).is_empty());
}

/// A line that cannot be read is something, though no chapter and no belief.
#[test]
fn damage_can_be_moved_out_of_the_way() {
    let learner = Learner::with_lines("damaged\n");
    assert_eq!(learner.reads(&RESET).1, Some(0));
    assert_eq!(learner.reads(&["list"]), (Vec::new(), Some(0)));
    let left = names(&learner.folder());
    assert_eq!(
        fs::read(learner.folder().join(&left[0])).unwrap(),
        b"damaged\n"
    );
}

/// A run that is at work when somebody resets goes on in a new file.
#[test]
fn a_run_goes_on_in_a_new_file() {
    let learner = Learner::new();
    let mut lesson = super::keys::Lesson::start(learner.step());
    lesson.create();
    assert_eq!(learner.reads(&RESET).1, Some(0));
    lesson.bind();
    assert!(super::learner::said(&lesson.leave()).is_empty());
    assert_eq!((learner.times("create"), learner.times("bind")), (0, 1));
}
