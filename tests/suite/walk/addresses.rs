//! Addresses one cannot have, each tried for real: taken ports, privileged ones,
//! other machines', no IPv6.

use std::net::{TcpListener, TcpStream};

use serde_json::Value;

use crate::support::{
    AS_NOBODY, CourseDir, Refuse, Socklab, address, bound, connect, copy_for_everybody, free_addr,
    free_port, in_own_network, is_in_time_wait, one_line, says, straced, taught, until,
};

#[test]
fn a_port_that_somebody_listens_on_names_the_process() {
    let holder = TcpListener::bind(free_addr()).unwrap();
    let addr = holder.local_addr().unwrap().to_string();
    let run = Socklab::walk_at(&addr).run();
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
    says(&failure["advice"], &format!("kill {}", std::process::id()));
    says(&failure["advice"], "--addr");
}

/// The same port of another address is in nobody's way.
#[test]
fn only_who_holds_the_address_is_named() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = holder.local_addr().unwrap();
    let _beside = TcpListener::bind(("127.0.0.2", addr.port())).unwrap();
    let run = Socklab::walk_at(&addr.to_string()).run();
    let failure = taught(&run, "bind", "EADDRINUSE");
    let holders = failure["holders"].as_array().unwrap();
    assert_eq!(holders.len(), 1, "{failure}");
    assert_eq!(holders[0]["local"], addr.to_string());
    // Whoever has every address has this one.
    let every = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = every.local_addr().unwrap().port();
    let run = Socklab::walk_at(&format!("127.0.0.1:{port}")).run();
    let failure = taught(&run, "bind", "EADDRINUSE");
    assert_eq!(failure["holders"][0]["local"], format!("0.0.0.0:{port}"));
}

#[test]
fn a_port_that_the_lesson_itself_holds_is_no_reason_to_kill() {
    let course = CourseDir::new()
        .step("socket inet stream as one")
        .step("bind one {addr}")
        .step("listen one 1")
        .step("socket inet stream as two")
        .step("bind two {addr}")
        .write();
    let run = Socklab::walk_at("127.0.0.1:0").chapters(&course).run();
    let failure = run.only("failure");
    assert_eq!(failure["holders"][0]["owner"]["pid"], failure["pid"]);
    says(&failure["advice"], "close that socket first");
    assert!(!failure["advice"].to_string().contains("kill"), "{failure}");
}

#[test]
fn a_second_walk_on_the_port_names_the_first() {
    let mut first = Socklab::walk().args(["--peer", "nc"]).start();
    let port = first.wait_port();
    let blocked = first.wait_blocked("accept");
    let run = Socklab::walk_at(&format!("127.0.0.1:{port}")).run();
    let failure = taught(&run, "bind", "EADDRINUSE");
    let held = &failure["holders"][0];
    assert_eq!(held["owner"]["pid"], blocked["pid"]);
    assert_eq!(held["owner"]["name"], "socklab");
}

#[test]
#[ignore = "needs Linux 6.8"]
fn a_port_that_is_bound_and_not_listening_names_the_process() {
    let holder = bound(free_port());
    let run = Socklab::walk_at(&address(&holder).to_string()).run();
    let failure = taught(&run, "bind", "EADDRINUSE");
    // No list of ss shows it: it is found all the same (Linux 6.8 and later).
    let held = &failure["holders"][0];
    assert_eq!(held["state"], "CLOSED");
    assert_eq!(held["owner"]["pid"], std::process::id());
}

/// A connection of a server on a port of its own, and its client's end; the listener
/// is closed again.
fn connection(reuse: bool) -> (TcpStream, TcpStream, u16) {
    // The standard library sets SO_REUSEADDR.
    let listener = if reuse {
        TcpListener::bind(free_addr()).unwrap()
    } else {
        let socket = bound(free_port());
        socket.listen(1).unwrap();
        socket.into()
    };
    let port = listener.local_addr().unwrap().port();
    let client = connect(port);
    let (server, _) = listener.accept().unwrap();
    (server, client, port)
}

/// A server that closed its connection first, and its listener.
fn leave_time_wait(reuse: bool) -> u16 {
    let (server, client, port) = connection(reuse);
    drop(server);
    drop(client);
    until("the port is in TIME-WAIT", || is_in_time_wait(port));
    port
}

