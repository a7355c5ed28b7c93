//! Writers that do not come to their end.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};
use std::time::Duration;

use socklab::progress::{Journal, Trouble};

use super::process::{IMPATIENT, process, process_under};
use super::{finish, home, load, names, times};
use crate::support::until;

/// A process that holds the lock now.
fn holder(home: &std::path::Path) -> Child {
    let mut command = process(home, "hang");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().ends_with("said: held")));
    child
}

#[test]
fn a_lock_is_not_waited_for_without_end() {
    let (home, store) = home();
    finish(&store, "bind");
    let mut child = holder(home.path());

    // Reading needs no lock.
    assert_eq!(times(&load(&store), "bind"), 1);
    let store = store.with_patience(IMPATIENT);
    let refused = store.update(&mut Vec::new(), |progress| {
        progress.finish("server", "bind", 1);
    });
    let trouble = refused.unwrap_err();
    assert!(matches!(trouble, Trouble::Busy { .. }), "{trouble}");
    let said = trouble.to_string();
    assert!(said.contains("progress.lock for 0.05 s"), "{said}");
    assert!(store.reset(&mut Vec::new()).is_err());

    // A run that meets it waits once and keeps its entries to the end.
    let mut journal = Journal::new(Ok(store.clone()));
    journal.chapter_finished("server", "listen");
    child.kill().unwrap();
    child.wait().unwrap();
    journal.chapter_finished("server", "accept");
    assert_eq!(journal.finish(), Vec::<String>::new());
    let loaded = load(&store);
    for chapter in ["bind", "listen", "accept"] {
        assert_eq!(times(&loaded, chapter), 1, "{chapter}");
    }
}

#[test]
fn a_writer_killed_with_the_lock_blocks_nobody() {
    let (home, store) = home();
    finish(&store, "bind");
    let mut child = holder(home.path());
    child.kill().unwrap();
    child.wait().unwrap();
    finish(&store.clone().with_patience(IMPATIENT), "bind");
    assert_eq!(times(&load(&store), "bind"), 2);
}

/// SIGXFSZ ends it inside write(2), as a SIGKILL there would.
#[test]
fn a_writer_killed_in_its_write_leaves_the_old_file() {
    let (home, store) = home();
    finish(&store, "bind");
    let before = fs::read(store.path()).unwrap();
    let script = "ulimit -c 0; ulimit -f 0; exec \"$@\"";
    let mut command = process_under(&["sh", "-c", script, "sh"], home.path(), "run");
    let status = command.stdout(Stdio::null()).status().unwrap();
    assert_eq!(status.signal(), Some(libc::SIGXFSZ));

    let folder = store.path().parent().unwrap();
    let left = names(folder);
    assert_eq!(left.len(), 3, "{left:?}");
    assert!(left[1].starts_with("progress.json.tmp-"), "{left:?}");
    assert_eq!(fs::read(store.path()).unwrap(), before);

    // The next one goes on from there and tidies up.
    finish(&store.clone().with_patience(IMPATIENT), "bind");
    assert_eq!(names(folder), ["progress.json", "progress.lock"]);
    assert_eq!(times(&load(&store), "bind"), 2);
}

#[test]
fn a_writer_killed_anywhere_leaves_a_whole_file() {
    let (home, store) = home();
    let mut before = 0;
    for _ in 0..20 {
        let mut command = process(home.path(), "count many 1000000");
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        until("it writes", || times(&load(&store), "many") > before + 2);
        child.kill().unwrap();
        child.wait().unwrap();
        finish(&store.clone().with_patience(IMPATIENT), "mine");
        before = times(&load(&store), "many");
    }
    assert_eq!(times(&load(&store), "mine"), 20);
    let folder = store.path().parent().unwrap();
    assert_eq!(names(folder), ["progress.json", "progress.lock"]);
}

/// Somebody tidies up while one run holds the lock and another waits for it: the
/// next run locks a new file, and the old one must not count any more.
#[test]
fn a_removed_lock_file_does_not_let_two_in() {
    let (home, store) = home();
    finish(&store, "bind");
    let lock = store.path().with_extension("lock");
    let mut first = holder(home.path());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let store = store.clone().with_patience(Duration::from_secs(1));
            store.update(&mut Vec::new(), |_| {})
        });
        until("it waits", || {
            let mut open = fs::read_dir("/proc/self/fd").unwrap().flatten();
            open.any(|fd| fs::read_link(fd.path()).is_ok_and(|path| path == lock))
        });
        fs::remove_file(&lock).unwrap();
        let mut second = holder(home.path());
        first.kill().unwrap();
        first.wait().unwrap();
        let refused = waiting.join().unwrap().unwrap_err();
        assert!(matches!(refused, Trouble::Busy { .. }), "{refused}");
        second.kill().unwrap();
        second.wait().unwrap();
    });
    finish(&store, "bind");
    assert_eq!(times(&load(&store), "bind"), 2);
}
