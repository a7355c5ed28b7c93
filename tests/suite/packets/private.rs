//! A network of the run's own, and how a learner's client gets in.

use std::process::{Command, Stdio};

use super::{during, told};
use crate::support::{Socklab, is};

/// By the line that is printed, as it is printed.
#[test]
#[ignore = "needs unshare, nsenter, nc"]
fn the_learners_nc_gets_in() {
    // In a network of its own every port is free.
    let mut run = Socklab::new(["step", "accept", "--auto", "--json", "--peer", "nc"])
        .args(["--private", "--packets", "--patience", "20"])
        .args(["--addr", "127.0.0.1:6789"])
        .start();
    let told_of = run.wait_event("the way in", |event| is(event, "private"));
    run.wait_blocked("accept");
    let mut client = Command::new("sh")
        .args(["-c", told_of["enter"].as_str().unwrap()])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let run = run.finish();
    client.wait().unwrap();
    run.assert_done();
    let accepted = run.exits("server", "accept").remove(0);
    assert!(accepted["ret"].as_i64().unwrap() > 0, "{accepted}");
    let handshake = during(&told(&run), "accept");
    assert_eq!(handshake[..3], ["in SYN", "out SYN ACK", "in ACK"]);
}
