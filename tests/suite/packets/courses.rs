//! What the course claims of packets, as it is seen.

use super::{CONNECTED, during, script, short, told};
use crate::support::{ANY_PORT, Socklab};

#[test]
#[ignore = "needs unshare"]
fn bind_listen_and_accept_send_nothing_and_connect_sends_three() {
    let (_dir, run) = script(CONNECTED, &["--packets"]);
    run.assert_done();
    let told = told(&run);
    let handshake = ["in SYN", "out SYN ACK", "in ACK"];
    assert_eq!(during(&told, "connect"), handshake);
    assert_eq!(told.len(), 3, "{told:?}");
    let first = &run.all("packet")[0];
    assert_eq!(
        (&first["sequence"], &first["mss"]),
        (&0.into(), &65495.into())
    );
}

#[test]
#[ignore = "needs unshare"]
fn close_sends_a_fin_and_with_unread_bytes_a_reset() {
    let (_dir, run) = script(&format!("{CONNECTED}close conn\n"), &["--packets"]);
    let told_of = told(&run);
    assert_eq!(during(&told_of, "close")[0], "out FIN ACK");
    let unread = format!("{CONNECTED}client: send c \"unread\"\nclose conn\n");
    let (_dir, run) = script(&unread, &["--packets"]);
    let told_of = told(&run);
    assert_eq!(during(&told_of, "sendto"), ["in PSH ACK 6", "out ACK"]);
    assert_eq!(during(&told_of, "close"), ["out RST ACK"]);
}

#[test]
#[ignore = "needs unshare"]
fn a_full_queue_drops_a_syn_and_it_is_sent_again() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/chapters/scripts/backlog.socklab"
    );
    let run = Socklab::new(["play", path, "--json", "--packets", "--private"])
        .args(["--addr", ANY_PORT])
        .run();
    run.assert_done();
    let packets = run.all("packet");
    let again = packets.iter().find(|it| !it["again_us"].is_null()).unwrap();
    assert_eq!(short(again), "in SYN");
    assert!(again["again_us"].as_u64().unwrap() > 900_000, "{again}");
    let of_flow = packets.iter().filter(|it| it["flow"] == again["flow"]);
    let of_flow: Vec<String> = of_flow.map(short).collect();
    assert_eq!(of_flow, ["in SYN", "in SYN", "out SYN ACK", "in ACK"]);
}

#[test]
#[ignore = "needs unshare"]
fn datagrams_and_what_answers_them() {
    let lines = "socket inet dgram as u\nsendto u 127.0.0.1:9 \"\\x1b[2Jhi\"\n";
    let (_dir, run) = script(lines, &["--packets"]);
    let packets = run.all("packet");
    assert_eq!(short(&packets[0]), "out udp 6");
    assert_eq!(packets[0]["data"], "\"\\33[2Jhi\"");
    assert_eq!(short(&packets[1]).split(' ').nth(1), Some("icmp"));
    assert_eq!(packets[1]["message"], "port unreachable");
    assert_eq!(packets[1]["direction"], "in");
    assert_eq!(packets[0]["flow"], packets[1]["flow"]);
}

#[test]
#[ignore = "needs unshare"]
fn over_ipv6_as_well() {
    let run = Socklab::new(["walk", "--auto", "--json", "--packets", "--private"])
        .args(["--addr", "[::1]:0"])
        .run();
    run.assert_done();
    let told = told(&run);
    assert_eq!(
        during(&told, "connect"),
        ["in SYN", "out SYN ACK", "in ACK"]
    );
}

/// Counted as the kernel counts them at both ends, a large one as the segments that it is.
/// Without packets the same lines are held against the counters.
const COUNTED: &str = "\
socket inet stream as s
bind s {addr}
listen s 5
client: socket inet stream as c
client: setsockopt c maxseg 1000
client: connect c {addr}
client: expect c segs_out=2 segs_in=1
client: expect packets c out=2 in=1
accept s as conn
expect conn segs_out=0
expect packets conn out=0 unasked=0
client: send c \"hello\"
expect conn segs_out=1 segs_in=3
expect packets conn out=1 in=3
client: send c --zeros 5000
client: expect c segs_out=9
client: expect packets c out=9
";

/// What only packets tell.
const UNASKED: &str = "\
expect packets conn unasked=0
client: expect packets c unasked=8
shutdown conn write
expect packets conn unasked=1
";

#[test]
#[ignore = "needs unshare"]
fn packets_are_counted_as_the_kernel_counts_segments() {
    let (_dir, run) = script(COUNTED, &[]);
    run.assert_done();
    let (_dir, run) = script(&[COUNTED, UNASKED].concat(), &["--packets"]);
    run.assert_done();
}

/// What has shown a verdict is told: the packets, or the counters.
#[test]
#[ignore = "needs unshare"]
fn a_claim_is_decided_by_packets_where_they_are_seen() {
    for (options, by) in [
        (&["--packets", "--private"][..], "packets"),
        (&[], "counters"),
    ] {
        let run = Socklab::new(["step", "third-ack", "--auto", "--json"])
            .args(["--addr", ANY_PORT])
            .args(options)
            .run();
        let verdict = run.only("verdict");
        assert_eq!(verdict["holds"], false);
        assert_eq!(verdict["evidence"][1], format!("{by} client/client in=1"));
    }
}

/// From the other end the same packets go the other way.
#[test]
#[ignore = "needs unshare"]
fn a_client_sees_its_own_leave() {
    let run = Socklab::new(["walk", "--auto", "--json", "--packets", "--private"])
        .args(["--addr", ANY_PORT, "--role", "client"])
        .run();
    run.assert_done();
    let told = told(&run);
    let connect = during(&told, "connect");
    assert_eq!(
        connect[..3],
        ["out SYN", "in SYN ACK", "out ACK"],
        "{told:?}"
    );
}

#[test]
#[ignore = "needs unshare, python3"]
fn a_traced_program_too() {
    let program = "
import socket
s = socket.create_server(('127.0.0.1', 0))
c = socket.create_connection(s.getsockname())
conn, _ = s.accept()
c.sendall(b'hello')
conn.recv(10)
";
    let dir = crate::support::dir_of_test();
    let file = dir.join("run.jsonl").display().to_string();
    let python = crate::support::python_itself();
    let run = Socklab::new(["trace", "--packets", "--private"])
        .args([&format!("--json={file}"), "--", &python, "-c", program])
        .run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let lines = std::fs::read_to_string(&file).unwrap();
    let packets = lines.lines().map(|it| serde_json::from_str(it).unwrap());
    let packets = packets.filter(|it| crate::support::is(it, "packet"));
    let told: Vec<String> = packets.map(|it| short(&it)).collect();
    assert_eq!(
        told[..4],
        ["in SYN", "out SYN ACK", "in ACK", "in PSH ACK 5"],
        "{told:?}"
    );
    assert!(run.stderr.contains("wire    ← SYN seq 0"), "{}", run.stderr);
}
