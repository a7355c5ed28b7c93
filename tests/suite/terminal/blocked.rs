//! An output that takes no more, signals from outside, and processes that are killed:
//! a run ends at once, and leaves nothing behind.

use std::io::PipeReader;
use std::os::unix::process::ExitStatusExt;
use std::process::Child;
use std::time::Instant;

use super::places::{at_bare_menu, at_chapter_end, at_pause_of, at_question, in_accept};
use super::pty::Terminal;
use crate::support::{ANY_PORT, DEADLINE, Socklab, below, dir_of_test, kill};

const STOP: &str = "\x13";
const GO_ON: &str = "\x11";

/// Sends a signal, and waits for the end in a terminal that shows nothing.
fn ends(mut terminal: Terminal, signal: i32) {
    let traces = terminal.traces();
    terminal.signal(signal);
    assert_eq!(terminal.wait_exit(), 128 + signal);
    terminal.wait_gone(&traces);
    terminal.send(GO_ON);
    terminal.assert_restored();
}

#[test]
fn a_signal_ends_a_run_whose_terminal_is_stopped() {
    for signal in [libc::SIGTERM, libc::SIGHUP, libc::SIGINT] {
        // It stops while nothing is to be written, or in the middle of it.
        for then in ["", "\r", "w"] {
            let mut terminal = at_pause_of("bind");
            terminal.send(STOP);
            terminal.send(then);
            ends(terminal, signal);
        }
        let (mut terminal, _) = in_accept();
        terminal.send(STOP);
        ends(terminal, signal);
        let mut terminal = at_question();
        terminal.send(STOP);
        terminal.send("1");
        ends(terminal, signal);
    }
}

/// Nothing is lost of what was held back.
#[test]
fn a_terminal_that_goes_on_shows_what_was_held_back() {
    let mut terminal = at_pause_of("bind");
    terminal.send(STOP);
    terminal.send("\r");
    terminal.send(GO_ON);
    let view = terminal.wait_next("bind(3,");
    assert_eq!(view.made(), 1, "{}", view.show());
    terminal.leave();
}

/// A run whose stdout is a pipe that is full.
fn into_a_full_pipe(args: &[&str]) -> (Child, PipeReader) {
    let (reader, writer) = std::io::pipe().unwrap();
    rustix::pipe::fcntl_setpipe_size(&writer, 4096).unwrap();
    let words = ["walk", "--addr", ANY_PORT, "--auto"];
    let mut command = Socklab::new(words).args(args).command();
    let child = command.stdout(writer).spawn().unwrap();
    let began = Instant::now();
    let is_full = || rustix::io::ioctl_fionread(&reader).unwrap() > 2048;
    while !is_full() {
        assert!(began.elapsed() < DEADLINE, "the pipe is not filled");
        std::thread::yield_now();
    }
    (child, reader)
}

#[test]
fn a_signal_ends_a_run_whose_output_nobody_reads() {
    for signal in [libc::SIGTERM, libc::SIGHUP, libc::SIGINT] {
        for args in [&["--json"][..], &[]] {
            let (mut child, _reader) = into_a_full_pipe(args);
            let rest = below(child.id());
            kill(child.id(), signal);
            let status = wait(&mut child);
            assert_eq!(status.code(), Some(128 + signal), "{status}");
            assert!(rest.iter().all(|process| !process.is_alive()));
        }
    }
}

fn wait(child: &mut Child) -> std::process::ExitStatus {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if began.elapsed() > DEADLINE {
            child.kill().unwrap();
            panic!("it does not end");
        }
        std::thread::yield_now();
    }
}

/// The flags of what we were given are not ours to change.
#[test]
fn the_output_does_not_become_nonblocking_for_others() {
    let (mut child, reader) = into_a_full_pipe(&["--json"]);
    let path = format!("/proc/{}/fdinfo/1", child.id());
    let info = std::fs::read_to_string(path).unwrap();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:\t"));
    let flags = i32::from_str_radix(flags.unwrap(), 8).unwrap();
    assert_eq!(flags & libc::O_NONBLOCK, 0, "{info}");
    drop(reader);
    assert_eq!(wait(&mut child).signal(), None);
}

/// A file that may not grow refuses the write; it does not kill the run.
#[test]
fn a_file_that_may_not_grow_is_an_error_like_a_full_disk() {
    let dir = dir_of_test();
    let file = dir.join("out").display().to_string();
    let script = "ulimit -f 1; file=$1; shift; exec \"$@\" >\"$file\"";
    let run = Socklab::walk()
        .under(["sh", "-c", script, "sh", &file])
        .run();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("File too large"), "{}", run.stderr);
}

/// It is no signal of ours: what it does to any program it does wherever a run is.
#[test]
fn an_alarm_from_outside_ends_a_menu_as_it_ends_a_pause() {
    for start in [
        || at_pause_of("bind"),
        at_chapter_end,
        at_question,
        at_bare_menu,
    ] {
        ends(start(), libc::SIGALRM);
    }
}

/// As at a pause: that the process has gone is a failure, and said.
#[test]
fn an_actor_that_is_killed_during_a_menu_is_a_failure() {
    for start in [at_chapter_end, at_question] {
        let mut terminal = start();
        let traces = terminal.traces();
        kill(terminal.view().server(), libc::SIGKILL);
        assert_eq!(terminal.wait_exit(), 1);
        let view = terminal.view();
        assert!(
            view.tells("ended by signal 9 from outside"),
            "{}",
            view.show()
        );
        terminal.wait_gone(&traces);
        terminal.assert_restored();
    }
}
