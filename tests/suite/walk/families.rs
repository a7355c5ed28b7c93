//! Other families and types than TCP over IPv4: each call as strace sees it, and
//! what the kernel gives.

use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::Path;

use crate::support::{CourseDir, Run, Socklab, StracedRun, connect, dir_of_test, straced};

/// A unix stream echo, from the first call to the removal of the file.
pub fn unix_echo(path: &Path) -> CourseDir {
    let path = path.display();
    CourseDir::new()
        .step("socket unix stream as server") // 1
        .step(&format!("bind server {path}"))
        .step("listen server 1")
        .step("accept server as conn") // 4
        .peer(
            "before",
            &format!("socket unix stream as c\nconnect c {path}\nsend c hello"),
        )
        .step("getsockopt conn peercred")
        .step("recv conn 100") // 6
        .step("send conn --received")
        .step("recvfrom conn 100") // 8
        .peer("before", "recv c 100\nsend c x\nclose c")
        .step("recv conn 100")
        .step("close conn") // 10
        .step("close server")
        .step(&format!("unlink {path}")) // 12
}

/// Two bound datagram sockets, and a third that nobody can answer.
pub fn unix_dgrams(server: &Path, client: &Path) -> CourseDir {
    let (server, client) = (server.display(), client.display());
    CourseDir::new()
        .step("socket unix dgram as server") // 1
        .step(&format!("bind server {server}"))
        .step("recvfrom server 100") // 3
        .peer(
            "before",
            &format!(
                "socket unix dgram as c\nbind c {client}\nsendto c {server} \"hi\\n\"\n\
                 sendto c {server} two"
            ),
        )
        .step("sendto server sender --received")
        .step("recvfrom server 2") // 5
        .peer("before", "recvfrom c 100")
        .step("recvfrom server 100") // 6
        .peer(
            "before",
            &format!("socket unix dgram as d\nsendto d {server} nobody"),
        )
        .step_with("fails=ENOTCONN", "sendto server sender x")
        .step(&format!("connect server {client}")) // 8
        .step("send server now")
        .peer("after", "recv c 100")
        .step_with("fails=EOPNOTSUPP", "listen server 1") // 10
        .step("close server")
        .peer("after", &format!("close c\nclose d\nunlink {client}"))
        .step(&format!("unlink {server}")) // 12
}

/// A UDP echo, by addresses and then connected.
pub fn udp_echo() -> CourseDir {
    CourseDir::new()
        .step("socket {domain} dgram as server") // 1
        .step("bind server {addr}")
        .step("recvfrom server 100") // 3
        .peer(
            "before",
            "socket {domain} dgram as c\nsendto c {addr} \"hi\\n\"\nsendto c {addr} \"\"\n\
             sendto c {addr} truncated",
        )
        .step("sendto server sender --received")
        .peer("after", "recvfrom c 100")
        .step("recvfrom server 100") // 5
        .step("recvfrom server 5")
        .step_with("fails=EOPNOTSUPP", "listen server 1") // 7
        .step("recv server 100")
        .peer("before", "connect c {addr}\nsend c --zeros 7")
        .step("close server") // 9
}

/// A listener of both IP versions, with a client of the older.
pub fn dual_stack() -> CourseDir {
    CourseDir::new()
        .step("socket inet6 stream as server") // 1
        .step("setsockopt server v6only off")
        .step("bind server {addr}")
        .step("listen server 1") // 4
        .step("accept server as conn")
        .peer(
            "before",
            "socket inet stream as c\nconnect c 127.0.0.1:{port}",
        )
        .expect("peer conn state=ESTABLISHED inode=*")
        .step("setsockopt conn nodelay on") // 6
        .step("send conn --zeros 40")
        .step("recv conn 100")
        .peer("before", "recv c 100\nshutdown c write")
        .step("close conn")
        .step("close server") // 10
}

