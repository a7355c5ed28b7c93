//! Where packets cannot be seen it is said once, and the run goes on.

use crate::support::{ANY_PORT, Refuse, Run, Socklab};

/// Without the privilege.
const ORDINARY: [&str; 4] = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"];

fn walk(socklab: Socklab) -> Run {
    let run = socklab
        .args(["--auto", "--json", "--packets", "--addr", ANY_PORT])
        .run();
    run.assert_done();
    assert!(run.all("packet").is_empty());
    run
}

#[test]
#[ignore = "needs setpriv"]
fn without_the_privilege_it_says_what_would_allow_it() {
    let run = walk(Socklab::new(["walk"]).under(ORDINARY));
    let said = run.only("packets");
    let why = said["why"].as_str().unwrap();
    assert_eq!(said["seen"], false);
    for word in [
        "CAP_NET_RAW (EPERM)",
        "sudo setcap cap_net_raw=ep /",
        "--private",
    ] {
        assert!(why.contains(word), "{why}");
    }
}

#[test]
#[ignore = "needs setpriv"]
fn where_no_network_of_its_own_is_allowed_either_it_goes_on() {
    let refused = Refuse::call(libc::SYS_unshare, libc::EPERM);
    let run = Socklab::new(["walk", "--private"]).under(ORDINARY);
    let run = walk(run.refuse(refused));
    let why = run.only("packets")["why"].to_string();
    assert!(
        why.contains("network of its own is refused here (EPERM)"),
        "{why}"
    );
    assert!(run.all("private").is_empty());
}

#[test]
fn a_unix_socket_sends_none() {
    let dir = crate::support::dir_of_test();
    let path = dir.join("s").display().to_string();
    let run = Socklab::new(["walk", "--auto", "--json", "--packets", "--addr", &path]).run();
    run.assert_done();
    let why = run.only("packets")["why"].to_string();
    assert!(why.contains("a unix socket sends none"), "{why}");
}

/// Nothing of it runs when nobody asks.
#[test]
fn nothing_is_told_unasked() {
    let run = Socklab::walk().run();
    for kind in ["packet", "packets", "private"] {
        assert!(run.all(kind).is_empty(), "{kind}");
    }
}

#[test]
fn what_makes_no_calls_has_no_packets() {
    for words in [["list", "--packets"], ["list", "--pcap=x"]] {
        let run = Socklab::new(words).run();
        assert_eq!(run.code, Some(2));
        assert!(
            run.stderr.contains("means nothing to `socklab list`"),
            "{}",
            run.stderr
        );
    }
}

/// A copy with a capability of its own sees packets; its actors have none, and can be
/// looked at.
#[test]
#[ignore = "needs setcap, root"]
fn a_file_that_has_the_capability_sees_packets() {
    let (_dir, copy) = crate::support::copy_for_everybody();
    let path = copy.display().to_string();
    crate::support::output("setcap", ["cap_net_raw=ep", &path]);
    let run = Socklab::new(["walk", "--auto", "--json", "--packets", "--addr", ANY_PORT])
        .binary(&copy)
        .under(crate::support::AS_NOBODY)
        .run();
    run.assert_done();
    assert_eq!(run.only("packets")["seen"], true);
    assert!(run.all("packet").len() >= 10);
    let plain = Socklab::walk()
        .binary(&copy)
        .under(crate::support::AS_NOBODY)
        .run();
    let unknown = |run: &Run| {
        let views = run.all("view");
        views.iter().filter(|it| !it["unknown"].is_null()).count()
    };
    assert_eq!((unknown(&run), unknown(&plain)), (0, 0));
}
