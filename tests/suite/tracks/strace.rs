//! Every call of every track is told as strace sees it.

use std::collections::BTreeSet;

use super::lessons::{Lesson, hosts};
use crate::support::{StracedRun, straced, track, tracks};

fn told_as_seen(lesson: &Lesson) -> StracedRun {
    let straced = straced(lesson.socklab("0"));
    straced.run.assert_done();
    lesson.assert_nothing_left(&straced.run);
    straced
}

/// No call is missing on both sides alike: these are what the track teaches.
fn whole_track(id: &str, lead: (&str, &[&str]), peer: (&str, &[&str])) {
    let track = track(id);
    for host in hosts(&track) {
        let straced = told_as_seen(&Lesson::walk(&track, host));
        assert_eq!(straced.actors().len(), 2);
        for (actor, calls) in [lead, peer] {
            let calls: BTreeSet<String> = calls.iter().map(|call| (*call).to_string()).collect();
            assert_eq!(
                straced.names::<BTreeSet<String>>(actor),
                calls,
                "{id} {host} {actor}"
            );
        }
    }
}

#[test]
#[ignore = "needs strace"]
fn the_client_track_is_told_as_strace_sees_it() {
    whole_track(
        "client",
        (
            "client",
            &["socket", "connect", "sendto", "recvfrom", "close"],
        ),
        (
            "server",
            &[
                "socket",
                "setsockopt",
                "bind",
                "listen",
                "accept",
                "recvfrom",
                "poll",
                "sendto",
                "close",
            ],
        ),
    );
}

#[test]
#[ignore = "needs strace"]
fn the_udp_track_is_told_as_strace_sees_it() {
    whole_track(
        "udp",
        (
            "server",
            &["socket", "bind", "listen", "recvfrom", "sendto", "close"],
        ),
        ("client", &["socket", "sendto", "poll", "recvfrom", "close"]),
    );
}

#[test]
#[ignore = "needs strace"]
fn the_unix_track_is_told_as_strace_sees_it() {
    whole_track(
        "unix",
        (
            "server",
            &[
                "socket",
                "bind",
                "listen",
                "accept",
                "getsockopt",
                "recvfrom",
                "sendto",
                "close",
                "unlink",
            ],
        ),
        (
            "client",
            &[
                "socket", "connect", "sendto", "poll", "recvfrom", "shutdown", "close",
            ],
        ),
    );
}

#[test]
#[ignore = "needs strace"]
fn the_unix_datagram_track_is_told_as_strace_sees_it() {
    whole_track(
        "unix-dgram",
        (
            "server",
            &["socket", "bind", "recvfrom", "sendto", "close", "unlink"],
        ),
        (
            "client",
            &[
                "socket", "bind", "sendto", "poll", "recvfrom", "close", "unlink",
            ],
        ),
    );
}

#[test]
#[ignore = "needs strace"]
fn the_udp_client_track_is_told_as_strace_sees_it() {
    whole_track(
        "udp-client",
        (
            "client",
            &["socket", "sendto", "recvfrom", "connect", "close"],
        ),
        (
            "server",
            &["socket", "bind", "recvfrom", "poll", "sendto", "close"],
        ),
    );
}

#[test]
#[ignore = "needs strace"]
fn the_unix_client_track_is_told_as_strace_sees_it() {
    whole_track(
        "unix-client",
        (
            "client",
            &["socket", "connect", "sendto", "recvfrom", "close"],
        ),
        (
            "server",
            &[
                "socket", "bind", "listen", "accept", "recvfrom", "poll", "sendto", "close",
                "unlink",
            ],
        ),
    );
}

#[test]
#[ignore = "needs strace"]
fn every_chapter_that_stands_by_itself_is_told_as_strace_sees_it() {
    for track in tracks() {
        for chapter in &track.extras {
            told_as_seen(&Lesson::step(&track, hosts(&track)[0], &chapter.id));
        }
    }
}
