//! A port that is taken, at a terminal: who holds it, and what can be done.

use std::net::TcpListener;

use super::pty::{Terminal, socklab};
use crate::support::free_port_of;

/// A run at the menu after a bind that failed, and who holds the port.
fn taken() -> (Terminal, TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut terminal = socklab(&["step", "bind", "--addr", &format!("127.0.0.1:{port}")]);
    terminal.wait_setsockopt();
    terminal.send("\r");
    terminal.wait_next("bind(3,");
    terminal.send("\r");
    terminal.wait_menu("again");
    (terminal, listener, port)
}

#[test]
fn the_screen_says_who_holds_the_port_and_what_can_be_done() {
    let (terminal, _listener, port) = taken();
    let view = terminal.view();
    for text in [
        "= -1 EADDRINUSE",
        &format!("127.0.0.1:{port} LISTEN"),
        &format!("pid {}", std::process::id()),
        "bind did not work",
        "▸ 1  try again",
        "  2  another port, which the kernel chooses",
        "  3  another port, which you type",
        "  4  quit",
    ] {
        assert!(view.has(text), "{text}:\n{}", view.show());
    }
}

#[test]
fn trying_again_fails_while_it_is_held_and_works_when_it_is_free() {
    let (mut terminal, listener, port) = taken();
    // The learner looks once more before the call is made again.
    terminal.send("\r");
    terminal.wait_next("bind(3,");
    terminal.send("\r");
    terminal.wait("the menu again", |view| {
        view.at_menu() && view.count("= -1 EADDRINUSE") == 2
    });
    drop(listener);
    terminal.send("\r");
    terminal.wait_next("bind(3,");
    terminal.send("\r");
    let view = terminal.wait_menu("next chapter");
    assert!(
        view.has(&format!("local 127.0.0.1:{port} (was —)")),
        "{}",
        view.show()
    );
    terminal.leave();
}

#[test]
fn another_port_is_the_kernels_choice() {
    let (mut terminal, _listener, port) = taken();
    terminal.send("\x1b[B");
    terminal.wait_menu("another port");
    terminal.send("\r");
    let view = terminal.wait_next("bind(3,");
    assert!(view.has("sin_port=htons(0)"), "{}", view.show());
    terminal.send("\r");
    let view = terminal.wait_menu("next chapter");
    let other = view.port();
    assert_ne!(other, port);
    assert_ne!(other, 0);
    terminal.send("\r");
    let view = terminal.wait_next("listen(3, 1)");
    assert!(view.has(&format!("local 127.0.0.1:{other}")));
}

/// At the line in which a port is typed.
fn typing() -> (Terminal, TcpListener, u16) {
    let (mut terminal, listener, port) = taken();
    terminal.send("3");
    terminal.wait_menu("another port, which you type");
    terminal.send("\r");
    terminal.wait("the question for a port", |view| {
        view.cursor_row().starts_with("  Port, 1 to 65535")
    });
    terminal.wait_raw();
    (terminal, listener, port)
}

#[test]
fn another_port_can_be_typed() {
    let (mut terminal, _listener, port) = typing();
    for nonsense in ["99999", "0", "-1", "port"] {
        terminal.send(&format!("{nonsense}\r"));
        let view = terminal.wait("what is wrong", |view| view.has("not a port"));
        assert!(view.cursor_row().starts_with("  Port, "), "{}", view.show());
    }
    let free = free_port_of(2000..9900);
    terminal.send(&format!("9\x7f{free}\r"));
    let view = terminal.wait_next("bind(3,");
    assert!(
        view.has(&format!("sin_port=htons({free})")),
        "{}",
        view.show()
    );
    assert!(!view.has("not a port"), "{}", view.show());
    terminal.send("\r");
    let view = terminal.wait_menu("next chapter");
    assert_eq!(view.port(), free);
    assert_ne!(free, port);
    terminal.leave();
}

#[test]
fn who_types_no_port_is_asked_again_what_to_do() {
    let (mut terminal, _listener, _) = typing();
    // These mean nothing here, and do no harm.
    terminal.send("\x04\x1a\r");
    let view = terminal.wait_menu("try again");
    assert_eq!(view.count("bind did not work"), 1, "{}", view.show());
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 1);
    terminal.assert_restored();
}

#[test]
fn a_port_that_is_typed_can_be_interrupted() {
    for (signal, status) in [
        (None, 130),
        (Some(libc::SIGTERM), 143),
        (Some(libc::SIGHUP), 129),
        (Some(libc::SIGKILL), 137),
    ] {
        let (mut terminal, _listener, _) = typing();
        let traces = terminal.traces();
        terminal.send("70");
        terminal.wait("the echo", |view| view.cursor_row().ends_with(": 70"));
        match signal {
            None => terminal.send("\x03"),
            Some(signal) => terminal.signal(signal),
        }
        assert_eq!(terminal.wait_exit(), status);
        terminal.wait_gone(&traces);
        terminal.assert_restored();
    }
}

#[test]
fn in_a_numbered_list_another_port_is_a_line() {
    let (_, listener, _) = taken();
    let addr = listener.local_addr().unwrap().to_string();
    let mut terminal = socklab(&["step", "bind", "--plain", "--addr", &addr]);
    terminal.wait_next("setsockopt(3,");
    terminal.send("c");
    terminal.wait("the list", |view| view.at_list() && view.has("EADDRINUSE"));
    terminal.send("3\r");
    let hint = "Type the number of a port";
    terminal.wait_count(hint, 1);
    terminal.send("70000\r");
    terminal.wait_count(hint, 2);
    terminal.send("\r");
    terminal.wait_count("4. quit", 2);
    terminal.send("3\r");
    terminal.wait_count(hint, 3);
    let free = free_port_of(2000..9900);
    terminal.send(&format!("{free}\r"));
    terminal.wait("the end of the chapter", |view| {
        view.at_list() && view.has("bind is done")
    });
    assert_eq!(terminal.view().port(), free);
    terminal.leave();
}

#[test]
fn leaving_after_a_failure_is_a_failure() {
    for keys in ["q", "\x1b", "\x04", "\x1b[A\r"] {
        let (mut terminal, _listener, _) = taken();
        terminal.send(keys);
        assert_eq!(terminal.wait_exit(), 1, "{keys:?}");
        terminal.assert_restored();
    }
}

#[test]
fn ctrl_c_in_the_menu_after_a_failure_is_an_interruption() {
    let (mut terminal, _listener, _) = taken();
    let traces = terminal.traces();
    terminal.send("\x03");
    assert_eq!(terminal.wait_exit(), 130);
    terminal.wait_gone(&traces);
    terminal.assert_restored();
}
