//! Calls that fail, each provoked for real: what was tried, the errno by name,
//! what it means, what was found, what to do, and the exit code.

use std::net::Shutdown;

use socket2::{Domain, SockAddr, Socket, Type};

use crate::support::{
    CourseDir, Refuse, Socklab, connect, free_addr, free_port, kill, one_line, reset, says, taught,
    tcp_rows_of_port, until,
};

#[test]
fn two_listeners_on_one_port_fail_at_listen() {
    // Both with SO_REUSEADDR: both may bind, one may listen.
    let first = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    first.set_reuse_address(true).unwrap();
    let addr = std::net::SocketAddr::from(([127, 0, 0, 1], free_port()));
    first.bind(&SockAddr::from(addr)).unwrap();
    let mut running = Socklab::paced_walk("0.8", &addr.to_string()).start();
    running.stand_still_before("listen");
    first.listen(1).unwrap();
    running.go_on();
    let run = running.finish();
    let failure = taught(&run, "listen", "EADDRINUSE");
    says(&failure["advice"], "listener");
}

#[test]
fn no_descriptor_left_is_taught() {
    let limit = ["sh", "-c", "ulimit -n 5; exec \"$@\"", "sh"];
    // In the actor alone: the controller needs more.
    let refused = Refuse {
        number: libc::SYS_socket,
        args: [Some((0, libc::AF_INET as u32)), None],
        errno: libc::EMFILE,
    };
    let run = Socklab::walk().refuse(refused).run();
    let failure = taught(&run, "socket", "EMFILE");
    says(&failure["advice"], "ulimit");
    // And where socklab itself cannot work, it says what it was doing.
    let run = Socklab::walk().under(limit).run();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.starts_with("socklab: "), "{}", run.stderr);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
}

/// `listen` on a datagram socket, and other misuse that a lab may teach.
#[test]
fn a_misused_socket_is_taught_by_errno() {
    for (course, call, errno) in [
        (
            CourseDir::new()
                .step("socket {domain} dgram as server")
                .step("listen server 1"),
            "listen",
            "EOPNOTSUPP",
        ),
        (
            CourseDir::listener().step("bind server {addr}"),
            "bind",
            "EINVAL",
        ),
        (
            CourseDir::new()
                .step("socket {domain} stream as server")
                .step("accept server as conn"),
            "accept",
            "EINVAL",
        ),
    ] {
        let run = Socklab::walk().chapters(&course.write()).run();
        taught(&run, call, errno);
    }
}

#[test]
fn nobody_who_connects_is_waited_for_only_so_long() {
    let socklab = Socklab::walk();
    let run = socklab.args(["--peer", "nc", "--patience", "0.5"]).run();
    assert_eq!(run.code, Some(1));
    let failure = run.only("failure");
    assert_eq!(failure["call"], "accept");
    assert!(failure["errno"].is_null());
    let meaning = failure["meaning"].as_str().unwrap();
    assert!(
        meaning.contains("nobody connected within 0.5 s"),
        "{meaning}"
    );
    says(&failure["advice"], "--patience");
    let said = one_line(&run.stderr);
    assert!(
        said.contains("accept(3") && said.contains(meaning),
        "{said}"
    );
}

#[test]
fn a_peer_that_sends_nothing_is_waited_for_only_so_long() {
    let socklab = Socklab::walk();
    let mut running = socklab.args(["--peer", "nc", "--patience", "1"]).start();
    let port = running.wait_port();
    let _silent = connect(port);
    let run = running.finish();
    assert_eq!(run.code, Some(1));
    let failure = run.only("failure");
    assert_eq!(failure["call"], "recvfrom");
    assert!(failure["errno"].is_null());
    let meaning = failure["meaning"].as_str().unwrap();
    assert!(meaning.contains("sent nothing"), "{meaning}");
    assert!(meaning.contains("within 1 s"), "{meaning}");
    says(&failure["advice"], "--patience");
    assert!(one_line(&run.stderr).contains(meaning), "{}", run.stderr);
}

#[test]
fn a_peer_that_resets_while_we_wait_fails_recv() {
    let mut running = Socklab::walk().args(["--peer", "nc"]).start();
    let client = connect(running.wait_port());
    running.wait_blocked("recvfrom");
    reset(client);
    let run = running.finish();
    let failure = taught(&run, "recvfrom", "ECONNRESET");
    assert!(failure["meaning"].as_str().unwrap().contains("reset"));
    // It is closed all the same, and nothing of it is left.
    assert_eq!(run.exits("server", "close").len(), 2);
    run.assert_held();
}

#[test]
fn a_peer_that_leaves_its_echo_unread_resets() {
    let mut running = Socklab::walk().args(["--peer", "nc"]).start();
    let mut client = connect(running.wait_port());
    std::io::Write::write_all(&mut client, b"hello").unwrap();
    client.peek(&mut [0; 8]).unwrap();
    running.wait_blocked("recvfrom");
    drop(client);
    let run = running.finish();
    taught(&run, "recvfrom", "ECONNRESET");
    assert_eq!(run.exits("server", "close").len(), 2);
}

#[test]
fn a_peer_that_is_gone_when_we_send_gives_epipe() {
    let socklab = Socklab::paced_walk("0.8", &free_addr());
    let mut running = socklab.args(["--peer", "nc"]).start();
    let port = running.wait_port();
    let mut client = connect(port);
    std::io::Write::write_all(&mut client, b"hello").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    running.stand_still_before("sendto");
    reset(client);
    until("the reset has closed both ends", || {
        tcp_rows_of_port(port).len() == 1
    });
    running.go_on();
    let run = running.finish();
    // Told, not suffered: the program is not killed by SIGPIPE.
    let failure = taught(&run, "sendto", "EPIPE");
    assert!(failure["meaning"].as_str().unwrap().contains("SIGPIPE"));
    assert_eq!(run.exits("server", "close").len(), 2);
}

#[test]
fn a_server_that_is_killed_from_outside_is_told() {
    let mut running = Socklab::walk().args(["--peer", "nc"]).start();
    let blocked = running.wait_blocked("accept");
    let pid = u32::try_from(blocked["pid"].as_u64().unwrap()).unwrap();
    kill(pid, libc::SIGKILL);
    let run = running.finish();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let failure = run.only("failure");
    assert_eq!(failure["call"], "accept");
    let meaning = failure["meaning"].as_str().unwrap();
    assert!(meaning.contains("signal 9"), "{meaning}");
    assert_eq!(run.only("end")["status"], "failed");
}
