//! Each netcat of a class room as the client, in a process of its own.

use serde_json::Value;

use crate::support::{Kind, NETCATS, Socklab, client, free_addr, is, tcp_rows_of_port, until};

/// Connects while the server sleeps in accept, sends, reads the echo, ends.
fn serves(netcat: &str) {
    let mut running = Socklab::walk().args(["--peer", "nc"]).start();
    let port = running.wait_port();
    running.wait_blocked("accept");
    let mut peer = client(netcat, Kind::Stream, &format!("127.0.0.1:{port}"));
    let lines: [&[u8]; 3] = [b"hello\n", "gr\u{fc}\u{df}e \u{20ac}\n".as_bytes(), b"\n"];
    for line in lines {
        running.wait_blocked("recvfrom");
        peer.type_in(line);
        assert_eq!(peer.printed(line.len()), line);
    }
    running.wait_blocked("recvfrom");
    let view = running.last("view");
    let others = view["others"].as_array().unwrap();
    let [row] = others.as_slice() else {
        panic!("{others:?}")
    };
    assert_eq!(row["relation"], "peer");
    assert_eq!(row["state"], "ESTABLISHED");
    assert_eq!(row["owner"]["pid"], peer.pid());
    assert_eq!(row["owner"]["name"], netcat);
    let connection = &view["sockets"][1];
    assert_eq!(row["local"], connection["peer"]);
    assert_eq!(row["peer"], connection["local"]);
    peer.end_input();
    peer.wait();
    let run = running.finish();
    run.assert_done();
    let counts = |call: &str| -> Vec<i64> {
        let exits = run.exits("server", call);
        exits
            .iter()
            .map(|exit| exit["ret"].as_i64().unwrap())
            .collect()
    };
    assert_eq!(counts("recvfrom"), [6, 12, 1, 0]);
    assert_eq!(counts("sendto"), [6, 12, 1]);
    run.assert_held();
    // All of the server's calls and none of a built-in client's.
    let actor = |event: &Value| event["task"] == "server";
    assert!(run.events().iter().all(actor));
}

#[test]
#[ignore = "needs nc.openbsd"]
fn openbsd_netcat_is_served() {
    serves("nc.openbsd");
}

#[test]
#[ignore = "needs nc.traditional"]
fn traditional_netcat_is_served() {
    serves("nc.traditional");
}

#[test]
#[ignore = "needs ncat"]
fn ncat_is_served() {
    serves("ncat");
}

#[test]
#[ignore = "needs socat"]
fn socat_is_served() {
    serves("socat");
}

/// Typed before anyone accepts: the kernel keeps it, and accept does not block.
#[test]
#[ignore = "needs the four netcats"]
fn a_client_that_comes_early_waits_in_the_queue() {
    for netcat in NETCATS {
        let socklab = Socklab::paced_walk("0.5", &free_addr());
        let mut running = socklab.args(["--peer", "nc"]).start();
        let port = running.wait_port();
        running.stand_still_before("accept");
        let mut peer = client(netcat, Kind::Stream, &format!("127.0.0.1:{port}"));
        peer.type_in(b"early\n");
        until("the handshake is done", || {
            let rows = tcp_rows_of_port(port);
            rows.iter().any(|row| row.rx_queue == 6)
        });
        running.go_on();
        assert_eq!(peer.printed(6), b"early\n");
        peer.end_input();
        peer.wait();
        let run = running.finish();
        run.assert_done();
        let slept = run.all("blocked");
        assert!(
            !slept.iter().any(|event| event["call"] == "accept"),
            "{netcat}: {slept:?}"
        );
        let begun = run
            .events()
            .into_iter()
            .filter(|event| is(event, "exit") && event["call"] == "accept")
            .count();
        assert_eq!(begun, 1);
    }
}
