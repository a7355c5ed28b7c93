//! What can be played of the course: every track whole, every chapter by
//! itself, at addresses that nobody else has.

use std::fs;

use serde_json::Value;

use crate::support::{
    Chapter, Run, Socklab, TempDir, Track, actor_lives, dir_of_test, listed_inodes, until,
};

/// A walk, or a chapter by itself.
pub struct Lesson {
    pub words: Vec<String>,
    pub chapters: Vec<Chapter>,
    /// The actor whose life it is.
    pub lead: String,
    /// Where a socket file may stand.
    pub dir: TempDir,
}

impl Lesson {
    /// All of a track, with the address of that host or a path.
    pub fn walk(track: &Track, host: &str) -> Lesson {
        Lesson::new(track, host, &["walk"], track.chapters.clone())
    }

    /// A chapter of a track.
    pub fn step(track: &Track, host: &str, id: &str) -> Lesson {
        Lesson::new(track, host, &["step", id], track.played_for(id))
    }

    fn new(track: &Track, host: &str, command: &[&str], chapters: Vec<Chapter>) -> Lesson {
        let dir = dir_of_test();
        let addr = match host {
            "" => dir.join("s").display().to_string(),
            host => format!("{host}:0"),
        };
        let mut words: Vec<String> = command.iter().map(|word| (*word).to_string()).collect();
        for option in track.options().chunks(2) {
            // The address says so itself, unless it says nothing of IPv6.
            if option[0] != "--domain" || option[1] == "unix" {
                words.extend(option.iter().map(|word| (*word).to_string()));
            }
        }
        words.extend(["--json".into(), "--addr".into(), addr]);
        Lesson {
            words,
            chapters,
            lead: track.role.clone(),
            dir,
        }
    }

    /// Unattended, with `pace` seconds at every pause.
    pub fn socklab(&self, pace: &str) -> Socklab {
        Socklab::new(&self.words).args([format!("--auto={pace}")])
    }

    /// Nothing of the run is left: no process, no socket, no path.
    #[track_caller]
    pub fn assert_nothing_left(&self, run: &Run) {
        for event in run.events() {
            let pid = u32::try_from(event["pid"].as_u64().unwrap()).unwrap();
            assert!(!actor_lives(pid), "{event}");
        }
        let inodes = inodes(run);
        until("no socket is left", || {
            let listed = listed_inodes();
            !inodes.iter().any(|inode| listed.contains(inode))
        });
        let left: Vec<_> = fs::read_dir(self.dir.path()).unwrap().collect();
        assert!(left.is_empty(), "{:?}: {left:?}", self.words);
    }
}

/// Where each track can be played: hosts, or a path.
pub fn hosts(track: &Track) -> &'static [&'static str] {
    match track.domain.as_str() {
        "unix" => &[""],
        _ => &["127.0.0.1", "[::1]"],
    }
}

/// Every socket that a view showed to be held.
fn inodes(run: &Run) -> Vec<u64> {
    let views = run.all("view");
    let of = |view: &Value, list: &str| -> Vec<u64> {
        let rows = view[list].as_array().unwrap().iter();
        rows.filter_map(|row| row["inode"].as_u64()).collect()
    };
    let mut found = Vec::new();
    for view in &views {
        found.extend(of(view, "sockets"));
        found.extend(of(view, "others"));
    }
    found.retain(|inode| *inode != 0);
    found
}
