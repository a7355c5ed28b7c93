//! The servers of the course, served by socklab to programs that are not ours.

use serde_json::Value;

use super::lessons::{Lesson, hosts};
use crate::support::{
    Kind, PROGRAMS, Peer, Run, Running, all_held, client, is_name_of, text, track,
};

/// A server whose client is somebody else.
fn serve(lesson: &Lesson) -> Running {
    let socklab = lesson.socklab("0").args(["--peer", "nc"]);
    socklab.start()
}

/// Where it can be reached.
fn address(running: &Running) -> String {
    let view = running.last("view");
    text(&view["sockets"][0]["local"]).to_string()
}

fn counts(run: &Run, call: &str) -> Vec<i64> {
    let exits = run.exits("server", call);
    let counts = exits.iter().map(|exit| exit["ret"].as_i64().unwrap());
    counts.collect()
}

/// The bytes of a call, as strace prints them.
fn bytes(run: &Run, call: &str) -> Vec<String> {
    let exits = run.exits("server", call);
    let texts = exits.iter().map(|exit| text(&exit["args"][1]).to_string());
    texts.collect()
}

/// Two lines, and both come back, at both ends.
fn echo(running: &mut Running, peer: &mut Peer) {
    let lines: [&[u8]; 2] = [b"hello\n", b"and again\n"];
    for line in lines {
        running.wait_blocked("recvfrom");
        peer.type_in(line);
        assert_eq!(peer.printed(line.len()), line);
    }
    running.wait_blocked("recvfrom");
}

fn assert_echoed(run: &Run, lesson: &Lesson) {
    all_held(run, &lesson.chapters);
    assert_eq!(counts(run, "recvfrom"), [6, 10, 0]);
    assert_eq!(counts(run, "sendto"), [6, 10]);
    assert_eq!(bytes(run, "recvfrom")[..2], bytes(run, "sendto"));
    // All of the server's calls, and none of a built-in client's.
    let ours = |event: &Value| event["task"] == "server";
    assert!(run.events().iter().all(ours));
}

fn serves_a_stream(id: &str, program: &str) {
    let track = track(id);
    for host in hosts(&track) {
        let lesson = Lesson::walk(&track, host);
        let mut running = serve(&lesson);
        running.wait_blocked("accept");
        let address = address(&running);
        let mut peer = client(program, Kind::Stream, &address);
        echo(&mut running, &mut peer);
        let view = running.last("view");
        let row = &view["others"][0];
        assert_eq!(row["relation"], "peer", "{view}");
        assert_eq!(row["owner"]["pid"], peer.pid());
        let name = text(&row["owner"]["name"]);
        assert!(is_name_of(program, name), "{name}");
        peer.end_input();
        assert_eq!(peer.wait().code(), Some(0), "{program}");
        let run = running.finish();
        assert_echoed(&run, &lesson);
        if id == "unix" {
            let asked = run.exits("server", "getsockopt").remove(0);
            let wanted = format!("{{pid={}, uid=", peer.pid());
            let told = text(&asked["args"][3]);
            assert!(told.starts_with(&wanted), "{told} {wanted}");
        }
        lesson.assert_nothing_left(&run);
    }
}

fn serves_datagrams(id: &str, program: &str) {
    let track = track(id);
    for host in hosts(&track) {
        let lesson = Lesson::walk(&track, host);
        let mut running = serve(&lesson);
        running.wait_blocked("recvfrom");
        let address = address(&running);
        let mut peer = client(program, Kind::Datagram, &address);
        peer.type_in(b"hello\n");
        assert_eq!(peer.printed(6), b"hello\n", "{program}");
        // A client that is there gets what is sent to nobody; python waits
        // for one answer to one line.
        if id == "udp" && program != "python3" {
            assert_eq!(peer.printed(8), b"anyone?\n", "{program}");
        }
        peer.end_input();
        let run = running.finish();
        all_held(&run, &lesson.chapters);
        assert_eq!(counts(&run, "recvfrom"), [6]);
        let sent: &[i64] = if id == "udp" { &[6, 8] } else { &[6] };
        assert_eq!(counts(&run, "sendto"), sent);
        assert_eq!(bytes(&run, "recvfrom")[0], bytes(&run, "sendto")[0]);
        // The answer went to whoever had sent.
        let from = run.exits("server", "recvfrom").remove(0);
        let to = run.exits("server", "sendto").remove(0);
        assert_eq!(from["args"][4], to["args"][4]);
        if program == "python3" {
            assert_eq!(peer.wait().code(), Some(0));
        }
        drop(peer);
        // What the client bound is its own affair; the server's path is gone.
        assert!(!lesson.dir.join("s").exists());
    }
}

#[test]
#[ignore = "needs nc.openbsd, ncat, socat and python3"]
fn tcp_clients_are_served() {
    for program in PROGRAMS {
        serves_a_stream("server", program);
    }
}

#[test]
#[ignore = "needs nc.openbsd, ncat, socat and python3"]
fn unix_clients_are_served() {
    for program in PROGRAMS {
        serves_a_stream("unix", program);
    }
}

#[test]
#[ignore = "needs nc.openbsd, ncat, socat and python3"]
fn udp_clients_are_served() {
    for program in PROGRAMS {
        serves_datagrams("udp", program);
    }
}

#[test]
#[ignore = "needs nc.openbsd, ncat, socat and python3"]
fn unix_datagram_clients_are_served() {
    for program in PROGRAMS {
        serves_datagrams("unix-dgram", program);
    }
}