#[test]
fn a_port_in_time_wait_says_how_long_still() {
    let port = leave_time_wait(true);
    let addr = format!("127.0.0.1:{port}");
    let run = Socklab::walk_at(&addr).args(["--no-reuseaddr"]).run();
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
    let seconds = ms.div_ceil(1000);
    says(
        &failure["advice"],
        &format!("TIME-WAIT lasts {seconds} s more"),
    );
    says(&failure["advice"], "set SO_REUSEADDR before bind");
}

/// Set on one of the two sockets, the option does not help.
#[test]
fn a_socket_that_had_not_set_reuseaddr_is_why_ours_does_not_help() {
    let port = leave_time_wait(false);
    let run = Socklab::walk_at(&format!("127.0.0.1:{port}")).run();
    assert_eq!(run.exits("server", "setsockopt").len(), 1);
    let failure = taught(&run, "bind", "EADDRINUSE");
    assert_eq!(failure["holders"][0]["state"], "TIME-WAIT");
    says(
        &failure["advice"],
        "does not help: the socket that was here had not set it",
    );
}

#[test]
fn an_accepted_connection_that_lives_on_holds_the_port() {
    let (server, _client, port) = connection(true);
    let socklab = || Socklab::walk_at(&format!("127.0.0.1:{port}"));
    let failure = taught(
        &socklab().args(["--no-reuseaddr"]).run(),
        "bind",
        "EADDRINUSE",
    );
    assert_eq!(failure["holders"][0]["state"], "ESTABLISHED");
    assert!(
        failure["meaning"]
            .as_str()
            .unwrap()
            .contains("closing a listener")
    );
    says(&failure["advice"], &format!("kill {}", std::process::id()));
    says(&failure["advice"], "set SO_REUSEADDR before bind");
    // With the option on both it is no obstacle.
    socklab().run().assert_done();
    // Closed by us alone, the kernel has it, and no process.
    drop(server);
    let failure = taught(
        &socklab().args(["--no-reuseaddr"]).run(),
        "bind",
        "EADDRINUSE",
    );
    let held = &failure["holders"][0];
    assert!(held["owner"].is_null() && held["text"].as_str().unwrap().contains("no process"));
    assert!(
        failure["meaning"].as_str().unwrap().contains("FIN-WAIT"),
        "{failure}"
    );
}

#[test]
fn with_reuseaddr_a_port_in_time_wait_is_no_obstacle() {
    let port = leave_time_wait(true);
    Socklab::walk_at(&format!("127.0.0.1:{port}"))
        .run()
        .assert_done();
}

#[test]
fn an_address_that_is_not_ours_is_said_to_be_nobodys() {
    // TEST-NET-1 of RFC 5737: nobody's.
    let run = Socklab::walk_at("192.0.2.1:6789").run();
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
        let run = Socklab::walk_at(addr).run();
        assert_eq!(run.code, Some(2), "{addr}: {}", run.stderr);
        assert_eq!(run.stdout(), "", "{addr}");
        assert!(run.stderr.contains("--addr"), "{addr}: {}", run.stderr);
        assert!(run.stderr.contains("HOST:PORT"), "{addr}: {}", run.stderr);
    }
}

#[test]
#[ignore = "needs a network namespace"]
fn a_name_that_has_no_address_is_a_usage_error() {
    let socklab = Socklab::walk_at("nobody.invalid:6789");
    let run = in_own_network(socklab, "ip link set lo up").run();
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    let said = one_line(&run.stderr);
    assert!(
        said.contains("the name 'nobody.invalid' has no address"),
        "{said}"
    );
}

