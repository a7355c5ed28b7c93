//! Clients that nobody here has started, where the course plays its own.

use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

use crate::support::{
    ANY_PORT, CourseDir, Refuse, Run, Running, Socklab, connect, dir_of_test, kill,
};

/// What the C library's unlink(3) calls.
#[cfg(target_arch = "aarch64")]
const UNLINK: libc::c_long = libc::SYS_unlinkat;
#[cfg(not(target_arch = "aarch64"))]
const UNLINK: libc::c_long = libc::SYS_unlink;

fn serve() -> Running {
    Socklab::new(["step", "serve", "--json", "--addr", ANY_PORT, "--auto=0.3"]).start()
}

/// How many were left aside.
fn left_aside(run: &Run) -> u64 {
    let told = run.all("strangers");
    told.iter()
        .map(|event| event["count"].as_u64().unwrap())
        .sum()
}

#[test]
fn a_stranger_first_in_the_queue_takes_nobodys_place() {
    let mut running = serve();
    let port = running.wait_port();
    let early = connecting(port);
    running.wait_event("the first accept", |event| {
        event["event"] == "exit" && event["call"] == "accept"
    });
    let late = connecting(port);
    let run = running.finish();
    run.assert_held();
    run.assert_done();
    drop((early, late));
}

/// A course whose own client comes after a stranger: at a rest, so that it is surely so.
#[test]
fn a_stranger_is_accepted_closed_and_told_of() {
    let course = CourseDir::listener()
        .step("setsockopt server keepalive on")
        .step("accept server as conn")
        .peer("before", "socket {domain} stream as c\nconnect c {addr}")
        .expect("conn state=ESTABLISHED")
        .expect("queued 0")
        .step("recv conn 10")
        .peer("before", "send c \"x\"")
        .expect("returned 1")
        .write();
    let socklab = Socklab::paced_walk("0.8", ANY_PORT).args(["--peer", "builtin"]);
    let mut running = socklab.chapters(&course).start();
    let port = running.wait_port();
    running.stand_still_before("setsockopt");
    let stranger = connect(port);
    let from = stranger.local_addr().unwrap().to_string();
    running.go_on();
    let run = running.finish();
    run.assert_held();
    run.assert_done();
    let told = run.only("strangers");
    assert_eq!((&told["count"], &told["first"]), (&1.into(), &from.into()));
    // The number that the stranger had is free again for the client.
    let accepted = run.exits("server", "accept");
    let numbers: Vec<i64> = accepted
        .iter()
        .map(|it| it["ret"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, [4, 4]);
}

/// A unix client has no address: its process tells.
#[test]
fn a_stranger_on_a_unix_socket_is_left_aside() {
    let dir = dir_of_test();
    let path = dir.join("s.sock");
    let addr = path.display().to_string();
    let words = [
        "walk",
        "--json",
        "--auto=0.8",
        "--domain",
        "unix",
        "--addr",
        &addr,
    ];
    let mut running = Socklab::new(words).start();
    running.wait_event("the listen", |event| {
        event["event"] == "exit" && event["call"] == "listen"
    });
    let stranger = std::os::unix::net::UnixStream::connect(&path).unwrap();
    let run = running.finish();
    run.assert_held();
    run.assert_done();
    assert_eq!(
        left_aside(&run),
        u64::from(run.exits("server", "accept").len() == 2)
    );
    drop(stranger);
}

/// The server that is played for a learner's client is there for that client alone.
#[test]
fn strangers_at_a_built_in_server_do_not_shut_the_client_out() {
    let words = ["walk", "--json", "--role", "client", "--addr", ANY_PORT];
    let socklab = Socklab::new(words).args(["--auto=0.8", "--peer", "builtin"]);
    let mut running = socklab.start();
    let pause = running.stand_still_before("connect");
    let server = pause["args"][1].as_str().unwrap();
    let port = server.split(['(', ')']).nth(1).unwrap().parse().unwrap();
    let strangers: Vec<Socket> = (0..20).map(|_| connecting(port)).collect();
    running.go_on();
    let run = running.finish();
    run.assert_held();
    run.assert_done();
    assert!(left_aside(&run) >= 2, "{:?}", run.all("strangers"));
    let client = run.exits("client", "connect");
    assert_eq!((client.len(), &client[0]["ret"]), (1, &0.into()));
    drop(strangers);
}

/// A queue of two that strangers fill and want to fill again.
#[test]
fn five_hundred_strangers_do_no_harm() {
    let mut running = serve();
    let port = running.wait_port();
    running.wait_pause("accept");
    let strangers: Vec<Socket> = (0..500).map(|_| connecting(port)).collect();
    let run = running.finish();
    run.assert_held();
    run.assert_done();
    assert!(left_aside(&run) > 0, "{}", run.stdout());
    drop(strangers);
}

/// A connect that is not waited for.
fn connecting(port: u16) -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_nonblocking(true).unwrap();
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let _ = socket.connect(&to.into());
    socket
}

