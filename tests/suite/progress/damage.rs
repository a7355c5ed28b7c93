//! Files that cannot be read: said, left as they are, and in nobody's way.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::learner::{Learner, assert_said, line, names, said};

#[test]
fn a_line_that_cannot_be_read_is_skipped_and_kept() {
    for (bad, why) in [
        (&b"{\"v\":1,\"event\":\"cha"[..], "no JSON"),
        (b"\xff\0\x1b[2J", "no JSON"),
        (b"[]", "no version"),
        (b"{\"v\":-1}", "no version"),
        (b"{\"v\":2,\"event\":[]}", "version 2"),
        (b"{\"v\":1,\"at\":1}", "missing field"),
        (
            b"{\"v\":1,\"event\":\"answer\",\"beliefs\":{\"a\":\"\x7f\"},\"at\":1}",
            "\\x7f",
        ),
        (&[b'['; 100_000], "no JSON"),
    ] {
        let good = line("bind");
        let text = [good.as_bytes(), bad, b"\n\r\n", good.as_bytes(), bad].concat();
        let learner = Learner::with_lines(&text);
        // A run only adds to it.
        assert_eq!(learner.create(), Vec::<String>::new());
        let kept = fs::read(learner.file()).unwrap();
        assert!(kept.starts_with(&text));
        for words in [&["list"][..], &["progress"], &["progress", "--json"]] {
            let run = learner.socklab(words).run();
            let path = learner.file();
            let parts = ["2 lines were skipped, line 2 first", why, "an editor"];
            assert_said(
                &said(&run),
                &[&parts[..], &[path.to_str().unwrap()]].concat(),
            );
            assert_eq!(run.code, Some(0));
            assert!(run.stdout().contains("bind"));
        }
        assert_eq!(fs::read(learner.file()).unwrap(), kept);
        let run = learner.socklab(&["progress", "--json"]).run();
        let json: serde_json::Value = serde_json::from_str(&run.stdout()).unwrap();
        assert_eq!(json["chapters"]["server/bind"]["finished"], 2);
        assert_eq!(json["chapters"]["server/create"]["finished"], 1);
    }
}

#[test]
fn what_a_later_socklab_adds_is_passed_over() {
    let later = "{\"v\":1,\"event\":\"lab\",\"goal\":3,\"at\":1}\n\
                 {\"v\":1,\"event\":\"chapter\",\"track\":\"server\",\"chapter\":\"bind\",\"at\":1,\"how\":\"alone\"}\n";
    let learner = Learner::with_lines(later);
    assert_eq!(learner.times("bind"), 1);
}

#[test]
fn a_sum_from_before_that_cannot_be_read_is_left_alone() {
    for (bytes, why) in [
        (
            &b"{\"version\": 1, \"chapters\": {\"server/bi"[..],
            "no JSON",
        ),
        (b"{\"version\": 1} {}", "no JSON"),
        (b"\xff\xfe{\0", "no JSON"),
        (b"[[[[", "no JSON"),
        (b"{\"chapters\": {}}", "no version"),
        (b"{\"version\": \"1\"}", "no version"),
        (
            b"{\"version\": 2, \"chapters\": [\"otherwise\"]}",
            "version 2",
        ),
        (b"{\"version\": 1, \"chapters\": 3}", "not laid out"),
        (
            b"{\"version\": 1, \"beliefs\": {\"a\": {\"met\": -1}}}",
            "not laid out",
        ),
    ] {
        let learner = Learner::with_folder();
        fs::write(learner.before(), bytes).unwrap();
        assert_eq!(learner.create(), Vec::<String>::new());
        let run = learner.socklab(&["progress", "--json"]).run();
        let path = learner.before();
        assert_said(&said(&run), &[path.to_str().unwrap(), why, "left as it is"]);
        // Not all is known.
        assert_eq!(run.code, Some(1));
        assert!(run.stdout().contains("server/create"), "{}", run.stdout());
        assert_eq!(fs::read(learner.before()).unwrap(), bytes);
    }
}

/// What stands in a file's place is made here.
type Make = fn(&Path);

const NO_FILES: [(Make, &str); 4] = [
    (|path| fs::create_dir(path).unwrap(), "no regular file"),
    // To open it would wait for a writer.
    (
        |path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
        "no regular file",
    ),
    (
        |path| drop(UnixListener::bind(path).unwrap()),
        "no regular file",
    ),
    (
        |path| fs::File::create(path).unwrap().set_len(1 << 40).unwrap(),
        "larger than 4 MiB",
    ),
];

#[test]
fn what_is_no_file_of_progress_is_left_alone() {
    for (make, why) in NO_FILES {
        let learner = Learner::with_folder();
        make(&learner.file());
        assert_in_nobodys_way(&learner, &learner.file(), why);
        let learner = Learner::with_folder();
        make(&learner.before());
        assert_in_nobodys_way(&learner, &learner.before(), why);
    }
}

#[test]
#[ignore = "needs root"]
fn a_device_is_left_alone() {
    let learner = Learner::with_folder();
    // /dev/zero never ends.
    let words = [learner.file().to_str().unwrap(), "c", "1", "5"].map(str::to_string);
    assert!(
        Command::new("mknod")
            .args(words)
            .status()
            .unwrap()
            .success()
    );
    assert_in_nobodys_way(&learner, &learner.file(), "no regular file");
}

fn assert_in_nobodys_way(learner: &Learner, path: &PathBuf, why: &str) {
    let all = learner.everything();
    let parts = [path.to_str().unwrap(), why, "progress reset"];
    for (words, code) in [
        (&["list"][..], 0),
        (&["progress"], 1),
        (&["progress", "--json"], 1),
    ] {
        let (said, status) = learner.reads(words);
        assert_said(&said, &parts);
        assert_eq!(status, Some(code), "{words:?}");
    }
    assert_eq!(learner.everything(), all);
    let said = learner.create();
    if *path == learner.file() {
        assert_said(&said, &[&parts[..], &["The lesson went on"]].concat());
        assert_eq!(learner.everything(), all);
    } else {
        assert_eq!(said, Vec::<String>::new());
    }
    assert_eq!(learner.reads(&["progress", "reset", "--force"]).1, Some(0));
    assert!(
        !names(&learner.folder()).contains(&path.file_name().unwrap().to_str().unwrap().into())
    );
    assert_eq!(learner.create(), Vec::<String>::new());
    assert_eq!(learner.times("create"), 1);
}
