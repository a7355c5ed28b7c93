//! Calls that fail, each provoked for real: what was tried, the errno by name,
//! what it means, what was found, what to do, and the exit code.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use socket2::{Domain, SockAddr, Socket, Type};

use crate::support::{
    CourseDir, Refuse, Run, Socklab, TempDir, dir_of_test, free_port, in_own_network,
    tcp_rows_of_port, until,
};

fn walk_at(addr: &str) -> Socklab {
    Socklab::new(["walk", "--auto", "--json", "--addr", addr])
}

/// The failure of a run that ended with it: in the events, and in words on
/// stderr.
fn taught(run: &Run, call: &str, errno: &str) -> Value {
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(run.only("end")["status"], "failed");
    let failure = run.only("failure");
    assert_eq!(failure["call"], call);
    assert_eq!(failure["errno"], errno);
    let exit = run.exits("server", call).pop().unwrap();
    assert_eq!(exit["ret"], -1);
    assert_eq!(exit["errno"], errno);
    let mut entered = run.all("enter");
    entered.retain(|enter| enter["call"] == call);
    assert_eq!(failure["args"], entered.pop().unwrap()["args"]);
    let meaning = failure["meaning"].as_str().unwrap();
    let advice = failure["advice"].as_array().unwrap();
    assert!(!meaning.is_empty() && !advice.is_empty());
    let said = one_line(&run.stderr);
    assert!(said.contains(&format!("failed: {call}(")), "{said}");
    assert!(said.contains(errno), "{said}");
    assert!(said.contains(meaning), "{said}");
    for line in advice {
        assert!(said.contains(line.as_str().unwrap()), "{line}: {said}");
    }
    failure
}

/// Text without its line breaks.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn says(texts: &Value, wanted: &str) {
    let found = texts.as_array().unwrap().iter();
    let mut found = found.filter(|text| text.as_str().unwrap().contains(wanted));
    assert!(found.next().is_some(), "{wanted}: {texts}");
}

#[test]
fn a_port_that_somebody_listens_on_names_the_process() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = holder.local_addr().unwrap().to_string();
    let run = walk_at(&addr).run();
    let failure = taught(&run, "bind", "EADDRINUSE");
    let [held] = failure["holders"].as_array().unwrap().as_slice() else {
        panic!("{failure}");
    };
    assert_eq!(held["state"], "LISTEN");
    assert_eq!(held["local"], addr);
    assert_eq!(held["owner"]["pid"], std::process::id());
    let pid = format!("pid {}", std::process::id());
    assert!(held["text"].as_str().unwrap().contains(&pid));
    assert!(one_line(&run.stderr).contains(&pid), "{}", run.stderr);
    says(&failure["advice"], "--addr");
}

#[test]
fn a_second_walk_on_the_port_names_the_first() {
    let mut first = walk_at("127.0.0.1:0").args(["--peer", "nc"]).start();
    let port = first.wait_port();
    let blocked = first.wait_blocked("accept");
    let run = walk_at(&format!("127.0.0.1:{port}")).run();
    let failure = taught(&run, "bind", "EADDRINUSE");
    let held = &failure["holders"][0];
    assert_eq!(held["owner"]["pid"], blocked["pid"]);
    assert_eq!(held["owner"]["name"], "socklab");
}

#[test]
#[ignore = "needs Linux 6.8"]
fn a_port_that_is_bound_and_not_listening_names_the_process() {
    let holder = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let addr = std::net::SocketAddr::from(([127, 0, 0, 1], free_port()));
    holder.bind(&SockAddr::from(addr)).unwrap();
    let run = walk_at(&addr.to_string()).run();
    let failure = taught(&run, "bind", "EADDRINUSE");
    // No list of ss shows it: it is found all the same (Linux 6.8 and later).
    let held = &failure["holders"][0];
    assert_eq!(held["state"], "CLOSED");
    assert_eq!(held["owner"]["pid"], std::process::id());
}

/// A server that closed its connection first, and its listener after it.
fn leave_time_wait(port: u16) {
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let (server, _) = listener.accept().unwrap();
    drop(server);
    drop(client);
    drop(listener);
    const TIME_WAIT: u8 = 6;
    until("the port is in TIME-WAIT", || {
        let rows = tcp_rows_of_port(port);
        rows.len() == 1 && rows[0].state == TIME_WAIT && rows[0].local_port == port
    });
}

