//! What socklab shows at a pause is what `ss` and /proc show at that moment.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpStream;

use serde_json::Value;

use crate::support::{
    CourseDir, Running, Socklab, eventually, fd_targets, is, output, proc_net_tcp,
    still_behind_listen, until,
};

/// A row of `ss -tanoe` or `ss -uane`.
#[derive(Debug)]
pub struct Row {
    pub state: String,
    pub recv_q: u64,
    pub send_q: u64,
    pub local: String,
    pub peer: String,
    pub inode: u64,
    pub cookie: u64,
    /// Its kind and the seconds left.
    timer: Option<(String, f64)>,
}

impl Row {
    pub fn parse(line: &str) -> Row {
        let words: Vec<&str> = line.split_whitespace().collect();
        let named = |name: &str| words.iter().find_map(|word| word.strip_prefix(name));
        let timer = named("timer:").map(|text| {
            let inner = text.trim_matches(['(', ')']);
            let mut parts = inner.split(',');
            let kind = parts.next().unwrap().to_string();
            (kind, seconds(parts.next().unwrap()))
        });
        Row {
            state: words[0].into(),
            recv_q: words[1].parse().unwrap(),
            send_q: words[2].parse().unwrap(),
            local: words[3].into(),
            peer: words[4].into(),
            inode: named("ino:").map_or(0, |text| text.parse().unwrap()),
            cookie: u64::from_str_radix(named("sk:").unwrap(), 16).unwrap(),
            timer,
        }
    }
}

/// `1min2sec`, `59sec`, `1.200ms`, as ss writes a timer: with three digits
/// behind the point where it counts thousandths.
fn seconds(text: &str) -> f64 {
    let (minutes, rest) = text.split_once("min").unwrap_or(("0", text));
    let minutes: f64 = minutes.parse().unwrap();
    let rest = match rest {
        "" => 0.0,
        _ => match (rest.strip_suffix("ms"), rest.strip_suffix("sec")) {
            (Some(ms), _) => ms.parse::<f64>().unwrap() / 1000.0,
            (_, Some(sec)) => sec.parse().unwrap(),
            _ => panic!("{text}"),
        },
    };
    minutes * 60.0 + rest
}

/// All rows, by cookie.
fn ss() -> BTreeMap<u64, Row> {
    let text = output("ss", ["-tanoeHO"]);
    let rows = text.lines().map(Row::parse);
    rows.map(|row| (row.cookie, row)).collect()
}

/// RFC 9293's name as ss abbreviates it.
fn ss_state(state: &str) -> &str {
    match state {
        "CLOSED" => "UNCONN",
        "ESTABLISHED" => "ESTAB",
        "SYN-RECEIVED" => "SYN-RECV",
        other => other,
    }
}

/// ss writes a wildcard address as `*` and a listener's peer with `:*`.
pub fn ss_addr(addr: &str) -> String {
    addr.replace("0.0.0.0:0", "0.0.0.0:*")
        .replace("[::]:0", "[::]:*")
}

pub fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value}"))
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value}"))
}

/// Bytes not yet acknowledged may be by the time that ss looks, never more.
fn assert_unacknowledged(seen: u64, shown: &Value) {
    assert!(seen <= number(shown), "{seen} {shown}");
}

