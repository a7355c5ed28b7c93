//! A view of socklab's, held against what ss, /proc/net and /proc/PID/fd show.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ss::{SsRow, SsUnix, ss_tcp, ss_udp, ss_unix};
use super::{Running, TcpRow, fd_targets, is, output, tcp_rows};

/// What the kernel's tables show at one moment.
struct Tables {
    tcp: BTreeMap<u64, SsRow>,
    udp: BTreeMap<u64, SsRow>,
    unix: BTreeMap<u64, SsUnix>,
    proc_tcp: Vec<TcpRow>,
    /// Cookies of the TCP rows that the view shows.
    explained: Vec<u64>,
}

/// RFC 9293's name as ss abbreviates it.
fn ss_state(state: &str) -> &str {
    match state {
        "CLOSED" | "UNCONNECTED" => "UNCONN",
        "ESTABLISHED" | "CONNECTED" => "ESTAB",
        "SYN-RECEIVED" => "SYN-RECV",
        other => other,
    }
}

/// ss writes a wildcard address as `*` and a listener's peer with `:*`.
pub fn ss_addr(addr: &str) -> String {
    addr.replace("0.0.0.0:0", "0.0.0.0:*")
        .replace("[::]:0", "[::]:*")
}

/// The local address as ss writes it: `*` for a wildcard of both IP versions.
pub fn ss_local(socket: &Value) -> String {
    let local = text(&socket["local"]);
    match (local.strip_prefix("[::]"), &socket["v6only"]) {
        (Some(port), Value::Bool(false)) => format!("*{port}"),
        _ => local.into(),
    }
}

/// A number that must be there.
pub fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value}"))
}

/// A text that must be there.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value}"))
}

/// The state in ss's words; a FIN may be acknowledged by the time that ss looks.
fn assert_state(seen: &str, shown: &Value) {
    let shown = ss_state(text(shown));
    assert!(
        seen == shown || (seen, shown) == ("FIN-WAIT-2", "FIN-WAIT-1"),
        "{seen} {shown}"
    );
}

/// Bytes not yet acknowledged may be by the time that ss looks, never more.
fn assert_unacknowledged(seen: u64, shown: &Value) {
    assert!(seen <= number(shown), "{seen} {shown}");
}

/// Holds one view against ss, /proc/net and /proc/PID/fd.
pub fn assert_agrees(view: &Value) {
    let mut tables = Tables {
        tcp: ss_tcp(),
        udp: ss_udp(),
        unix: ss_unix(),
        proc_tcp: tcp_rows(),
        explained: Vec::new(),
    };
    let sockets = view["sockets"].as_array().unwrap();
    for socket in sockets {
        assert!(socket["unknown"].is_null(), "{socket}");
        match (text(&socket["domain"]), text(&socket["type"])) {
            ("unix", _) => tables.assert_unix(socket),
            (_, "dgram") => tables.assert_udp(socket),
            _ => tables.assert_tcp(socket),
        }
    }
    for other in view["others"].as_array().unwrap() {
        let local = text(&other["local"]);
        if local.starts_with('/') || local == "unnamed" {
            tables.assert_unix_row(other);
        } else {
            tables.assert_row(other);
        }
    }
    // What else is at a child's address is its parent's.
    if view["task"] != "child" {
        tables.assert_nothing_left_out(sockets);
    }
    let fds: Vec<(i64, String)> = view["fds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            (
                entry["fd"].as_i64().unwrap(),
                text(&entry["target"]).to_string(),
            )
        })
        .collect();
    assert_eq!(fds, fd_targets(number(&view["pid"]) as u32));
    assert_bound_rows(sockets);
}

