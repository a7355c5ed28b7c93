//! What is shown at each pause of each track is what ss and /proc show.

use serde_json::Value;

use super::lessons::Lesson;
use crate::support::{every_pause, number, text, track};

/// The views of all pauses, each held against the kernel.
fn agrees(lesson: &Lesson) -> Vec<Value> {
    every_pause(lesson.socklab("0.8").start())
}

/// Every state that the views showed, of sockets or of the rows beside them.
fn states(views: &[Value], list: &str) -> Vec<String> {
    let all = views.iter().flat_map(|view| view[list].as_array().unwrap());
    all.map(|one| text(&one["state"]).to_string()).collect()
}

#[track_caller]
fn shows(views: &[Value], list: &str, wanted: &[&str]) {
    let seen = states(views, list);
    for state in wanted {
        assert!(seen.iter().any(|one| one == state), "{state}: {seen:?}");
    }
}

fn client_track(host: &str) {
    let views = agrees(&Lesson::walk(&track("client"), host));
    assert_eq!(views.len(), 5);
    shows(&views, "sockets", &["CLOSED", "ESTABLISHED"]);
    // The server's end, which is socklab's as well.
    shows(&views, "others", &["ESTABLISHED"]);
    let peer = &views[4]["others"][0];
    assert_eq!(peer["owner"]["name"], "socklab");
    assert_ne!(peer["owner"]["pid"], views[4]["pid"]);
}

#[test]
#[ignore = "needs ss"]
fn every_pause_of_the_client_track_agrees_with_ss() {
    client_track("127.0.0.1");
}

#[test]
#[ignore = "needs ss"]
fn every_pause_of_the_ipv6_client_track_agrees_with_ss() {
    client_track("[::1]");
}

fn udp_track(host: &str) {
    let views = agrees(&Lesson::walk(&track("udp"), host));
    assert_eq!(views.len(), 7);
    shows(&views, "sockets", &["UNCONNECTED"]);
    // No connection, so no other end.
    assert!(states(&views, "others").is_empty());
}

#[test]
#[ignore = "needs ss"]
fn every_pause_of_the_udp_track_agrees_with_ss() {
    udp_track("127.0.0.1");
}

#[test]
#[ignore = "needs ss"]
fn every_pause_of_the_ipv6_udp_track_agrees_with_ss() {
    udp_track("[::1]");
}

/// Datagrams that wait are counted by the memory that they take.
#[test]
#[ignore = "needs ss"]
fn every_pause_with_datagrams_waiting_agrees_with_ss() {
    let views = agrees(&Lesson::step(&track("udp"), "127.0.0.1", "datagrams"));
    let waiting = |view: &Value| view["sockets"][0]["listing"]["recv_q"].as_u64();
    assert!(views.iter().filter_map(waiting).any(|bytes| bytes > 10));
}

#[test]
#[ignore = "needs ss"]
fn every_pause_of_the_unix_track_agrees_with_ss() {
    let lesson = Lesson::walk(&track("unix"), "");
    let views = agrees(&lesson);
    shows(&views, "sockets", &["UNCONNECTED", "LISTEN", "CONNECTED"]);
    shows(&views, "others", &["CONNECTED"]);
    // Both ends name each other, and the kernel has noted who called.
    let all = views
        .iter()
        .filter(|view| view["sockets"].as_array().unwrap().len() == 2);
    let with_both: Vec<&Value> = all
        .filter(|view| view["others"][0]["relation"] == "peer")
        .collect();
    assert!(!with_both.is_empty());
    for view in with_both {
        let (conn, peer) = (&view["sockets"][1], &view["others"][0]);
        if conn["state"] != "CONNECTED" {
            continue;
        }
        assert_eq!(number(&conn["peer_inode"]), number(&peer["inode"]));
        assert_eq!(number(&peer["peer_inode"]), number(&conn["inode"]));
        assert_eq!(conn["cred"]["pid"], peer["owner"]["pid"]);
    }
}

#[test]
#[ignore = "needs ss"]
fn every_pause_of_the_unix_datagram_track_agrees_with_ss() {
    let views = agrees(&Lesson::walk(&track("unix-dgram"), ""));
    assert_eq!(views.len(), 6);
    shows(&views, "sockets", &["UNCONNECTED"]);
}

#[test]
#[ignore = "needs ss"]
fn every_pause_of_the_other_clients_agrees_with_ss() {
    let views = agrees(&Lesson::walk(&track("udp-client"), "127.0.0.1"));
    shows(&views, "sockets", &["UNCONNECTED", "CONNECTED"]);
    let views = agrees(&Lesson::walk(&track("unix-client"), ""));
    shows(&views, "sockets", &["UNCONNECTED", "CONNECTED"]);
}

fn by_itself(id: &str) -> Vec<Value> {
    agrees(&Lesson::step(&track("server"), "127.0.0.1", id))
}

#[test]
#[ignore = "needs ss"]
fn every_pause_with_a_forked_child_agrees_with_ss() {
    let views = by_itself("serve");
    shows(&views, "others", &["ESTABLISHED"]);
    let actors: Vec<&str> = views.iter().map(|view| text(&view["task"])).collect();
    assert!(actors.contains(&"child") && actors.contains(&"server"));
}

#[test]
#[ignore = "needs ss"]
fn every_pause_with_a_full_queue_agrees_with_ss() {
    // A client outside sends its SYN again each second: where the kernel lets it in between
    // the look and ss, they are compared anew.
    let tries = || std::panic::catch_unwind(|| by_itself("backlog")).ok();
    let views = (0..3)
        .find_map(|_| tries())
        .expect("three differences in a row");
    // One more waits than the backlog says, and the next hangs outside.
    let full = |view: &&Value| view["sockets"][0]["accept_queue"]["len"] == 2;
    assert!(views.iter().any(|view| full(&view)));
    shows(&views, "others", &["ESTABLISHED", "SYN-SENT"]);
}

#[test]
#[ignore = "needs ss"]
fn every_pause_of_the_other_chapters_agrees_with_ss() {
    for id in [
        "framing", "partial", "bytes", "endings", "ports", "share", "dual", "reset", "peek",
    ] {
        by_itself(id);
    }
}

/// Two listeners at one address, each with a row of its own.
#[test]
#[ignore = "needs ss"]
fn every_pause_with_a_shared_port_agrees_with_ss() {
    shows(&by_itself("options"), "sockets", &["LISTEN"]);
}

#[test]
#[ignore = "needs ss"]
fn every_pause_with_datagrams_for_many_agrees_with_ss() {
    for id in ["broadcast", "multicast"] {
        agrees(&Lesson::step(&track("udp"), "127.0.0.1", id));
    }
}
