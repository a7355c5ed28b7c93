//! Looking changes nothing, and what cannot be seen is said to be unseen.

use serde_json::Value;

use crate::support::{
    ANY_PORT, CourseDir, Refuse, Run, Socklab, connect, free_addr, is, reset, tcp_rows_of_port,
    until,
};

/// getsockopt(SO_ERROR) would take the error away that the program's own next
/// call is to report. The reset arrives at a pause, is looked at twice, and the
/// server's recv still fails with it.
#[test]
fn a_reset_that_was_looked_at_still_fails_the_next_recv() {
    let course = CourseDir::listener()
        .step("accept server as conn")
        .step("setsockopt conn keepalive on")
        .step("recv conn 100")
        .step("close conn")
        .write();
    let socklab = Socklab::paced_walk("0.8", &free_addr());
    let socklab = socklab.args(["--peer", "nc"]).chapters(&course);
    let mut running = socklab.start();
    let port = running.wait_port();
    running.wait_blocked("accept");
    let client = connect(port);
    running.stand_still_before_step(6);
    reset(client);
    until("the reset has closed both ends", || {
        tcp_rows_of_port(port).len() == 1
    });
    running.go_on();
    let run = running.finish();
    let seen = run.all("view");
    let after_reset: Vec<&Value> = seen
        .iter()
        .filter(|view| view["sockets"][1]["state"] == "CLOSED")
        .collect();
    assert!(after_reset.len() >= 2, "{}", after_reset.len());
    let recv = &run.exits("server", "recvfrom")[0];
    assert_eq!(recv["ret"], -1, "{recv}");
    assert_eq!(recv["errno"], "ECONNRESET", "{recv}");
    // A broken connection is told, and the walk goes on to close it.
    assert_eq!(run.only("failure")["errno"], "ECONNRESET");
    assert_eq!(run.exits("server", "close").len(), 1);
    assert_eq!(run.only("end")["status"], "failed");
    assert_eq!(run.code, Some(1));
}

/// The sockets of all views of a run.
fn sockets(run: &Run) -> Vec<Value> {
    let mut views = run.all("view");
    // From outside, while it sleeps, sock_diag may tell what its fd does not.
    views.retain(|view| view["moment"] != "changed");
    let all = views.iter().flat_map(|view| view["sockets"].as_array());
    let found: Vec<Value> = all.flatten().cloned().collect();
    assert!(!found.is_empty());
    found
}

/// A whole walk without that fact of a socket: it is null, the reason stands
/// under `unknown`, and everything else is there as ever.
fn walk_without(refused: Refuse, field: &str, reason: &str, on_screen: &str) {
    let run = Socklab::walk().refuse(refused).run();
    run.assert_done();
    for socket in sockets(&run) {
        assert!(socket[field].is_null(), "{socket}");
        let why = socket["unknown"][field].as_str();
        assert_eq!(why, Some(reason), "{socket}");
        for (name, _) in socket["unknown"].as_object().unwrap() {
            assert!(socket[name].is_null(), "{socket}");
        }
        assert!(socket["inode"].is_u64(), "{socket}");
    }
    run.assert_held();
    // The same on a screen.
    let words = ["walk", "--auto", "--addr", ANY_PORT, "--width", "200"];
    let run = Socklab::new(words).refuse(refused).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout().contains("not available"), "{}", run.stdout());
    assert!(run.stdout().contains(on_screen), "{}", run.stdout());
}

#[test]
fn without_tcp_info_the_state_is_not_available() {
    let refused = Refuse::sockopt(libc::IPPROTO_TCP, libc::TCP_INFO, libc::ENOPROTOOPT);
    let reason = "getsockopt: ENOPROTOOPT";
    walk_without(refused, "state", reason, reason);
}

