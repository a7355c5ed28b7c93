//! Programs in several languages that meet every goal, and have no fault.

use std::process::Command;

use super::{check, compiled, faults, fixture, ids};
use crate::support::python_itself;

fn meets_all(group: &str, program: &[String]) {
    let place: &[&str] = if group == "client" {
        &["{host}", "{port}"]
    } else {
        &["0"]
    };
    let words = program.iter().map(String::as_str);
    let run = check(
        &[group, "--limit", "20"],
        words.chain(place.iter().copied()),
    );
    assert_eq!(ids(&run, false), [""; 0], "{}", run.stdout());
    assert_eq!(faults(&run), [""; 0], "{}", run.stdout());
    run.assert_done();
    let count = if group == "client" { 4 } else { 12 };
    assert_eq!(ids(&run, true).len(), count);
}

fn interpreted(by: &str, name: &str) -> Vec<String> {
    vec![by.into(), fixture(name).display().to_string()]
}

fn go(name: &str) -> Vec<String> {
    let to = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("check-{name}"));
    let source = fixture(name);
    let mut build = Command::new("go");
    let built = build.args(["build", "-o"]).args([&to, &source]).status();
    assert!(built.unwrap().success());
    vec![to.display().to_string()]
}

#[test]
#[ignore = "needs cc"]
fn a_server_and_a_client_in_c() {
    meets_all("server", &[compiled("server.c", "server", &[])]);
    meets_all("client", &[compiled("client.c", "client", &[])]);
}

#[test]
#[ignore = "needs python3"]
fn a_server_and_a_client_in_python() {
    meets_all("server", &interpreted(&python_itself(), "server.py"));
    meets_all("client", &interpreted(&python_itself(), "client.py"));
}

#[test]
#[ignore = "needs perl"]
fn a_server_and_a_client_in_perl() {
    meets_all("server", &interpreted("perl", "server.pl"));
    meets_all("client", &interpreted("perl", "client.pl"));
}

#[test]
#[ignore = "needs node"]
fn a_server_and_a_client_in_node() {
    meets_all("server", &interpreted("node", "server.js"));
    meets_all("client", &interpreted("node", "client.js"));
}

#[test]
#[ignore = "needs go"]
fn a_server_and_a_client_in_go() {
    meets_all("server", &go("server.go"));
    meets_all("client", &go("client.go"));
}

#[test]
#[ignore = "needs socat"]
fn a_program_that_nobody_here_wrote() {
    let listen = "TCP-LISTEN:{port},bind={host},reuseaddr,fork,backlog=16";
    let addr = crate::support::free_addr();
    let words = ["server", "--addr", &addr, "--limit", "20"];
    let run = check(&words, ["socat", listen, "EXEC:cat"]);
    run.assert_done();
    assert_eq!(faults(&run), [""; 0], "{}", run.stdout());
}

#[test]
#[ignore = "needs cc"]
fn a_server_that_is_right_in_an_unusual_way() {
    let program = compiled("unusual.c", "unusual", &[]);
    for way in [
        "reuseport",
        "passing",
        "two",
        "handler",
        "big",
        "capitals",
        "background",
    ] {
        let addr = format!("127.0.0.1:{}", crate::support::free_port());
        let words = ["server", "--addr", &addr, "--limit", "20"];
        let run = check(&words, [program.as_str(), way, "{port}"]);
        assert_eq!(ids(&run, false), [""; 0], "{way}: {}", run.stdout());
        assert_eq!(faults(&run), [""; 0], "{way}: {}", run.stdout());
        assert_eq!(run.code, Some(0), "{way}");
    }
}
