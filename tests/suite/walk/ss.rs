//! What socklab shows at a pause is what `ss` and /proc show at that moment.

use std::io::Write;
use std::net::TcpStream;

use serde_json::Value;

use crate::support::{
    ANY_PORT, CourseDir, Socklab, assert_agrees, connect, eventually, every_pause, is, number,
    ss_tcp, still_behind_listen, text, until, wchan,
};

/// Every state that a view showed, of fds and of rows.
fn states(views: &[Value], of: &str) -> Vec<String> {
    let all = views.iter().flat_map(|view| view[of].as_array().unwrap());
    all.map(|one| text(&one["state"]).to_string()).collect()
}

fn whole_walk(addr: &str) {
    let socklab = Socklab::paced_walk("0.8", addr);
    let views = every_pause(socklab.start());
    // Ten calls, and each later round of the loop adds two.
    assert!(views.len() >= 10, "{}", views.len());
    let seen = states(&views, "sockets");
    for state in ["CLOSED", "LISTEN", "ESTABLISHED", "CLOSE-WAIT"] {
        assert!(seen.iter().any(|other| other == state), "{state}: {seen:?}");
    }
    let listings: Vec<&Value> = views
        .iter()
        .map(|view| &view["sockets"][0]["listing"])
        .collect();
    for listing in ["nowhere", "bound-only"] {
        assert!(listings.contains(&&Value::from(listing)), "{listings:?}");
    }
}

#[test]
#[ignore = "needs ss"]
fn every_pause_of_a_walk_agrees_with_ss_and_proc() {
    whole_walk("127.0.0.1:0");
}

#[test]
#[ignore = "needs ss"]
fn every_pause_of_an_ipv6_walk_agrees_with_ss_and_proc() {
    whole_walk("[::1]:0");
}

#[test]
#[ignore = "needs ss"]
fn what_a_server_that_closes_first_leaves_agrees_with_ss() {
    let course = CourseDir::listener()
        .step("accept server as conn")
        .peer(
            "before",
            "socket {domain} stream as client\nconnect client {addr}",
        )
        .step("close conn")
        .expect("left conn state=FIN-WAIT-2")
        .step("setsockopt server keepalive on")
        .peer("before", "close client")
        .expect("left conn state=TIME-WAIT inode=-")
        .step("close server")
        .write();
    let socklab = Socklab::paced_walk("0.8", ANY_PORT);
    let views = every_pause(socklab.chapters(&course).start());
    assert_eq!(views.len(), 8);
    // Before the listener closes: its remainder waits, with a running timer.
    let left = &views[7]["others"][0];
    assert_eq!(left["relation"], "left");
    assert_eq!(left["state"], "TIME-WAIT");
    let ms = number(&left["timer"]["expires_ms"]);
    assert!(ms > 30_000 && ms <= 61_000, "{ms}");
}

/// A connection that waits, with bytes that nobody has read: seen before accept,
/// and by the fd after it.
#[test]
#[ignore = "needs ss"]
fn a_waiting_client_and_its_unread_bytes_agree_with_ss() {
    let (_course, mut running, port) = still_behind_listen();
    let mut client = connect(port);
    client.write_all(b"seven b").unwrap();
    let mine = client.local_addr().unwrap().to_string();
    until("the bytes arrive and are acknowledged", || {
        let rows = ss_tcp();
        rows.values()
            .any(|row| row.peer == mine && row.recv_q == 7 && row.state == "ESTAB")
            && rows
                .values()
                .any(|row| row.local == mine && row.send_q == 0)
    });
    running.go_on();
    running.stand_still_before("accept");
    let view = running.last("view");
    assert_agrees(&view);
    let queued = &view["others"][0];
    assert_eq!(queued["relation"], "queued");
    assert_eq!(queued["peer"], mine);
    assert_eq!(queued["recv_q"], 7);
    assert!(queued["inode"].is_null(), "{queued}");
    assert!(queued["owner"].is_null() && queued["unknown"].is_null());
    running.go_on();
    running.stand_still_before("recvfrom");
    let view = running.last("view");
    assert_agrees(&view);
    assert_eq!(view["sockets"][1]["recv_q"], 7);
    // The same kernel socket all along: its cookie says so.
    assert_eq!(view["sockets"][1]["cookie"], queued["cookie"]);
    running.go_on();
    let run = running.finish();
    run.assert_done();
    assert_eq!(run.exits("server", "recvfrom")[0]["ret"], 7);
}

