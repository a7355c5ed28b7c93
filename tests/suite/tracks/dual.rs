//! One listener for both versions of IP, and a client of the older one.

use serde_json::Value;

use super::lessons::Lesson;
use crate::support::{
    Kind, Socklab, all_held, client, listens, number, ss_tcp, still_behind_listen_at, text, track,
    until,
};

const MAPPED: &str = "[::ffff:127.0.0.1]";

/// The row beside the sockets that stands in that relation to them.
fn other(view: &Value, relation: &str) -> Value {
    let others = view["others"].as_array().unwrap();
    let mut found = others.iter().filter(|row| row["relation"] == relation);
    found.next().unwrap_or_else(|| panic!("{view}")).clone()
}

#[test]
#[ignore = "needs nc.openbsd and ss"]
fn an_ipv4_client_of_a_dual_stack_listener_is_served() {
    let words = [
        "walk", "--peer", "nc", "--auto", "--json", "--addr", "[::]:0",
    ];
    let mut running = Socklab::new(words).start();
    let port = running.wait_port();
    running.wait_blocked("accept");
    assert_eq!(running.last("view")["sockets"][0]["v6only"], false);
    let mut peer = client("nc.openbsd", Kind::Stream, &format!("127.0.0.1:{port}"));
    running.wait_blocked("recvfrom");
    let view = running.last("view");
    let conn = &view["sockets"][1];
    assert_eq!(conn["domain"], "inet6");
    assert!(text(&conn["peer"]).starts_with(MAPPED), "{conn}");
    assert_eq!(conn["local"], format!("{MAPPED}:{port}"));
    // Its own end is an IPv4 socket, and it is nc's.
    let row = other(&view, "peer");
    assert_eq!(row["state"], "ESTABLISHED");
    assert_eq!(row["peer"], format!("127.0.0.1:{port}"));
    assert_eq!(row["owner"]["pid"], peer.pid());
    assert_eq!(row["owner"]["name"], "nc.openbsd");
    let rows = ss_tcp();
    assert_eq!(rows[&number(&row["cookie"])].local, text(&row["local"]));
    assert_eq!(rows[&number(&conn["cookie"])].peer, text(&conn["peer"]));
    peer.type_in(b"hello\n");
    assert_eq!(peer.printed(6), b"hello\n");
    peer.end_input();
    assert_eq!(peer.wait().code(), Some(0));
    let run = running.finish();
    all_held(&run, &track("server").chapters);
    let accepted = run.exits("server", "accept").remove(0);
    let told = text(&accepted["args"][1]);
    assert!(told.contains("\"::ffff:127.0.0.1\""), "{told}");
}

/// Before accept: its finished connection waits in the queue.
#[test]
#[ignore = "needs nc.openbsd and ss"]
fn an_ipv4_client_waits_in_the_queue_of_a_dual_stack_listener() {
    let (_course, mut running, port) = still_behind_listen_at("[::]:0");
    let mut peer = client("nc.openbsd", Kind::Stream, &format!("127.0.0.1:{port}"));
    peer.type_in(b"early\n");
    let at = format!("{MAPPED}:{port}");
    until("the line waits", || {
        let rows = ss_tcp();
        rows.values().any(|row| row.recv_q == 6 && row.local == at)
    });
    running.go_on();
    running.wait_pause("accept");
    let view = running.last("view");
    assert_eq!(view["sockets"][0]["accept_queue"]["len"], 1);
    let row = other(&view, "queued");
    assert_eq!(row["state"], "ESTABLISHED");
    assert_eq!(row["local"], at);
    assert_eq!(row["recv_q"], 6);
    assert!(row["inode"].is_null(), "{row}");
    peer.end_input();
    let run = running.finish();
    run.assert_done();
    assert_eq!(run.exits("server", "recvfrom")[0]["ret"], 6);
}

/// The chapter: its client is socklab's, and an IPv4 one.
#[test]
fn the_chapter_shows_the_mapped_address() {
    for host in ["127.0.0.1", "[::1]"] {
        let lesson = Lesson::step(&track("server"), host, "dual");
        let run = lesson.socklab("0").run();
        all_held(&run, &lesson.chapters);
        let mut views = run.all("view");
        let is_accept =
            |view: &Value| view["moment"] == "before" && view["step"] == "accept-an-ipv4-client";
        let before = views.iter().find(|view| is_accept(view)).unwrap();
        let row = other(before, "queued");
        assert!(text(&row["peer"]).starts_with(MAPPED), "{row}");
        views.retain(|view| view["moment"] == "after" && view["step"] == "accept-an-ipv4-client");
        let conn = &views[0]["sockets"][1];
        assert!(text(&conn["peer"]).starts_with(MAPPED), "{conn}");
        let row = other(&views[0], "peer");
        assert_eq!(row["owner"]["name"], "socklab");
        assert!(text(&row["local"]).starts_with("127.0.0.1:"), "{row}");
        let port: u16 = text(&conn["local"])
            .rsplit_once(':')
            .unwrap()
            .1
            .parse()
            .unwrap();
        assert!(!listens(port));
    }
}
