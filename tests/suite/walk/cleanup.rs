//! However it ends, nothing is left of it.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use crate::support::{
    ANY_PORT, Running, Socklab, actor_lives, connect, dir_of_test, eventually, free_addr,
    is_stopped, kill, listens, until,
};

/// The signals that end a run, and the status each leaves.
const ENDINGS: [(i32, Option<i32>); 5] = [
    (libc::SIGINT, Some(130)),
    (libc::SIGTERM, Some(143)),
    (libc::SIGHUP, Some(129)),
    (libc::SIGQUIT, Some(131)),
    (libc::SIGKILL, None),
];

/// Everything that acts for this run.
fn actors(running: &Running) -> Vec<u32> {
    let events = running.events();
    let mut pids: Vec<u32> = events
        .iter()
        .map(|event| u32::try_from(event["pid"].as_u64().unwrap()).unwrap())
        .collect();
    pids.sort_unstable();
    pids.dedup();
    assert!(pids.iter().all(|&pid| actor_lives(pid)), "{pids:?}");
    pids
}

fn ends_cleanly(running: Running, port: u16, signal: i32, code: Option<i32>) {
    let pids = actors(&running);
    assert!(listens(port));
    running.signal(signal);
    let run = running.finish();
    assert_eq!(run.code, code, "{signal}: {}", run.stderr);
    if code.is_none() {
        assert_eq!(run.status.signal(), Some(libc::SIGKILL));
    } else {
        assert_eq!(run.only("end")["status"], "interrupted");
    }
    assert_eq!(run.stderr, "");
    until("no actor lives on", || {
        !pids.iter().any(|&pid| actor_lives(pid))
    });
    until("nothing listens", || !listens(port));
}

#[test]
fn a_signal_at_a_pause_leaves_nothing() {
    for (signal, code) in ENDINGS {
        // The built-in client is there too: two actors.
        let words = ["step", "accept", "--auto=60", "--json"];
        let socklab = Socklab::new(words).args(["--addr", ANY_PORT]);
        let mut running = socklab.start();
        let port = running.wait_port();
        running.wait_event("the pause", |event| {
            event["event"] == "pause" && event["chapter"] == "accept"
        });
        assert_eq!(actors(&running).len(), 2);
        ends_cleanly(running, port, signal, code);
    }
}

#[test]
fn a_signal_in_a_blocked_accept_leaves_nothing() {
    for (signal, code) in ENDINGS {
        let mut running = Socklab::walk().args(["--peer", "nc"]).start();
        let port = running.wait_port();
        running.wait_blocked("accept");
        ends_cleanly(running, port, signal, code);
    }
}

#[test]
fn a_signal_in_a_blocked_recv_leaves_nothing() {
    for (signal, code) in ENDINGS {
        let mut running = Socklab::walk().args(["--peer", "nc"]).start();
        let port = running.wait_port();
        let mut client = connect(port);
        running.wait_blocked("recvfrom");
        ends_cleanly(running, port, signal, code);
        // The kernel closed the connection of the dead process.
        let mut rest = Vec::new();
        let _ = client.read_to_end(&mut rest);
        assert_eq!(rest, b"");
    }
}

/// `kill -9` of the actor's parent, while the actor itself is stopped: its death
/// signal reaches it all the same.
#[test]
fn a_stopped_actor_dies_with_its_controller() {
    let mut running = Socklab::walk().args(["--peer", "nc"]).start();
    let port = running.wait_port();
    running.wait_blocked("accept");
    let pids = actors(&running);
    for &pid in &pids {
        kill(pid, libc::SIGSTOP);
    }
    running.signal(libc::SIGKILL);
    running.finish();
    until("no actor lives on", || {
        !pids.iter().any(|&pid| actor_lives(pid))
    });
    until("nothing listens", || !listens(port));
}

#[test]
fn a_killed_run_leaves_no_path() {
    let dir = dir_of_test();
    let path = dir.join("s");
    let addr = path.display().to_string();
    let words = ["step", "listen", "--domain", "unix", "--auto=60", "--json"];
    let mut running = Socklab::new(words).args(["--addr", &addr]).start();
    running.wait_pause("listen");
    assert!(path.exists());
    running.signal(libc::SIGKILL);
    running.finish();
    until("the path is removed", || !path.exists());
}

#[test]
fn a_finished_walk_leaves_no_process() {
    let run = Socklab::walk().run();
    run.assert_done();
    for event in run.events() {
        let pid = u32::try_from(event["pid"].as_u64().unwrap()).unwrap();
        assert!(!actor_lives(pid), "{event}");
    }
}

/// Actors of that controller, found by their command line.
fn actors_of(controller: u32) -> usize {
    let parent = controller.to_string();
    let is_actor = |entry: std::fs::DirEntry| {
        let words = std::fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
        let words: Vec<&str> = words.split('\0').collect();
        words.get(1) == Some(&"__actor") && words.get(3) == Some(&parent.as_str())
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|entry| is_actor(entry).then_some(()))
        .count()
}

