//! This test binary as another run of socklab.

use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use socklab::progress::{Answer, Journal, Store};

use crate::support::DEADLINE;

/// Says what the process is to do.
const DOES: &str = "SOCKLAB_TEST_DOES";

/// The arguments that make this binary the other process.
pub const AS_PROCESS: [&str; 4] = [
    "--exact",
    "progress::process::as_another_process",
    "--nocapture",
    "--test-threads=1",
];

/// A process with this home that does this.
pub fn process(home: &Path, does: &str) -> Command {
    prepared(Command::new(std::env::current_exe().unwrap()), home, does)
}

/// The same, started by another program: `unshare -Urm sh -ec SCRIPT sh`.
pub fn process_under(starter: &[&str], home: &Path, does: &str) -> Command {
    let mut command = Command::new(starter[0]);
    command
        .args(&starter[1..])
        .arg(std::env::current_exe().unwrap());
    prepared(command, home, does)
}

fn prepared(mut command: Command, home: &Path, does: &str) -> Command {
    command
        .args(AS_PROCESS)
        .env(DOES, does)
        .env("HOME", home)
        .env_remove("XDG_STATE_HOME");
    command
}

/// Runs it; gives what it said, a line each.
pub fn said(mut command: Command) -> Vec<String> {
    let output = command.output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stdout}{stderr}");
    stdout
        .lines()
        .filter_map(|line| line.split_once("said: "))
        .map(|(_, said)| said.to_string())
        .collect()
}

/// Does nothing as a test; as another process, what it was told.
#[test]
fn as_another_process() {
    let Ok(does) = std::env::var(DOES) else {
        return;
    };
    let words: Vec<&str> = does.split(' ').collect();
    match words[..] {
        // Keeps one chapter of its own and one of everybody's, so many times.
        ["count", chapter, times] => {
            let store = Store::of_user().unwrap().with_patience(DEADLINE);
            for _ in 0..times.parse().unwrap() {
                let change = store.update(&mut Vec::new(), |progress| {
                    progress.finish("server", chapter, 1);
                    progress.finish("server", "shared", 1);
                });
                change.unwrap();
            }
        }
        // Holds the lock until its input ends, which is never.
        ["hang"] => {
            let store = Store::of_user().unwrap();
            let change = store.update(&mut Vec::new(), |_| {
                println!("\nsaid: held");
                let _ = std::io::stdin().read(&mut [0]);
            });
            change.unwrap();
        }
        // What a run would say.
        ["run"] => {
            let mut journal = Journal::new(Store::of_user());
            for chapter in ["create", "bind"] {
                journal.chapter_finished("server", chapter);
                journal.answered(&["bind-is-visible".into()], Answer::Right);
            }
            for notice in journal.finish() {
                println!("\nsaid: {notice}");
            }
        }
        // What a reading command would say.
        ["read"] => {
            let loaded = Store::of_user().unwrap().load();
            println!("\nsaid: {} chapters", loaded.progress.chapters().len());
            for notice in loaded.notices {
                println!("\nsaid: {notice}");
            }
        }
        ["where"] => match Store::of_user() {
            Ok(store) => println!("\nsaid: {}", store.path().display()),
            Err(nowhere) => println!("\nsaid: {nowhere}"),
        },
        ["full-disk"] => super::disk::on_a_full_disk(),
        ["no-inode"] => super::disk::without_an_inode(),
        _ => panic!("{does}"),
    }
}

/// Shorter than anybody would wait.
pub const IMPATIENT: Duration = Duration::from_millis(50);
