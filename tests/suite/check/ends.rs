//! Programs that end otherwise, or not at all: nothing of them is left.

use std::fs;

use super::{check, ids, lines, python};
use crate::support::{Socklab, eventually, is, until};

/// The processes that have this among their arguments.
fn with_argument(mark: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|it| fs::read_to_string(it.path().join("cmdline")).ok());
    lines
        .filter(|line| line.split('\0').any(|word| word == mark))
        .collect()
}

/// A program in Python that is known by its last argument.
fn marked(source: &str, mark: &str) -> Vec<String> {
    let mut words = python(source);
    words.push(mark.into());
    words
}

const SERVES: &str = "
import os, signal, socket, sys, time
s = socket.socket()
s.bind(('127.0.0.1', 0))
s.listen(5)
";

#[test]
#[ignore = "needs python3"]
fn one_that_heeds_no_sigterm_and_prints_for_ever() {
    let mark = "deaf-and-loud";
    let source = format!(
        "{SERVES}signal.signal(signal.SIGTERM, signal.SIG_IGN)\nif os.fork(): s.accept()\n\
         while True: print('x' * 4000)"
    );
    let run = check(&["listen", "accept"], marked(&source, mark));
    assert_eq!(ids(&run, true), ["listen", "accept"], "{}", run.stdout());
    assert_eq!(with_argument(mark), [""; 0]);
}

#[test]
#[ignore = "needs python3"]
fn one_that_closes_its_output_and_goes_to_the_background() {
    let mark = "forked-away";
    let source = format!(
        "{SERVES}if os.fork(): os._exit(0)\nos.setsid(); os.closerange(0, 3); time.sleep(99)"
    );
    let run = check(&["accept", "--limit", "1"], marked(&source, mark));
    let said = lines(&run.only("goal")["instead"]);
    assert!(said.contains("went to the background"), "{said}");
    assert_eq!(with_argument(mark), [""; 0]);
}

#[test]
fn one_that_cannot_be_run_misses_its_goals() {
    let run = check(&["bind", "listen"], ["./no-such-program"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(ids(&run, false), ["bind", "listen"]);
    assert!(lines(&run.all("goal")[0]["instead"]).contains("ENOENT"));
}

#[test]
#[ignore = "needs python3"]
fn one_that_is_killed_is_said_to_be() {
    let run = check(&["bind"], python("import os; os.kill(os.getpid(), 11)"));
    let said = lines(&run.only("goal")["instead"]);
    assert!(said.contains("killed by SIGSEGV"), "{said}");
}

#[test]
#[ignore = "needs python3"]
fn ctrl_c_and_kill_leave_nothing_behind() {
    for (signal, code) in [(libc::SIGINT, Some(130)), (libc::SIGKILL, None)] {
        let mark = format!("interrupted-by-{signal}");
        let program = marked(&format!("{SERVES}time.sleep(99)"), &mark);
        let words = ["check", "--json", "listen", "accept", "--limit", "60", "--"];
        let mut running = Socklab::new(words).args(program).start();
        running.wait_event("a goal", |event| is(event, "goal"));
        eventually("it runs again", || with_argument(&mark).get(1).cloned());
        running.signal(signal);
        assert_eq!(running.status().code(), code);
        until("it has ended", || with_argument(&mark).is_empty());
    }
}

#[test]
#[ignore = "needs python3"]
fn a_fixed_port_is_free_for_the_next_goal() {
    let port = crate::support::free_port();
    // Without SO_REUSEADDR, and it closes first.
    let source = format!(
        "import socket\ns = socket.socket(); s.bind(('127.0.0.1', {port})); s.listen(5)\n\
         while True:\n c, a = s.accept(); c.recv(99); c.send(b'OK'); c.close()"
    );
    let goals = ["accept", "read", "answer", "accept"];
    let run = check(&goals, python(&source));
    assert_eq!(ids(&run, false), [""; 0], "{}", run.stdout());
}