/// Before it has told anything, too: an actor notices that its parent is gone.
#[test]
fn killed_at_any_moment_it_leaves_nothing() {
    let mut had_actors = 0;
    for moment in 0..40 {
        let running = Socklab::walk().args(["--peer", "nc"]).start();
        let pid = running.pid();
        // From before the first actor until after the listener is there.
        let began = std::time::Instant::now();
        while began.elapsed() < std::time::Duration::from_micros(250 * moment) {
            std::hint::spin_loop();
        }
        had_actors += actors_of(pid);
        running.signal(libc::SIGKILL);
        let run = running.finish();
        assert_eq!(run.status.signal(), Some(libc::SIGKILL));
        until("no actor lives on", || actors_of(pid) == 0);
    }
    assert!(had_actors > 0);
}

/// SIGTSTP stops a paced run, SIGCONT lets it go on, and it ends as ever.
#[test]
fn a_stopped_run_goes_on() {
    let words = ["step", "accept", "--auto=60", "--json"];
    let socklab = Socklab::new(words).args(["--addr", ANY_PORT]);
    let mut running = socklab.start();
    let port = running.wait_port();
    running.wait_pause("accept");
    running.signal(libc::SIGTSTP);
    until("it is stopped", || is_stopped(running.pid()));
    assert!(listens(port));
    running.go_on();
    until("it goes on", || !is_stopped(running.pid()));
    ends_cleanly(running, port, libc::SIGTERM, Some(143));
}

#[test]
fn it_can_be_walked_again_at_once() {
    let addr = free_addr();
    for _ in 0..3 {
        let words = ["walk", "--auto", "--json", "--addr", &addr];
        Socklab::new(words).run().assert_done();
    }
}

/// Off a terminal nothing waits for a key, with stdin empty or closed.
#[test]
fn without_a_stdin_nothing_hangs() {
    let commands: [&[&str]; 6] = [
        &[],
        &["list"],
        &["read", "bind"],
        &["step", "bind", "--addr", ANY_PORT],
        &["walk", "--addr", ANY_PORT],
        &["walk", "--peer", "builtin", "--addr", ANY_PORT],
    ];
    for words in commands {
        for closing in ["exec \"$@\"", "exec \"$@\" <&-"] {
            let run = Socklab::new(words).under(["sh", "-c", closing, "sh"]).run();
            assert_eq!(run.code, Some(0), "{words:?}: {}", run.stderr);
            let plays = words.first().is_some_and(|word| word.len() == 4)
                && !words.contains(&"list")
                && !words.contains(&"read");
            let notice = run.stderr.contains("stdin is not a terminal");
            assert_eq!(plays, notice, "{words:?}: {}", run.stderr);
        }
    }
}

/// `socklab … | head -1`
#[test]
fn a_closed_output_ends_it_quietly() {
    let commands: [&[&str]; 5] = [
        &["walk", "--auto", "--json", "--addr", ANY_PORT],
        &["walk", "--auto", "--addr", ANY_PORT],
        &["walk", "--auto=0.05", "--json", "--addr", ANY_PORT],
        &["step", "close", "--auto", "--json", "--addr", ANY_PORT],
        &["read", "create"],
    ];
    for words in commands {
        let mut child = Socklab::new(words).command().spawn().unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        drop(out);
        let status = eventually("it ends", || child.try_wait().unwrap());
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        assert_eq!(said, "", "{words:?}");
        assert_eq!(status.code(), Some(0), "{words:?}: {status}");
    }
}

/// Nothing is written while a call blocks, so no write would notice.
#[test]
fn a_reader_that_leaves_while_a_call_blocks_ends_it() {
    let words = ["walk", "--auto", "--json", "--addr", ANY_PORT];
    let mut child = Socklab::new(words)
        .args(["--peer", "nc", "--patience", "3600"])
        .command()
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let blocked = lines.find(|line| line.as_ref().unwrap().contains("\"event\":\"blocked\""));
    assert!(blocked.is_some());
    drop(lines);
    let status = eventually("it ends", || child.try_wait().unwrap());
    assert_eq!(status.code(), Some(0), "{status}");
}

/// A full disk is no reader that has left: it is said.
#[test]
fn an_output_that_cannot_be_written_is_told() {
    let commands: [&[&str]; 3] = [
        &["walk", "--auto", "--json", "--addr", ANY_PORT],
        &["list"],
        &["--help"],
    ];
    for words in commands {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let mut command = Socklab::new(words).command();
        let child = command.stdout(Stdio::from(full)).spawn().unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
        assert!(said.contains("No space left"), "{words:?}: {said}");
    }
}
