//! What is left after a close: a FIN and a reset, on both sides.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use socket2::SockRef;

use super::answers::{answer, course_of_conditions, judged};
use crate::support::{HOSTS, Run, Running, Socklab, Track, TwoHosts, track, until};

/// An unattended run of that track, whose other end is the test; its pauses are
/// long enough to stop it in one.
fn slowly(track: &Track, addr: &str) -> Socklab {
    Socklab::new(["walk", "--auto=0.3", "--json", "--no-progress"])
        .args(track.options())
        .args(["--peer", "nc", "--addr", addr])
}

/// What the kernel says to the question of the first step of `close`.
fn left(run: &Run, track: &Track) -> String {
    let mut chapters = track.chapters.iter();
    let chapter = chapters.find(|one| one.id == "close").unwrap();
    let judged = judged(run, "close");
    let right = answer(&chapter.steps[0], &judged[0]);
    let right = right.unwrap_or_else(|| panic!("{:#?}", judged[0]));
    right["text"].as_str().unwrap().to_string()
}

/// A client that has its answer and stands before its close; what the server does
/// now decides what is left.
fn before_the_close(meanwhile: impl FnOnce(TcpStream) -> Option<TcpStream>) -> Option<TcpStream> {
    let dir = course_of_conditions();
    let client = track("client");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    let mut running = slowly(&client, &addr).chapters(&dir).start();
    let (mut server, _) = listener.accept().unwrap();
    server.read_exact(&mut [0; 6]).unwrap();
    server.write_all(b"good day\n").unwrap();
    running.wait_pause("close");
    running.stand_still();
    let server = meanwhile(server);
    running.go_on();
    let run = running.finish();
    run.only("end");
    assert_eq!(
        left(&run, &client),
        "none: the server ended first, or it is a reset"
    );
    server
}

#[test]
fn a_close_with_bytes_unread_leaves_nothing_and_resets_the_server() {
    let server = before_the_close(|mut server| {
        server.write_all(b"one more\n").unwrap();
        Some(server)
    });
    let error = server.unwrap().read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn a_client_that_closes_second_leaves_nothing() {
    before_the_close(|server| {
        drop(server);
        None
    });
}

/// The same server; its client has connected and is about to do that.
fn server_of(end: impl FnOnce(&mut Running)) -> String {
    let dir = course_of_conditions();
    let server = track("server");
    let mut running = slowly(&server, "127.0.0.1:0").chapters(&dir).start();
    end(&mut running);
    left(&running.finish(), &server)
}

#[test]
fn after_a_reset_no_row_is_left() {
    let none = server_of(|running| {
        let client = TcpStream::connect(("127.0.0.1", running.wait_port())).unwrap();
        running.wait_blocked("recvfrom");
        SockRef::from(&client)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
    });
    assert_eq!(none, "none");
}

/// Of a client on another host there is no row here; one whose program ended longer
/// ago than tcp_fin_timeout is forgotten.
#[test]
#[ignore = "needs ip and bash"]
fn a_client_elsewhere_or_ended_long_ago_leaves_no_row_here() {
    let dir = course_of_conditions();
    let server = track("server");
    let hosts = TwoHosts::new();
    hosts.sh(0, "echo 1 > /proc/sys/net/ipv4/tcp_fin_timeout");
    let host = HOSTS[0][0];
    for side in [1, 0] {
        let socklab = slowly(&server, &format!("{host}:0")).chapters(&dir);
        let mut running = hosts.on(0, socklab).start();
        let port = running.wait_port();
        hosts.sh(side, &format!("bash -c 'exec 3<>/dev/tcp/{host}/{port}'"));
        running.wait_pause("close");
        running.stand_still();
        until("this host has forgotten a client of its own", || {
            let rows = hosts.sh(0, "cat /proc/net/tcp");
            let states: Vec<_> = rows
                .lines()
                .map(|row| row.split_whitespace().nth(3))
                .collect();
            // FIN-WAIT-2
            !states.contains(&Some("05"))
        });
        running.go_on();
        assert_eq!(left(&running.finish(), &server), "none");
    }
}

/// The end of a client of this host that nobody has seen is gone, not on another host.
#[test]
#[ignore = "needs ip and bash"]
fn a_client_of_this_host_that_was_forgotten_is_gone_and_not_elsewhere() {
    let hosts = TwoHosts::new();
    for side in [0, 1] {
        hosts.sh(side, "echo 1 > /proc/sys/net/ipv4/tcp_fin_timeout");
    }
    let host = HOSTS[0][0];
    for (side, end) in [(0, "gone"), (1, "elsewhere")] {
        let socklab = slowly(&track("server"), &format!("{host}:0"));
        let mut running = hosts.on(0, socklab).start();
        let port = running.wait_port();
        running.stand_still_before("accept");
        hosts.sh(side, &format!("bash -c 'exec 3<>/dev/tcp/{host}/{port}'"));
        until("both hosts have forgotten the client", || {
            let tables = [0, 1].map(|side| hosts.sh(side, "cat /proc/net/tcp"));
            !tables
                .concat()
                .lines()
                // FIN-WAIT-1, which comes before, and FIN-WAIT-2.
                .any(|row| matches!(row.split_whitespace().nth(3), Some("04" | "05")))
        });
        running.go_on();
        let run = running.finish();
        let views = run.all("view");
        let ends = views.iter().find_map(|view| view["ends"].get(0)).unwrap();
        assert_eq!(ends["theirs"], end);
    }
}