impl Tables {
    fn assert_tcp(&mut self, socket: &Value) {
        let (cookie, inode) = (number(&socket["cookie"]), number(&socket["inode"]));
        let in_proc = self.proc_tcp.iter().find(|row| row.inode == inode);
        self.explained.push(cookie);
        let Some(row) = self.tcp.get(&cookie) else {
            let hidden = ["nowhere", "bound-only"];
            assert!(hidden.contains(&text(&socket["listing"])), "{socket}");
            assert_eq!(socket["state"], "CLOSED");
            assert!(in_proc.is_none(), "{in_proc:?}");
            return;
        };
        assert_eq!(row.inode, inode);
        assert_listed(row, socket);
        let in_proc = in_proc.expect("in /proc/net/tcp as well");
        let port = |addr: &str| addr.rsplit_once(':').unwrap().1.parse::<u16>().unwrap();
        assert_eq!(in_proc.local_port, port(&row.local));
        if row.state == "LISTEN" {
            assert!(socket["peer"].is_null());
            assert_eq!(row.recv_q, number(&socket["accept_queue"]["len"]));
            assert_eq!(row.send_q, number(&socket["accept_queue"]["max"]));
        } else {
            assert_eq!(row.peer, text(&socket["peer"]));
            assert_eq!(in_proc.peer_port, port(&row.peer));
            assert!(socket["accept_queue"].is_null());
            // The kernel's tables count an unread FIN as one byte more than
            // the ioctl does.
            let fin = row.recv_q - number(&socket["recv_q"]);
            assert!(fin == 0 || (fin == 1 && row.state == "CLOSE-WAIT"));
            assert_unacknowledged(row.send_q, &socket["send_q"]);
        }
    }

    fn assert_udp(&self, socket: &Value) {
        let Some(row) = self.udp.get(&number(&socket["cookie"])) else {
            assert_eq!(socket["listing"], "nowhere");
            assert!(socket["local"].is_null(), "{socket}");
            return;
        };
        assert_eq!(row.inode, number(&socket["inode"]));
        assert_listed(row, socket);
        assert!(socket["accept_queue"].is_null());
        match socket["peer"].as_str() {
            Some(peer) => assert_eq!(row.peer, peer),
            None => assert!(row.peer.ends_with(":*"), "{row:?}"),
        }
    }

    fn assert_unix(&self, socket: &Value) {
        // Every unix socket has a row, named or not.
        let row = &self.unix[&number(&socket["inode"])];
        assert_eq!(row.state, ss_state(text(&socket["state"])));
        assert_eq!(row.state, text(&socket["listing"]["state"]));
        assert_eq!(row.path.as_deref(), socket["local"].as_str(), "{socket}");
        assert_eq!(row.recv_q, number(&socket["listing"]["recv_q"]), "{socket}");
        assert_eq!(row.send_q, number(&socket["listing"]["send_q"]), "{socket}");
        assert_eq!(row.peer_inode, socket["peer_inode"].as_u64(), "{socket}");
        if row.state == "LISTEN" {
            assert_eq!(row.recv_q, number(&socket["accept_queue"]["len"]));
            assert_eq!(row.send_q, number(&socket["accept_queue"]["max"]));
        } else {
            assert!(socket["accept_queue"].is_null());
            assert_eq!(row.recv_q, number(&socket["recv_q"]));
        }
        assert_eq!(row.state == "ESTAB", socket["cred"].is_object(), "{socket}");
    }

    /// A row of the internet that no fd of the actor holds.
    fn assert_row(&mut self, other: &Value) {
        let cookie = number(&other["cookie"]);
        let row = self.tcp.get(&cookie).or_else(|| self.udp.get(&cookie));
        let row = row.unwrap_or_else(|| panic!("{other}"));
        assert_state(&row.state, &other["state"]);
        assert_eq!(row.local, text(&other["local"]));
        assert_eq!(row.peer, ss_addr(text(&other["peer"])));
        assert_eq!(row.inode, other["inode"].as_u64().unwrap_or(0));
        assert_eq!(row.recv_q, number(&other["recv_q"]));
        assert_unacknowledged(row.send_q, &other["send_q"]);
        let timer = other["timer"]["kind"].as_str();
        if timer == Some("timewait") {
            let (kind, left) = row.timer.as_ref().expect("the timer of TIME-WAIT");
            assert_eq!(kind, "timewait");
            let shown = number(&other["timer"]["expires_ms"]) as f64 / 1000.0;
            // ss rounds to whole seconds, and looks later.
            assert!(
                *left <= shown + 1.0 && *left > shown - 15.0,
                "{left} {shown}"
            );
        }
        self.explained.push(cookie);
    }

