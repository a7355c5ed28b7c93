//! Who waits, who is at the other end and what stands at a path, with programs
//! that are not ours; and that nothing is guessed.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;

use serde_json::Value;

use super::families::{dual_stack, udp_echo, unix_echo};
use crate::support::{
    ANY_PORT, CourseDir, Refuse, Running, Socklab, TempDir, connect, dir_of_test, is, segments,
    text, until,
};

fn start(addr: &str, course: &TempDir) -> Running {
    let socklab = Socklab::walk_at(addr);
    let socklab = socklab.args(["--peer", "nc"]);
    socklab.trusted(course).start()
}

/// An IPv4 client of a dual-stack listener waits in its queue, with a mapped
/// address; and what waits at another address of that port is not ours.
#[test]
fn a_queue_holds_who_came_to_its_address_by_either_version() {
    let course = dual_stack().write();
    let socklab = Socklab::paced_walk("0.5", "[::]:0");
    let mut running = socklab.trusted(&course).start();
    let view = running.wait_event("a client waits", |event| {
        is(event, "view") && event["others"][0]["relation"] == "queued"
    });
    let queued = &view["others"][0];
    assert_eq!(view["sockets"][0]["accept_queue"]["len"], 1);
    let mapped = |addr: &Value| text(addr).starts_with("[::ffff:127.0.0.1]:");
    assert!(
        mapped(&queued["local"]) && mapped(&queued["peer"]),
        "{queued}"
    );
    let run = running.finish();
    run.assert_done();
    let held = run.only("expect");
    assert_eq!(held["held"], true, "{held}");

    let course = CourseDir::listener()
        .step("setsockopt server keepalive on")
        .peer("before", "socket inet stream as c\nconnect c {addr}")
        .write();
    let foreign = TcpListener::bind("127.0.0.2:0").unwrap();
    let port = foreign.local_addr().unwrap().port();
    let _waiting = TcpStream::connect(foreign.local_addr().unwrap()).unwrap();
    let addr = format!("127.0.0.1:{port}");
    let socklab = Socklab::walk_at(&addr);
    let run = socklab.trusted(&course).run();
    run.assert_done();
    let views = run.all("view");
    let others = views.last().unwrap()["others"].as_array().unwrap();
    let queued = others.iter().filter(|row| row["relation"] == "queued");
    assert_eq!(queued.count(), 1, "{others:#?}");
}

fn unix_listener(path: &Path) -> CourseDir {
    CourseDir::new()
        .step("socket unix stream as server")
        .step(&format!("bind server {}", path.display()))
        .step("listen server 1")
}

/// Who is at the other end of a unix connection is what the kernel says, of a
/// client that is not ours as well.
#[test]
fn a_foreign_client_of_a_unix_listener_is_named() {
    let dir = dir_of_test();
    let path = dir.join("x.sock");
    let course = unix_listener(&path)
        .step("accept server as conn")
        .step("recv conn 100")
        .step("send conn --received")
        .step("recv conn 100")
        .write();
    let mut running = start("127.0.0.1:0", &course);
    running.wait_blocked("accept");
    let mut client = UnixStream::connect(&path).unwrap();
    let blocked = running.wait_blocked("recvfrom");
    assert_eq!(blocked["wchan"], "unix_stream_read_generic");
    client.write_all(b"hello").unwrap();
    let mut echo = [0; 5];
    client.read_exact(&mut echo).unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    let run = running.finish();
    run.assert_done();
    let views = run.all("view");
    let accepted = views.iter().find(|view| !view["sockets"][1].is_null());
    let accepted = accepted.unwrap();
    // SAFETY: it only answers.
    let (uid, gid) = unsafe { (libc::getuid(), libc::getgid()) };
    let me = serde_json::json!({ "pid": std::process::id(), "uid": uid, "gid": gid });
    assert_eq!(accepted["sockets"][1]["cred"], me);
    assert_eq!(accepted["others"][0]["owner"]["pid"], std::process::id());
    assert!(
        accepted["sockets"][0]["cred"].is_null(),
        "a listener has no peer"
    );
}

/// A unix client that closes while it waits stays in the queue.
#[test]
fn a_client_that_gave_up_still_waits_in_the_queue() {
    let dir = dir_of_test();
    let path = dir.join("x.sock");
    let course = unix_listener(&path)
        .peer(
            "after",
            &format!(
                "socket unix stream as c\nconnect c {0}\nclose c\n\
                 socket unix stream as c\nconnect c {0}",
                path.display()
            ),
        )
        .step("accept server as conn")
        .step("accept server as other")
        .write();
    let run = Socklab::walk().trusted(&course).run();
    run.assert_done();
    let waiting = |view: &Value| -> Vec<Value> {
        let others = view["others"].as_array().unwrap().iter();
        let queued = others.filter(|row| row["relation"] == "queued");
        queued.map(|row| row["inode"].clone()).collect()
    };
    let views = run.all("view");
    let full = views.iter().find(|view| waiting(view).len() == 2).unwrap();
    assert!(waiting(full)[0].is_null() && waiting(full)[1].is_u64());
    assert_eq!(full["sockets"][0]["accept_queue"]["len"], 2);
    // Accepted, it is connected to nobody, and says who it was.
    let accepted = views.iter().find(|view| !view["sockets"][1].is_null());
    let conn = &accepted.unwrap()["sockets"][1];
    assert!(conn["peer_inode"].is_null() && conn["cred"]["pid"].is_u64());
}

