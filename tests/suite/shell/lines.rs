//! Lines from a pipe: what each does, and how the run ends.

use std::time::Instant;

use super::{CONNECTED, piped, piped_to};
use crate::support::{ANY_PORT, Socklab};

#[test]
fn two_actors_talk_and_every_expectation_is_told() {
    let run = piped(&format!(
        "{CONNECTED}
        client: send c 'hi'
        recv a 100
        expect returned 2
        expect a state=ESTABLISHED
        client: expect c peer={{addr}}"
    ));
    run.assert_done();
    run.assert_held();
    assert_eq!(run.all("expect").len(), 3);
    assert_eq!(run.exits("server", "recvfrom")[0]["args"][1], "\"hi\"");
}

#[test]
fn a_call_that_sleeps_lets_others_go_on() {
    let run = piped(
        "socket inet stream as s
        bind s {addr}
        listen s 5
        accept s as a
        jobs
        client: socket inet stream as c
        client: connect c {addr}
        recv a 10
        client: send c 'x'
        expect returned 1",
    );
    run.assert_done();
    run.assert_held();
    let blocked = run.all("blocked");
    assert_eq!(blocked[0]["call"], "accept");
    assert!(
        run.all("told")[0]["entries"][0][1]
            .as_str()
            .unwrap()
            .contains("accept(")
    );
}

#[test]
fn two_actors_sleep_at_once() {
    let run = piped(&format!(
        "{CONNECTED}
        recv a 10
        client: recv c 10
        jobs
        expect process server state=S
        expect process client state=S"
    ));
    run.assert_held();
    let jobs = run.all("told");
    assert_eq!(jobs[0]["entries"].as_array().unwrap().len(), 2);
    assert_eq!(run.code, Some(0));
}

#[test]
fn what_the_kernel_refuses_is_no_error_of_the_shell() {
    let run = piped("socket inet stream as s\nlisten s 1\nconnect s 127.0.0.1:1");
    assert_eq!(run.code, Some(0));
    let failure = run.only("failure");
    assert_eq!(failure["call"], "connect");
    assert_ne!(failure["meaning"], "");
}

#[test]
fn a_wrong_line_and_an_unmet_expectation_are_told_by_their_place() {
    let lines = "socket inet stream as s\nbnid s\nexpect s state=LISTEN\nexpect t state=LISTEN";
    let run = piped(lines);
    assert_eq!(run.code, Some(1));
    assert_eq!(run.only("end")["status"], "failed");
    let said = &run.stderr;
    assert!(said.contains("socklab: -:2: no action 'bnid'"), "{said}");
    assert!(said.contains("socklab: -:3: expected s state=LISTEN, seen: state is CLOSED"));
    assert!(
        said.contains("socklab: -:4: expected t state=LISTEN"),
        "{said}"
    );
}

#[test]
fn names_may_be_numbers() {
    let run = piped("socket inet stream as s\nbind 3 {addr}\nexpect s local=*\nclose 3\nclose s");
    run.assert_held();
    assert_eq!(run.exits("server", "close")[0]["ret"], 0);
    assert!(
        run.stderr.contains("there is no open socket 's'"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_process_that_is_killed_is_told_and_the_shell_goes_on() {
    let run = piped(&format!(
        "{CONNECTED}
        client: recv c 10
        kill client KILL
        recv a 10
        expect returned 0"
    ));
    run.assert_held();
    assert_eq!(run.exits("server", "kill")[0]["args"][1], "SIGKILL");
}

#[test]
fn help_what_status_and_undo_answer() {
    let run = piped("socket inet stream as s\nhelp\nhelp bind\nwhat\nstatus\nundo");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let told: Vec<_> = run
        .all("told")
        .iter()
        .map(|it| it["what"].clone())
        .collect();
    assert_eq!(told, ["help", "help", "what", "status", "undo"]);
    let help = run.all("told")[1].to_string();
    assert!(
        help.contains("bind NAME ADDRESS") && help.contains("kernel"),
        "{help}"
    );
    let what = run.all("told")[2].to_string();
    assert!(what.contains("listen s 5"), "{what}");
}

#[test]
fn reading_so_error_says_that_it_clears_it() {
    let run = piped(
        "socket inet dgram as u\nconnect u 127.0.0.1:9\nsend u x\nsleep 0.05\n\
         getsockopt u error\ngetsockopt u error",
    );
    let read = run.exits("server", "getsockopt");
    assert_eq!(read[0]["args"][3], "[ECONNREFUSED]");
    assert_eq!(read[1]["args"][3], "[0]");
    assert!(run.all("told")[0].to_string().contains("cleared"));
}

#[test]
fn without_an_end_of_line_the_last_line_counts() {
    let run = piped("socket inet stream as s");
    assert_eq!(run.exits("server", "socket").len(), 1);
    run.assert_done();
}

#[test]
fn ten_thousand_lines_are_taken_at_once() {
    let mut lines = "socket inet stream as s\n".to_string();
    lines.push_str(&"setsockopt s keepalive on\ngetsockname s\n".repeat(5000));
    let began = Instant::now();
    let run = piped_to(
        Socklab::new(["shell", "--json", "--addr", ANY_PORT]),
        &lines,
    );
    run.assert_done();
    assert_eq!(run.all("line").len(), 10_001);
    // Of a build that was optimised 5 s; this one was not, and the machine is shared.
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}
