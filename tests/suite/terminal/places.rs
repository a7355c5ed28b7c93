//! Getting a run to where a test begins.

use std::cell::Cell;
use std::net::TcpStream;

use super::pty::{Terminal, socklab};
use crate::support::{ANY_PORT, LISTEN, Socklab, below, connect, sockets_of, tcp_rows};

/// Every chapter and the call it first stops at.
pub const CHAPTERS: [(&str, &str); 7] = [
    ("create", "socket(AF_INET, SOCK_STREAM, 0)"),
    ("bind", "setsockopt(3,"),
    ("listen", "listen(3, 1)"),
    ("accept", "accept(3,"),
    ("exchange", "recvfrom(4,"),
    ("close", "close(4)"),
    ("yours", "socket(AF_INET, SOCK_STREAM, 0)"),
];

/// The first pause of a chapter; the built-in client is the peer.
pub fn at_pause_of(chapter: &str) -> Terminal {
    let (_, call) = CHAPTERS.iter().find(|(id, _)| *id == chapter).unwrap();
    let mut terminal = socklab(&["step", chapter, "--addr", ANY_PORT, "--peer", "builtin"]);
    terminal.wait_next(call);
    terminal
}

/// The pause before `accept`; the test is the peer. Returns the port.
pub fn before_accept() -> (Terminal, u16) {
    let mut terminal = socklab(&["step", "accept", "--addr", ANY_PORT]);
    let port = terminal.wait_next("accept(3,").port();
    (terminal, port)
}

/// Asleep in `accept`. Returns the port.
pub fn in_accept() -> (Terminal, u16) {
    let (mut terminal, port) = before_accept();
    terminal.send("\r");
    terminal.wait_blocked("accept");
    (terminal, port)
}

/// Asleep in the first `recv`. Returns the port and the client.
pub fn in_recv() -> (Terminal, u16, TcpStream) {
    let mut terminal = socklab(&["step", "exchange", "--addr", ANY_PORT]);
    let port = listening_port(&mut terminal);
    let client = connect(port);
    terminal.wait_next("recvfrom(4,");
    terminal.send("\r");
    terminal.wait_blocked("recvfrom");
    (terminal, port, client)
}

/// The menu at the end of `bind`.
pub fn at_chapter_end() -> Terminal {
    let mut terminal = socklab(&["step", "bind", "--addr", ANY_PORT]);
    terminal.wait_setsockopt();
    terminal.send("c");
    terminal.wait_menu("next chapter");
    terminal
}

/// The menu of `socklab` alone.
pub fn at_bare_menu() -> Terminal {
    let mut terminal = socklab(&["--addr", ANY_PORT]);
    terminal.wait_menu("walk");
    terminal
}

/// The question of `listen`.
pub fn at_question() -> Terminal {
    let mut terminal = Socklab::new(["step", "listen", "--addr", ANY_PORT]).in_terminal(80);
    terminal.wait_question(super::predict::GO);
    terminal
}

/// The same as a numbered list.
pub fn at_numbered_question() -> Terminal {
    let words = ["step", "listen", "--addr", ANY_PORT, "--plain"];
    let mut terminal = Socklab::new(words).in_terminal(80);
    terminal.wait("the hint", |view| view.has("Type a number from 1 to 4"));
    terminal
}

/// The port the server listens on, from the kernel: for when it is not told yet.
pub fn listening_port(terminal: &mut Terminal) -> u16 {
    let controller = terminal.pid();
    let port = Cell::new(None);
    terminal.wait_until("it listens", || {
        let mine: Vec<u64> = below(controller)
            .iter()
            .flat_map(|process| sockets_of(process.pid))
            .collect();
        let row = tcp_rows()
            .into_iter()
            .find(|row| row.state == LISTEN && mine.contains(&row.inode));
        port.set(row.map(|row| row.local_port));
        port.get().is_some()
    });
    port.get().unwrap()
}