#[test]
fn without_so_cookie_the_cookie_is_not_available() {
    const SO_COOKIE: i32 = 57;
    let refused = Refuse::sockopt(libc::SOL_SOCKET, SO_COOKIE, libc::EPERM);
    let on_screen = "the cookie is not known";
    walk_without(refused, "cookie", "getsockopt: EPERM", on_screen);
}

#[test]
fn without_so_protocol_the_protocol_is_not_available() {
    let refused = Refuse::sockopt(libc::SOL_SOCKET, libc::SO_PROTOCOL, libc::EPERM);
    let reason = "getsockopt: EPERM";
    walk_without(refused, "protocol", reason, reason);
}

#[test]
fn without_the_receive_queue_it_is_not_available() {
    let refused = Refuse::ioctl(libc::FIONREAD as u32, libc::EPERM);
    let run = Socklab::walk().refuse(refused).run();
    run.assert_done();
    // A listener has no receive queue anyhow: the kernel says EINVAL.
    let mut connections = sockets(&run);
    connections.retain(|socket| !socket["peer"].is_null());
    let hidden = connections
        .iter()
        .filter(|socket| socket["unknown"]["recv_q"] == "ioctl: EPERM");
    assert!(hidden.count() > 0);
}

#[test]
fn without_sock_diag_the_kernels_rows_are_not_available() {
    let refused = Refuse::sock_diag(libc::EPERM);
    let reason = "sock_diag: EPERM";
    walk_without(refused, "listing", reason, reason);
    let run = Socklab::walk().refuse(refused).run();
    for view in run.all("view") {
        assert!(view["others"].is_null(), "{view}");
        assert_eq!(view["unknown"]["others"], "sock_diag: EPERM", "{view}");
    }
    // What the fds tell is there: the whole life of the connection.
    let states: Vec<Value> = sockets(&run)
        .into_iter()
        .map(|socket| socket["state"].clone())
        .collect();
    for state in ["CLOSED", "LISTEN", "ESTABLISHED", "CLOSE-WAIT"] {
        assert!(states.contains(&Value::from(state)), "{state}");
    }
}

/// Where neither sock_diag nor a duplicate of the descriptor is to be had, what was true
/// before the call must not be shown as if it were true now.
#[test]
fn a_blocked_server_without_sock_diag_is_not_guessed_at() {
    let socklab = Socklab::walk()
        .args(["--peer", "nc"])
        .refuse(Refuse::sock_diag(libc::EPERM))
        .refuse(Refuse::call(libc::SYS_pidfd_getfd, libc::EPERM));
    let mut running = socklab.start();
    let port = running.wait_port();
    running.wait_blocked("accept");
    let view = running.wait_event("a look from outside", |event| {
        is(event, "view") && event["moment"] == "changed"
    });
    let socket = &view["sockets"][0];
    for field in ["state", "accept_queue"] {
        assert!(socket[field].is_null(), "{socket}");
        assert_eq!(socket["unknown"][field], "sock_diag: EPERM", "{socket}");
    }
    drop(connect(port));
    running.finish().assert_done();
}

/// Without close_range (before Linux 5.9) and pidfd calls the walk goes on.
#[test]
fn an_older_kernel_is_walked_too() {
    let refused = Refuse::call(libc::SYS_close_range, libc::ENOSYS);
    Socklab::walk().refuse(refused).run().assert_done();
}

/// The port is taken, and who holds it cannot be asked: that is said.
#[test]
fn without_sock_diag_the_holder_of_a_port_is_not_available() {
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = holder.local_addr().unwrap().to_string();
    let socklab = Socklab::walk_at(&addr);
    let run = socklab.refuse(Refuse::sock_diag(libc::EPERM)).run();
    let failure = run.only("failure");
    assert_eq!(failure["errno"], "EADDRINUSE");
    let found = failure["found"][0].as_str().unwrap();
    assert!(found.contains("not available"), "{found}");
    assert!(found.contains("EPERM"), "{found}");
    assert_eq!(run.code, Some(1));
}
