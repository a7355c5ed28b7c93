//! Serving more than one client in one process: O_NONBLOCK and poll.

use serde_json::Value;

use crate::support::{CourseDir, Run, Socklab, straced};

#[test]
#[ignore = "needs strace"]
fn polling_is_told_as_strace_sees_it() {
    let course = polling().write();
    let run = straced(Socklab::walk().chapters(&course)).run;
    run.assert_done();
    assert_polled(&run);
}

fn polling() -> CourseDir {
    CourseDir::listener()
        .step("nonblock server on")
        .step_with("fails=EAGAIN", "accept server as none")
        .step("poll server --timeout 0")
        .step("poll server --timeout 30")
        .step("poll server")
        .peer("during", "socket {domain} stream as c\nconnect c {addr}")
        .step("accept server as conn")
        .step("poll server conn --timeout 0")
        .step("nonblock server off")
        .step("poll server conn")
        .peer("during", "send c \"x\"\nclose c")
        .step("recv conn 10")
        .step("poll server conn --timeout -1")
        .step("recv conn 10")
}

fn assert_polled(run: &Run) {
    let polls = run.exits("server", "poll");
    let answers: Vec<(i64, &str)> = polls
        .iter()
        .map(|event| {
            (
                event["ret"].as_i64().unwrap(),
                event["note"].as_str().unwrap(),
            )
        })
        .collect();
    let readable = "[{fd=3, revents=POLLIN}]";
    let one_readable = "[{fd=4, revents=POLLIN}]";
    assert_eq!(
        answers,
        [
            (0, "Timeout"),
            (0, "Timeout"),
            (1, readable),
            (0, "Timeout"),
            (1, one_readable),
            (1, one_readable),
        ]
    );
    assert!(polls[1]["took_us"].as_u64().unwrap() >= 30_000);
    let flags = run.exits("server", "fcntl");
    assert_eq!(flags[0]["args"][2], "O_RDWR|O_NONBLOCK");
    assert_eq!(flags[1]["args"][2], "O_RDWR");
    assert_eq!(run.exits("server", "accept")[0]["errno"], "EAGAIN");
}

#[test]
fn a_poll_says_what_is_readable() {
    let course = polling().write();
    let run = Socklab::walk().chapters(&course).run();
    run.assert_done();
    assert_polled(&run);
    // It really slept, in the call that it was said to be in.
    let slept: Vec<Value> = run
        .all("blocked")
        .into_iter()
        .filter(|event| event["call"] == "poll")
        .collect();
    assert!(slept.len() >= 2);
    assert!(slept.iter().all(|event| event["state"] == "S"));
}
