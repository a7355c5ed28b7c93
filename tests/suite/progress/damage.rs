//! Files that cannot be read as progress are set aside; those of a later socklab
//! are left alone. Nothing is lost.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use socklab::progress::{Journal, Store, Trouble};

use super::{finish, folder, home, load, names, times};

const DAMAGED: [(&[u8], &str); 6] = [
    (b"", "it is empty"),
    (b"{\"version\": 1, \"chapters\": {\"server/bi", "not JSON"),
    (b"{\"chapters\": {}}", "no version"),
    (b"{\"version\": 1, \"chapters\": 3}", "not laid out"),
    (b"\xff\xfe{\0", "not UTF-8"),
    (b"[[[[", "not JSON"),
];

fn aside(store: &Store, number: usize) -> std::path::PathBuf {
    let name = format!("progress.json.damaged-{number}");
    store.path().with_file_name(name)
}

/// The notice names the file, why, and where it is now.
fn told(notices: &[String], store: &Store, why: &str, number: usize) {
    let [notice] = notices else {
        panic!("{notices:?}");
    };
    let aside = aside(store, number);
    for part in [store.path(), &*aside, Path::new(why)] {
        let part = part.to_str().unwrap();
        assert!(notice.contains(part), "{notice}: {part}");
    }
}

#[test]
fn a_damaged_file_is_set_aside_by_a_reader() {
    let (_home, store) = home();
    folder(&store);
    for (at, (bytes, why)) in DAMAGED.into_iter().enumerate() {
        fs::write(store.path(), bytes).unwrap();
        let loaded = store.load();
        assert!(loaded.progress.is_empty() && !loaded.unreadable);
        told(&loaded.notices, &store, why, at + 1);
        // Said once, for it is no longer there.
        assert!(load(&store).progress.is_empty());
    }
    for (at, (bytes, _)) in DAMAGED.into_iter().enumerate() {
        assert_eq!(fs::read(aside(&store, at + 1)).unwrap(), bytes);
    }
}

#[test]
fn a_damaged_file_is_set_aside_by_a_writer() {
    let (_home, store) = home();
    folder(&store);
    for (at, (bytes, why)) in DAMAGED.into_iter().enumerate() {
        fs::write(store.path(), bytes).unwrap();
        let mut journal = Journal::new(Ok(store.clone()));
        journal.chapter_finished("server", "bind");
        journal.chapter_finished("server", "bind");
        told(&journal.finish(), &store, why, at + 1);
        assert_eq!(times(&load(&store), "bind"), 2);
        assert_eq!(fs::read(aside(&store, at + 1)).unwrap(), bytes);
    }
}

#[test]
fn a_damaged_file_survives_a_reset() {
    let (_home, store) = home();
    folder(&store);
    fs::write(store.path(), "damaged").unwrap();
    let mut notices = Vec::new();
    store.reset(&mut notices).unwrap();
    told(&notices, &store, "not JSON", 1);
    assert_eq!(fs::read(aside(&store, 1)).unwrap(), b"damaged");
    assert!(!store.path().exists());
}

/// None of these may be opened: a FIFO would wait for a writer.
#[test]
fn what_is_no_file_is_set_aside_whole() {
    let (_home, store) = home();
    folder(&store);
    fs::create_dir(store.path()).unwrap();
    fs::write(store.path().join("inside"), "kept").unwrap();
    told(&store.load().notices, &store, "it is a folder", 1);
    assert_eq!(fs::read(aside(&store, 1).join("inside")).unwrap(), b"kept");

    let made = Command::new("mkfifo").arg(store.path()).status().unwrap();
    assert!(made.success());
    told(&store.load().notices, &store, "no regular file", 2);

    let _socket = UnixListener::bind(store.path()).unwrap();
    told(&store.load().notices, &store, "no regular file", 3);
    finish(&store, "bind");
}

#[test]
fn names_that_are_taken_are_passed_over() {
    let (_home, store) = home();
    let folder = folder(&store);
    fs::write(aside(&store, 1), "an earlier one").unwrap();
    // A link to nothing is there as well.
    std::os::unix::fs::symlink("nowhere", aside(&store, 2)).unwrap();
    fs::write(store.path(), "damaged").unwrap();
    told(&store.load().notices, &store, "not JSON", 3);
    assert_eq!(fs::read(aside(&store, 1)).unwrap(), b"an earlier one");
    assert_eq!(fs::read(aside(&store, 3)).unwrap(), b"damaged");
    assert_eq!(names(folder).len(), 4);

    for number in 4..=1000 {
        fs::write(aside(&store, number), "").unwrap();
    }
    fs::write(store.path(), "one too many").unwrap();
    let loaded = store.load();
    assert!(loaded.unreadable);
    let notices = loaded.notices;
    assert!(notices[0].contains("was left where it is"), "{notices:?}");
    let refused = store.update(&mut Vec::new(), |_| {}).unwrap_err();
    assert!(matches!(refused, Trouble::NoNameLeft { .. }), "{refused}");
    assert_eq!(fs::read(store.path()).unwrap(), b"one too many");
}

#[test]
fn a_file_of_a_later_socklab_is_left_alone() {
    let (_home, store) = home();
    let folder = folder(&store);
    let newer = b"{\"version\": 2, \"chapters\": [\"otherwise\"]}";
    fs::write(store.path(), newer).unwrap();

    let loaded = store.load();
    assert!(loaded.progress.is_empty() && loaded.unreadable);
    let [notice] = &loaded.notices[..] else {
        panic!("{:?}", loaded.notices);
    };
    for part in [
        "has version 2",
        "left alone",
        store.path().to_str().unwrap(),
    ] {
        assert!(notice.contains(part), "{notice}");
    }
    // A reader makes nothing, not even a lock.
    assert_eq!(names(folder), ["progress.json"]);

    let mut journal = Journal::new(Ok(store.clone()));
    journal.chapter_finished("server", "bind");
    journal.chapter_finished("server", "listen");
    let notices = journal.finish();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].contains("has version 2"), "{notices:?}");
    assert!(notices[0].contains("The lesson went on"), "{notices:?}");

    let reset = store.reset(&mut Vec::new()).unwrap_err();
    assert!(
        matches!(reset, Trouble::Newer { version: 2, .. }),
        "{reset}"
    );
    assert_eq!(fs::read(store.path()).unwrap(), newer);
    assert_eq!(names(folder), ["progress.json", "progress.lock"]);
}

#[test]
fn reset_forgets_everything() {
    let (_home, store) = home();
    // Nothing there is nothing to do, and makes nothing.
    store.reset(&mut Vec::new()).unwrap();
    assert!(!store.path().parent().unwrap().exists());
    finish(&store, "bind");
    store.reset(&mut Vec::new()).unwrap();
    assert!(load(&store).progress.is_empty());
    finish(&store, "listen");
    assert_eq!(load(&store).progress.chapters().len(), 1);
}
