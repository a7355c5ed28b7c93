//! The progress file: many runs at once, full and read-only disks, damage, and
//! writers killed on the way.

mod concurrent;
mod damage;
mod disk;
mod killed;
mod links;
mod place;
mod process;

use std::fs;
use std::path::{Path, PathBuf};

use socklab::progress::{Loaded, Store};

use crate::support::TempDir;

/// A home of its own, and the store in it.
fn home() -> (TempDir, Store) {
    let home = crate::support::dir_of_test();
    let store = Store::at(in_home(home.path()));
    (home, store)
}

/// Where the file is below a home.
fn in_home(home: &Path) -> PathBuf {
    home.join(".local/state/socklab/progress.json")
}

/// The folder of a store, made.
fn folder(store: &Store) -> &Path {
    let folder = store.path().parent().unwrap();
    fs::create_dir_all(folder).unwrap();
    folder
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Keeps that a chapter was finished; nothing may go wrong or be said.
fn finish(store: &Store, chapter: &str) {
    let mut notices = Vec::new();
    let changed = store.update(&mut notices, |progress| {
        progress.finish("server", chapter, 1)
    });
    assert!(changed.is_ok(), "{changed:?}");
    assert!(notices.is_empty(), "{notices:?}");
}

/// How often a chapter was finished.
fn times(loaded: &Loaded, chapter: &str) -> u64 {
    let kept = loaded.progress.chapter("server", chapter);
    kept.map_or(0, |kept| kept.finished)
}

/// Reads; nothing may be said.
fn load(store: &Store) -> Loaded {
    let loaded = store.load();
    assert!(loaded.notices.is_empty(), "{:?}", loaded.notices);
    assert!(!loaded.unreadable);
    loaded
}
