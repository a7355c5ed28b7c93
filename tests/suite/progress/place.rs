//! Where the file is, and homes that are none.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use socklab::progress::Store;

use super::process::{process, process_under, said};
use super::{finish, folder, home, in_home, load, names, times};
use crate::support::dir_of_test;

#[test]
fn the_place_follows_the_environment() {
    let home = dir_of_test();
    let at_home = in_home(home.path()).display().to_string();
    assert_eq!(said(process(home.path(), "where")), [&*at_home]);
    for ignored in ["", "state", "./state"] {
        let mut command = process(home.path(), "where");
        command
            .env("XDG_STATE_HOME", ignored)
            .current_dir(home.path());
        assert_eq!(said(command), [&*at_home]);
    }
    let mut command = process(home.path(), "where");
    command.env("XDG_STATE_HOME", "/elsewhere");
    assert_eq!(said(command), ["/elsewhere/socklab/progress.json"]);

    // A relative one is not written to either.
    let mut command = process(home.path(), "run");
    command
        .env("XDG_STATE_HOME", "state")
        .current_dir(home.path());
    assert!(said(command).is_empty());
    assert_eq!(names(home.path()), [".local"]);
    assert_eq!(times(&load(&Store::at(at_home)), "bind"), 1);
}

#[test]
fn without_a_home_a_run_goes_on_and_says_so_once() {
    let home = dir_of_test();
    let mut command = process(home.path(), "run");
    command.env_remove("HOME").current_dir(home.path());
    let said = said(command);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("HOME is not set"), "{said:?}");
    assert!(names(home.path()).is_empty());
}

#[test]
fn a_home_that_is_no_folder_is_said_once() {
    let home = dir_of_test();
    home.write("file", "");
    let said = said(process(&home.join("file"), "run"));
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("ENOTDIR (Not a directory)"), "{said:?}");
    assert!(said[0].contains("The lesson went on"), "{said:?}");
}

#[test]
fn folders_and_files_are_the_owners_alone() {
    let (home, store) = home();
    finish(&store, "bind");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().mode() & 0o777;
    for below in [".local", ".local/state", ".local/state/socklab"] {
        assert_eq!(mode(&home.join(below)), 0o700, "{below}");
    }
    assert_eq!(mode(store.path()), 0o600);
    // A mode that somebody chose stays.
    fs::set_permissions(store.path(), fs::Permissions::from_mode(0o644)).unwrap();
    finish(&store, "bind");
    assert_eq!(mode(store.path()), 0o644);
}

/// Runs without root's right to ignore modes.
const PLAIN: [&str; 5] = ["unshare", "-Ur", "setpriv", "--bounding-set=-all", "--"];

#[test]
#[ignore = "needs unshare and setpriv"]
fn an_unwritable_home_is_said_once() {
    let home = dir_of_test();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o500)).unwrap();
    let said = said(process_under(&PLAIN, home.path(), "run"));
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("EACCES (Permission denied)"), "{said:?}");
    assert!(said[0].contains("making the folder"), "{said:?}");
    assert!(said[0].contains("The lesson went on"), "{said:?}");
    assert!(names(home.path()).is_empty());
}

#[test]
#[ignore = "needs unshare and setpriv"]
fn an_unreadable_file_is_said_and_not_replaced() {
    let (home, store) = home();
    folder(&store);
    fs::write(store.path(), "not to be read").unwrap();
    fs::set_permissions(store.path(), fs::Permissions::from_mode(0o000)).unwrap();
    for does in ["run", "read"] {
        let said = said(process_under(&PLAIN, home.path(), does));
        let notice = said.last().unwrap();
        assert!(notice.contains("reading"), "{said:?}");
        assert!(notice.contains("EACCES (Permission denied)"), "{said:?}");
    }
    fs::set_permissions(store.path(), fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(fs::read(store.path()).unwrap(), b"not to be read");
}

#[test]
#[ignore = "needs unshare and setpriv"]
fn a_damaged_file_in_an_unwritable_folder_is_left() {
    let (home, store) = home();
    let folder = folder(&store);
    fs::write(store.path(), "damaged").unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o500)).unwrap();
    for does in ["run", "read"] {
        let said = said(process_under(&PLAIN, home.path(), does));
        let notice = said.last().unwrap();
        assert!(notice.contains("EACCES (Permission denied)"), "{said:?}");
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(names(folder), ["progress.json"]);
    assert_eq!(fs::read(store.path()).unwrap(), b"damaged");
}

/// `sudo socklab` for a port below 1024, with the learner's HOME.
#[test]
#[ignore = "needs root"]
fn what_root_makes_in_a_home_is_its_owners() {
    let (home, store) = home();
    chown(home.path(), Some(65534), Some(65534)).unwrap();
    finish(&store, "bind");
    finish(&store, "bind");
    let lock = store.path().with_extension("lock");
    for path in [
        &home.join(".local"),
        &home.join(".local/state/socklab"),
        &lock,
    ] {
        assert_eq!(
            fs::metadata(path).unwrap().uid(),
            65534,
            "{}",
            path.display()
        );
    }
    assert_eq!(fs::metadata(store.path()).unwrap().uid(), 65534);
}
