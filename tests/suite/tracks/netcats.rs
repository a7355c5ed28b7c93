//! The clients of UDP and of unix sockets, answered by programs that are not ours.

use std::fs;
use std::process::Command;

use super::servers::call;
use crate::support::{Peer, all_held, dir_of_test, free_port, text, track, until};

/// Each program as a server at that address.
fn servers(kind: &str, host_and_port: [&str; 2], path: &str) -> [Vec<String>; 3] {
    let [host, port] = host_and_port;
    let lines = match kind {
        "udp-client" => [
            format!("nc.openbsd -u -l {host} {port}"),
            format!("ncat -u -l {host} {port}"),
            format!("socat STDIO UDP4-LISTEN:{port},bind={host}"),
        ],
        _ => [
            format!("nc.openbsd -l -U {path}"),
            format!("ncat -l -U {path}"),
            format!("socat STDIO UNIX-LISTEN:{path}"),
        ],
    };
    lines.map(|line| line.split(' ').map(str::to_string).collect())
}

/// Is there a row of that port or path which can be called, in the kernel's own table?
fn can_be_called(kind: &str, port: u16, path: &str) -> bool {
    if kind == "udp-client" {
        let rows = fs::read_to_string("/proc/net/udp").unwrap();
        return rows.contains(&format!(":{port:04X} "));
    }
    // The flag of those that listen.
    let rows = fs::read_to_string("/proc/net/unix").unwrap();
    let listens = |row: &str| row.ends_with(path) && row.contains(" 00010000 ");
    rows.lines().any(listens)
}

/// Every program hears what the client says, and the client hears each answer; all that
/// the course expects holds.
fn are_answered(kind: &str, said: &[&str]) {
    let track = track(kind);
    for nth in 0..3 {
        let dir = dir_of_test();
        let (port, path) = (free_port(), dir.join("s").display().to_string());
        let host = "127.0.0.1";
        let words = &servers(kind, [host, &port.to_string()], &path)[nth];
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        let mut peer = Peer::spawn(command);
        until("the server can be called", || {
            can_be_called(kind, port, &path)
        });
        let addr = if kind == "udp-client" {
            format!("{host}:{port}")
        } else {
            path
        };
        let mut running = call(&addr, "0").args(["--type", &track.kind]).start();
        for line in said {
            running.wait_blocked("recvfrom");
            assert_eq!(peer.printed(line.len()), line.as_bytes(), "{words:?}");
            peer.type_in(format!("to {line}").as_bytes());
        }
        let run = running.finish();
        all_held(&run, &track.chapters);
        let heard = run.exits("client", "recvfrom");
        let heard: Vec<&str> = heard.iter().map(|exit| text(&exit["args"][1])).collect();
        let answers = said
            .iter()
            .map(|line| format!("{:?}", format!("to {line}")));
        assert_eq!(heard, answers.collect::<Vec<_>>(), "{words:?}");
    }
}

#[test]
#[ignore = "needs nc.openbsd, ncat and socat"]
fn the_clients_of_udp_and_unix_are_answered_by_each_server() {
    are_answered("udp-client", &["hello\n", "again\n"]);
    are_answered("unix-client", &["hello\n"]);
}
