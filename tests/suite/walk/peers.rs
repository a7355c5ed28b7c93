//! Peers that send what they please.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use serde_json::Value;

use crate::support::{CLOSE_WAIT, Run, Socklab, connect, eventually, free_port, has_row, until};

fn returned(run: &Run, call: &str) -> Vec<u64> {
    let exits = run.exits("server", call);
    let values = exits.iter().map(|exit| &exit["ret"]);
    values.map(|ret| ret.as_u64().unwrap()).collect()
}

/// Characters that steer a terminal, hide, or turn the direction of text.
fn steers(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[test]
fn no_byte_of_a_peer_steers_the_terminal() {
    let mut evil: Vec<Vec<u8>> = (0..=255u8).map(|byte| vec![b'<', byte, b'>']).collect();
    evil.extend([
        b"\x1b]0;title\x07\x1b[2J\x1b[?25l\x1bP1;1|17/ab\x9c\x9b31m\r\n\x08\x08\x7f".to_vec(),
        "\u{9b}31m \u{202e}evil\u{202c} \u{200b}\u{feff}"
            .as_bytes()
            .to_vec(),
        vec![0x1b; 300],
    ]);
    for json in [false, true] {
        let words = ["walk", "--auto", "--peer", "nc", "--addr"];
        let port = free_port();
        let mut socklab = Socklab::new(words).args([format!("127.0.0.1:{port}")]);
        if json {
            socklab = socklab.args(["--json"]);
        }
        let running = socklab.start();
        let mut client = eventually("the listener", || {
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        for bytes in &evil {
            client.write_all(bytes).unwrap();
            let mut echo = vec![0; bytes.len()];
            client.read_exact(&mut echo).unwrap();
            assert_eq!(&echo, bytes);
        }
        client.shutdown(Shutdown::Write).unwrap();
        let run = running.finish();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let shown = run.stdout();
        assert!(shown.contains(if json {
            "\\\\33]0;title"
        } else {
            "\\x1b]0;title"
        }));
        let steering: Vec<char> = shown.chars().filter(|&c| steers(c)).collect();
        assert!(steering.is_empty(), "{steering:?}");
        assert!(!run.stderr.chars().any(steers), "{}", run.stderr);
    }
}

#[test]
fn a_megabyte_at_once_comes_back_whole() {
    let mut running = Socklab::walk().args(["--peer", "nc"]).start();
    let client = connect(running.wait_port());
    let sent: Vec<u8> = (0..1_000_000u32).map(|at| (at % 251) as u8).collect();
    let echo = std::thread::scope(|scope| {
        scope.spawn(|| {
            (&client).write_all(&sent).unwrap();
            client.shutdown(Shutdown::Write).unwrap();
        });
        let mut echo = Vec::new();
        (&client).read_to_end(&mut echo).unwrap();
        echo
    });
    assert!(echo == sent, "{} bytes", echo.len());
    let run = running.finish();
    run.assert_done();
    let received = returned(&run, "recvfrom");
    assert_eq!(received.iter().sum::<u64>(), 1_000_000);
    assert_eq!(returned(&run, "sendto").iter().sum::<u64>(), 1_000_000);
    assert!(received.iter().all(|&count| count <= 10_000));
    assert_eq!(received.last(), Some(&0));
    // Rounds are counted, and each is one recv and one send.
    let pauses = run.all("pause");
    let last = pauses.iter().rfind(|pause| pause["call"] == "recvfrom");
    assert_eq!(last.unwrap()["round"], received.len());
}

#[test]
fn a_peer_that_leaves_in_the_middle_ends_the_loop() {
    let mut running = Socklab::walk().args(["--peer", "nc"]).start();
    let port = running.wait_port();
    running.wait_blocked("accept");
    running.stand_still();
    let mut client = connect(port);
    client.write_all(b"half a li").unwrap();
    // Gone before the answer: the first send still succeeds.
    drop(client);
    until("its end has arrived", || has_row(port, CLOSE_WAIT));
    running.go_on();
    let run = running.finish();
    run.assert_done();
    assert_eq!(returned(&run, "recvfrom"), [9, 0]);
    assert_eq!(returned(&run, "sendto"), [9]);
}

#[test]
fn a_peer_that_says_nothing_and_leaves_ends_the_loop() {
    let mut running = Socklab::walk().args(["--peer", "nc"]).start();
    drop(connect(running.wait_port()));
    let run = running.finish();
    run.assert_done();
    assert_eq!(returned(&run, "recvfrom"), [0]);
    assert!(returned(&run, "sendto").is_empty());
}

/// Nobody reads the echo: the buffers fill, and send blocks in the end.
#[test]
fn a_peer_that_never_reads_blocks_send() {
    let socklab = Socklab::walk().args(["--peer", "nc", "--patience", "1"]);
    let mut running = socklab.start();
    let client = connect(running.wait_port());
    let (run, blocked) = std::thread::scope(|scope| {
        scope.spawn(|| {
            let chunk = vec![b'x'; 100_000];
            // Until the server is gone, and with it the connection.
            while (&client).write_all(&chunk).is_ok() {}
        });
        let blocked = running.wait_blocked("sendto");
        (running.finish(), blocked)
    });
    assert_eq!(blocked["state"], "S");
    assert_eq!(run.code, Some(1));
    let failure: Value = run.only("failure");
    assert_eq!(failure["call"], "sendto");
    assert!(failure["errno"].is_null(), "{failure}");
}

/// What the server's program has not accepted is in no process's table, and yet not left
/// by anybody.
#[test]
fn a_connection_that_waits_in_the_servers_queue_is_said_to() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = server.local_addr().unwrap().to_string();
    let words = [
        "step",
        "exchange",
        "--role",
        "client",
        "--auto",
        "--patience",
        "1",
    ];
    let run = Socklab::new(words)
        .args(["--peer", "nc", "--width", "200", "--addr", &addr])
        .run();
    let text = run.stdout();
    let ends = format!("client ESTABLISHED ↔ peer ESTABLISHED · {addr} · nobody has accepted it");
    assert!(text.contains(&ends), "{text}");
}
