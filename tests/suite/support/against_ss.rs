//! A view of socklab's, held against what ss, /proc and the file system show.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;

use serde_json::Value;

use super::ss::{SsRow, SsUnix, ss_tcp, ss_udp, ss_unix};
use super::{Running, TcpRow, fd_targets, is, output, tcp_rows};

/// What the kernel's tables show at one moment.
struct Tables {
    tcp: BTreeMap<u64, SsRow>,
    udp: BTreeMap<u64, SsRow>,
    unix: BTreeMap<u64, SsUnix>,
    proc_tcp: Vec<TcpRow>,
    /// A chapter about urgent bytes.
    has_urgent: bool,
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
fn ss_addr(addr: &str) -> String {
    addr.replace("0.0.0.0:0", "0.0.0.0:*")
        .replace("[::]:0", "[::]:*")
}

/// The local address as ss writes it: `*` for a wildcard of both IP versions.
fn ss_local(socket: &Value) -> String {
    let local = text(&socket["local"]);
    match (local.strip_prefix("[::]"), &socket["v6only"]) {
        (Some(port), Value::Bool(false)) => format!("*{port}"),
        _ => local.into(),
    }
}

/// A unix name as ss writes it.
fn ss_name(name: &Value) -> &str {
    match name.as_str() {
        None | Some("unnamed") => "*",
        Some(name) => name,
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

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value}"))
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

/// Holds one view against ss, /proc/net, /proc/PID/fd and the file system.
pub fn assert_agrees(view: &Value) {
    let mut tables = Tables {
        tcp: ss_tcp(),
        udp: ss_udp(),
        unix: ss_unix(),
        proc_tcp: tcp_rows(),
        has_urgent: view["chapter"] == "peek",
        explained: Vec::new(),
    };
    let sockets = list(&view["sockets"]);
    for socket in sockets {
        assert!(socket["unknown"].is_null(), "{socket}");
        tables.assert_socket(socket);
    }
    for other in list(&view["others"]) {
        let local = text(&other["local"]);
        if local.starts_with('/') || local == "unnamed" {
            tables.assert_other_unix(other);
        } else {
            tables.assert_other_inet(other);
        }
    }
    // What else is at a child's address is its parent's.
    if view["task"] != "child" {
        tables.assert_nothing_left_out(sockets);
    }
    tables.assert_queues(view);
    for path in view["paths"].as_array().into_iter().flatten() {
        tables.assert_path(path);
    }
    let fds: Vec<(i64, String)> = list(&view["fds"])
        .iter()
        .map(|entry| (number(&entry["fd"]) as i64, text(&entry["target"]).into()))
        .collect();
    assert_eq!(fds, fd_targets(number(&view["pid"]) as u32));
    assert_bound_rows(sockets);
}

impl Tables {
    /// One that an fd of the actor refers to.
    fn assert_socket(&mut self, socket: &Value) {
        match (text(&socket["domain"]), text(&socket["type"])) {
            ("unix", kind) => self.assert_unix(socket, kind),
            (_, "dgram") => self.assert_udp(socket),
            _ => self.assert_tcp(socket),
        }
    }

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
            assert_accept_queue(row.recv_q, row.send_q, socket);
        } else {
            assert_eq!(row.peer, text(&socket["peer"]));
            assert_eq!(in_proc.peer_port, port(&row.peer));
            assert!(socket["accept_queue"].is_null());
            // The kernel's tables count an unread FIN as one byte more than
            // the ioctl does, and an urgent byte, too.
            let more = row.recv_q - number(&socket["recv_q"]);
            let may_be_more = row.state == "CLOSE-WAIT" || self.has_urgent;
            assert!(more == 0 || (more == 1 && may_be_more));
            assert_unacknowledged(row.send_q, &socket["send_q"]);
        }
    }

    fn assert_udp(&self, socket: &Value) {
        assert_eq!(socket["protocol"], "udp");
        assert!(socket["accept_queue"].is_null() && socket["rtt_us"].is_null());
        let Some(row) = self.udp.get(&number(&socket["cookie"])) else {
            assert_eq!(socket["listing"], "nowhere");
            assert!(socket["local"].is_null(), "{socket}");
            return;
        };
        assert_eq!(row.inode, number(&socket["inode"]));
        assert_listed(row, socket);
        match socket["peer"].as_str() {
            Some(peer) => assert_eq!(row.peer, peer),
            None => assert!(row.peer.ends_with(":*"), "{row:?}"),
        }
    }

