//! The client of the course, connected to programs that are not ours.

use serde_json::Value;

use crate::support::{
    LISTEN, Run, SERVERS, Socklab, all_held, free_port, is, is_in_time_wait, is_name_of, server,
    tcp_rows, text, track, until,
};

/// The client of a server at that address, whoever that is.
pub fn call(addr: &str, pace: &str) -> Socklab {
    Socklab::new(["walk", "--role", "client", "--peer", "nc", "--json"]).args([
        "--addr",
        addr,
        &format!("--auto={pace}"),
    ])
}

/// Does anybody listen on that port, of either version?
pub fn somebody_listens(port: u16) -> bool {
    let rows = tcp_rows();
    rows.iter()
        .any(|row| row.state == LISTEN && row.local_port == port)
}

/// Every call of the client's life, once, and with success.
fn assert_lived(run: &Run, answer: &str) {
    all_held(run, &track("client").chapters);
    let exits = run.all("exit");
    let calls: Vec<(&str, i64)> = exits
        .iter()
        .map(|exit| (text(&exit["call"]), exit["ret"].as_i64().unwrap()))
        .collect();
    let length = i64::try_from(answer.len()).unwrap();
    assert_eq!(
        calls,
        [
            ("socket", 3),
            ("connect", 0),
            ("sendto", 6),
            ("recvfrom", length),
            ("close", 0)
        ]
    );
    let ours = |event: &Value| event["task"] == "client";
    assert!(run.events().iter().all(ours));
    let received = run.exits("client", "recvfrom").remove(0);
    assert_eq!(
        text(&received["args"][1]),
        format!("{:?}", answer.to_string())
    );
}

fn is_answered_by(program: &str, host: &str) {
    let port = free_port();
    let mut peer = server(program, host, port);
    until("the server listens", || somebody_listens(port));
    let bracketed = if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    };
    let mut running = call(&bracketed, "0").start();
    running.wait_blocked("recvfrom");
    assert_eq!(peer.printed(6), b"hello\n", "{program}");
    // The connection stands before the program accepts it: owner and all are
    // seen as soon as it has.
    let owned = |view: &Value| !view["others"][0]["owner"].is_null();
    let mut view = running.last("view");
    if !owned(&view) {
        view = running.wait_event("the owner of the other end", |event| {
            is(event, "view") && owned(event)
        });
    }
    let row = &view["others"][0];
    assert_eq!(row["relation"], "peer");
    assert_eq!(row["state"], "ESTABLISHED");
    assert_eq!(row["local"], bracketed);
    assert_eq!(row["peer"], view["sockets"][0]["local"]);
    assert_eq!(row["owner"]["pid"], peer.pid(), "{program}");
    let name = text(&row["owner"]["name"]);
    assert!(is_name_of(program, name), "{name}");
    peer.type_in(b"good day\n");
    let run = running.finish();
    assert_lived(&run, "good day\n");
    peer.end_input();
    assert_eq!(peer.wait().code(), Some(0), "{program}");
}

#[test]
#[ignore = "needs the four netcats and python3"]
fn the_client_is_answered_by_each_server() {
    for program in SERVERS {
        is_answered_by(program, "127.0.0.1");
    }
}

#[test]
#[ignore = "needs nc.openbsd, ncat, socat and python3"]
fn the_client_is_answered_by_each_ipv6_server() {
    for program in SERVERS {
        // The traditional one does not know it.
        if program != "nc.traditional" {
            is_answered_by(program, "::1");
        }
    }
}

/// It leaves without an answer: the end of the stream is told as what it is.
#[test]
#[ignore = "needs nc.openbsd"]
fn a_server_that_ends_first_is_told() {
    let port = free_port();
    let mut peer = server("nc.openbsd", "127.0.0.1", port);
    until("the server listens", || somebody_listens(port));
    let mut running = call(&format!("127.0.0.1:{port}"), "0").start();
    running.wait_blocked("recvfrom");
    assert_eq!(peer.printed(6), b"hello\n");
    // With everything read, a dead process's socket ends by a FIN.
    drop(peer);
    let run = running.finish();
    run.assert_done();
    assert_eq!(run.exits("client", "recvfrom")[0]["ret"], 0);
    // Who closed first keeps the remains; ours are gone.
    until("the server's side is in TIME-WAIT", || {
        is_in_time_wait(port)
    });
}