/// A blocked server is shown from outside: unix and UDP as well.
#[test]
fn a_server_blocked_in_recvfrom_is_answered_by_a_foreign_program() {
    let course = CourseDir::new()
        .step("socket {domain} dgram as server")
        .step("bind server {addr}")
        .step("recvfrom server 100")
        .step("sendto server sender --received")
        .write();
    for addr in ["127.0.0.1:0", "[::1]:0", "0.0.0.0:0", "[::]:0"] {
        let mut running = start(addr, &course);
        running.wait_blocked("recvfrom");
        let view = running.last("view");
        let local: std::net::SocketAddr = text(&view["sockets"][0]["local"]).parse().unwrap();
        let client = match local {
            std::net::SocketAddr::V4(_) => UdpSocket::bind("127.0.0.1:0"),
            std::net::SocketAddr::V6(_) => UdpSocket::bind("[::1]:0"),
        };
        let client = client.unwrap();
        let host = client.local_addr().unwrap().ip();
        client.send_to(b"hello", (host, local.port())).unwrap();
        let mut answer = [0; 10];
        let (len, from) = client.recv_from(&mut answer).unwrap();
        assert_eq!(&answer[..len], b"hello");
        assert_eq!(from.port(), local.port());
        running.finish().assert_done();
    }
    let dir = dir_of_test();
    let (path, mine) = (dir.join("server"), dir.join("mine"));
    let course = CourseDir::new()
        .step("socket unix dgram as server")
        .step(&format!("bind server {}", path.display()))
        .step("recvfrom server 100")
        .step("sendto server sender --received")
        .write();
    let mut running = start("127.0.0.1:0", &course);
    running.wait_blocked("recvfrom");
    let client = UnixDatagram::bind(&mine).unwrap();
    client.send_to(b"hello", &path).unwrap();
    let mut answer = [0; 10];
    assert_eq!(client.recv(&mut answer).unwrap(), 5);
    running.finish().assert_done();
}

/// Removed or replaced while the server runs, the file is no longer its own.
#[test]
fn another_file_at_the_path_is_not_taken_for_the_sockets() {
    let dir = dir_of_test();
    let path = dir.join("x.sock");
    let course = CourseDir::new()
        .step("socket unix dgram as server")
        .step(&format!("bind server {}", path.display()))
        .step("recvfrom server 10")
        .step("recvfrom server 10")
        .step("recvfrom server 10")
        .write();
    let mut running = start("127.0.0.1:0", &course);
    running.wait_blocked("recvfrom");
    let fact = |running: &Running| running.last("view")["paths"][0].clone();
    assert_eq!(fact(&running)["bound"], true);
    let aside = dir.join("aside");
    std::fs::rename(&path, &aside).unwrap();
    running.wait_event("the file is seen to be gone", |event| {
        is(event, "view") && event["paths"][0]["file"].is_null()
    });
    std::fs::rename(&aside, &path).unwrap();
    let client = UnixDatagram::unbound().unwrap();
    client.connect(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, "not a socket").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    client.send(b"1").unwrap();
    running.wait_blocked("recvfrom");
    let other = fact(&running);
    assert_eq!(other["bound"], false);
    assert_eq!(other["file"]["type"], "file");
    assert_eq!(other["file"]["mode"], "-rw-r-----");
    std::fs::remove_file(&path).unwrap();
    client.send(b"2").unwrap();
    running.wait_blocked("recvfrom");
    assert!(fact(&running)["file"].is_null() && fact(&running)["bound"].is_null());
    client.send(b"3").unwrap();
    running.finish().assert_done();
    assert!(!Path::new(&path).exists());
}

/// Without sock_diag the fds still tell what they can, and nothing is guessed.
#[test]
fn without_sock_diag_unix_and_udp_are_seen_by_their_fds() {
    let dir = dir_of_test();
    let reason = "sock_diag: EPERM";
    let course = unix_echo(&dir.join("x.sock")).write();
    let socklab = Socklab::walk().refuse(Refuse::sock_diag(libc::EPERM));
    let run = socklab.trusted(&course).run();
    run.assert_done();
    let mut states = Vec::new();
    for view in run.all("view") {
        assert_eq!(view["unknown"]["others"], reason);
        for socket in view["sockets"].as_array().unwrap() {
            states.push(text(&socket["state"]).to_string());
            assert_eq!(socket["unknown"]["listing"], reason);
            assert_eq!(socket["unknown"]["peer_inode"], reason);
            let listens = socket["state"] == "LISTEN";
            assert_eq!(socket["unknown"]["accept_queue"] == reason, listens);
        }
    }
    for state in ["UNCONNECTED", "LISTEN", "CONNECTED"] {
        assert!(states.iter().any(|other| other == state), "{states:?}");
    }
    let course = udp_echo().write();
    let socklab = Socklab::walk().refuse(Refuse::sock_diag(libc::EPERM));
    socklab.trusted(&course).run().assert_done();
}

/// "accept sends no packet": the kernel counts the segments of either end. The
/// client's count stays, and the server's begins at none.
#[test]
fn accept_sends_no_segment() {
    let course = CourseDir::listener()
        .step("setsockopt server keepalive on")
        .step("accept server as conn")
        .step("setsockopt conn keepalive on")
        .step("recv conn 10")
        .write();
    let socklab = Socklab::paced_walk("0.5", ANY_PORT);
    let socklab = socklab.args(["--peer", "nc"]).trusted(&course);
    let mut running = socklab.start();
    let port = running.wait_port();
    running.stand_still();
    let client = connect(port);
    let segs = || segments(&client);
    until("the handshake is over", || segs().0 == 2);
    let before = segs();
    running.go_on();
    running.wait_event("the accepted connection", |event| {
        is(event, "view") && event["moment"] == "after" && !event["sockets"][1].is_null()
    });
    let conn = running.last("view")["sockets"][1].clone();
    assert_eq!(
        (&conn["segs_out"], &conn["segs_in"]),
        (&0.into(), &2.into())
    );
    assert_eq!(segs(), before);
    drop(client);
    running.finish().assert_done();
}
