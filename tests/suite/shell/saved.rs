//! What was typed becomes a script, or a chapter.

use super::{CONNECTED, piped};
use crate::support::{ANY_PORT, Socklab, dir_of_test};

#[test]
fn a_saved_script_plays_the_same_calls() {
    let dir = dir_of_test();
    let path = dir.join("mine.socklab").display().to_string();
    let run = piped(&format!(
        "{CONNECTED}\nexpect a state=ESTABLISHED\nsave {path}\nsave {path}"
    ));
    assert!(run.stderr.contains("File exists"), "{}", run.stderr);
    let played = Socklab::new(["play", "--json", "--addr", ANY_PORT, &path]).run();
    played.assert_done();
    assert_eq!(played.all("expect").len(), 1);
    for (who, call) in [("server", "accept"), ("client", "connect")] {
        assert_eq!(played.exits(who, call).len(), 1, "{call}");
    }
}

#[test]
fn a_saved_chapter_passes_the_linter_and_is_walked() {
    let dir = dir_of_test();
    let path = dir.join("mine.md").display().to_string();
    let run = piped(&format!(
        "socket inet stream as s
        listen s 0
        setsockopt s keepalive on
        expect s keepalive=on
        bind s {{addr}}
        accept s as a
        client: socket inet stream as c
        client: connect c {{addr}}
        client: send c 'hi'
        recv a 10
        expect returned 2
        close a
        save {path}"
    ));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    dir.write("course.toml", "title = \"Mine\"\nchapters = [\"mine\"]\n");
    let folder = dir.path().display().to_string();
    let check = Socklab::new(["chapters", "check", &folder]).run();
    assert_eq!(check.code, Some(0), "{}", check.stdout());
    let walk = Socklab::walk().args(["--chapters", &folder]).run();
    walk.assert_done();
    assert_eq!(walk.exits("server", "recvfrom")[0]["ret"], 2);
    let held: Vec<String> = walk.all("expect").iter().map(ToString::to_string).collect();
    for line in ["returned 2", "s keepalive=on"] {
        assert!(held.iter().any(|it| it.contains(line)), "{line}: {held:?}");
    }
    assert_eq!(walk.exits("server", "bind")[0]["errno"], "EINVAL");
}