    fn assert_unix(&self, socket: &Value, kind: &str) {
        // Every unix socket has a row, named or not.
        let row = &self.unix[&number(&socket["inode"])];
        let listing = &socket["listing"];
        assert_eq!(row.state, text(&listing["state"]), "{socket}");
        assert_eq!(row.recv_q, number(&listing["recv_q"]), "{socket}");
        assert_eq!(row.send_q, number(&listing["send_q"]), "{socket}");
        assert_eq!(row.name, ss_name(&socket["local"]), "{socket}");
        let peer = socket["peer_inode"].as_u64().unwrap_or(0);
        assert_eq!(row.peer_inode, peer, "{socket}");
        if socket["state"] == "LISTEN" {
            assert_accept_queue(row.recv_q, row.send_q, socket);
        } else {
            // The fd and the table count alike.
            assert!(socket["accept_queue"].is_null());
            assert_eq!(row.recv_q, number(&socket["recv_q"]), "{socket}");
            assert_eq!(row.send_q, number(&socket["send_q"]), "{socket}");
        }
        let connected = socket["state"] == "CONNECTED";
        assert_eq!(connected, !socket["peer"].is_null(), "{socket}");
        assert_unix_state(row, socket);
        let is_stream = kind == "stream";
        assert_eq!(row.kind, if is_stream { "u_str" } else { "u_dgr" });
        let has_cred = connected && is_stream;
        assert_eq!(has_cred, socket["cred"].is_object(), "{socket}");
    }

    /// A row of the internet that no fd of the actor holds.
    fn assert_other_inet(&mut self, other: &Value) {
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
    fn assert_other_unix(&self, other: &Value) {
        let row = &self.unix[&number(&other["inode"])];
        assert_unix_state(row, other);
        assert_eq!(row.recv_q, number(&other["recv_q"]), "{other}");
        assert_eq!(row.send_q, number(&other["send_q"]), "{other}");
        let peer = other["peer_inode"].as_u64().unwrap_or(0);
        assert_eq!(row.peer_inode, peer, "{other}");
        // A client that waits is told by the listener's path, as its row is the
        // kernel's half of it.
        if other["relation"] == "peer" {
            assert_eq!(row.name, ss_name(&other["local"]), "{other}");
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

    /// The unix clients that wait are those in the queues of the listeners.
    fn assert_queues(&self, view: &Value) {
        let unix = |row: &&Value| {
            let inode = row["inode"].as_u64();
            inode.is_some_and(|inode| self.unix.contains_key(&inode))
        };
        let others = list(&view["others"]).iter().filter(unix);
        let waiting: Vec<u64> = others
            .filter(|other| other["relation"] == "queued")
            .map(|other| number(&other["inode"]))
            .collect();
        let listeners = list(&view["sockets"]).iter().filter(unix);
        let queued = listeners
            .filter(|socket| socket["state"] == "LISTEN")
            .flat_map(|socket| &self.unix[&number(&socket["inode"])].clients);
        assert_eq!(waiting, queued.copied().collect::<Vec<_>>(), "{view}");
    }

    /// What stands at a path, and whether a socket is bound to it.
    fn assert_path(&self, fact: &Value) {
        let path = text(&fact["path"]);
        let Ok(status) = std::fs::symlink_metadata(path) else {
            assert!(fact["file"].is_null(), "{fact}");
            return;
        };
        let file = &fact["file"];
        assert_eq!(file["inode"], status.ino());
        assert_eq!(file["uid"], status.uid());
        assert_eq!(file["type"], "socket");
        let listed = output("ls", ["-ld", path]);
        assert!(listed.starts_with(text(&file["mode"])), "{listed}");
        let mut rows = self.unix.values();
        let is_bound = rows.any(|row| row.file == Some(status.ino()));
        assert_eq!(fact["bound"], is_bound, "{fact}");
    }
}

/// ss calls a datagram socket connected that another has connected to.
fn assert_unix_state(row: &SsUnix, shown: &Value) {
    let state = ss_state(text(&shown["state"]));
    let by_another = row.kind == "u_dgr" && (&*row.state, state) == ("ESTAB", "UNCONN");
    assert!(row.state == state || by_another, "{shown} {row:?}");
}

/// What a listener's row counts as bytes: clients that wait, and how many may.
fn assert_accept_queue(recv_q: u64, send_q: u64, socket: &Value) {
    assert_eq!(recv_q, number(&socket["accept_queue"]["len"]), "{socket}");
    assert_eq!(send_q, number(&socket["accept_queue"]["max"]), "{socket}");
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
pub fn every_pause(mut running: Running) -> Vec<Value> {
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
            assert_agrees(&view);
            assert!(!running.has_more(), "the pause was over before it was seen");
            running.go_on();
            views.push(view);
        }
    }
}