/// Holds one view against ss, /proc/net/tcp and /proc/PID/fd.
fn assert_agrees(view: &Value) {
    let rows = ss();
    let proc_rows = proc_net_tcp();
    let mut explained = Vec::new();
    for socket in view["sockets"].as_array().unwrap() {
        for (field, why) in socket["unknown"].as_object().into_iter().flatten() {
            // A listener has no bytes to count: the kernel refuses the ioctl.
            let of_listener = socket["state"] == "LISTEN" && field.ends_with("_q");
            assert!(of_listener && why == "ioctl: EINVAL", "{socket}");
        }
        let (cookie, inode) = (number(&socket["cookie"]), number(&socket["inode"]));
        let in_proc = proc_rows.iter().find(|row| row.inode == inode);
        explained.push(cookie);
        let Some(row) = rows.get(&cookie) else {
            let hidden = ["nowhere", "bound-only"];
            assert!(hidden.contains(&text(&socket["listing"])), "{socket}");
            assert_eq!(socket["state"], "CLOSED");
            assert!(in_proc.is_none(), "{in_proc:?}");
            continue;
        };
        assert_eq!(row.inode, inode);
        assert_eq!(row.state, ss_state(text(&socket["state"])));
        assert_eq!(row.state, text(&socket["listing"]["state"]));
        assert_eq!(row.local, text(&socket["local"]));
        assert_eq!(row.recv_q, number(&socket["listing"]["recv_q"]), "{socket}");
        assert_unacknowledged(row.send_q, &socket["listing"]["send_q"]);
        let in_proc = in_proc.expect("in /proc/net/tcp as well");
        let port = |addr: &str| addr.rsplit_once(':').unwrap().1.parse::<u16>().unwrap();
        assert_eq!(in_proc.local_port, port(&row.local));
        if row.state == "LISTEN" {
            assert!(socket["peer"].is_null());
            assert_eq!(row.recv_q, number(&socket["accept_queue"]["len"]));
            assert_eq!(row.send_q, number(&socket["accept_queue"]["max"]));
        } else {
            assert_eq!(row.peer, text(&socket["peer"]));
            assert_eq!(in_proc.remote_port, port(&row.peer));
            assert!(socket["accept_queue"].is_null());
            // The kernel's tables count an unread FIN as one byte more than
            // the ioctl does.
            let fin = row.recv_q - number(&socket["recv_q"]);
            assert!(fin == 0 || (fin == 1 && row.state == "CLOSE-WAIT"));
            assert_unacknowledged(row.send_q, &socket["send_q"]);
        }
    }
    for other in view["others"].as_array().unwrap() {
        let cookie = number(&other["cookie"]);
        let row = rows.get(&cookie).unwrap_or_else(|| panic!("{other}"));
        assert_eq!(row.state, ss_state(text(&other["state"])));
        assert_eq!(row.local, text(&other["local"]));
        assert_eq!(row.peer, ss_addr(text(&other["peer"])));
        assert_eq!(row.inode, number(&other["inode"]));
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
        explained.push(cookie);
    }
    // And nothing of our port is left out.
    let ours = view["sockets"].as_array().unwrap();
    let addr = ours.iter().find_map(|socket| socket["local"].as_str());
    let accepted = ours.iter().filter_map(|socket| socket["peer"].as_str());
    let accepted: Vec<&str> = accepted.collect();
    for row in rows.values() {
        let at_our_end = addr == Some(&row.local);
        let at_the_other = accepted.contains(&row.local.as_str()) && addr == Some(&row.peer);
        let explained = explained.contains(&row.cookie);
        assert!(explained || !(at_our_end || at_the_other), "{row:?}");
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
    assert_eq!(fds, fd_targets(number(&view["pid"])));
    assert_bound_rows(ours);
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
/// gives the views that were held against the kernel.
fn every_pause(running: Running) -> Vec<Value> {
    every_pause_with(running, assert_agrees)
}

/// The same, held against something else.
pub fn every_pause_with(mut running: Running, agrees: impl Fn(&Value)) -> Vec<Value> {
    let mut views = Vec::new();
    loop {
        let event = running.wait_event("a pause, or the end", |event| {
            is(event, "pause") || is(event, "end")
        });
        if is(&event, "end") {
            running.finish().assert_done();
            return views;
        }
        running.stand_still();
        let view = running.last("view");
        agrees(&view);
        assert!(!running.has_more(), "the pause was over before it was seen");
        running.go_on();
        views.push(view);
    }
}

/// Every state that a view showed, of fds and of rows.
fn states(views: &[Value], of: &str) -> Vec<String> {
    let all = views.iter().flat_map(|view| view[of].as_array().unwrap());
    all.map(|one| text(&one["state"]).to_string()).collect()
}

fn whole_walk(addr: &str) {
    let socklab = Socklab::new(["walk", "--auto=0.8", "--json", "--addr", addr]);
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
    let socklab = Socklab::new(["walk", "--auto=0.8", "--json", "--addr", "127.0.0.1:0"]);
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
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(b"seven b").unwrap();
    let mine = client.local_addr().unwrap().to_string();
    until("the bytes arrive and are acknowledged", || {
        let rows = ss();
        rows.values()
            .any(|row| row.peer == mine && row.recv_q == 7 && row.state == "ESTAB")
            && rows
                .values()
                .any(|row| row.local == mine && row.send_q == 0)
    });
    running.go_on();
    running.wait_pause("accept");
    running.stand_still();
    let view = running.last("view");
    assert_agrees(&view);
    let queued = &view["others"][0];
    assert_eq!(queued["relation"], "queued");
    assert_eq!(queued["peer"], mine);
    assert_eq!(queued["recv_q"], 7);
    assert_eq!(queued["inode"], 0);
    assert!(queued["owner"].is_null() && queued["unknown"].is_null());
    running.go_on();
    running.wait_pause("recvfrom");
    running.stand_still();
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
    let pid = number(&blocked["pid"]);
    let wchan = std::fs::read_to_string(format!("/proc/{pid}/wchan")).unwrap();
    // Where the kernel hides it, it says 0.
    let shown = Some(wchan).filter(|name| name != "0");
    assert_eq!(blocked["wchan"].as_str(), shown.as_deref());
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
        ss().into_values()
            .find(|row| row.peer.ends_with(&format!(":{port}")))
    });
    assert_eq!(row.state, "TIME-WAIT");
}

/// A listener on `::` takes IPv4 clients too: their addresses are mapped, and
/// the client's own end is an IPv4 socket.
#[test]
#[ignore = "needs ss"]
fn an_ipv4_client_of_an_ipv6_listener_agrees_with_ss() {
    let socklab = Socklab::new(["walk", "--auto", "--json", "--addr", "[::]:0"]);
    let mut running = socklab.args(["--peer", "nc"]).start();
    let port = running.wait_port();
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    running.wait_blocked("recvfrom");
    let view = running.last("view");
    let connection = &view["sockets"][1];
    let mine = client.local_addr().unwrap();
    assert_eq!(connection["domain"], "inet6");
    assert_eq!(connection["state"], "ESTABLISHED");
    let mapped = format!("[::ffff:127.0.0.1]:{}", mine.port());
    assert_eq!(connection["peer"], mapped);
    let rows = ss();
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
