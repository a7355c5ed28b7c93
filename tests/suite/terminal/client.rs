//! Somebody who learns the client's side; the test is the server.

use std::io::{Read, Write};
use std::net::TcpListener;

use super::pty::{Terminal, socklab};
use crate::support::{DEADLINE, address, bound};

/// The walk of a client to that port.
fn walk(port: u16) -> Terminal {
    let addr = format!("127.0.0.1:{port}");
    let mut terminal = socklab(&["walk", "--role", "client", "--addr", &addr]);
    terminal.wait_next("socket(");
    terminal.send("\r");
    terminal.wait_menu("next chapter: connect");
    terminal.send("\r");
    terminal.wait_next("connect(3,");
    terminal
}

/// From the connection to the end of the walk, with a server that echoes.
fn talk(terminal: &mut Terminal, listener: &TcpListener) {
    let view = terminal.wait_menu("next chapter: exchange");
    assert!(view.has("ESTABLISHED"), "{}", view.show());
    let (mut server, from) = listener.accept().unwrap();
    // The port that the kernel lent it is on the screen.
    assert!(
        view.has(&format!("local {from}")),
        "{from}:\n{}",
        view.show()
    );
    server.set_read_timeout(Some(DEADLINE)).unwrap();
    terminal.send("\r");
    terminal.wait_next("sendto(3,");
    terminal.send("\r");
    let mut line = [0; 6];
    server.read_exact(&mut line).unwrap();
    assert_eq!(&line, b"hello\n");
    terminal.wait_next("recvfrom(3,");
    server.write_all(b"and you\n").unwrap();
    terminal.send("\r");
    let view = terminal.wait_menu("next chapter: close");
    assert!(view.has("\"and you\\n\""), "{}", view.show());
    terminal.send("\r");
    terminal.wait_next("close(3)");
    terminal.send("\r");
    let view = terminal.wait_menu("quit");
    assert!(view.has("close is done"), "{}", view.show());
    assert_eq!(server.read(&mut line).unwrap(), 0);
    terminal.leave();
}

#[test]
fn a_client_connects_to_a_server_that_is_not_ours() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut terminal = walk(listener.local_addr().unwrap().port());
    terminal.send("\r");
    talk(&mut terminal, &listener);
}

/// A port at which nobody listens, until somebody does.
#[test]
fn a_refused_connect_can_be_tried_again_until_somebody_listens() {
    let held = bound(0);
    let port = address(&held).port();
    let mut terminal = walk(port);
    for nth in 1..=2 {
        terminal.send("\r");
        let view = terminal.wait("the menu", |view| {
            view.at_menu() && view.count("ECONNREFUSED") >= nth
        });
        assert!(view.has("connect did not work"), "{}", view.show());
        assert_eq!(view.chosen(), Some("try again"), "{}", view.show());
        terminal.send("\r");
        terminal.wait_next("connect(3,");
    }
    // Listening where it was only bound: nobody else could take the port meanwhile.
    held.listen(1).unwrap();
    let listener = TcpListener::from(held);
    terminal.send("\r");
    talk(&mut terminal, &listener);
}

#[test]
fn leaving_after_a_refused_connect_is_a_failure() {
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    drop(held);
    let mut terminal = walk(port);
    let traces = terminal.traces();
    terminal.send("\r");
    terminal.wait_menu("try again");
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 1);
    terminal.wait_gone(&traces);
    terminal.assert_restored();
}
