//! Disks that are full, read-only or without locks.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use socklab::progress::{Journal, Last, Progress, Store};

use super::process::{process, process_under, said};
use super::{finish, home, in_home, load, names, times};
use crate::support::{Refuse, dir_of_test, refuse};

/// Runs this with the home on a file system of its own.
fn on_its_own_disk(options: &str, does: &str) -> Vec<String> {
    let home = dir_of_test();
    let script = format!("mount -t tmpfs -o {options} none \"$HOME\"\nexec \"$@\"");
    let starter = ["unshare", "-Urm", "sh", "-ec", &script, "sh"];
    said(process_under(&starter, home.path(), does))
}

/// Fills the disk to its last page.
fn fill(filler: &Path) {
    let mut file = File::create(filler).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
}

/// More than a page of entries.
fn much(progress: &mut Progress) {
    for number in 0..200 {
        progress.meet(&format!("belief-{number}"), Last::Missed);
    }
}

#[test]
#[ignore = "needs unshare"]
fn a_full_disk_leaves_the_old_file() {
    on_its_own_disk("size=64k", "full-disk");
}

pub fn on_a_full_disk() {
    let store = Store::of_user().unwrap();
    let folder = store.path().parent().unwrap();
    finish(&store, "bind");
    let before = fs::read(store.path()).unwrap();
    let filler = folder.join("filler");
    fill(&filler);

    let refused = store.update(&mut Vec::new(), much).unwrap_err();
    assert_eq!(refused.errno().unwrap().0, libc::ENOSPC);
    let said = refused.to_string();
    let path = store.path().to_str().unwrap();
    for part in [
        "writing ",
        path,
        "ENOSPC (No space left on device)",
        "the disk is full",
        "Nothing that was kept before is lost",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(fs::read(store.path()).unwrap(), before);
    let left = ["filler", "progress.json", "progress.lock"];
    assert_eq!(names(folder), left);
    assert_eq!(times(&load(&store), "bind"), 1);

    // A run says it once and goes on.
    let mut journal = Journal::new(Ok(store.clone()));
    for chapter in ["listen", "accept"] {
        journal.chapter_finished("server", chapter);
    }
    let notices = journal.finish();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].contains("The lesson went on"), "{notices:?}");
    assert_eq!(fs::read(store.path()).unwrap(), before);
    assert_eq!(names(folder), left);

    // A disk that has room again by the end of the run: nothing is lost or said.
    let mut journal = Journal::new(Ok(store.clone()));
    journal.chapter_finished("server", "listen");
    fs::remove_file(&filler).unwrap();
    journal.chapter_finished("server", "accept");
    assert_eq!(journal.finish(), Vec::<String>::new());
    for chapter in ["bind", "listen", "accept"] {
        assert_eq!(times(&load(&store), chapter), 1);
    }

    // To forget needs no room.
    fill(&filler);
    store.reset(&mut Vec::new()).unwrap();
    assert!(load(&store).progress.is_empty());
}

#[test]
#[ignore = "needs unshare"]
fn a_disk_without_inodes_is_said() {
    // One for its root, one for `.local`.
    on_its_own_disk("size=64k,nr_inodes=2", "no-inode");
}

pub fn without_an_inode() {
    let store = Store::of_user().unwrap();
    let mut journal = Journal::new(Ok(store.clone()));
    journal.chapter_finished("server", "bind");
    let notices = journal.finish();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].contains("making the folder"), "{notices:?}");
    assert!(notices[0].contains("ENOSPC"), "{notices:?}");
    assert!(load(&store).progress.is_empty());
}

#[test]
#[ignore = "needs unshare"]
fn a_read_only_home_is_said_once() {
    let said = on_its_own_disk("ro", "run");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("EROFS (Read-only file system)"),
        "{said:?}"
    );
    assert!(said[0].contains("The lesson went on"), "{said:?}");
}

/// On some file systems a full disk comes out only here.
#[test]
fn a_disk_that_is_full_at_fsync_leaves_the_old_file() {
    let (home, store) = home();
    finish(&store, "bind");
    let before = fs::read(store.path()).unwrap();
    for errno in [libc::ENOSPC, libc::EDQUOT, libc::EIO] {
        let mut command = process(home.path(), "run");
        refuse(&mut command, &[Refuse::call(libc::SYS_fsync, errno)]);
        let said = said(command);
        assert_eq!(said.len(), 1, "{said:?}");
        let part = format!("{}: E", store.path().display());
        assert!(said[0].contains("writing "), "{said:?}");
        assert!(said[0].contains(&part), "{said:?}");
        assert!(!said[0].contains("errno "), "{said:?}");
        assert_eq!(fs::read(store.path()).unwrap(), before);
        let folder = store.path().parent().unwrap();
        assert_eq!(names(folder), ["progress.json", "progress.lock"]);
    }
}

#[test]
fn without_locks_nothing_is_written() {
    let home = dir_of_test();
    let mut command = process(home.path(), "run");
    refuse(&mut command, &[Refuse::call(libc::SYS_flock, libc::ENOLCK)]);
    let said = said(command);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("has no locks"), "{said:?}");
    let file = in_home(home.path());
    assert_eq!(names(file.parent().unwrap()), ["progress.lock"]);
}