/// While the server sleeps in a call, the screen is fed from outside of it.
#[test]
#[ignore = "needs ss"]
fn a_blocked_server_is_shown_as_ss_shows_it() {
    let mut running = Socklab::walk().args(["--peer", "nc"]).start();
    let blocked = running.wait_blocked("accept");
    assert_eq!(blocked["state"], "S");
    let place = wchan(number(&blocked["pid"]) as u32);
    assert_eq!(blocked["wchan"].as_str(), place.as_deref());
    assert_agrees(&running.last("view"));
    let listener = running.last("view")["sockets"][0]["local"].clone();
    let client = TcpStream::connect(text(&listener)).unwrap();
    running.wait_blocked("recvfrom");
    assert_agrees(&running.last("view"));
    drop(client);
    running.finish().assert_done();
    // The client closed first: what is left of it is its own, and not ours.
    let port = text(&listener).rsplit_once(':').unwrap().1;
    let row = eventually("the client's end", || {
        ss_tcp()
            .into_values()
            .find(|row| row.peer.ends_with(&format!(":{port}")))
    });
    assert_eq!(row.state, "TIME-WAIT");
}

/// A FIN is no byte: the tables count it, the socket's own count does not, whether it
/// is asked by its fd or looked for from outside.
#[test]
#[ignore = "needs ss"]
fn an_unread_fin_is_not_told_as_a_byte() {
    for (sent, unread) in [("", 0), ("hey", 3)] {
        let course = CourseDir::listener()
            .step("accept server as conn")
            .step("accept server as second")
            .write();
        let socklab = Socklab::walk().args(["--peer", "nc"]).chapters(&course);
        let mut running = socklab.start();
        running.wait_blocked("accept");
        let listener = running.last("view")["sockets"][0]["local"].clone();
        let mut client = TcpStream::connect(text(&listener)).unwrap();
        running.wait_blocked("accept");
        client.write_all(sent.as_bytes()).unwrap();
        client.shutdown(std::net::Shutdown::Write).unwrap();
        let view = running.wait_event("the end is seen", |event| {
            is(event, "view") && event["sockets"][1]["state"] == "CLOSE-WAIT"
        });
        let conn = &view["sockets"][1];
        assert_eq!(number(&conn["recv_q"]), unread, "{conn}");
        assert_eq!(ss_tcp()[&number(&conn["cookie"])].recv_q, unread + 1);
        let _second = TcpStream::connect(text(&listener)).unwrap();
        let run = running.finish();
        run.assert_done();
        let by_fd = run.all("view").pop().unwrap()["sockets"][1].clone();
        assert_eq!(number(&by_fd["recv_q"]), unread, "{by_fd}");
    }
}

/// A listener on `::` takes IPv4 clients too: their addresses are mapped, and
/// the client's own end is an IPv4 socket.
#[test]
#[ignore = "needs ss"]
fn an_ipv4_client_of_an_ipv6_listener_agrees_with_ss() {
    let socklab = Socklab::walk_at("[::]:0");
    let mut running = socklab.args(["--peer", "nc"]).start();
    let port = running.wait_port();
    let mut client = connect(port);
    running.wait_blocked("recvfrom");
    let view = running.last("view");
    let connection = &view["sockets"][1];
    let mine = client.local_addr().unwrap();
    assert_eq!(connection["domain"], "inet6");
    assert_eq!(connection["state"], "ESTABLISHED");
    let mapped = format!("[::ffff:127.0.0.1]:{}", mine.port());
    assert_eq!(connection["peer"], mapped);
    let rows = ss_tcp();
    let row = &rows[&number(&connection["cookie"])];
    assert_eq!((&*row.state, &*row.peer), ("ESTAB", &*mapped));
    assert_eq!(row.local, text(&connection["local"]));
    let peer = &view["others"][0];
    assert_eq!(peer["relation"], "peer");
    assert_eq!(peer["local"], mine.to_string());
    assert_eq!(peer["owner"]["pid"], std::process::id());
    assert_eq!(rows[&number(&peer["cookie"])].local, mine.to_string());
    client.write_all(b"hello").unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    running.finish().assert_done();
}
