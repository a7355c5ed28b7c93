//! Programs that are wrong, or do what is rare: what is told of them is true of them.

use super::fixtures::script;
use crate::support::{Run, Socklab, dir_of_test, python_itself};

/// A function of mistakes.py, traced, and what it is told besides.
fn traced(options: &[&str], name: &str, args: &[&str]) -> Run {
    let run = Socklab::new(["trace", "--width", "200"])
        .args(options)
        .args(["--", &python_itself(), &script("mistakes.py"), name])
        .args(args)
        .run();
    assert!(run.status.success(), "{name}: {}", run.stderr);
    run
}

/// What is told of the calls whose line has `call` in it, up to the next one.
fn of<'t>(text: &'t str, call: &str) -> Vec<&'t str> {
    let ends = |rest: &'t str| rest.find("python3").map_or(rest, |end| &rest[..end]);
    let found = text.match_indices(call);
    let found: Vec<&str> = found.map(|(at, _)| ends(&text[at..])).collect();
    assert!(!found.is_empty(), "no {call}: {text}");
    found
}

/// What a program of the learner's may do about a failure is no option of socklab's, and
/// nothing is the walk's. The program says itself which errors it has met.
#[test]
#[ignore = "needs python3"]
fn failures_are_explained_for_any_program() {
    let folder = dir_of_test();
    let path = folder.path().join("a.sock").display().to_string();
    for language in ["en", "de"] {
        let run = traced(&["--lang", language], "failing", &[&path]);
        std::fs::remove_file(&path).unwrap();
        let text = &run.stderr;
        for errno in run.stdout().split_whitespace() {
            assert!(text.contains(errno), "{errno}: {text}");
        }
        for foreign in ["--addr", "--force", "socklab walk", "()", "man 2 "] {
            let told = text.split("recap").next().unwrap_or_default();
            let told = told.split("Bilanz").next().unwrap_or_default();
            assert!(!told.contains(foreign), "{foreign}: {told}");
        }
    }
    let text = traced(&[], "failing", &[&path]).stderr;
    assert!(of(&text, "recvfrom(-1")[0].contains("-1 is no descriptor"));
    assert!(of(&text, "close(3)")[1].contains("= -1 EBADF"), "{text}");
    assert!(of(&text, "write(3")[0].contains("= -1 EBADF"), "{text}");
    let taken = of(&text, "= -1 EADDRINUSE");
    assert!(taken[0].contains("this program itself"), "{text}");
    let unread = of(&text, "= -1 ECONNRESET");
    assert!(!unread[0].contains("RST"), "{text}");
    assert!(!text.contains("backlog-zero"), "{text}");
    let text = traced(&[], "waiting", &[]).stderr;
    let waited = of(&text, "SO_ERROR, [ECONNREFUSED]");
    assert!(waited[0].contains("nobody listens"), "{text}");
    // The client has forgotten htons.
    let run = traced(&[], "swapped", &[]);
    let found = format!(
        "somebody listens on port {}",
        run.stdout().split_whitespace().last().unwrap()
    );
    assert!(run.stderr.contains(&found), "{found}: {}", run.stderr);
}

/// Held against ss and /proc, which the program has asked at that moment.
#[test]
#[ignore = "needs python3 and ss"]
fn what_is_left_is_where_the_kernel_has_it() {
    let run = traced(&[], "time_wait", &[]);
    let row = run.stdout();
    let shown = format!("ss -tan shows: {}", row.trim());
    assert!(row.starts_with("TIME-WAIT"), "{row}");
    assert!(run.stderr.contains(&shown), "{shown}: {}", run.stderr);

    let run = traced(&[], "pair", &[]);
    assert_eq!(run.stdout().trim(), "True");
    let closed = of(&run.stderr, "close(3)");
    assert!(!closed[0].contains("out of the kernel's"), "{closed:?}");

    let run = traced(&[], "replaced", &[]);
    assert_eq!(run.stdout().trim(), "True");
    let taken = of(&run.stderr, "dup2(2, 3");
    assert!(taken[0].contains("fd 3 is another file now"), "{taken:?}");

    let run = traced(&[], "forked", &[]);
    let seen = run.stdout();
    let child = seen.trim().strip_suffix(" True").unwrap();
    let open = format!("still open in python3, pid {child}, 127.0.0.1:");
    let text = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(&open), "{open}: {text}");
}

#[test]
#[ignore = "needs python3"]
fn a_call_cut_short_has_done_nothing() {
    let text = traced(&[], "interrupted", &[]).stderr;
    let calls = of(&text, "accept4(3, ");
    let cut = calls.iter().find(|told| told.contains("ERESTARTSYS"));
    let cut = cut.unwrap_or_else(|| panic!("{text}"));
    assert!(cut.contains("a signal came before"), "{text}");
    assert!(!cut.contains("  kernel  "), "{text}");
    assert!(text.contains("gets SIGALRM"), "{text}");
    let whole = calls.iter().find(|told| told.contains("fd 5 →"));
    assert!(
        whole.is_some_and(|it| it.contains("Takes the first connection")),
        "{text}"
    );
}

/// What a call waits for can be had where it says.
#[test]
#[ignore = "needs python3"]
fn a_wait_names_whom_to_connect_to() {
    let name = format!("socklab-test-{}", std::process::id());
    let text = traced(&[], "abstract", &[&name]).stderr;
    assert!(text.contains(&format!("nc -U @{name}")), "{text}");
}

#[test]
#[ignore = "needs python3"]
fn flags_decide_what_is_said() {
    let text = traced(&[], "flags", &[]).stderr;
    let peeked = of(&text, "MSG_PEEK");
    assert!(peeked[0].contains("stays as it is"), "{text}");
    assert!(peeked[0].contains("recv-q 5"), "{text}");
    assert!(
        of(&text, "MSG_WAITALL")[0].contains("as many bytes"),
        "{text}"
    );
}

/// Nobody is accused of what another process does, or of what was not looked at.
#[test]
#[ignore = "needs python3"]
fn faults_are_the_programs_own() {
    for (options, name) in [
        (&[][..], "passed"),
        (&[], "whole"),
        (&[], "framed"),
        (&["--only", "accept4,close"], "read_unseen"),
    ] {
        let text = traced(options, name, &[]).stderr;
        for fault in ["close-with-unread-data", "one-recv-one-message"] {
            assert!(!text.contains(fault), "{name}: {text}");
        }
    }
    // The listener was there before the trace.
    let give = "import os, socket, sys; s = socket.create_server(('127.0.0.1', 0)); \
                os.dup2(s.fileno(), 20); os.execv(sys.argv[1], sys.argv[1:])";
    let run = Socklab::new(["trace", "--", &python_itself(), &script("mistakes.py")])
        .args(["inherited", "20"])
        .under([&python_itself(), "-c", give])
        .run();
    assert!(
        run.stderr.contains("close-with-unread-data"),
        "{}",
        run.stderr
    );
}
