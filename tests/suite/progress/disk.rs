//! Disks that are full, read-only or without locks.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::keys::Lesson;
use super::learner::{Learner, assert_said, line, names, said};
use crate::support::{Refuse, Socklab};

/// Runs it with the home on a file system of its own, after these shell commands.
fn on_its_own_disk(socklab: Socklab, options: &str, setup: &str) -> Socklab {
    let script = format!("mount -t tmpfs -o {options} none \"$HOME\"\n{setup}\nexec \"$@\"");
    socklab.under(["unshare", "-Urm", "sh", "-ec", &script, "sh"])
}

/// Fills the disk to its last page.
fn fill(filler: &Path) {
    let mut file = File::create(filler).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
}

/// A lesson on a disk of 64 KiB in front of its first call, with a file of so many
/// bytes, and where that is as the lesson sees it. Nothing more fits.
fn on_a_full_disk(learner: &Learner, size: usize) -> (Lesson, PathBuf, PathBuf) {
    let setup = format!("mkdir -p {}", learner.folder().display());
    let mut lesson = Lesson::start(on_its_own_disk(learner.step(), "size=64k", &setup));
    lesson.wait_pause();
    let root = PathBuf::from(format!("/proc/{}/root", lesson.pid()));
    let file = root.join(learner.file().strip_prefix("/").unwrap());
    let mut kept = line("bind").into_bytes();
    kept.resize(size, b'\n');
    fs::write(&file, &kept).unwrap();
    let filler = file.with_file_name("filler");
    fill(&filler);
    (lesson, file, filler)
}

/// A page that is full, and one with room for the beginning of a line: the second
/// write says then why the first one took no more.
const SIZES: [usize; 2] = [4096, 4096 - 20];

#[test]
#[ignore = "needs unshare"]
fn a_full_disk_leaves_what_was_kept() {
    for size in SIZES {
        let learner = Learner::new();
        let (mut lesson, file, _) = on_a_full_disk(&learner, size);
        let before = fs::read(&file).unwrap();
        lesson.finish_create();
        let after = fs::read(&file).unwrap();
        assert!(after.starts_with(&before) && after.len() == 4096);
        let path = learner.file();
        let parts = [
            "writing ",
            path.to_str().unwrap(),
            "ENOSPC (No space left on device)",
            "the disk is full",
            "Nothing that was kept before is lost",
            "The lesson went on",
        ];
        assert_said(&said(&lesson.leave()), &parts);
    }
}

#[test]
#[ignore = "needs unshare"]
fn a_disk_with_room_again_loses_nothing() {
    for size in SIZES {
        let learner = Learner::with_folder();
        let (mut lesson, file, filler) = on_a_full_disk(&learner, size);
        lesson.finish_create();
        fs::remove_file(filler).unwrap();
        lesson.bind();
        fs::copy(file, learner.file()).unwrap();
        assert!(said(&lesson.leave()).is_empty());

        let run = learner.socklab(&["progress", "--json"]).run();
        let half = said(&run);
        match size {
            4096 => assert!(half.is_empty(), "{half:?}"),
            _ => assert_said(&half, &["was skipped"]),
        }
        let kept: serde_json::Value = serde_json::from_str(&run.stdout()).unwrap();
        for (chapter, times) in [("create", 1), ("bind", 2)] {
            let kept = &kept["chapters"][format!("server/{chapter}")];
            assert_eq!(kept["finished"], times, "{chapter}");
        }
    }
}

/// To forget needs no room.
#[test]
#[ignore = "needs unshare"]
fn a_full_disk_can_be_reset() {
    let learner = Learner::new();
    let folder = learner.folder();
    let setup = format!(
        "mkdir -p {0}\necho damaged >{0}/progress.jsonl\ncat /dev/zero >{0}/filler || true",
        folder.display()
    );
    let reset = learner.socklab(&["progress", "reset", "--force"]);
    let run = on_its_own_disk(reset, "size=64k", &setup).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout().contains("Forgotten: "), "{}", run.stdout());
}

#[test]
#[ignore = "needs unshare"]
fn a_disk_without_inodes_is_said() {
    let learner = Learner::new();
    // One for its root, one for `.local`.
    let run = Lesson::whole(on_its_own_disk(learner.step(), "size=64k,nr_inodes=2", ""));
    assert_said(
        &said(&run),
        &["making the folder", "ENOSPC", "The lesson went on"],
    );
}

#[test]
#[ignore = "needs unshare"]
fn a_read_only_home_is_said_once() {
    let learner = Learner::new();
    let run = Lesson::whole(on_its_own_disk(learner.step(), "ro", ""));
    let parts = ["EROFS (Read-only file system)", "The lesson went on"];
    assert_said(&said(&run), &parts);
}

/// On some file systems a full disk comes out only here. The lines may be there all
/// the same: to write them once more would count them twice.
#[test]
fn a_disk_that_is_full_at_fsync_is_said() {
    let learner = Learner::new();
    for (times, errno) in (1..).zip([libc::ENOSPC, libc::EDQUOT, libc::EIO]) {
        let refused = learner.step().refuse(Refuse::call(libc::SYS_fsync, errno));
        let mut lesson = Lesson::start(refused);
        lesson.create();
        lesson.bind();
        let said = said(&lesson.leave());
        let place = format!("writing {}: E", learner.file().display());
        assert_said(&said, &[&place, "The lesson went on"]);
        assert!(!said[0].contains("errno "), "{said:?}");
        assert_eq!(
            (learner.times("create"), learner.times("bind")),
            (times, times)
        );
    }
    assert_eq!(names(&learner.folder()), ["progress.jsonl"]);
}

/// Some file systems have none.
#[test]
fn no_locks_are_needed() {
    let learner = Learner::new();
    let run = Lesson::whole(
        learner
            .step()
            .refuse(Refuse::call(libc::SYS_flock, libc::ENOLCK)),
    );
    assert!(said(&run).is_empty(), "{}", run.stderr);
    assert_eq!(learner.times("create"), 1);
}
