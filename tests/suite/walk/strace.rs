//! What socklab tells is what strace sees: call by call, arguments and results.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::Shutdown;

use crate::support::{CourseDir, Socklab, Strace, connect, reset, straced};

fn whole_walk(addr: &str) {
    let straced = straced(Socklab::walk_at(addr));
    straced.run.assert_done();
    let actors: Vec<String> = straced.actors().into_keys().collect();
    assert_eq!(actors, ["client", "server"]);
    // Both lives in full: no call of them is missing on both sides alike.
    let names = |actor: &str| straced.names::<BTreeSet<String>>(actor);
    let wanted = |names: &[&str]| names.iter().map(|name| (*name).to_string()).collect();
    let server: BTreeSet<String> = wanted(&[
        "socket",
        "setsockopt",
        "bind",
        "listen",
        "accept",
        "recvfrom",
        "sendto",
        "close",
    ]);
    let client: BTreeSet<String> = wanted(&[
        "socket", "connect", "recvfrom", "sendto", "shutdown", "close",
    ]);
    assert_eq!(names("server"), server);
    assert_eq!(names("client"), client);
}

#[test]
#[ignore = "needs strace"]
fn every_call_of_a_walk_is_told_as_strace_sees_it() {
    whole_walk("127.0.0.1:0");
}

#[test]
#[ignore = "needs strace"]
fn every_call_of_an_ipv6_walk_is_told_as_strace_sees_it() {
    whole_walk("[::1]:0");
}

/// Bytes that need every rule of strace's strings, and more than it shows.
#[test]
#[ignore = "needs strace"]
fn whatever_a_peer_sends_is_told_as_strace_prints_it() {
    let all: Vec<u8> = (0..=255).collect();
    let mut lines: Vec<Vec<u8>> = all.chunks(16).map(<[u8]>::to_vec).collect();
    lines.extend([
        vec![0, b'1', 7, b'9', 0o33, b'[', 0xff, b'0', b'"', b'\\'],
        vec![b'a'; 32],
        vec![b'a'; 33],
        // An octal escape cut off from the digit behind it.
        [&[b'a'; 31][..], &[1, b'5', b'5']].concat(),
        vec![0x1b; 5000],
    ]);
    let strace = Strace::new();
    let socklab = Socklab::walk().args(["--peer", "nc"]);
    let mut running = strace.around(socklab).start();
    let mut client = connect(running.wait_port());
    for line in &lines {
        client.write_all(line).unwrap();
        let mut echo = vec![0; line.len()];
        client.read_exact(&mut echo).unwrap();
        assert_eq!(&echo, line);
    }
    client.shutdown(Shutdown::Write).unwrap();
    let run = running.finish();
    run.assert_done();
    let sent = strace.saw(run).run.exits("server", "sendto");
    assert!(sent.len() >= lines.len(), "{}", sent.len());
}

/// Calls that fail: a send to a peer that is gone, an accept on no listener.
#[test]
#[ignore = "needs strace"]
fn failed_calls_are_told_as_strace_prints_them() {
    let gone = CourseDir::listener()
        .step("accept server as conn")
        .step("recv conn 10000")
        .step("setsockopt conn keepalive on")
        .step("send conn --received")
        .step("recv conn 10000")
        .step("close conn")
        .write();
    let strace = Strace::new();
    let socklab = Socklab::walk().args(["--peer", "nc"]).chapters(&gone);
    let mut running = strace.around(socklab).start();
    let port = running.wait_port();
    let mut client = connect(port);
    running.wait_blocked("recvfrom");
    client.write_all(b"last words").unwrap();
    reset(client);
    let run = running.finish();
    let failed: Vec<String> = strace
        .saw(run)
        .told("server")
        .into_iter()
        .filter(|call| call.contains(" = -1 "))
        .collect();
    assert!(!failed.is_empty());

    let no_listener = CourseDir::new()
        .step("socket {domain} stream as server")
        .step("accept server as conn")
        .write();
    let told = straced(Socklab::walk().chapters(&no_listener)).told("server");
    assert_eq!(told[1], "accept(3, ..., [128]) = -1 EINVAL");
}
