//! What is no process, no port and no name, and what ends meanwhile.

use serde_json::Value;

use super::{LISTENER, python, python_told};
use crate::support::{Run, Socklab, free_port, state, until};

fn inspect(target: &str) -> Run {
    Socklab::new(["inspect", target]).run()
}

#[test]
fn wrong_words_are_usage() {
    for target in ["0", ":0", ":99999", ":http", ":", "", "99999999999", "-5"] {
        let run = inspect(target);
        assert_eq!(run.code, Some(2), "{target}: {}", run.stderr);
        assert!(
            run.stdout().is_empty() && !run.stderr.is_empty(),
            "{target}"
        );
    }
    let run = Socklab::new(["inspect"]).run();
    assert_eq!(run.code, Some(2));
    let run = Socklab::new(["inspect", "1", "--watch=0"]).run();
    assert!(
        run.code == Some(2) && run.stderr.contains("0.1 seconds"),
        "{}",
        run.stderr
    );
    let run = Socklab::new(["inspect", "1", "--json=/tmp/x"]).run();
    assert!(
        run.code == Some(2) && run.stderr.contains("--json"),
        "{}",
        run.stderr
    );
    let help = Socklab::new(["inspect", "--help"]).run();
    assert!(help.code == Some(0) && help.stdout().contains("socklab inspect :8000"));
}

#[test]
fn what_is_not_there_is_said() {
    let free = format!(":{}", free_port());
    for (target, said) in [
        ("4194304", "there is no process 4194304"),
        (&*free, "nobody listens on port"),
        ("no-such-program", "no program of the name no-such-program"),
        ("no\x1b[31m\nthing", "no program of the name no\\x1b[31m"),
    ] {
        let run = inspect(target);
        assert_eq!(run.code, Some(1), "{target}");
        assert!(run.stderr.contains(said), "{}", run.stderr);
        assert!(!run.stderr.contains('\x1b') && run.stdout().is_empty());
    }
}

#[test]
#[ignore = "needs a process table with the kernel's threads"]
fn a_thread_of_the_kernel_has_no_program() {
    let run = inspect("2");
    assert!(
        run.code == Some(1) && run.stderr.contains("thread of the kernel"),
        "{}",
        run.stderr
    );
}

#[test]
#[ignore = "needs python3"]
fn a_zombie_has_ended() {
    let script = "told = os.fork()\nif not told: os._exit(0)\n";
    let (_program, child) = python_told(script);
    until("the child is a zombie", || state(child) == Some('Z'));
    let run = inspect(&child.to_string());
    assert!(
        run.code == Some(1) && run.stderr.contains("has ended"),
        "{}",
        run.stderr
    );
}

/// What is left of a server that is gone stands at its port.
#[test]
#[ignore = "needs python3"]
fn time_wait_at_a_port_of_nobody_is_shown() {
    let script = format!(
        "{LISTENER}
told = port
c = socket.create_connection(('127.0.0.1', port))
a, _ = l.accept()
a.close()
assert c.recv(1) == b''
c.close(); l.close()
"
    );
    let (_program, port) = python_told(&script);
    let run = inspect(&format!(":{port}"));
    assert_eq!(run.code, Some(1));
    let shown = run.stdout();
    assert!(shown.contains("1 TIME-WAIT"), "{shown}");
    assert!(shown.contains("no process holds it"), "{shown}");
    assert!(
        run.stderr.contains("nobody listens on port"),
        "{}",
        run.stderr
    );
    let run = Socklab::new(["inspect", &format!(":{port}"), "--json"]).run();
    let rows = run.only("port")["others"].clone();
    assert_eq!(
        (run.code, &rows[0]["state"]),
        (Some(1), &"TIME-WAIT".into())
    );
}

/// All programs of a name are shown, by the name of a script too, and of a server that has
/// forked all its processes.
#[test]
#[ignore = "needs python3"]
fn a_name_and_a_port_mean_all_of_their_processes() {
    let script = format!("{LISTENER}told = port\nif not os.fork(): os.read(0, 1)\n");
    let (program, port) = python_told(&script);
    let run = Socklab::new(["inspect", &format!(":{port}"), "--json"]).run();
    let found = run.all("program");
    assert_eq!((run.code, found.len()), (Some(0), 2), "{found:#?}");
    assert!(found.iter().any(|it| it["pid"] == program.pid()));
    let cookie = |it: &Value| it["sockets"][0]["cookie"].clone();
    assert_eq!(cookie(&found[0]), cookie(&found[1]));
    let run = Socklab::new(["inspect", "python3", "--json"]).run();
    assert!(run.all("program").len() >= 2);
}

/// The name of a program is its own to choose.
#[test]
#[ignore = "needs python3"]
fn a_name_cannot_steer_the_terminal() {
    let program = python("ctypes.CDLL(None).prctl(15, b'\\x1b[31mred')\n");
    let pid = program.pid().to_string();
    let shown = inspect(&pid).stdout();
    assert!(
        !shown.contains('\x1b') && shown.contains("\\x1b[31mred"),
        "{shown}"
    );
    let run = Socklab::new(["inspect", &pid, "--json"]).run();
    assert!(!run.stdout().contains('\x1b'));
    assert_eq!(run.only("program")["task"], "\x1b[31mred");
}
