//! However a run ends, wherever it is: no process of it lives on, no socket of it
//! is left, the terminal is as it was.

use std::fs;
use std::net::TcpStream;
use std::time::Duration;

use super::places::{
    CHAPTERS, at_bare_menu, at_chapter_end, at_numbered_question, at_pause_of, at_question,
    in_accept, in_recv,
};
use super::predict::GO;
use super::pty::{Terminal, Traces, socklab};
use crate::support::{TempDir, connect, dir_of_test, tracks};

/// A way to end a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    CtrlC,
    CtrlD,
    CtrlBackslash,
    Term,
    Hup,
    Closed,
    Killed,
}

use Way::{Closed, CtrlBackslash, CtrlC, CtrlD, Hup, Killed, Term};

const EVERY: [Way; 7] = [CtrlC, CtrlD, CtrlBackslash, Term, Hup, Closed, Killed];

impl Way {
    fn end(self, terminal: &mut Terminal) {
        match self {
            CtrlC => terminal.send("\x03"),
            CtrlD => terminal.send("\x04"),
            CtrlBackslash => terminal.send("\x1c"),
            Term => terminal.signal(libc::SIGTERM),
            Hup => terminal.signal(libc::SIGHUP),
            Closed => terminal.hang_up(),
            Killed => terminal.signal(libc::SIGKILL),
        }
    }

    /// 128 and the signal's number, as a shell says it; leaving is a success.
    fn status(self) -> i32 {
        match self {
            CtrlD => 0,
            Hup | Closed => 129,
            CtrlC => 130,
            CtrlBackslash => 131,
            Killed => 137,
            Term => 143,
        }
    }
}

/// Ends a run and looks at what is left of it.
fn end(mut terminal: Terminal, way: Way, place: &str) {
    let traces = terminal.traces();
    way.end(&mut terminal);
    gone(&mut terminal, &traces, way, place);
}

fn gone(terminal: &mut Terminal, traces: &Traces, way: Way, place: &str) {
    let status = terminal.wait_exit();
    assert_eq!(status, way.status(), "{way:?} at {place}");
    terminal.wait_gone(traces);
    if way != Closed {
        terminal.assert_restored();
    }
}

/// Ends runs that `start` begins, in each of these ways.
fn each(ways: &[Way], place: &str, start: impl Fn() -> Terminal) {
    for &way in ways {
        let terminal = start();
        let least = if place == "the bare menu" { 1 } else { 2 };
        let count = terminal.traces().count();
        // The keeper, and the server.
        assert!(count >= least, "{count} processes at {place}");
        end(terminal, way, place);
    }
}

#[test]
fn at_a_pause_of_create() {
    each(&EVERY, "create", || at_pause_of("create"));
}

#[test]
fn at_a_pause_of_bind() {
    each(&EVERY, "bind", || at_pause_of("bind"));
}

#[test]
fn at_a_pause_of_listen() {
    each(&EVERY, "listen", || at_pause_of("listen"));
}

#[test]
fn at_a_pause_of_accept() {
    each(&EVERY, "accept", || at_pause_of("accept"));
}

#[test]
fn at_a_pause_of_exchange() {
    each(&EVERY, "exchange", || at_pause_of("exchange"));
}

#[test]
fn at_a_pause_of_close() {
    each(&EVERY, "close", || at_pause_of("close"));
}

#[test]
fn at_a_pause_of_yours() {
    each(&EVERY, "yours", || at_pause_of("yours"));
}

/// Those of the other tracks, and those beside the walk.
#[test]
fn at_a_pause_of_every_other_chapter() {
    for track in tracks() {
        for chapter in track.all() {
            if track.id == "server" && CHAPTERS.iter().any(|(known, _)| *known == chapter.id) {
                continue;
            }
            for way in [CtrlC, Killed] {
                // A path outlives the socket: each run has its own.
                let (addr, _dir) = track.own_address();
                let mut words = vec!["step", &chapter.id, "--addr", &addr, "--peer", "builtin"];
                words.extend(track.options());
                let mut terminal = socklab(&words);
                terminal.wait_pause();
                end(terminal, way, &words.join(" "));
            }
        }
    }
}

/// A run at the pause before listen, with a socket bound to a path.
fn at_pause_with_path() -> (Terminal, TempDir) {
    let dir = dir_of_test();
    let addr = dir.join("s").display().to_string();
    let words = ["step", "listen", "--domain", "unix", "--addr", &addr];
    let mut terminal = socklab(&words);
    terminal.wait_next("listen(3,");
    assert!(dir.join("s").exists());
    (terminal, dir)
}

#[test]
fn one_keeper_cares_for_the_terminal_and_the_path() {
    let (terminal, dir) = at_pause_with_path();
    // The keeper, and the server.
    assert_eq!(terminal.traces().count(), 2);
    end(terminal, Killed, "a pause with a path");
    assert!(!dir.join("s").exists());
}

#[test]
fn the_keeper_leaves_the_file_of_somebody_else() {
    let (terminal, dir) = at_pause_with_path();
    // Renamed, so that the inode is not free for the new file.
    fs::rename(dir.join("s"), dir.join("renamed")).unwrap();
    fs::write(dir.join("s"), "mine").unwrap();
    end(terminal, Killed, "a pause with another file at the path");
    assert_eq!(fs::read_to_string(dir.join("s")).unwrap(), "mine");
}

