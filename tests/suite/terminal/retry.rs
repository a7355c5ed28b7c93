//! A port that is taken, at a terminal: who holds it, and what can be done.

use std::net::TcpListener;

use super::pty::{Terminal, socklab};

/// A run at the menu after a bind that failed, and who holds the port.
fn taken() -> (Terminal, TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut terminal = socklab(&["step", "bind", "--addr", &format!("127.0.0.1:{port}")]);
    terminal.wait_next("setsockopt(3,");
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
        "> try again",
        "  another port",
        "  quit",
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

#[test]
fn leaving_after_a_failure_is_a_failure() {
    for keys in ["q", "\x1b", "\x1b[A\r"] {
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
