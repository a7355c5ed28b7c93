//! Paths that cannot be had: too long, nowhere, not allowed, and the files that
//! sockets leave behind.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;

use crate::support::{
    AS_NOBODY, Socklab, actor_lives, all_held, copy_for_everybody, dir_of_test, kill, one_line,
    says, taught, text, track, until,
};

fn walk(path: &Path) -> Socklab {
    let path = path.display().to_string();
    Socklab::new([
        "walk", "--domain", "unix", "--auto", "--json", "--addr", &path,
    ])
}

#[test]
fn a_path_that_is_too_long_is_a_usage_error() {
    let dir = dir_of_test();
    let fits = 107 - dir.path().as_os_str().len() - 1;
    let run = walk(&dir.join(&"x".repeat(fits))).run();
    all_held(&run, &track("unix").chapters);
    let run = walk(&dir.join(&"x".repeat(fits + 1))).run();
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert_eq!(run.stdout(), "");
    let said = one_line(&run.stderr);
    assert!(
        said.contains("--addr") && said.contains("107 bytes"),
        "{said}"
    );
}

#[test]
fn a_folder_that_does_not_exist_is_taught() {
    let dir = dir_of_test();
    let path = dir.join("gone/s");
    let failure = taught(&walk(&path).run(), "bind", "ENOENT");
    let meaning = text(&failure["meaning"]);
    assert!(meaning.contains("folder"), "{meaning}");
    assert!(meaning.contains(&path.display().to_string()), "{meaning}");
    says(&failure["advice"], "folder");
}

#[test]
#[ignore = "needs root and setpriv"]
fn a_folder_of_somebody_else_is_taught() {
    let (_copy, binary) = copy_for_everybody();
    let dir = dir_of_test();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let socklab = walk(&dir.join("s")).binary(&binary);
    let run = socklab.under(AS_NOBODY).run();
    let failure = taught(&run, "bind", "EACCES");
    assert!(text(&failure["meaning"]).contains("folder"), "{failure}");
    says(&failure["advice"], "/tmp");
    assert!(!dir.join("s").exists());
}

#[test]
fn a_file_that_a_dead_server_left_is_explained_and_stays() {
    let dir = dir_of_test();
    let path = dir.join("s");
    drop(UnixListener::bind(&path).unwrap());
    let failure = taught(&walk(&path).run(), "bind", "EADDRINUSE");
    let found = failure["found"].to_string();
    assert!(found.contains("earlier run"), "{found}");
    says(&failure["advice"], "--force");
    says(&failure["advice"], &path.display().to_string());
    assert!(fs::metadata(&path).unwrap().file_type().is_socket());
}

#[test]
fn force_removes_a_file_that_a_dead_server_left() {
    let dir = dir_of_test();
    let path = dir.join("s");
    for kind in ["stream", "dgram"] {
        match kind {
            "stream" => drop(UnixListener::bind(&path).unwrap()),
            _ => drop(UnixDatagram::bind(&path).unwrap()),
        }
        let run = walk(&path).args(["--type", kind, "--force"]).run();
        run.assert_done();
        // Tried, told, removed by a call of its own, and tried again.
        let tries = run.exits("server", "bind");
        assert_eq!(tries[0]["errno"], "EADDRINUSE");
        assert_eq!(tries[1]["ret"], 0);
        let removed = run.exits("server", "unlink").remove(0);
        assert_eq!(removed["ret"], 0);
        assert!(removed["args"][0].to_string().contains("/s"));
        assert!(!path.exists(), "{kind}");
    }
}

/// Somebody listens there: not even by force.
#[test]
fn force_does_not_remove_what_is_in_use() {
    let dir = dir_of_test();
    let path = dir.join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let run = walk(&path).args(["--force"]).run();
    let failure = taught(&run, "bind", "EADDRINUSE");
    assert_eq!(failure["holders"][0]["owner"]["pid"], std::process::id());
    assert!(path.exists());
    drop(listener);
    // Nor what is no socket.
    let file = dir.join("notes");
    fs::write(&file, "mine").unwrap();
    let run = walk(&file).args(["--force"]).run();
    taught(&run, "bind", "EADDRINUSE");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

/// A real earlier run: killed, so that it could not clean up.
#[test]
fn a_killed_run_is_followed_by_one_with_force() {
    for kind in ["stream", "dgram"] {
        let dir = dir_of_test();
        let path = dir.join("s");
        let run = |force: &[&str]| walk(&path).args(["--type", kind]).args(force);
        let mut running = run(&["--peer", "nc"]).start();
        let call = if kind == "stream" {
            "accept"
        } else {
            "recvfrom"
        };
        let blocked = running.wait_blocked(call);
        let actor = u32::try_from(blocked["pid"].as_u64().unwrap()).unwrap();
        kill(running.pid(), libc::SIGKILL);
        running.finish();
        until("its actor is gone", || !actor_lives(actor));
        let again = run(&[]).run();
        if path.exists() {
            // The next one does not know whose it is.
            taught(&again, "bind", "EADDRINUSE");
        } else {
            // Or it was cleaned up all the same.
            again.assert_done();
        }
        run(&["--force"]).run().assert_done();
        assert!(fs::read_dir(dir.path()).unwrap().next().is_none());
    }
}
