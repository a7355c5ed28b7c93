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
fn what_is_said_of_a_call_stands_beside_what_came_of_it() {
    let run = piped(
        "socket inet stream as s
        predict bind s {addr}
        returned 0
        predict bind s {addr}
        returned 0
        predict listen s 5
        s state=LISTEN
        predict accept s as a
        nonsense
        slept
        predict close s

        expect s state=LISTEN",
    );
    // A wrong word is asked for again; a wrong prediction is no failure.
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    let told: Vec<String> = run.all("told").iter().map(ToString::to_string).collect();
    let so: Vec<&String> = told.iter().filter(|it| it.contains("\"said\"")).collect();
    assert_eq!(so.len(), 4, "{told:?}");
    assert!(so[0].contains("as you said"), "{}", so[0]);
    assert!(so[1].contains("otherwise: the call failed"), "{}", so[1]);
    assert!(so[1].contains("-1 EINVAL"), "{}", so[1]);
    assert!(so[2].contains("as you said"), "{}", so[2]);
    assert!(so[3].contains("has not returned") && so[3].contains("as you said"));
    assert_eq!(run.exits("server", "close").len(), 0);
    run.assert_held();
}

#[test]
fn a_signal_kills_who_does_not_heed_it_and_interrupts_who_handles_it() {
    let run = piped(
        "client: handle PIPE default
        client: socketpair unix stream as x y
        client: close y
        client: send x 'nobody'
        status
        handle USR1 interrupt
        socketpair unix stream as a b
        recv a 10
        other: kill server USR1
        expect failed EINTR",
    );
    let told = run.all("told")[0].to_string();
    assert!(
        told.contains("the client process was ended by SIGPIPE"),
        "{told}"
    );
    run.assert_held();
}

#[test]
fn a_connect_that_does_not_wait_says_later_what_became_of_it() {
    let run = piped(
        "socket inet stream as s
        bind s {addr}
        listen s 1
        socket inet stream as c --nonblock
        connect c {addr}
        expect failed EINPROGRESS
        poll c --out --timeout 2000
        expect returned 1
        getsockopt c error
        socket inet stream as d --nonblock
        connect d 127.0.0.1:1
        select d --write d --timeout 2000
        getsockopt d error
        getsockopt d error",
    );
    run.assert_held();
    let errors = run.exits("server", "getsockopt");
    let errors: Vec<_> = errors.iter().map(|it| it["args"][3].clone()).collect();
    assert_eq!(errors, ["[0]", "[ECONNREFUSED]", "[0]"]);
}

#[test]
fn a_name_is_resolved_in_order_and_one_that_is_not_there_is_told() {
    let run = piped(
        "resolve localhost
        expect returned 0
        resolve ::1
        resolve 999.999.999.999",
    );
    let found = run.exits("server", "getaddrinfo");
    let first = found[0]["args"][2].as_str().unwrap();
    assert!(first.contains("127.0.0.1"), "{first}");
    assert_eq!(found[1]["args"][2], "[::1]");
    assert!(found[2]["ret"].as_i64().unwrap() < 0, "{}", found[2]);
    run.assert_held();
}

#[test]
fn every_call_has_its_help() {
    let help = piped("help").all("told")[0]["entries"].clone();
    let verbs = help.as_array().unwrap().iter();
    let verbs = verbs.map(|entry| entry[0].as_str().unwrap().to_string());
    let verbs: Vec<String> = verbs.take_while(|word| word != "expect").collect();
    assert!(verbs.len() > 40, "{verbs:?}");
    let lines: String = verbs.iter().map(|verb| format!("help {verb}\n")).collect();
    let run = piped(&lines);
    for (verb, told) in verbs.iter().zip(run.all("told")) {
        let told = told.to_string();
        let begins = [" ", "`"].map(|end| format!(r#""such as","`{verb}{end}"#));
        assert!(begins.iter().any(|it| told.contains(it)), "{verb}: {told}");
    }
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
