//! Links in the place of the files: nothing is read, written or renamed through one.

use std::fs;
use std::os::unix::fs::symlink;

use super::learner::{Learner, assert_said, line, names};

const COMMANDS: [&[&str]; 3] = [&["list"], &["progress"], &["progress", "--json"]];

/// As root that could be any file of the system.
#[test]
fn what_a_link_points_to_is_left_alone() {
    for before in [true, false] {
        for text in [line("bind"), "root:x:0:0::/root:/bin/sh\n".into()] {
            let learner = Learner::with_folder();
            learner.home.write("system", &text);
            let link = if before {
                learner.before()
            } else {
                learner.file()
            };
            symlink(learner.home.join("system"), &link).unwrap();
            let all = learner.everything();
            for words in COMMANDS {
                let (said, _) = learner.reads(words);
                assert_said(&said, &[link.to_str().unwrap(), "is a symbolic link"]);
            }
            assert_eq!(learner.everything(), all);

            let said = learner.create();
            if before {
                assert_eq!(said, Vec::<String>::new());
            } else {
                assert_said(&said, &["is a symbolic link", "The lesson went on"]);
                assert_eq!(learner.everything(), all);
            }
            // The link is moved aside, not what it points to.
            assert_eq!(learner.reads(&["progress", "reset", "--force"]).1, Some(0));
            assert_eq!(
                fs::read_to_string(learner.home.join("system")).unwrap(),
                text
            );
            assert!(fs::symlink_metadata(&link).is_err());
            assert_eq!(learner.create(), Vec::<String>::new());
            assert_eq!(learner.times("create"), 1);
        }
    }
}

#[test]
fn a_link_to_nothing_makes_no_file() {
    let learner = Learner::with_folder();
    symlink(learner.home.join("target"), learner.file()).unwrap();
    assert_said(&learner.create(), &["is a symbolic link"]);
    assert_said(&learner.reads(&["list"]).0, &["is a symbolic link"]);
    assert_eq!(names(learner.home.path()), [".local"]);
}

#[test]
fn another_name_of_a_file_is_not_written_to() {
    let learner = Learner::with_folder();
    learner.home.write("system", "text\n");
    fs::hard_link(learner.home.join("system"), learner.file()).unwrap();
    assert_said(&learner.create(), &["is a hard link"]);
    assert_eq!(fs::read(learner.home.join("system")).unwrap(), b"text\n");
}

/// That the state is on another disk is a matter of its owner.
#[test]
fn a_folder_may_be_a_link() {
    let learner = Learner::new();
    fs::create_dir(learner.home.join("disk")).unwrap();
    symlink("disk", learner.home.join(".local")).unwrap();
    assert_eq!(learner.create(), Vec::<String>::new());
    assert_eq!(learner.times("create"), 1);
    assert!(
        learner
            .home
            .join("disk/state/socklab/progress.jsonl")
            .is_file()
    );
}

#[test]
fn links_in_a_circle_are_said() {
    let learner = Learner::new();
    symlink(".local", learner.home.join(".local")).unwrap();
    assert_said(&learner.reads(&["list"]).0, &["ELOOP", "in a circle"]);
    let parts = [
        "EEXIST",
        "no folder stands in the way",
        "The lesson went on",
    ];
    assert_said(&learner.create(), &parts);
}