#[test]
fn a_deadlock_of_the_course_names_both_calls_and_the_run_ends() {
    let course = CourseDir::listener()
        .step("accept server as conn")
        .peer(
            "before",
            "socket {domain} stream as c\nconnect c {addr}\nrecv c 10",
        )
        .write();
    let socklab = Socklab::walk().args(["--patience", "0.5"]);
    let run = socklab.chapters(&course).run();
    assert_eq!(run.code, Some(1));
    assert_eq!(run.only("end")["status"], "failed");
    for words in [
        "the client waits in recvfrom(",
        "on 'c'",
        "the server",
        "on 'server'",
    ] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
}

#[test]
fn force_tries_once_where_the_file_may_not_be_removed() {
    let dir = dir_of_test();
    let path = dir.join("s.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let addr = path.display().to_string();
    let walk = Socklab::new(["walk", "--json", "--auto=0", "--force", "--addr", &addr]);
    let run = walk
        .args(["--domain", "unix"])
        .refuse(Refuse::call(UNLINK, libc::EPERM))
        .refuse(Refuse::call(libc::SYS_unlinkat, libc::EPERM))
        .run();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(run.exits("server", "unlink").len(), 1);
    let failures = run.all("failure");
    assert_eq!(failures.last().unwrap()["errno"], "EPERM");
    assert_eq!(run.only("end")["status"], "failed");
}

/// The listener is of another network namespace, and alive all the same.
#[test]
#[ignore = "needs unshare"]
fn force_leaves_a_live_socket_of_another_network_alone() {
    let dir = dir_of_test();
    let path = dir.join("s.sock");
    let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    listener.set_nonblocking(true).unwrap();
    let addr = path.display().to_string();
    let walk = Socklab::new(["walk", "--json", "--auto=0", "--force", "--addr", &addr]);
    let run = walk
        .args(["--domain", "unix"])
        .under(["unshare", "-Urn"])
        .run();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(path.exists());
    assert_eq!(run.exits("server", "unlink").len(), 0);
    // Nor was anything put into its queue to find out.
    let waiting = listener.accept().unwrap_err();
    assert_eq!(waiting.kind(), std::io::ErrorKind::WouldBlock);
}

/// It is never seen asleep: it is stopped before it gets there.
#[test]
fn patience_counts_for_an_actor_that_is_stopped() {
    let course = CourseDir::listener().step("accept server as conn").write();
    let socklab = Socklab::paced_walk("0.8", ANY_PORT).args(["--peer", "nc", "--patience", "3"]);
    let mut running = socklab.chapters(&course).start();
    let pause = running.wait_pause("accept");
    kill(pause["pid"].as_u64().unwrap() as u32, libc::SIGSTOP);
    let run = running.finish();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(run.only("end")["status"], "failed");
}