/// A link-local address is one of an interface, named or numbered.
#[test]
#[ignore = "needs a network namespace"]
fn a_link_local_address_is_walked() {
    let setup = "ip link set lo up\nip addr add fe80::1/64 dev lo nodad";
    for words in [
        &["walk", "--addr", "[fe80::1%lo]:0"][..],
        &["walk", "--addr", "[fe80::1%1]:0"],
        &["walk", "--addr", "[fe80::1%lo]:0", "--type", "dgram"],
        &["walk", "--addr", "[fe80::1%lo]:0", "--role", "client"],
    ] {
        let socklab = Socklab::new(words).args(["--auto", "--json"]);
        let run = in_own_network(socklab, setup).run();
        run.assert_done();
        run.assert_held();
        let views = run.all("view");
        let local = |view: &Value| view["sockets"][0]["local"].as_str().map(str::to_string);
        let found: Vec<String> = views.iter().filter_map(local).collect();
        assert!(
            found.iter().any(|addr| addr.starts_with("[fe80::1%1]:")),
            "{found:?}"
        );
        // The other end is found by the kernel's row of it.
        let ends = views
            .iter()
            .any(|view| view["ends"][0]["theirs"] == "ESTABLISHED");
        assert!(ends || words.contains(&"dgram"), "{words:?}");
    }
    let socklab = Socklab::new(["read", "bind", "--addr", "[fe80::1%lo]:6789"]);
    let shown = in_own_network(socklab, setup).run().stdout();
    assert!(shown.contains("nc -v fe80::1%1 6789"), "{shown}");
}

#[test]
fn a_name_is_resolved() {
    Socklab::walk_at("localhost:0").run().assert_done();
}

#[test]
#[ignore = "needs root, setpriv and a network namespace"]
fn a_privileged_port_is_refused_to_an_ordinary_user() {
    let (_dir, copy) = copy_for_everybody();
    // A new namespace has the kernel's own limit, 1024.
    let run = Socklab::walk_at("127.0.0.1:80")
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
    let run = Socklab::walk_at(&addr).binary(&copy).under(AS_NOBODY).run();
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
    let run = Socklab::walk().binary(&copy).under(AS_NOBODY).run();
    run.assert_done();
    run.assert_held();
}

#[test]
#[ignore = "needs a network namespace"]
fn a_host_without_ipv6_says_so() {
    let setup = "ip link set lo up\necho 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6";
    let run = in_own_network(Socklab::walk_at("[::1]:6789"), setup).run();
    let failure = taught(&run, "bind", "EADDRNOTAVAIL");
    says(&failure["found"], "IPv6 is off");
    let run = in_own_network(Socklab::walk_at("127.0.0.1:6789"), setup).run();
    run.assert_done();
}

#[test]
#[ignore = "needs a network namespace"]
fn a_loopback_that_is_down_is_named_at_once() {
    // A new network namespace, as it is.
    let run = in_own_network(Socklab::walk_at("127.0.0.1:0"), "").run();
    // The built-in client finds out, and nobody waits for it.
    let failure = taught(&run, "connect", "ENETUNREACH");
    assert_eq!(failure["task"], "client");
    says(&failure["found"], "lo) is down");
    says(&failure["advice"], "ip link set lo up");
    let run = in_own_network(Socklab::walk_at("[::1]:0"), "").run();
    let failure = taught(&run, "bind", "EADDRNOTAVAIL");
    says(&failure["advice"], "ip link set lo up");
}

#[test]
fn a_kernel_that_does_not_speak_ipv6_says_so() {
    let refused = Refuse {
        number: libc::SYS_socket,
        args: [Some((0, libc::AF_INET6 as u32)), None],
        errno: libc::EAFNOSUPPORT,
    };
    let run = Socklab::walk_at("[::1]:0").refuse(refused).run();
    let failure = taught(&run, "socket", "EAFNOSUPPORT");
    says(&failure["advice"], "127.0.0.1");
}

/// A socket has the name that strace sees it ask for, and before bind none.
#[test]
#[ignore = "needs strace"]
fn a_program_can_ask_for_its_address() {
    let course = CourseDir::new()
        .step("socket {domain} stream as server")
        .step("getsockname server")
        .step("bind server {addr}")
        .step("getsockname server")
        .write();
    let run = straced(Socklab::walk().chapters(&course)).run;
    run.assert_done();
    let asked = run.exits("server", "getsockname");
    let [before, after] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert!(before["args"][1].as_str().unwrap().contains("htons(0)"));
    let view = run.all("view").pop().unwrap();
    let local = view["sockets"][0]["local"].as_str().unwrap();
    let port = local.rsplit_once(':').unwrap().1;
    assert!(after["args"][1].as_str().unwrap().contains(port), "{after}");
}
