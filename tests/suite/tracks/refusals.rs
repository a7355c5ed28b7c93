//! A client that gets no connection, each way for real, and what it is told.

use std::net::TcpListener;

use serde_json::Value;

use super::servers::call;
use crate::support::{
    Running, SYN_SENT, Socklab, address, bound, connect, free_port, in_own_network, is, one_line,
    says, taught, tcp_rows_of_port, text, until,
};

#[test]
fn nobody_listens_there() {
    for host in ["127.0.0.1", "[::1]"] {
        let addr = format!("{host}:{}", free_port());
        let run = call(&addr, "0").run();
        let failure = taught(&run, "connect", "ECONNREFUSED");
        assert!(text(&failure["meaning"]).contains("nobody listens"));
        says(&failure["advice"], &format!("socklab walk --addr {addr}"));
        // SIOCOUTQ would say 3: sequence numbers that nobody has sent.
        let socket = run.all("view").pop().unwrap()["sockets"][0].clone();
        assert_eq!(
            (&socket["state"], &socket["send_q"]),
            (&"CLOSED".into(), &0.into())
        );
    }
}

/// Bound is not listening: refused as well.
#[test]
fn a_bound_port_refuses() {
    let socket = bound(0);
    let run = call(&address(&socket).to_string(), "0").run();
    taught(&run, "connect", "ECONNREFUSED");
}

#[test]
#[ignore = "needs ip"]
fn there_is_no_way_there() {
    // A network of its own with nothing in it but the loopback.
    for addr in ["192.0.2.1:6789", "[2001:db8::1]:6789"] {
        let run = in_own_network(call(addr, "0"), "ip link set lo up").run();
        let failure = taught(&run, "connect", "ENETUNREACH");
        assert!(text(&failure["meaning"]).contains("no way"), "{failure}");
        says(&failure["advice"], "ip route");
    }
}

/// A network whose hosts are all off.
const NOBODY_AT_HOME: &str = "ip link set lo up
    ip link add cable type veth peer name end
    ip addr add 10.99.0.1/24 dev cable
    ip link set end up; ip link set cable up";

#[test]
#[ignore = "needs ip"]
fn the_host_does_not_answer() {
    // Nobody answers to ARP: this machine's own kernel says so in the end.
    let run = in_own_network(call("10.99.0.2:6789", "0"), NOBODY_AT_HOME).run();
    let failure = taught(&run, "connect", "EHOSTUNREACH");
    assert!(text(&failure["meaning"]).contains("host"), "{failure}");
    says(&failure["advice"], "ping");
}

/// What is shown while connect blocks.
fn waits_in_syn_sent(running: &mut Running) -> Value {
    running.wait_blocked("connect");
    running.wait_event("SYN-SENT", |event| {
        is(event, "view") && event["sockets"][0]["state"] == "SYN-SENT"
    })
}

#[test]
#[ignore = "needs ip"]
fn nothing_comes_back() {
    // Its hardware address is known, so that the SYN goes out, to nobody. One
    // repetition is enough to see: three seconds.
    let setup = format!(
        "{NOBODY_AT_HOME}
         ip neigh add 10.99.0.2 lladdr 02:00:00:00:00:02 dev cable
         echo 1 > /proc/sys/net/ipv4/tcp_syn_retries"
    );
    let mut running = in_own_network(call("10.99.0.2:6789", "0"), &setup).start();
    // Meanwhile: a port of its own, and no answer.
    let view = waits_in_syn_sent(&mut running);
    assert!(text(&view["sockets"][0]["local"]).starts_with("10.99.0.1:"));
    let run = running.finish();
    let failure = taught(&run, "connect", "ETIMEDOUT");
    assert!(text(&failure["meaning"]).contains("no answer"), "{failure}");
    says(&failure["advice"], "firewall");
}

/// A listener whose queue is full lets its clients wait outside.
#[test]
fn a_full_queue_is_waited_for_only_so_long() {
    let listener = bound(free_port());
    listener.listen(0).unwrap();
    let addr = address(&listener);
    // A backlog of 0 is one place.
    let _inside = connect(addr.port());
    let socklab = call(&addr.to_string(), "0").args(["--patience", "1"]);
    let mut running = socklab.start();
    waits_in_syn_sent(&mut running);
    let run = running.finish();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let failure = run.only("failure");
    assert_eq!(failure["call"], "connect");
    assert!(failure["errno"].is_null());
    let meaning = text(&failure["meaning"]);
    assert!(meaning.contains("within 1 s"), "{meaning}");
    says(&failure["advice"], "--patience");
    let said = one_line(&run.stderr);
    assert!(
        said.contains(meaning) && said.contains("connect(3"),
        "{said}"
    );
    until("its SYN is given up", || {
        let rows = tcp_rows_of_port(addr.port());
        !rows.iter().any(|row| row.state == SYN_SENT)
    });
}

/// One that is given up says nothing to the others: the next one is let in.
#[test]
fn a_server_that_comes_late_is_found_at_the_next_try() {
    let port = free_port();
    let addr = format!("127.0.0.1:{port}");
    taught(&call(&addr, "0").run(), "connect", "ECONNREFUSED");
    let listener = TcpListener::bind(&addr).unwrap();
    let mut running = call(&addr, "0").start();
    running.wait_blocked("recvfrom");
    drop(listener.accept().unwrap());
    // Closed with a line unread: a reset, not an end.
    let run = running.finish();
    taught(&run, "recvfrom", "ECONNRESET");
}

#[test]
fn an_address_of_another_domain_is_a_usage_error() {
    for (domain, addr, good) in [
        ("inet6", "127.0.0.1:1", "[::1]:6789"),
        ("inet", "[::1]:1", "127.0.0.1:6789"),
        ("unix", "127.0.0.1:1", ".sock"),
        ("inet", "/tmp/s", "127.0.0.1:6789"),
    ] {
        let words = [
            "walk", "--auto", "--json", "--domain", domain, "--addr", addr,
        ];
        let run = Socklab::new(words).run();
        assert_eq!(run.code, Some(2), "{domain} {addr}: {}", run.stderr);
        assert_eq!(run.stdout(), "");
        let said = one_line(&run.stderr);
        assert!(said.contains(addr) && said.contains(domain), "{said}");
        assert!(said.contains(good), "{said}");
    }
}

#[test]
fn options_that_choose_no_track_are_a_usage_error() {
    let words = ["--role", "client", "--domain", "unix", "--type", "dgram"];
    let run = Socklab::new(["walk", "--auto", "--json"]).args(words).run();
    assert_eq!(run.code, Some(2), "{words:?}: {}", run.stderr);
    assert_eq!(run.stdout(), "");
    assert!(run.stderr.contains("no track"), "{}", run.stderr);
}
