//! Two learners: one walks the server, the other the client, each in a run of
//! its own.

use serde_json::Value;

use super::servers::call;
use crate::support::{HOSTS, Run, Running, Socklab, TwoHosts, all_held, text, track};

/// The learner who is the server.
fn serve(addr: &str, pace: &str) -> Socklab {
    Socklab::new(["walk", "--peer", "nc", "--json", "--addr", addr])
        .args([format!("--auto={pace}")])
}

/// Every call of the lead, by name and result.
fn calls(run: &Run) -> Vec<(String, i64)> {
    let exits = run.all("exit");
    let one = |exit: &Value| {
        (
            text(&exit["call"]).to_string(),
            exit["ret"].as_i64().unwrap(),
        )
    };
    exits.iter().map(one).collect()
}

fn names(run: &Run) -> Vec<String> {
    calls(run).into_iter().map(|(name, _)| name).collect()
}

/// Both ends told the same story.
fn assert_both(server: &Run, client: &Run) {
    all_held(server, &track("server").chapters);
    all_held(client, &track("client").chapters);
    assert_eq!((&*server.stderr, &*client.stderr), ("", ""));
    assert_eq!(
        names(server),
        [
            "socket",
            "setsockopt",
            "bind",
            "listen",
            "accept",
            "recvfrom",
            "sendto",
            "recvfrom",
            "close",
            "close",
            // That of the learner's own program.
            "socket"
        ]
    );
    assert_eq!(
        names(client),
        ["socket", "connect", "sendto", "recvfrom", "close"]
    );
    // The same bytes, the same two addresses.
    let received = server.exits("server", "recvfrom");
    let sent = client.exits("client", "sendto");
    let answered = server.exits("server", "sendto");
    let got = client.exits("client", "recvfrom");
    assert_eq!(received[0]["args"][1], sent[0]["args"][1]);
    assert_eq!(answered[0]["args"][1], got[0]["args"][1]);
    for exit in [&received[0], &sent[0], &answered[0], &got[0]] {
        assert_eq!(exit["ret"], 6);
    }
    assert_eq!(received[1]["ret"], 0);
    let called = |run: &Run, at: &str| -> Vec<(String, String)> {
        let views = run.all("view");
        let sockets = views
            .iter()
            .flat_map(|view| view["sockets"].as_array().unwrap());
        let sockets = sockets.filter(|socket| socket["state"] == "ESTABLISHED");
        let both = sockets.map(|socket| {
            let ends = [text(&socket["local"]), text(&socket["peer"])];
            let [ours, theirs] = if at == "server" {
                ends
            } else {
                [ends[1], ends[0]]
            };
            (ours.to_string(), theirs.to_string())
        });
        let mut both: Vec<_> = both.collect();
        both.dedup();
        both
    };
    let of_server = called(server, "server");
    assert_eq!(of_server.len(), 1, "{of_server:?}");
    assert_eq!(of_server, called(client, "client"));
}

/// The address to call: as the listener shows it.
fn listening(running: &mut Running) -> String {
    running.wait_port();
    text(&running.last("view")["sockets"][0]["local"]).to_string()
}

#[test]
fn two_learners_walk_together() {
    for host in ["127.0.0.1:0", "[::1]:0"] {
        let mut server = serve(host, "0").start();
        let addr = listening(&mut server);
        let client = call(&addr, "0").run();
        assert_both(&server.finish(), &client);
    }
}

/// Whoever is slower, nobody waits for ever: the kernel keeps what the other
/// has not come to.
#[test]
fn two_learners_walk_at_their_own_pace() {
    for (of_server, of_client) in [("0.15", "0"), ("0", "0.15"), ("0.1", "0.1")] {
        let mut server = serve("127.0.0.1:0", of_server).start();
        let addr = listening(&mut server);
        let client = call(&addr, of_client).run();
        assert_both(&server.finish(), &client);
    }
}

/// The server stands still before it accepts: the client has connected, sent, and
/// waits for its answer.
#[test]
fn a_client_that_comes_before_accept_is_served() {
    let mut server = serve("127.0.0.1:0", "0.8").start();
    let addr = listening(&mut server);
    server.stand_still_before("accept");
    let mut client = call(&addr, "0").start();
    // The server's program had no part in any of this.
    client.wait_blocked("recvfrom");
    let row = &client.last("view")["others"][0];
    assert_eq!(row["state"], "ESTABLISHED");
    assert!(row["owner"].is_null(), "{row}");
    server.go_on();
    let client = client.finish();
    assert_both(&server.finish(), &client);
}

#[test]
#[ignore = "needs ip"]
fn two_learners_on_two_hosts_walk_together() {
    let hosts = TwoHosts::new();
    for [server, client] in HOSTS {
        let bracketed = if server.contains(':') {
            format!("[{server}]")
        } else {
            server.to_string()
        };
        for pace in ["0", "0.1"] {
            let mut running = hosts.on(0, serve(&format!("{bracketed}:0"), pace)).start();
            let addr = listening(&mut running);
            let called = hosts.on(1, call(&addr, "0")).run();
            let served = running.finish();
            assert_both(&served, &called);
            let accepted = served.exits("server", "accept").remove(0);
            assert!(text(&accepted["args"][1]).contains(&format!("\"{client}\"")));
            // The other end is on another host: no row of it is here.
            for view in served.all("view").iter().chain(&called.all("view")) {
                for other in view["others"].as_array().unwrap() {
                    assert_ne!(other["relation"], "peer", "{other}");
                    assert!(other["owner"].is_null(), "{other}");
                }
            }
        }
    }
}

/// A server on every interface is reached at any of its addresses.
#[test]
#[ignore = "needs ip"]
fn a_learner_on_every_interface_is_reached_from_another_host() {
    let hosts = TwoHosts::new();
    for (listen, host) in [
        ("0.0.0.0:0", "10.99.0.1"),
        ("[::]:0", "[fd99::1]"),
        ("[::]:0", "10.99.0.1"),
    ] {
        let mut running = hosts.on(0, serve(listen, "0")).start();
        let port = running.wait_port();
        let called = hosts.on(1, call(&format!("{host}:{port}"), "0")).run();
        called.assert_done();
        let served = running.finish();
        all_held(&served, &track("server").chapters);
        assert_eq!(called.exits("client", "recvfrom")[0]["ret"], 6);
    }
}