/// Continued after Ctrl-Z, it cares for both again.
#[test]
fn the_keeper_lets_go_of_the_terminal_alone_while_stopped() {
    let (mut terminal, dir) = at_pause_with_path();
    stop_and_go_on(&mut terminal);
    terminal.wait_pause();
    let traces = terminal.traces();
    terminal.send("\x1a");
    terminal.wait_stopped();
    // What it wrote before it stopped has to be read.
    terminal.watch(Duration::ZERO);
    let seen = terminal.raw().len();
    Killed.end(&mut terminal);
    gone(&mut terminal, &traces, Killed, "stopped with a path");
    assert_eq!(terminal.raw().len(), seen, "the terminal was the shell's");
    assert!(!dir.join("s").exists());
}

#[test]
fn inside_a_blocked_accept() {
    each(&EVERY, "accept, asleep", || in_accept().0);
}

#[test]
fn inside_a_blocked_recv() {
    for way in EVERY {
        let (terminal, _, mut client) = in_recv();
        end(terminal, way, "recv, asleep");
        assert!(has_ended(&mut client), "{way:?}");
    }
}

/// Has the server's end gone, cleanly or with a reset?
fn has_ended(client: &mut TcpStream) -> bool {
    match std::io::Read::read(client, &mut [0; 16]) {
        Ok(count) => count == 0,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

#[test]
fn in_the_menu_at_the_end_of_a_chapter() {
    each(&EVERY, "the menu of bind", at_chapter_end);
}

#[test]
fn at_a_question() {
    each(&EVERY, "a question", at_question);
}

/// Its modes are the usual ones; what Ctrl-D means is tested with the other answers.
#[test]
fn at_a_numbered_question() {
    let ways = [CtrlC, CtrlBackslash, Term, Hup, Closed, Killed];
    each(&ways, "a numbered question", at_numbered_question);
}

#[test]
fn in_the_bare_menu() {
    each(&EVERY, "the bare menu", at_bare_menu);
}

#[test]
fn ctrl_z_at_a_pause() {
    let mut terminal = at_pause_of("bind");
    stop_and_go_on(&mut terminal);
    // The shell has written meanwhile: what comes is said again.
    let view = terminal.wait("what comes next", |view| {
        view.at_pause() && view.count("  next    setsockopt(3,") == 2
    });
    assert_eq!(view.count("Enter run it"), 1, "{}", view.show());
    terminal.send("\r");
    terminal.wait_next("bind(3,");
    assert_eq!(terminal.view().made(), 1);
    end(terminal, CtrlC, "a pause after Ctrl-Z");
}

#[test]
fn ctrl_z_inside_a_blocked_accept() {
    let (mut terminal, port) = in_accept();
    stop_and_go_on(&mut terminal);
    terminal.wait_blocked("accept");
    assert_eq!(terminal.view().count("accept sleeps"), 1);
    let _client = connect(port);
    terminal.wait_menu("next chapter");
    end(terminal, CtrlC, "a menu after Ctrl-Z");
}

#[test]
fn ctrl_z_twice_inside_a_blocked_recv() {
    let (mut terminal, _, _client) = in_recv();
    for _ in 0..2 {
        stop_and_go_on(&mut terminal);
        terminal.wait_blocked("recvfrom");
    }
    terminal.leave();
}

/// What comes next is said again, and the question is asked again where it was.
#[test]
fn ctrl_z_at_a_question() {
    let mut terminal = at_question();
    terminal.send("2");
    terminal.wait_menu("socket, setsockopt, bind and listen");
    stop_and_go_on(&mut terminal);
    let view = terminal.wait_menu("socket, setsockopt, bind and listen");
    assert_eq!(view.count("  next    listen(3,"), 2, "{}", view.show());
    assert_eq!(view.count(GO), 1, "{}", view.show());
    end(terminal, CtrlC, "a question after Ctrl-Z");
}

#[test]
fn ctrl_z_in_a_menu() {
    let mut terminal = at_chapter_end();
    stop_and_go_on(&mut terminal);
    let view = terminal.wait_menu("next chapter");
    assert_eq!(view.count("bind is done"), 1, "{}", view.show());
    terminal.send("\r");
    terminal.wait_next("listen(3, 1)");
    let mut terminal = at_bare_menu();
    stop_and_go_on(&mut terminal);
    terminal.wait_menu("walk");
    terminal.leave();
}

#[test]
fn ctrl_z_at_a_numbered_question() {
    let mut terminal = at_numbered_question();
    terminal.send("\x1a");
    terminal.wait_stopped();
    terminal.assert_restored();
    terminal.signal(libc::SIGCONT);
    terminal.wait_count("Type a number from 1 to 4", 2);
    terminal.send("2\n");
    terminal.wait_next("listen(3,");
    end(terminal, CtrlC, "a pause after a numbered question");
}

/// A shell that had the terminal meanwhile has changed its modes.
#[test]
fn killed_while_stopped_the_terminal_is_left_alone() {
    let mut terminal = at_pause_of("bind");
    let traces = terminal.traces();
    terminal.send("\x1a");
    terminal.wait_stopped();
    terminal.assert_restored();
    // What it wrote before it stopped has to be read.
    terminal.watch(Duration::ZERO);
    let seen = terminal.raw().len();
    Killed.end(&mut terminal);
    gone(&mut terminal, &traces, Killed, "stopped");
    assert_eq!(
        terminal.raw().len(),
        seen,
        "somebody wrote to the shell's screen"
    );
}

/// Ctrl-Z, then what `fg` does.
fn stop_and_go_on(terminal: &mut Terminal) {
    terminal.send("\x1a");
    terminal.wait_stopped();
    terminal.assert_restored();
    let view = terminal.view();
    assert_eq!(
        view.cursor.1,
        0,
        "a shell's prompt begins a line:\n{}",
        view.show()
    );
    terminal.signal(libc::SIGCONT);
    terminal.wait_until_it_has_the_keys();
}
