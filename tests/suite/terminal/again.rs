//! Another client after the first: key `a` at the pause before the listener is closed.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::places::listening_port;
use super::pty::{Terminal, socklab};
use crate::support::{ANY_PORT, connect};

/// Serves the client that is being accepted, from the first recv to the pause before
/// the listener is closed.
fn serve(terminal: &mut Terminal, client: &mut TcpStream, line: &str, closes: usize) {
    client.write_all(line.as_bytes()).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    terminal.wait_next("recvfrom(4,");
    // The loop, to its end.
    terminal.send("c");
    let mut echo = String::new();
    terminal.wait_menu("next chapter: close");
    terminal.send("\r");
    terminal.wait_next("close(4)");
    terminal.send("\r");
    terminal.wait("the pause before the listener goes", |view| {
        view.at_pause() && view.count("  next    close(3)") == closes
    });
    client.read_to_string(&mut echo).unwrap();
    assert_eq!(echo, line);
}

/// From the pause before the listener is closed to accept, asleep.
fn again(terminal: &mut Terminal, accepts: usize) {
    let view = terminal.view();
    assert!(view.tells("· a again ·"), "{}", view.show());
    terminal.send("a");
    terminal.wait("the pause before accept", |view| {
        view.at_pause() && view.count("  next    accept(3,") == accepts
    });
    terminal.send("\r");
    terminal.wait_blocked("accept");
}

#[test]
fn another_client_is_served_and_another_and_then_the_listener_goes() {
    let mut terminal = socklab(&["step", "exchange", "--addr", ANY_PORT]);
    let port = listening_port(&mut terminal);
    let mut first = connect(port);
    serve(&mut terminal, &mut first, "first\n", 1);
    for (nth, line) in ["second\n", "third\n"].into_iter().enumerate() {
        // Nobody waits: it sleeps, and the screen lives.
        again(&mut terminal, nth + 1);
        assert!(terminal.view().cursor_row().contains("queue 0/1"));
        let mut client = connect(port);
        terminal.wait_menu("next chapter: exchange");
        terminal.send("\r");
        serve(&mut terminal, &mut client, line, nth + 2);
    }
    terminal.send("\r");
    let view = terminal.wait_menu("next chapter: yours");
    assert!(view.has("close is done"), "{}", view.show());
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    terminal.leave();
}

/// What was told is not told once more.
#[test]
fn the_second_time_is_told_shorter() {
    let mut terminal = socklab(&["step", "exchange", "--addr", ANY_PORT]);
    let port = listening_port(&mut terminal);
    let mut first = connect(port);
    serve(&mut terminal, &mut first, "first\n", 1);
    again(&mut terminal, 1);
    let view = terminal.view();
    assert!(view.has("── 4 accept"), "{}", view.show());
    let _second = connect(port);
    terminal.wait_menu("next chapter: exchange");
    terminal.send("\r");
    terminal.wait_next("recvfrom(4,");
    let view = terminal.view();
    assert_eq!(view.count("This server is an echo"), 1, "{}", view.show());
}

/// Elsewhere the key means nothing.
#[test]
fn a_is_no_key_at_other_pauses() {
    let mut terminal = socklab(&["step", "bind", "--addr", ANY_PORT]);
    let view = terminal.wait_setsockopt();
    assert!(!view.has("a again"), "{}", view.show());
    terminal.send("a");
    terminal.watch(Duration::from_millis(100));
    terminal.send("\r");
    let view = terminal.wait_next("bind(3,");
    assert_eq!(view.made(), 1, "{}", view.show());
}
