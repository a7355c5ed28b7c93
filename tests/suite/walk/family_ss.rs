//! What is shown of UDP and unix sockets at a pause is what `ss`, /proc and the
//! file system show.

use std::net::UdpSocket;

use serde_json::Value;

use super::families::{udp_echo, unix_dgrams, unix_echo};
use crate::support::{CourseDir, Socklab, dir_of_test, every_pause, number};

/// The views of all pauses, each held against the kernel.
fn slowly(addr: &str, course: CourseDir) -> Vec<Value> {
    let dir = course.write();
    let socklab = Socklab::paced_walk("0.5", addr);
    every_pause(socklab.trusted(&dir).start())
}

/// The pause before step `number`.
fn at(views: &[Value], number: usize) -> &Value {
    &views[number - 1]
}

#[test]
#[ignore = "needs ss"]
fn every_pause_of_a_unix_stream_agrees_with_ss_and_the_file_system() {
    let dir = dir_of_test();
    let path = dir.join("x.sock");
    let views = slowly("127.0.0.1:0", unix_echo(&path));
    let queued = &at(&views, 4)["others"][0];
    assert_eq!(queued["relation"], "queued");
    assert_eq!(queued["state"], "CONNECTED");
    let peer = &at(&views, 5)["others"][0];
    assert_eq!(peer["relation"], "peer");
    assert_eq!(peer["cookie"], queued["cookie"]);
    let conn = &at(&views, 5)["sockets"][1];
    assert_eq!(conn["cred"]["pid"], peer["owner"]["pid"]);
    assert_eq!(
        (&conn["recv_q"], &conn["peer"]),
        (&5.into(), &"unnamed".into())
    );
    // The client has closed: the connection stays connected, to nobody.
    let conn = &at(&views, 9)["sockets"][1];
    assert_eq!(conn["state"], "CONNECTED");
    assert!(conn["peer_inode"].is_null());
    assert_eq!(at(&views, 12)["paths"][0]["bound"], false);
}

#[test]
#[ignore = "needs ss"]
fn every_pause_of_unix_datagrams_agrees_with_ss_and_the_file_system() {
    let dir = dir_of_test();
    let (server, client) = (dir.join("server"), dir.join("client"));
    let course = unix_dgrams(&server, &client);
    let views = slowly("127.0.0.1:0", course);
    // Two datagrams of 3 bytes wait: the length of the next is shown.
    assert_eq!(at(&views, 3)["sockets"][0]["recv_q"], 3);
    assert_eq!(at(&views, 8)["sockets"][0]["state"], "UNCONNECTED");
    let connected = at(&views, 9);
    assert_eq!(connected["sockets"][0]["state"], "CONNECTED");
    assert_eq!(connected["sockets"][0]["cred"], Value::Null);
    assert_eq!(connected["others"][0]["local"], client.to_str().unwrap());
    assert_eq!(connected["others"][0]["relation"], "peer");
}

#[test]
#[ignore = "needs ss"]
fn every_pause_of_udp_agrees_with_ss() {
    for addr in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"] {
        let views = slowly(addr, udp_echo());
        assert_eq!(at(&views, 2)["sockets"][0]["listing"], "nowhere");
        assert_eq!(at(&views, 3)["sockets"][0]["recv_q"], 3);
        assert!(number(&at(&views, 3)["sockets"][0]["listing"]["recv_q"]) > 3);
    }
}

/// A connected UDP socket has the one it sends to as its peer, by exact lookup.
#[test]
#[ignore = "needs ss"]
fn a_connected_udp_socket_and_its_peer_agree_with_ss() {
    let other = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = other.local_addr().unwrap().port();
    for domain in ["inet", "inet6"] {
        let host = match domain {
            "inet" => "127.0.0.1",
            _ => "[::ffff:127.0.0.1]",
        };
        let course = CourseDir::new()
            .step(&format!("socket {domain} dgram as server"))
            .step(&format!("connect server {host}:{port}"))
            .expect("peer server state=UNCONNECTED")
            .step("close server");
        let views = slowly("127.0.0.1:0", course);
        let peer = &at(&views, 3)["others"][0];
        assert_eq!(peer["relation"], "peer");
        assert_eq!(peer["owner"]["pid"], std::process::id());
        assert_eq!(peer["local"], format!("0.0.0.0:{port}"));
    }
}
