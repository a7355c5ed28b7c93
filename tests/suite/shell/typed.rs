//! Lines that are typed at a terminal: edited, completed, remembered, interrupted.

use crate::support::{ANY_PORT, Socklab, dir_of_test};
use crate::terminal::Terminal;

fn shell() -> Terminal {
    let state = dir_of_test();
    let path = state.path().display().to_string();
    shell_with(&path)
}

fn shell_with(state: &str) -> Terminal {
    let mut terminal = Socklab::new(["shell", "--addr", ANY_PORT])
        .env("XDG_STATE_HOME", state)
        .in_terminal(80);
    terminal.wait("the prompt", |view| view.has("server>"));
    terminal.wait_until_it_has_the_keys();
    terminal
}

/// Types a line, and waits for what it tells.
fn line(terminal: &mut Terminal, text: &str, told: &str) {
    terminal.send(&format!("{text}\r"));
    terminal.wait(told, |view| view.has(told));
}

fn listening(terminal: &mut Terminal) {
    line(terminal, "socket inet stream as s", "did     socket(");
    line(terminal, "bind s {addr}", "did     bind(");
    line(terminal, "listen s 5", "accept queue 0/5");
}

#[test]
fn a_line_is_edited_and_completed() {
    let mut terminal = shell();
    terminal.send("socket in\t\t");
    terminal.wait("both that fit", |view| view.has("inet inet6"));
    terminal.send(" str\tas t\x7fs");
    terminal.wait("it is complete", |view| {
        view.has("server> socket inet stream as s")
    });
    // To the first column, over a word, and back to the end.
    terminal.send("\x01\x1b[C\x1b[C\x1b[D\x05\r");
    terminal.wait("the call", |view| {
        view.has("socket(AF_INET, SOCK_STREAM, 0) = 3")
    });
    terminal.send("bind ");
    terminal.wait("what is missing", |view| {
        view.has("server> bind NAME ADDRESS")
    });
    terminal.send("\x15clos\t\t");
    terminal.wait("the only socket", |view| view.has("server> close s"));
    terminal.send("\r");
    terminal.wait("it is closed", |view| view.has("close(3) = 0"));
    terminal.send("\x04");
    assert_eq!(terminal.wait_exit(), 0);
    assert!(terminal.has_its_modes());
}

#[test]
fn lines_are_remembered_from_one_run_to_the_next() {
    let state = dir_of_test();
    let path = state.path().display().to_string();
    let mut terminal = shell_with(&path);
    line(&mut terminal, "socket inet stream as s", "did     socket(");
    terminal.send("\x04");
    assert_eq!(terminal.wait_exit(), 0);
    let mut terminal = shell_with(&path);
    terminal.send("\x1b[A");
    terminal.wait("the line", |view| {
        view.has("server> socket inet stream as s")
    });
    terminal.send("\r");
    terminal.wait("the call", |view| view.has("did     socket("));
    terminal.send("quit\r");
    assert_eq!(terminal.wait_exit(), 0);
}

#[test]
fn ctrl_c_interrupts_the_call_and_not_the_shell() {
    let mut terminal = shell();
    listening(&mut terminal);
    terminal.send("accept s as a\r");
    terminal.wait("the live line", |view| {
        view.has("server: accept(3, {...}, [128]) sleeps")
    });
    terminal.send("\x03");
    terminal.wait("EINTR", |view| view.has("= -1 EINTR") && view.has("means"));
    // At the prompt it only forgets what was typed.
    terminal.send("nonsense\x03close s\r");
    terminal.wait("it goes on", |view| view.has("close(3) = 0"));
    terminal.send("\x04");
    assert_eq!(terminal.wait_exit(), 0);
}

#[test]
fn a_call_is_predicted_and_then_made() {
    let mut terminal = shell();
    listening(&mut terminal);
    terminal.send("predict bind s {addr}\r");
    terminal.wait("it is asked", |view| view.has("you say>"));
    terminal.send("failed EINVAL\r");
    terminal.wait("both", |view| {
        view.has("said    failed EINVAL") && view.has("as you said") && view.has("server>")
    });
    terminal.send("predict close s\r");
    terminal.wait("it is asked", |view| view.count("forgets the call") == 2);
    terminal.send("failed EBADF\r");
    terminal.wait("otherwise", |view| view.has("otherwise: it returned 0"));
    terminal.send("\x04");
    assert_eq!(terminal.wait_exit(), 0);
    assert!(terminal.has_its_modes());
}

#[test]
fn two_actors_sleep_and_the_prompt_stays_alive() {
    let mut terminal = shell();
    listening(&mut terminal);
    terminal.send("accept s as a\r");
    terminal.wait("it sleeps", |view| view.has("sleeps"));
    terminal.send("client:\r");
    terminal.wait("its prompt", |view| view.has("client>"));
    line(
        &mut terminal,
        "socket inet stream as c",
        "did     client: socket(",
    );
    line(&mut terminal, "connect c {addr}", "did     server: accept(");
    terminal.send("recv c 5\rserver: recv a 5\r");
    terminal.wait("both sleep", |view| {
        view.has("client: recvfrom(3") && view.has("server: recvfrom(4")
    });
    terminal.send("jobs\r");
    terminal.wait("both are listed", |view| view.has("  server  recvfrom(4"));
    terminal.send("\x03");
    terminal.wait("the prompt's own", |view| {
        view.has("did     client: recvfrom(")
    });
    terminal.send("send c hello\r");
    terminal.wait("the other's", |view| {
        view.has("did     server: recvfrom(4, \"hello\"")
    });
    terminal.send("\x04");
    assert_eq!(terminal.wait_exit(), 0);
    assert!(terminal.has_its_modes());
}

#[test]
fn a_line_that_is_wider_than_the_terminal_scrolls() {
    let mut terminal = shell();
    let long = "x".repeat(100);
    terminal.send(&format!("# {long}END"));
    terminal.wait("its end", |view| {
        view.has("xEND") && view.count("server>") == 1
    });
    terminal.resize(40, 24);
    terminal.send("\x01");
    terminal.wait("its beginning", |view| view.has("server> # xxx"));
    terminal.send("\x05\x15\x04");
    assert_eq!(terminal.wait_exit(), 0);
}
