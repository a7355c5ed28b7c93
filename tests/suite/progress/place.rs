//! Where the file is, whose it is, and homes that are none.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use super::keys::Lesson;
use super::learner::{Learner, assert_said, line, names, said};

#[test]
fn the_place_follows_the_environment() {
    let learner = Learner::new();
    let state = learner.home.join("state");
    let elsewhere = state.to_str().unwrap();
    Lesson::whole(learner.step().env("XDG_STATE_HOME", elsewhere));
    assert_eq!(names(&state.join("socklab")), ["progress.jsonl"]);
    // By default it is below HOME. An empty variable counts as none.
    assert_eq!(learner.times("create"), 0);
    assert_eq!(learner.create(), Vec::<String>::new());
    assert_eq!(learner.times("create"), 1);
    let at_home = learner.progress()["path"].clone();
    assert_eq!(at_home, learner.file().to_str().unwrap());
}

/// "All paths set in these environment variables must be absolute. If an
/// implementation encounters a relative path […] it should consider the path invalid
/// and ignore it."
#[test]
fn a_relative_place_is_ignored() {
    for ignored in ["state", "./state"] {
        let learner = Learner::new();
        let there = ["env", "-C", learner.home.path().to_str().unwrap()];
        let run = Lesson::whole(learner.step().env("XDG_STATE_HOME", ignored).under(there));
        assert!(said(&run).is_empty(), "{}", run.stderr);
        assert_eq!(names(learner.home.path()), [".local"]);
        assert_eq!(learner.times("create"), 1);
    }
}

#[test]
fn without_a_home_a_run_goes_on_and_says_so_once() {
    for home in ["", "home"] {
        let learner = Learner::new();
        let there = ["env", "-C", learner.home.path().to_str().unwrap()];
        let nowhere = |socklab: crate::support::Socklab| socklab.env("HOME", home).under(there);
        let run = Lesson::whole(nowhere(learner.step()));
        assert_said(&said(&run), &["HOME is not set", "The lesson went on"]);
        // Who only looks on has nothing to say of it, unless it is asked for.
        let run = nowhere(learner.socklab(&["list"])).run();
        assert_eq!((said(&run), run.code), (Vec::new(), Some(0)));
        for words in [&["progress"][..], &["progress", "reset"]] {
            let run = nowhere(learner.socklab(words)).run();
            assert_said(&said(&run), &["HOME is not set"]);
            assert_eq!(run.code, Some(1));
        }
        assert!(names(learner.home.path()).is_empty());
    }
}

/// One that did nothing that counts has nothing to say either.
#[test]
fn a_run_that_was_left_says_nothing() {
    let learner = Learner::new();
    let mut lesson = Lesson::start(learner.step().env("HOME", ""));
    lesson.wait_pause();
    assert!(said(&lesson.leave_pause()).is_empty());
}

#[test]
fn a_home_that_is_no_folder_is_said_once() {
    let learner = Learner::new();
    learner.home.write("file", "");
    let home = learner.home.join("file");
    let run = Lesson::whole(learner.step().env("HOME", home.to_str().unwrap()));
    let parts = ["ENOTDIR (Not a directory)", "The lesson went on"];
    assert_said(&said(&run), &parts);
    let list = learner.socklab(&["list"]);
    let run = list.env("HOME", home.to_str().unwrap()).run();
    assert_said(&said(&run), &["reading ", "ENOTDIR"]);
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn folders_and_files_are_the_owners_alone() {
    let learner = Learner::new();
    learner.create();
    for below in [".local", ".local/state", ".local/state/socklab"] {
        assert_eq!(mode(&learner.home.join(below)), 0o700, "{below}");
    }
    assert_eq!(mode(&learner.file()), 0o600);
    // A mode that somebody chose stays.
    set_mode(&learner.file(), 0o644);
    learner.create();
    assert_eq!(mode(&learner.file()), 0o644);
}

/// Runs without root's right to ignore modes.
const PLAIN: [&str; 5] = ["unshare", "-Ur", "setpriv", "--bounding-set=-all", "--"];

#[test]
#[ignore = "needs unshare and setpriv"]
fn an_unwritable_home_is_said_once() {
    let learner = Learner::new();
    set_mode(learner.home.path(), 0o500);
    let run = Lesson::whole(learner.step().under(PLAIN));
    set_mode(learner.home.path(), 0o700);
    let parts = [
        "making the folder",
        "EACCES (Permission denied)",
        "The lesson went on",
    ];
    assert_said(&said(&run), &parts);
    assert!(names(learner.home.path()).is_empty());
}

/// The folder need not be writable for a file that is there.
#[test]
#[ignore = "needs unshare and setpriv"]
fn a_file_in_an_unwritable_folder_is_added_to() {
    let learner = Learner::with_lines(line("bind"));
    set_mode(&learner.folder(), 0o500);
    let run = Lesson::whole(learner.step().under(PLAIN));
    let reset = learner
        .socklab(&["progress", "reset", "--force"])
        .under(PLAIN)
        .run();
    set_mode(&learner.folder(), 0o700);
    assert!(said(&run).is_empty(), "{}", run.stderr);
    assert_said(&said(&reset), &["renaming ", "EACCES"]);
    assert_eq!(reset.code, Some(1));
    assert_eq!((learner.times("bind"), learner.times("create")), (1, 1));
}

#[test]
#[ignore = "needs unshare and setpriv"]
fn an_unreadable_file_is_said_and_left_alone() {
    let learner = Learner::with_lines("not to be read");
    set_mode(&learner.file(), 0o000);
    let run = Lesson::whole(learner.step().under(PLAIN));
    assert_said(&said(&run), &["writing ", "EACCES (Permission denied)"]);
    let read = learner.socklab(&["progress"]).under(PLAIN).run();
    assert_said(&said(&read), &["reading ", "EACCES (Permission denied)"]);
    assert_eq!(read.code, Some(1));
    set_mode(&learner.file(), 0o600);
    assert_eq!(fs::read(learner.file()).unwrap(), b"not to be read");
    // Both files are closed with their folder.
    set_mode(&learner.folder(), 0o000);
    let read = learner.socklab(&["progress"]).under(PLAIN).run();
    set_mode(&learner.folder(), 0o700);
    assert_said(&said(&read), &["reading ", "EACCES (Permission denied)"]);
}

/// `sudo socklab` for a port below 1024, with the learner's HOME.
#[test]
#[ignore = "needs root"]
fn what_root_makes_in_a_home_is_its_owners() {
    let learner = Learner::new();
    chown(learner.home.path(), Some(65534), Some(65534)).unwrap();
    learner.create();
    learner.create();
    for below in [
        ".local",
        ".local/state/socklab",
        ".local/state/socklab/progress.jsonl",
    ] {
        let found = fs::metadata(learner.home.join(below)).unwrap();
        assert_eq!(found.uid(), 65534, "{below}");
    }
    // What was there before stays its owner's.
    chown(learner.file(), Some(1), Some(1)).unwrap();
    learner.create();
    assert_eq!(fs::metadata(learner.file()).unwrap().uid(), 1);
}
