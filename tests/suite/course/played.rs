//! What courses are played, shipped or not, and what an expectation is worth.

use std::fs;

use crate::support::{ANY_PORT, CourseDir, Socklab, dir_of_test, shipped, tracks};

#[test]
fn the_built_in_client_talks_in_three_ways() {
    let run = Socklab::walk().run();
    run.assert_done();
    let received = run.exits("server", "recvfrom");
    let counts: Vec<i64> = received
        .iter()
        .map(|exit| exit["ret"].as_i64().unwrap())
        .collect();
    // A line, two sends merged into one recv, the end.
    assert_eq!(counts, [6, 8, 0]);
    // What came is what went back.
    let sent = run.exits("server", "sendto");
    for (recv, send) in received.iter().zip(&sent) {
        assert_eq!(recv["args"][1], send["args"][1]);
        assert_eq!(recv["ret"], send["ret"]);
    }
}

#[test]
fn the_shipped_files_are_what_is_inside_the_binary() {
    let dir = shipped().display().to_string();
    let same = |words: &[&str]| {
        let embedded = Socklab::new(words).run();
        let loaded = Socklab::new(words).args(["--chapters", &dir]).run();
        assert_eq!(embedded.code, Some(0), "{words:?}: {}", embedded.stderr);
        assert_eq!(embedded.stdout(), loaded.stdout(), "{words:?}");
    };
    same(&["list", "--no-progress"]);
    for track in tracks() {
        for chapter in track.chapters.iter().chain(&track.extras) {
            same(&[&["read", &chapter.id], &track.options()[..]].concat());
        }
    }
}

/// A course of one's own is a course like the shipped one: its commands, too.
#[test]
fn another_course_has_its_own_commands() {
    let course = CourseDir::new()
        .step("socket {domain} stream as server")
        .expect("server state=CLOSED")
        .write();
    let list = Socklab::new(["list"]).chapters(&course).run();
    assert_eq!(list.stdout().lines().count(), 1);
    assert!(list.stdout().contains("lab"));
    let run = Socklab::new(["step", "lab", "--auto", "--json"])
        .chapters(&course)
        .run();
    run.assert_done();
    assert_eq!(run.only("expect")["held"], true);
    let run = Socklab::new(["step", "bind", "--auto"])
        .chapters(&course)
        .run();
    assert_eq!(run.code, Some(2), "{}", run.stderr);
}

/// What the kernel does not show is not shown to hold.
#[test]
fn a_wrong_expectation_is_told_and_fails_the_run() {
    let wrong = [
        ("server state=LISTEN", "state is CLOSED"),
        ("server local=*", "local is nothing"),
        ("server domain=inet6", "domain is inet"),
        ("server type=dgram", "type is stream"),
        ("server protocol=udp", "protocol is tcp"),
        ("server recv_q=1", "recv_q is 0"),
        ("server accept_queue=0/1", "accept_queue is nothing"),
        ("listed server", "listing is nowhere"),
        ("bound-only server", "listing is nowhere"),
        ("no-fd server", "fd 3"),
        ("peer server state=ESTABLISHED", "no such row"),
        ("left server state=TIME-WAIT", "no such row"),
    ];
    for (line, found) in wrong {
        let course = CourseDir::new()
            .step("socket {domain} stream as server")
            .expect(line)
            .write();
        let socklab = Socklab::walk().chapters(&course);
        let run = socklab.run();
        let event = run.only("expect");
        assert_eq!(event["held"], false, "{line}");
        assert_eq!(event["line"], line);
        let said = event["found"].as_str().unwrap();
        assert!(said.contains(found), "{line}: {said}");
        assert_eq!(run.only("end")["status"], "failed", "{line}");
        assert_eq!(run.code, Some(1), "{line}");
        let words = ["walk", "--auto", "--addr", ANY_PORT];
        let shown = Socklab::new(words).chapters(&course).run().stdout();
        let shown: Vec<&str> = shown.split_whitespace().collect();
        let shown = shown.join(" ");
        assert!(shown.contains("the kernel here says otherwise"), "{shown}");
        assert!(shown.contains(line) && shown.contains(found), "{shown}");
    }
}

/// The teachers' manual: its complete example is a course that plays.
#[test]
fn the_example_of_the_manual_plays() {
    let manual = fs::read_to_string(shipped().join("README.md")).unwrap();
    let begin = manual.find("~~~~markdown\n+++").unwrap() + "~~~~markdown\n".len();
    let text = &manual[begin..];
    let text = &text[..text.find("\n~~~~").unwrap() + 1];
    let dir = dir_of_test();
    dir.write("course.toml", "title = \"Mine\"\nchapters = [\"hello\"]\n");
    dir.write("hello.md", text);
    let path = dir.path().display().to_string();
    let run = Socklab::new(["chapters", "check", &path]).run();
    assert_eq!(run.code, Some(0), "{}", run.stdout());
    let run = Socklab::walk().chapters(&dir).run();
    run.assert_done();
    assert!(run.all("expect").iter().all(|event| event["held"] == true));
}

/// The manual's own table of actions: each line of it parses.
#[test]
fn every_action_of_the_manual_is_one() {
    let manual = fs::read_to_string(shipped().join("README.md")).unwrap();
    let table = &manual[manual.find("| action | call |").unwrap()..];
    let mut checked = 0;
    for row in table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
    {
        let action = row.split('`').nth(1).unwrap().replace("\\|", "|");
        // Of alternatives the first; names and values where the manual has
        // capital letters.
        let words: Vec<String> = action
            .split_whitespace()
            .map(|word| match word {
                "NAME" => "it".to_string(),
                "NEW" => "other".to_string(),
                "ADDRESS" => "{addr}".to_string(),
                "ACTOR" => "child".to_string(),
                "PATH" => "./it.sock".to_string(),
                "BACKLOG" | "MAX" | "MS" | "CODE" | "N" => "1".to_string(),
                word => word.split('|').next().unwrap().to_string(),
            })
            .collect();
        let line = words.join(" ");
        let makes = line.starts_with("socket ");
        let mut course = CourseDir::new();
        if !makes {
            course = course.step("socket {domain} stream as it");
        }
        if line.starts_with("wait ") {
            course = course.step("fork as child");
        }
        let dir = course.step(&line).write();
        let path = dir.path().display().to_string();
        let run = Socklab::new(["chapters", "check", &path]).run();
        assert_eq!(run.code, Some(0), "{line}: {}", run.stdout());
        checked += 1;
    }
    assert_eq!(checked, 33);
}
