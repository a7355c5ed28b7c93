//! `socklab play FILE`: the scripts that are shipped, and how a script ends.

use crate::support::{ANY_PORT, Run, Socklab, dir_of_test};

fn play(words: &[&str]) -> Run {
    Socklab::new(["play", "--json", "--addr", ANY_PORT])
        .args(words)
        .run()
}

#[test]
fn every_shipped_script_holds() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/chapters/scripts");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path().display().to_string();
        let run = play(&[&path]);
        assert_eq!(run.stderr, "", "{path}");
        run.assert_held();
        run.assert_done();
        assert!(!run.all("expect").is_empty(), "{path} expects nothing");
        count += 1;
    }
    assert!(count >= 16, "{count}");
}

#[test]
fn scripts_play_in_every_domain_that_they_are_for() {
    let dir = dir_of_test();
    let path = dir.join("s").display().to_string();
    let of_streams = ["sendfile", "fd-passing"];
    let of_the_internet = [
        "half-close",
        "linger",
        "backlog",
        "nagle",
        "self-connect",
        "udp",
    ];
    let v6 = of_streams.iter().chain(&of_the_internet);
    let v6 = v6.map(|name| (name, "[::1]:0".to_string()));
    let unix = of_streams.iter().map(|name| (name, path.clone()));
    for (name, addr) in v6.chain(unix) {
        let file = format!(
            "{}/chapters/scripts/{name}.socklab",
            env!("CARGO_MANIFEST_DIR")
        );
        let run = Socklab::new(["play", "--json", "--addr", &addr, &file]).run();
        assert_eq!(run.stderr, "", "{name} {addr}");
        run.assert_held();
        run.assert_done();
    }
}

#[test]
fn it_stops_at_the_first_unmet_expectation() {
    let dir = dir_of_test();
    dir.write(
        "a.socklab",
        "# one\nsocket inet stream as s\nexpect s state=LISTEN\nclose s\n",
    );
    let path = dir.join("a.socklab").display().to_string();
    let run = play(&[&path]);
    assert_eq!(run.code, Some(1));
    let said = format!("socklab: {path}:3: expected s state=LISTEN, seen: state is CLOSED\n");
    assert_eq!(run.stderr, said);
    assert!(run.exits("server", "close").is_empty());
    let run = play(&["--keep-going", &path]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), said.as_str()));
    assert_eq!(run.exits("server", "close").len(), 1);
}

#[test]
fn a_wrong_line_ends_a_script() {
    let dir = dir_of_test();
    dir.write("a.socklab", "socket inet stream as s\nbind s\nclose s\n");
    let path = dir.join("a.socklab").display().to_string();
    let run = play(&[&path]);
    assert_eq!(run.code, Some(1));
    assert_eq!(
        run.stderr,
        format!("socklab: {path}:2: ADDRESS is missing\n")
    );
    assert!(run.exits("server", "close").is_empty());
}

#[test]
fn a_file_that_is_not_there_is_said() {
    let run = play(&["/nonexistent/x.socklab"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr
            .contains("opening /nonexistent/x.socklab: ENOENT"),
        "{}",
        run.stderr
    );
}

/// A `recv` returns 0 for more reasons than one.
#[test]
fn a_count_of_0_is_told_as_what_it_is() {
    let dir = dir_of_test();
    let script = "socket inet stream as s
bind s {addr}
listen s 2
client: socket inet stream as c
client: connect c {addr}
accept s as conn
send conn x
client: expect c recv_q=1
client: close c
expect conn state=CLOSED
recv conn 9
recv conn 9
close conn
client: socket inet stream as c
client: connect c {addr}
accept s as conn
client: close c
expect conn state=CLOSE-WAIT
recv conn 9
socket inet dgram as u
bind u {addr}
sendto u {addr} \"\"
recv u 9
";
    dir.write("ends.socklab", script);
    let path = dir.join("ends.socklab").display().to_string();
    let report = dir.join("report.html").display().to_string();
    let words = ["play", "--addr", ANY_PORT, "--report", &report, &path];
    let run = Socklab::new(words).run();
    let text = run.stdout();
    let page = std::fs::read_to_string(report).unwrap();
    let [mut told, mut drawn] = [&text[..], &page[..]];
    for end in [
        "the connection is over",
        "the peer has closed its side",
        "an empty datagram",
    ] {
        for rest in [&mut told, &mut drawn] {
            let (before, after) = rest
                .split_once(end)
                .unwrap_or_else(|| panic!("{end}: {rest}"));
            assert!(before.rfind("0 bytes").is_some(), "{before}");
            *rest = after;
        }
    }
    for rest in [told, drawn] {
        assert!(!rest.contains("0 bytes"), "{rest}");
    }
    // Whose it is that has changed by itself.
    let look = "look    server: fd 3: accept queue 1/2";
    assert!(text.contains(look), "{text}");
}
