//! A saved run is told again as it was told.

use super::SavedRun;
use crate::support::{ANY_PORT, Socklab, python_itself, shipped, tracks};
use crate::terminal::socklab;

/// What a replay of that run tells.
fn told_again(run: &SavedRun, more: &[&str]) -> String {
    let again = Socklab::new(["replay", "--auto", &run.file()]).args(more);
    let again = again.run();
    assert_eq!((again.code, &*again.stderr), (Some(0), ""));
    again.stdout()
}

#[test]
fn the_walk_of_every_track() {
    for track in tracks() {
        let (addr, _dir) = track.own_address();
        let words = [&["walk", "--auto", "--addr", &addr], &track.options()[..]].concat();
        let run = SavedRun::of(&words, [""; 0]);
        assert_eq!(run.live.code, Some(0), "{}", run.live.stderr);
        assert_eq!(told_again(&run, &[]), run.live.stdout(), "{words:?}");
    }
}

#[test]
fn a_verdict() {
    let run = SavedRun::of(&["step", "five", "--auto", "--addr", ANY_PORT], [""; 0]);
    let told = told_again(&run, &[]);
    assert_eq!(told, run.live.stdout());
    assert!(
        told.contains("  verdict false: The backlog is at most 5\n"),
        "{told}"
    );
}

#[test]
fn every_script() {
    for script in std::fs::read_dir(shipped().join("scripts")).unwrap() {
        let script = script.unwrap().path().display().to_string();
        let run = SavedRun::of(&["play", &script, "--addr", ANY_PORT], [""; 0]);
        assert_eq!(told_again(&run, &[]), run.live.stdout(), "{script}");
    }
}

/// Packets, datagrams and what refuses them too, in a network of the run's own.
#[test]
#[ignore = "needs user namespaces"]
fn packets() {
    for options in [&[][..], &["--type", "dgram"]] {
        let words = [
            "walk",
            "--auto",
            "--packets",
            "--private",
            "--addr",
            ANY_PORT,
        ];
        let run = SavedRun::of(&[&words[..], options].concat(), [""; 0]);
        assert_eq!(run.live.code, Some(0), "{}", run.live.stderr);
        assert!(
            run.live.stdout().contains("  wire    "),
            "{:?}",
            run.live.stdout()
        );
        assert_eq!(told_again(&run, &[]), run.live.stdout());
    }
}

#[test]
fn a_call_that_fails() {
    let words = ["walk", "--role", "client", "--auto", "--addr"];
    let run = SavedRun::of(
        &[&words[..], &["127.0.0.1:1", "--peer", "nc"]].concat(),
        [""; 0],
    );
    assert_eq!(run.live.code, Some(1));
    let again = told_again(&run, &[]);
    assert!(again.contains("ECONNREFUSED"), "{again}");
    assert_eq!(again, run.live.stdout());
}

/// Threads, children, messages in parts, a descriptor that is given again, bytes that a
/// terminal would obey.
const PROGRAM: &str = r#"
import socket, os, threading
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(5)
c = socket.socket(); c.connect(s.getsockname()); a, _ = s.accept()
c.sendall(b'x' * 100); a.recv(1000)
a.sendmsg([b'hello', b'\x1b[31m']); c.recvmsg(100)
x, y = socket.socketpair(); x.send(b'q'); y.recv(5); x.close()
z = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); z.sendto(b'hi', ('127.0.0.1', 9))
if os.fork() == 0:
    a.send(b'child'); os._exit(3)
os.wait()
try: z.bind(s.getsockname()); socket.socket().bind(s.getsockname())
except OSError: pass
t = threading.Thread(target=lambda: c.recv(500)); t.start(); t.join()
c.close(); a.close(); s.close()
"#;

#[test]
fn a_traced_program() {
    for detail in ["--brief", "--full", "--plain"] {
        let program = ["--", &python_itself(), "-c", PROGRAM];
        let run = SavedRun::of(&["trace", detail], program);
        assert_eq!(run.live.code, Some(0), "{}", run.live.stderr);
        // In a file lines are as long as they are.
        let again = told_again(&run, &["--width", "500"]);
        assert_eq!(again, run.live.stderr, "{detail}");
    }
}

#[test]
fn a_check() {
    let server = "import socket\ns = socket.socket(); s.bind(('127.0.0.1', 6797)); s.listen()\n\
        while True: c, _ = s.accept(); c.send(c.recv(9)); c.close()";
    let words = ["check", "server", "--addr", "127.0.0.1:6797"];
    let run = SavedRun::of(&words, ["--", &python_itself(), "-c", server]);
    assert!(run.live.stdout().contains(" goals met"));
    assert_eq!(told_again(&run, &[]), run.live.stdout());
}

#[test]
fn from_the_standard_input() {
    let run = SavedRun::of(&["step", "create", "--auto"], [""; 0]);
    let under = ["sh", "-c", &format!("exec \"$@\" < {}", run.file()), "sh"];
    let again = Socklab::new(["replay", "--auto", "-"]).under(under).run();
    assert_eq!(again.stdout(), run.live.stdout());
}

#[test]
fn at_the_pace_of_who_reads_it() {
    let run = SavedRun::of(&["walk", "--auto", "--addr", ANY_PORT], [""; 0]);
    let mut terminal = socklab(&["replay", &run.file()]);
    let view = terminal.wait_next("socket(");
    // Nothing can be looked at any more.
    let view = [view.show(), terminal.view().show()].concat();
    assert!(view.contains("go on") && !view.contains("i look"), "{view}");
    assert!(!view.contains(" did "), "{view}");
    terminal.send("w");
    terminal.wait("the reason for the step", |view| {
        view.has("accepts connections")
    });
    terminal.send("\r");
    terminal.wait_next("setsockopt(");
    terminal.send("c");
    terminal.wait("the end", |view| view.has("Done."));
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_restored();
}