    /// The other end of a unix connection, or one that waits.
    fn assert_unix_row(&self, other: &Value) {
        let row = &self.unix[&number(&other["inode"])];
        assert_eq!(row.state, ss_state(text(&other["state"])));
        assert_eq!(row.recv_q, number(&other["recv_q"]));
        assert_eq!(row.peer_inode, other["peer_inode"].as_u64(), "{other}");
        // A client that waits is told by the listener's path, as its row is the
        // kernel's half of it.
        if other["relation"] == "peer" {
            let local = text(&other["local"]);
            assert_eq!(row.path.as_deref().unwrap_or("unnamed"), local);
        }
    }

    /// No TCP row at the port of the actor's first socket is missing.
    fn assert_nothing_left_out(&self, sockets: &[Value]) {
        let addr = sockets.iter().find_map(|socket| socket["local"].as_str());
        let peers: Vec<&str> = sockets
            .iter()
            .filter_map(|socket| socket["peer"].as_str())
            .collect();
        for row in self.tcp.values() {
            let at_our_end = addr == Some(&row.local);
            let at_the_other = peers.contains(&row.local.as_str()) && addr == Some(&row.peer);
            let explained = self.explained.contains(&row.cookie);
            assert!(explained || !(at_our_end || at_the_other), "{row:?}");
        }
    }
}

/// What a row of the internet has, whatever its protocol.
fn assert_listed(row: &SsRow, socket: &Value) {
    assert_state(&row.state, &socket["state"]);
    assert_eq!(
        text(&socket["listing"]["state"]),
        ss_state(text(&socket["state"]))
    );
    assert_eq!(row.local, ss_local(socket));
    assert_eq!(row.recv_q, number(&socket["listing"]["recv_q"]), "{socket}");
    assert_unacknowledged(row.send_q, &socket["listing"]["send_q"]);
}

/// A newer ss (iproute2 6.8) lists bound sockets when asked for them.
fn assert_bound_rows(sockets: &[Value]) {
    let bound = sockets
        .iter()
        .find(|socket| socket["listing"] == "bound-only");
    let (Some(socket), true) = (bound, output("ss", ["-h"]).contains("bound-inactive")) else {
        return;
    };
    let listed = output("ss", ["-BtanH"]);
    assert!(listed.contains(text(&socket["local"])), "{listed}");
}

/// Goes through the pauses of a run, each while the clock stands still, and
/// gives the views that were held against the kernel. Where a chapter is played
/// for the learner, nothing waits.
pub fn every_pause(running: Running) -> Vec<Value> {
    every_pause_with(running, assert_agrees)
}

/// The same, held against something else.
pub fn every_pause_with(mut running: Running, agrees: impl Fn(&Value)) -> Vec<Value> {
    let mut views = Vec::new();
    let mut waits = true;
    loop {
        let event = running.wait_event("a pause, or the end", |event| {
            ["chapter", "pause", "end"]
                .iter()
                .any(|kind| is(event, kind))
        });
        if is(&event, "end") {
            running.finish().assert_done();
            return views;
        }
        if is(&event, "chapter") {
            waits = event["taught"] == true;
        } else if waits {
            running.stand_still();
            let view = running.last("view");
            agrees(&view);
            assert!(!running.has_more(), "the pause was over before it was seen");
            running.go_on();
            views.push(view);
        }
    }
}