#[test]
fn a_port_in_time_wait_says_how_long_still() {
    let port = free_port();
    leave_time_wait(port);
    let addr = format!("127.0.0.1:{port}");
    let run = walk_at(&addr).args(["--no-reuseaddr"]).run();
    assert!(run.exits("server", "setsockopt").is_empty());
    let failure = taught(&run, "bind", "EADDRINUSE");
    let held = &failure["holders"][0];
    assert_eq!(held["state"], "TIME-WAIT");
    assert_eq!(held["local"], addr);
    assert!(held["owner"].is_null());
    let ms = held["expires_ms"].as_u64().unwrap();
    assert!(ms > 0 && ms <= 60_000, "{ms}");
    let text = held["text"].as_str().unwrap();
    let seconds = format!("{:.1} s", ms as f64 / 1000.0);
    assert!(text.contains(&seconds), "{text}");
    assert!(text.contains("no process holds it"), "{text}");
    assert!(one_line(&run.stderr).contains(&one_line(text)));
    says(&failure["advice"], "TIME-WAIT");
}

#[test]
fn with_reuseaddr_a_port_in_time_wait_is_no_obstacle() {
    let port = free_port();
    leave_time_wait(port);
    walk_at(&format!("127.0.0.1:{port}")).run().assert_done();
}

#[test]
fn an_address_that_is_not_ours_is_said_to_be_nobodys() {
    // TEST-NET-1 of RFC 5737: nobody's.
    let run = walk_at("192.0.2.1:6789").run();
    let failure = taught(&run, "bind", "EADDRNOTAVAIL");
    says(&failure["advice"], "ip addr");
    assert!(failure["meaning"].as_str().unwrap().contains("address"));
}

#[test]
fn a_bad_address_is_a_usage_error_that_shows_a_good_one() {
    for addr in [
        "nonsense",
        "127.0.0.1",
        "127.0.0.1:",
        ":6789",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "127.0.0.1:http",
        "::1:6789",
        "[::1]",
        "[::1:6789",
        "",
    ] {
        let run = Socklab::new(["walk", "--auto", "--json", "--addr", addr]).run();
        assert_eq!(run.code, Some(2), "{addr}: {}", run.stderr);
        assert_eq!(run.stdout(), "", "{addr}");
        assert!(run.stderr.contains("--addr"), "{addr}: {}", run.stderr);
        assert!(run.stderr.contains("HOST:PORT"), "{addr}: {}", run.stderr);
    }
}

#[test]
#[ignore = "needs a network namespace"]
fn a_name_that_has_no_address_is_a_usage_error() {
    let socklab = walk_at("nobody.invalid:6789");
    let run = in_own_network(socklab, "ip link set lo up").run();
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    let said = one_line(&run.stderr);
    assert!(
        said.contains("the name 'nobody.invalid' has no address"),
        "{said}"
    );
}

#[test]
fn a_name_is_resolved() {
    walk_at("localhost:0").run().assert_done();
}

/// A copy that everybody may run: the build's folder may be closed to others.
fn copy_for_everybody() -> (TempDir, std::path::PathBuf) {
    let dir = dir_of_test();
    let copy = dir.join("socklab");
    std::fs::copy(env!("CARGO_BIN_EXE_socklab"), &copy).unwrap();
    for path in [dir.path(), &copy] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    (dir, copy)
}

const AS_NOBODY: [&str; 7] = [
    "setpriv",
    "--reuid",
    "65534",
    "--regid",
    "65534",
    "--clear-groups",
    "--",
];

#[test]
#[ignore = "needs root, setpriv and a network namespace"]
fn a_privileged_port_is_refused_to_an_ordinary_user() {
    let (_dir, copy) = copy_for_everybody();
    // A new namespace has the kernel's own limit, 1024.
    let run = walk_at("127.0.0.1:80")
        .binary(&copy)
        .under([
            "unshare",
            "-n",
            "sh",
            "-ec",
            "ip link set lo up; exec \"$@\"",
            "sh",
        ])
        .under(AS_NOBODY)
        .run();
    let failure = taught(&run, "bind", "EACCES");
    says(&failure["found"], "ports below 1024 need privilege");
    says(&failure["advice"], "1024");
}

#[test]
#[ignore = "needs root and setpriv"]
fn a_holder_that_may_not_be_looked_into_is_told_by_its_user_id() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = holder.local_addr().unwrap().to_string();
    let (_dir, copy) = copy_for_everybody();
    let run = walk_at(&addr).binary(&copy).under(AS_NOBODY).run();
    let failure = taught(&run, "bind", "EADDRINUSE");
    let held = &failure["holders"][0];
    assert_eq!(held["state"], "LISTEN");
    assert!(held["owner"].is_null());
    assert_eq!(held["uid"], 0);
    let text = held["text"].as_str().unwrap();
    assert!(text.contains("user id 0"), "{text}");
    assert!(text.contains("may not be seen"), "{text}");
}

