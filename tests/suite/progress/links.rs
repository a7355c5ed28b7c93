//! A progress file kept elsewhere, behind a symbolic link.

use std::fs;
use std::os::unix::fs::symlink;

use socklab::progress::{Journal, Trouble};

use super::{finish, folder, home, load, names, times};

#[test]
fn a_link_is_followed_and_stays() {
    let (home, store) = home();
    let folder = folder(&store);
    fs::create_dir(home.join("dotfiles")).unwrap();
    // Relative, over a second link, to a file that is not there yet.
    symlink("../../../hop", store.path()).unwrap();
    symlink("dotfiles/kept.json", home.join("hop")).unwrap();
    finish(&store, "bind");
    finish(&store, "bind");
    assert_eq!(times(&load(&store), "bind"), 2);
    for link in [store.path(), &home.join("hop")] {
        assert!(fs::symlink_metadata(link).unwrap().is_symlink());
    }
    assert_eq!(names(folder), ["progress.json"]);
    let there = home.join("dotfiles");
    assert_eq!(names(&there), ["kept.json", "kept.lock"]);

    fs::write(there.join("kept.json"), "damaged").unwrap();
    let notices = store.load().notices;
    assert!(
        notices[0].contains("dotfiles/kept.json.damaged-1"),
        "{notices:?}"
    );
    finish(&store, "bind");

    store.reset(&mut Vec::new()).unwrap();
    assert!(fs::symlink_metadata(store.path()).unwrap().is_symlink());
    assert!(load(&store).progress.is_empty());
}

#[test]
fn a_link_to_no_file_is_left_alone() {
    let (home, store) = home();
    folder(&store);
    fs::create_dir(home.join("documents")).unwrap();
    symlink(home.join("documents"), store.path()).unwrap();
    let notices = store.load().notices;
    assert!(
        notices[0].contains("documents, which is no regular file"),
        "{notices:?}"
    );
    let refused = store.update(&mut Vec::new(), |_| {}).unwrap_err();
    assert!(matches!(refused, Trouble::NotAFile { .. }), "{refused}");
    assert!(store.reset(&mut Vec::new()).is_err());
    assert!(home.join("documents").is_dir());
    assert!(names(&home.join("documents")).is_empty());
}

#[test]
fn links_in_a_circle_are_said() {
    let (home, store) = home();
    folder(&store);
    symlink(home.join("round"), store.path()).unwrap();
    symlink(store.path(), home.join("round")).unwrap();
    assert!(store.load().notices[0].contains("ELOOP"));
    let mut journal = Journal::new(Ok(store));
    journal.chapter_finished("server", "bind");
    let notices = journal.finish();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].contains("in a circle"), "{notices:?}");
}
