//! Every track and every chapter played with the built-in peer: every
//! expectation holds, and nothing is left behind.

use super::lessons::{Lesson, hosts};
use crate::support::{Socklab, all_held, track, tracks};

fn plays(lesson: &Lesson) {
    let run = lesson.socklab("0").run();
    all_held(&run, &lesson.chapters);
    assert!(!run.exits(&lesson.lead, "socket").is_empty());
    assert_eq!(run.stderr, "");
    lesson.assert_nothing_left(&run);
}

#[test]
fn every_track_holds_what_it_expects() {
    for track in tracks() {
        for host in hosts(&track) {
            plays(&Lesson::walk(&track, host));
        }
    }
}

#[test]
fn a_walk_on_every_interface_holds_what_it_expects() {
    for host in ["0.0.0.0", "[::]"] {
        for id in ["server", "udp"] {
            plays(&Lesson::walk(&track(id), host));
        }
    }
}

#[test]
fn every_chapter_of_a_track_can_be_stepped_into() {
    for track in tracks() {
        for host in hosts(&track) {
            for chapter in &track.chapters {
                plays(&Lesson::step(&track, host, &chapter.id));
            }
        }
    }
}

#[test]
fn every_chapter_that_stands_by_itself_holds_what_it_expects() {
    for track in tracks() {
        for host in hosts(&track) {
            for chapter in &track.extras {
                plays(&Lesson::step(&track, host, &chapter.id));
            }
        }
    }
}

/// The options alone, as one types them: the address comes with the domain.
#[test]
fn a_domain_without_an_address_has_one_of_its_own() {
    for (words, domain) in [
        (&["--domain", "inet6", "--addr", "[::1]:0"][..], "inet6"),
        (&["--domain", "inet", "--addr", "localhost:0"], "inet"),
        (&["--domain", "unix"], "unix"),
    ] {
        let run = Socklab::new(["step", "create", "--auto", "--json"])
            .args(words)
            .run();
        run.assert_done();
        let sockets = run.all("view").pop().unwrap()["sockets"].clone();
        assert_eq!(sockets[0]["domain"], domain);
    }
}
