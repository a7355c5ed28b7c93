//! What is shown of UDP and unix sockets at a pause is what `ss`, /proc and the
//! file system show.

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::os::unix::fs::MetadataExt;

use serde_json::Value;

use super::families::{udp_echo, unix_dgrams, unix_echo};
use crate::support::{
    CourseDir, Socklab, dir_of_test, every_pause_with, number, output, ss_addr, ss_local, ss_udp,
    text,
};

/// A row of `ss -xae`.
#[derive(Debug)]
struct UnixRow {
    netid: String,
    state: String,
    recv_q: u64,
    send_q: u64,
    name: String,
    peer_inode: u64,
    /// The inode of the file it is bound to.
    file: Option<u64>,
    /// The inodes of the clients in a listener's queue.
    clients: Vec<u64>,
}

/// All unix rows, by inode.
fn ss_unix() -> BTreeMap<u64, UnixRow> {
    let text = output("ss", ["-xaeHO"]);
    let rows = text.lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let named = |name: &str| words.iter().find_map(|word| word.strip_prefix(name));
        let clients = words.iter().skip_while(|word| **word != "peers:").skip(1);
        let row = UnixRow {
            netid: words[0].into(),
            state: words[1].into(),
            recv_q: words[2].parse().unwrap(),
            send_q: words[3].parse().unwrap(),
            name: words[4].into(),
            peer_inode: words[7].parse().unwrap(),
            file: named("ino:").map(|inode| inode.parse().unwrap()),
            clients: clients.map_while(|word| word.parse().ok()).collect(),
        };
        (words[5].parse().unwrap(), row)
    });
    rows.collect()
}

/// A name as ss writes it.
fn ss_name(name: &Value) -> &str {
    match name.as_str() {
        None | Some("unnamed") => "*",
        Some(name) => name,
    }
}

/// Holds a view of unix sockets against ss and the file system.
fn assert_unix_agrees(view: &Value) {
    let rows = ss_unix();
    let mut queued = Vec::new();
    for socket in view["sockets"].as_array().unwrap() {
        let row = &rows[&number(&socket["inode"])];
        assert_eq!(socket["domain"], "unix");
        assert_eq!(row.state, text(&socket["listing"]["state"]), "{socket}");
        assert_eq!(row.recv_q, number(&socket["listing"]["recv_q"]), "{socket}");
        assert_eq!(row.send_q, number(&socket["listing"]["send_q"]), "{socket}");
        assert_eq!(row.name, ss_name(&socket["local"]));
        let peer = socket["peer_inode"].as_u64().unwrap_or(0);
        assert_eq!(row.peer_inode, peer, "{socket}");
        let netid = if socket["type"] == "dgram" {
            "u_dgr"
        } else {
            "u_str"
        };
        assert_eq!(row.netid, netid);
        if socket["state"] == "LISTEN" {
            assert_eq!(row.recv_q, number(&socket["accept_queue"]["len"]));
            assert_eq!(row.send_q, number(&socket["accept_queue"]["max"]));
            queued.extend(row.clients.iter().copied());
        } else {
            // The fd and the table count alike.
            assert_eq!(row.recv_q, number(&socket["recv_q"]), "{socket}");
            assert_eq!(row.send_q, number(&socket["send_q"]), "{socket}");
            // ss calls a datagram socket connected that another has connected to.
            let connected = socket["state"] == "CONNECTED";
            assert_eq!(connected, !socket["peer"].is_null());
            assert!(!connected || row.state == "ESTAB", "{socket}");
        }
    }
    let mut waiting = Vec::new();
    for other in view["others"].as_array().unwrap() {
        if other["relation"] == "queued" {
            waiting.push(number(&other["inode"]));
            continue;
        }
        let row = &rows[&number(&other["inode"])];
        assert_eq!(row.name, ss_name(&other["local"]), "{other}");
        assert_eq!(row.recv_q, number(&other["recv_q"]), "{other}");
        assert_eq!(row.send_q, number(&other["send_q"]), "{other}");
        let peer = other["peer_inode"].as_u64().unwrap_or(0);
        assert_eq!(row.peer_inode, peer, "{other}");
    }
    assert_eq!(waiting, queued);
    for fact in view["paths"].as_array().unwrap() {
        let path = text(&fact["path"]);
        let Ok(status) = std::fs::symlink_metadata(path) else {
            assert!(fact["file"].is_null(), "{fact}");
            continue;
        };
        let file = &fact["file"];
        assert_eq!(file["inode"], status.ino());
        assert_eq!(file["uid"], status.uid());
        assert_eq!(file["type"], "socket");
        let listed = output("ls", ["-ld", path]);
        assert!(listed.starts_with(text(&file["mode"])), "{listed}");
        let is_bound = rows.values().any(|row| row.file == Some(status.ino()));
        assert_eq!(file["bound"], is_bound, "{fact}");
    }
}

/// Holds a view of UDP sockets against ss.
fn assert_udp_agrees(view: &Value) {
    let rows = ss_udp();
    let row_of = |one: &Value| rows.get(&number(&one["cookie"]));
    for socket in view["sockets"].as_array().unwrap() {
        assert!(socket["unknown"].is_null(), "{socket}");
        assert_eq!(socket["protocol"], "udp");
        assert!(socket["accept_queue"].is_null() && socket["rtt_us"].is_null());
        let Some(row) = row_of(socket) else {
            assert_eq!(socket["listing"], "nowhere");
            assert!(socket["local"].is_null());
            continue;
        };
        assert_eq!(row.inode, number(&socket["inode"]));
        assert_eq!(row.state, text(&socket["listing"]["state"]));
        assert_eq!(row.recv_q, number(&socket["listing"]["recv_q"]), "{socket}");
        assert_eq!(row.local, ss_local(socket));
        let connected = socket["state"] == "CONNECTED";
        assert_eq!(row.state == "ESTAB", connected);
        if connected {
            assert_eq!(row.peer, text(&socket["peer"]));
        }
    }
    for other in view["others"].as_array().unwrap() {
        let row = row_of(other).unwrap();
        assert_eq!(row.local, text(&other["local"]));
        assert_eq!(row.peer, ss_addr(text(&other["peer"])));
        assert_eq!(row.inode, number(&other["inode"]));
    }
}

fn slowly(addr: &str, course: CourseDir, agrees: impl Fn(&Value)) -> Vec<Value> {
    let dir = course.write();
    let socklab = Socklab::paced_walk("0.5", addr);
    every_pause_with(socklab.chapters(&dir).start(), agrees)
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
    let views = slowly("127.0.0.1:0", unix_echo(&path), assert_unix_agrees);
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
    assert_eq!(at(&views, 12)["paths"][0]["file"]["bound"], false);
}

#[test]
#[ignore = "needs ss"]
fn every_pause_of_unix_datagrams_agrees_with_ss_and_the_file_system() {
    let dir = dir_of_test();
    let (server, client) = (dir.join("server"), dir.join("client"));
    let course = unix_dgrams(&server, &client);
    let views = slowly("127.0.0.1:0", course, assert_unix_agrees);
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
        let views = slowly(addr, udp_echo(), assert_udp_agrees);
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
        let views = slowly("127.0.0.1:0", course, assert_udp_agrees);
        let peer = &at(&views, 3)["others"][0];
        assert_eq!(peer["relation"], "peer");
        assert_eq!(peer["owner"]["pid"], std::process::id());
        assert_eq!(peer["local"], format!("0.0.0.0:{port}"));
    }
}
