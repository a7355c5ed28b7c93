//! What a backlog of 1 does to four clients, seen through the view.

use serde_json::Value;
use socket2::Socket;

use crate::support::{
    ANY_PORT, CourseDir, ESTABLISHED, Socklab, address, connect, is, start_connecting,
    still_behind_listen, tcp_rows_of_port, until,
};

/// The addresses of the clients whose rows stand in that relation to us.
fn clients(view: &Value, relation: &str) -> Vec<String> {
    let rows = view["others"].as_array().into_iter().flatten();
    let client = if relation == "queued" {
        "peer"
    } else {
        "local"
    };
    let mut found: Vec<String> = rows
        .filter(|row| row["relation"] == relation)
        .map(|row| row[client].as_str().unwrap().to_string())
        .collect();
    found.sort();
    found
}

fn local(client: &Socket) -> String {
    address(client).to_string()
}

fn sorted(clients: &[Socket]) -> Vec<String> {
    let mut all: Vec<String> = clients.iter().map(local).collect();
    all.sort();
    all
}

#[test]
fn a_backlog_of_one_holds_two_and_lets_the_others_knock() {
    let (_course, mut running, port) = still_behind_listen();
    let established = |count| {
        move || {
            let rows = tcp_rows_of_port(port);
            let ours = rows
                .iter()
                .filter(|row| row.state == ESTABLISHED && row.local_port == port);
            ours.count() == count
        }
    };
    let mut all = Vec::new();
    for count in 1..=2 {
        all.push(start_connecting(port));
        until("it is let in", established(count));
    }
    all.extend([start_connecting(port), start_connecting(port)]);
    running.go_on();

    let full = running.wait_event("the look behind the pause", |event| {
        is(event, "view") && event["step"] == "step-5" && event["moment"] == "after"
    });
    let queue = &full["sockets"][0]["accept_queue"];
    assert_eq!(queue["len"], 2);
    assert_eq!(queue["max"], 1);
    assert_eq!(clients(&full, "queued"), sorted(&all[..2]));
    assert_eq!(clients(&full, "connecting"), sorted(&all[2..]));
    let rows = full["others"].as_array().unwrap();
    for row in rows {
        let queued = row["relation"] == "queued";
        let state = if queued { "ESTABLISHED" } else { "SYN-SENT" };
        assert_eq!(row["state"], state, "{row}");
        assert_eq!(row["inode"].is_null(), queued, "{row}");
        // Not refused: the kernel will knock again.
        if !queued {
            assert_eq!(row["timer"]["kind"], "retransmit", "{row}");
            assert_eq!(row["owner"]["pid"], std::process::id(), "{row}");
        }
    }

    let taken = running.wait_event("accept", |event| {
        is(event, "view") && event["step"] == "step-6" && event["moment"] == "after"
    });
    // First come, first served.
    assert_eq!(taken["sockets"][1]["peer"], local(&all[0]));
    let queued = clients(&taken, "queued");
    assert!(queued.contains(&local(&all[1])), "{queued:?}");

    // There is room for one: the next SYN of a waiting client is let in, seen
    // from outside while the server sleeps in recv. The other is not, however
    // far its handshake got.
    let again = running.wait_event("a waiting client gets in", |event| {
        let waiting = clients(event, "queued");
        is(event, "view")
            && event["sockets"][0]["accept_queue"]["len"] == 2
            && all[2..].iter().any(|late| waiting.contains(&local(late)))
    });
    let waiting = clients(&again, "queued");
    assert_eq!(waiting.len(), 2, "{again}");
    assert!(waiting.contains(&local(&all[1])), "{again}");
    drop(all);
    running.finish().assert_done();
}

/// The listener ends with clients in its queue: they are reset.
#[test]
fn closing_the_listener_resets_who_waits() {
    let course = CourseDir::listener()
        .step("setsockopt server keepalive on")
        .step("close server")
        .expect("gone server")
        .write();
    let socklab = Socklab::paced_walk("0.8", ANY_PORT);
    let socklab = socklab.args(["--peer", "nc"]).chapters(&course);
    let mut running = socklab.start();
    let port = running.wait_port();
    running.stand_still_before("setsockopt");
    let client = connect(port);
    running.go_on();
    running.finish().assert_done();
    let error = std::io::Read::read(&mut &client, &mut [0; 8]).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::ECONNRESET));
}