#[test]
#[ignore = "needs root and setpriv"]
fn an_ordinary_user_walks_the_whole_course() {
    let (_dir, copy) = copy_for_everybody();
    let run = walk_at("127.0.0.1:0").binary(&copy).under(AS_NOBODY).run();
    run.assert_done();
    assert!(run.all("expect").iter().all(|line| line["held"] == true));
}

#[test]
#[ignore = "needs a network namespace"]
fn a_host_without_ipv6_says_so() {
    let setup = "ip link set lo up\necho 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6";
    let run = in_own_network(walk_at("[::1]:6789"), setup).run();
    let failure = taught(&run, "bind", "EADDRNOTAVAIL");
    says(&failure["found"], "IPv6 is off");
    let run = in_own_network(walk_at("127.0.0.1:6789"), setup).run();
    run.assert_done();
}

#[test]
fn a_kernel_that_does_not_speak_ipv6_says_so() {
    let refused = Refuse {
        number: libc::SYS_socket,
        args: [Some((0, libc::AF_INET6 as u32)), None],
        errno: libc::EAFNOSUPPORT,
    };
    let run = walk_at("[::1]:0").refuse(refused).run();
    let failure = taught(&run, "socket", "EAFNOSUPPORT");
    says(&failure["advice"], "127.0.0.1");
}

#[test]
fn two_listeners_on_one_port_fail_at_listen() {
    // Both with SO_REUSEADDR: both may bind, one may listen.
    let first = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    first.set_reuse_address(true).unwrap();
    let addr = std::net::SocketAddr::from(([127, 0, 0, 1], free_port()));
    first.bind(&SockAddr::from(addr)).unwrap();
    let socklab = Socklab::new(["walk", "--auto=0.8", "--json"]);
    let mut running = socklab.args(["--addr", &addr.to_string()]).start();
    running.wait_pause("listen");
    running.stand_still();
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
    let run = walk_at("127.0.0.1:0").refuse(refused).run();
    let failure = taught(&run, "socket", "EMFILE");
    says(&failure["advice"], "ulimit");
    // And where socklab itself cannot work, it says what it was doing.
    let run = walk_at("127.0.0.1:0").under(limit).run();
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
        let run = walk_at("127.0.0.1:0").chapters(&course.write()).run();
        taught(&run, call, errno);
    }
}

#[test]
fn nobody_who_connects_is_waited_for_only_so_long() {
    let socklab = walk_at("127.0.0.1:0");
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
    let socklab = walk_at("127.0.0.1:0");
    let mut running = socklab.args(["--peer", "nc", "--patience", "1"]).start();
    let port = running.wait_port();
    let _silent = TcpStream::connect(("127.0.0.1", port)).unwrap();
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
    let mut running = walk_at("127.0.0.1:0").args(["--peer", "nc"]).start();
    let client = TcpStream::connect(("127.0.0.1", running.wait_port())).unwrap();
    running.wait_blocked("recvfrom");
    reset(client);
    let run = running.finish();
    let failure = taught(&run, "recvfrom", "ECONNRESET");
    assert!(failure["meaning"].as_str().unwrap().contains("reset"));
    // It is closed all the same, and nothing of it is left.
    assert_eq!(run.exits("server", "close").len(), 2);
    assert!(run.all("expect").iter().all(|line| line["held"] == true));
}

/// A close that sends RST instead of FIN.
fn reset(client: TcpStream) {
    let socket = socket2::SockRef::from(&client);
    let zero = Some(std::time::Duration::ZERO);
    socket.set_linger(zero).unwrap();
}

#[test]
fn a_peer_that_leaves_its_echo_unread_resets() {
    let mut running = walk_at("127.0.0.1:0").args(["--peer", "nc"]).start();
    let mut client = TcpStream::connect(("127.0.0.1", running.wait_port())).unwrap();
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
    let socklab = Socklab::new(["walk", "--auto=0.8", "--json", "--addr", "127.0.0.1:0"]);
    let mut running = socklab.args(["--peer", "nc"]).start();
    let port = running.wait_port();
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    std::io::Write::write_all(&mut client, b"hello").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    running.wait_pause("sendto");
    running.stand_still();
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
    let mut running = walk_at("127.0.0.1:0").args(["--peer", "nc"]).start();
    let blocked = running.wait_blocked("accept");
    let pid = u32::try_from(blocked["pid"].as_u64().unwrap()).unwrap();
    crate::support::kill(pid, libc::SIGKILL);
    let run = running.finish();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let failure = run.only("failure");
    assert_eq!(failure["call"], "accept");
    let meaning = failure["meaning"].as_str().unwrap();
    assert!(meaning.contains("signal 9"), "{meaning}");
    assert_eq!(run.only("end")["status"], "failed");
}