fn done(socklab: Socklab) -> StracedRun {
    let straced = straced(socklab);
    straced.run.assert_done();
    straced
}

/// The path as strace writes an address of it, and its length.
fn named(path: &Path) -> String {
    let path = path.to_str().unwrap();
    format!(
        "{{sa_family=AF_UNIX, sun_path=\"{path}\"}}, {}",
        path.len() + 3
    )
}

#[test]
#[ignore = "needs strace"]
fn every_call_of_a_unix_stream_is_told_as_strace_sees_it() {
    let dir = dir_of_test();
    let course = unix_echo(&dir.join("x.sock")).write();
    let straced = done(Socklab::walk().trusted(&course));
    let told = straced.told("server");
    let path_at = named(&dir.join("x.sock"));
    assert_eq!(told[0], "socket(AF_UNIX, SOCK_STREAM, 0) = 3");
    assert_eq!(told[1], format!("bind(3, {path_at}) = 0"));
    assert_eq!(told[3], "accept(3, {sa_family=AF_UNIX}, [128 => 2]) = 4");
    let client = straced.run.exits("client", "socket")[0]["pid"].clone();
    // SAFETY: it only answers.
    let (uid, gid) = unsafe { (libc::getuid(), libc::getgid()) };
    assert_eq!(
        told[4],
        format!(
            "getsockopt(4, SOL_SOCKET, SO_PEERCRED, {{pid={client}, uid={uid}, gid={gid}}}, [12]) = 0"
        )
    );
    assert_eq!(told[7], r#"recvfrom(4, "x", 100, 0, ..., [128 => 0]) = 1"#);
    assert!(told[11].starts_with("unlink(\"/") && told[11].ends_with("x.sock\") = 0"));
    assert_eq!(told.len(), 12);
    assert!(!dir.join("x.sock").exists());
}

#[test]
#[ignore = "needs strace"]
fn every_call_of_unix_datagrams_is_told_as_strace_sees_it() {
    let dir = dir_of_test();
    let (server, client) = (dir.join("server"), dir.join("client"));
    let course = unix_dgrams(&server, &client).write();
    let straced = done(Socklab::walk().trusted(&course));
    let told = straced.told("server");
    let client_len = client.to_str().unwrap().len() + 3;
    let from = named(&client);
    let (from, _) = from.rsplit_once(", ").unwrap();
    assert_eq!(
        told[2],
        format!(r#"recvfrom(3, "hi\n", 100, 0, {from}, [128 => {client_len}]) = 3"#)
    );
    assert_eq!(
        told[3],
        format!(r#"sendto(3, "hi\n", 3, 0, {from}, {client_len}) = 3"#)
    );
    // The rest of a datagram that was not taken is lost.
    assert!(told[4].starts_with(r#"recvfrom(3, "tw", 2, 0, {sa_family"#));
    assert_eq!(
        told[5],
        r#"recvfrom(3, "nobody", 100, 0, ..., [128 => 0]) = 6"#
    );
    assert_eq!(told[6], r#"sendto(3, "x", 1, 0, NULL, 0) = -1 ENOTCONN"#);
    assert!(!server.exists() && !client.exists());
}

#[test]
#[ignore = "needs strace"]
fn every_call_of_udp_is_told_as_strace_sees_it() {
    for addr in ["127.0.0.1:0", "[::1]:0"] {
        let course = udp_echo().write();
        let straced = done(Socklab::walk_at(addr).trusted(&course));
        let told = straced.told("server");
        let len = if addr.starts_with('[') { 28 } else { 16 };
        assert!(told[2].starts_with(r#"recvfrom(3, "hi\n", 100, 0, {sa_family=AF_INET"#));
        assert!(told[2].contains(&format!("[128 => {len}]) = 3")));
        assert!(told[4].starts_with(r#"recvfrom(3, "", 100, 0, {sa_family=AF_INET"#));
        assert!(told[4].ends_with(" = 0"));
        assert!(told[5].contains(r#""trunc", 5, 0,"#) && told[5].ends_with(" = 5"));
        assert!(told[7].contains(r#""\0\0\0\0\0\0\0", 100, 0, NULL, NULL) = 7"#));
    }
}

#[test]
#[ignore = "needs strace"]
fn every_call_of_a_dual_stack_listener_is_told_as_strace_sees_it() {
    let course = dual_stack().write();
    let straced = done(Socklab::walk_at("[::]:0").trusted(&course));
    let told = straced.told("server");
    assert_eq!(told[1], "setsockopt(3, SOL_IPV6, IPV6_V6ONLY, [0], 4) = 0");
    assert!(told[4].contains(r#"inet_pton(AF_INET6, "::ffff:127.0.0.1", &sin6_addr)"#));
    assert_eq!(told[5], "setsockopt(4, SOL_TCP, TCP_NODELAY, [1], 4) = 0");
    let zeros = r"\0".repeat(32);
    assert_eq!(
        told[6],
        format!(r#"sendto(4, "{zeros}"..., 40, 0, NULL, 0) = 40"#)
    );
}

/// Any path is one word of a line when it is quoted, and told as it is.
#[test]
fn a_path_with_strange_letters_is_bound_and_removed() {
    let dir = dir_of_test();
    let path = dir.join("it's \"é\" \\ here");
    let word = format!("'{}'", path.display()).replace("it's", "it'\\''s");
    let course = CourseDir::new()
        .step("socket unix dgram as server")
        .step(&format!("bind server {word}"))
        .step("close server")
        .expect(&format!("path-left {word}"))
        .step(&format!("unlink {word}"))
        .expect(&format!("path-gone {word}"))
        .write();
    let run = Socklab::walk().trusted(&course).run();
    run.assert_done();
    run.assert_held();
    let shown = path.to_str().unwrap().replace('\\', "\\\\");
    let facts = &run.all("view")[4]["paths"];
    assert_eq!(facts[0]["path"], shown);
}

/// The bytes of a large send are made when they are sent, not before.
#[test]
fn a_send_of_zeros_takes_no_memory() {
    const MANY: usize = 50_000_000;
    let course = CourseDir::listener()
        .step("accept server as conn")
        .step(&format!("send conn --zeros {MANY}"))
        .step("recv conn 100")
        .write();
    let socklab = Socklab::walk().args(["--peer", "nc"]).trusted(&course);
    let mut running = socklab.start();
    let port = running.wait_port();
    let mut client = connect(port);
    // Nobody reads: it sleeps with its buffers full.
    let blocked = running.wait_blocked("sendto");
    let status = std::fs::read_to_string(format!("/proc/{}/status", blocked["pid"])).unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .map(|kb| kb.parse::<usize>().unwrap())
        .unwrap();
    assert!(peak < 30_000, "{peak} kB");
    let read = std::io::copy(
        &mut std::io::Read::take(&mut client, MANY as u64),
        &mut std::io::sink(),
    );
    assert_eq!(read.unwrap(), MANY as u64);
    client.shutdown(std::net::Shutdown::Write).unwrap();
    let run = running.finish();
    run.assert_done();
    let sent = &run.exits("server", "sendto")[0];
    assert_eq!(sent["ret"], MANY);
    assert_eq!(sent["args"][2], MANY.to_string());
}

/// What the course's bind met, with whatever `prepare` has put at the path.
fn bind_at<T>(prepare: impl FnOnce(&Path) -> T) -> (Run, String) {
    let dir = dir_of_test();
    let path = dir.join("x.sock");
    let _there = prepare(&path);
    let course = CourseDir::new()
        .step("socket unix stream as server")
        .step(&format!("bind server {}", path.display()))
        .write();
    let run = Socklab::walk().trusted(&course).run();
    assert_eq!(run.code, Some(1));
    let shown = path.display().to_string();
    (run, shown)
}

#[test]
fn a_path_that_an_earlier_run_left_is_explained() {
    let (run, path) = bind_at(|path| drop(UnixListener::bind(path).unwrap()));
    let failure = run.only("failure");
    assert_eq!(failure["errno"], "EADDRINUSE");
    let found = failure["found"][0].as_str().unwrap();
    assert!(
        found.contains(&format!("at {path} stands a socket, srw")),
        "{found}"
    );
    assert!(found.contains("an earlier run has left it"), "{found}");
    assert!(failure["holders"].as_array().unwrap().is_empty());
}

#[test]
fn a_path_that_is_held_names_its_holder() {
    let (run, path) = bind_at(|path| UnixListener::bind(path).unwrap());
    let failure = run.only("failure");
    let holders = failure["holders"].as_array().unwrap();
    assert_eq!(holders.len(), 1, "{failure}");
    assert_eq!(holders[0]["owner"]["pid"], std::process::id());
    assert_eq!(holders[0]["state"], "LISTEN");
    assert_eq!(holders[0]["local"], path);
    // Whoever accepted a connection there holds the path no more than before.
    let (run, _) = bind_at(|path| {
        let listener = UnixListener::bind(path).unwrap();
        let client = UnixStream::connect(path).unwrap();
        (listener.accept().unwrap(), listener, client)
    });
    assert_eq!(run.only("failure")["holders"].as_array().unwrap().len(), 1);
    let (run, _) = bind_at(|path| UnixDatagram::bind(path).unwrap());
    assert_eq!(run.only("failure")["holders"][0]["state"], "UNCONNECTED");
}

#[test]
fn a_file_that_is_no_socket_is_never_said_to_be_left() {
    let (run, _) = bind_at(|path| std::fs::write(path, "dear diary").unwrap());
    let failure = run.only("failure");
    let found = failure["found"][0].as_str().unwrap();
    assert!(found.contains("a file, -rw"), "{found}");
    assert!(found.contains("nobody's socket"), "{found}");
    assert!(!failure["advice"].to_string().contains("rm "), "{failure}");
}

/// UDP ports are not TCP ports: who holds one is looked for among its own.
#[test]
fn a_udp_port_that_is_held_names_its_holder() {
    let holder = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let addr = holder.local_addr().unwrap().to_string();
    let course = CourseDir::new()
        .step("socket inet dgram as server")
        .step("bind server {addr}")
        .write();
    let run = Socklab::walk_at(&addr).trusted(&course).run();
    let failure = run.only("failure");
    let holders = failure["holders"].as_array().unwrap();
    assert_eq!(holders.len(), 1, "{failure}");
    assert_eq!(holders[0]["owner"]["pid"], std::process::id());
    assert_eq!(holders[0]["state"], "UNCONNECTED");
}

/// Who answers a client that is gone is not told to start a server.
#[test]
fn a_datagram_client_that_is_gone_is_told_as_such() {
    let dir = dir_of_test();
    let at = |name: &str| dir.join(name).display().to_string();
    let (server, client) = (at("s"), at("c"));
    let course = CourseDir::new()
        .step("socket unix dgram as server")
        .step(&format!("bind server {server}"))
        .step("recvfrom server 100")
        .peer(
            "before",
            &format!(
                "socket unix dgram as client\nbind client {client}\nsendto client {server} hello"
            ),
        )
        .step("sendto server sender --received")
        .peer("before", &format!("close client\nunlink {client}"))
        .write();
    let run = Socklab::walk().trusted(&course).run();
    let failure = run.only("failure");
    assert_eq!(
        (&failure["call"], &failure["errno"]),
        (&"sendto".into(), &"ENOENT".into())
    );
    let meaning = failure["meaning"].as_str().unwrap();
    assert!(
        meaning.contains("the client's path") && meaning.contains(&client),
        "{meaning}"
    );
    assert!(
        failure["advice"][0]
            .as_str()
            .unwrap()
            .starts_with("start the client again")
    );
}
