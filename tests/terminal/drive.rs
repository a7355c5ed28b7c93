//! Getting a run to where a test begins.

use std::cell::Cell;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;

use socket2::{Domain, Socket, Type};

use super::proc::{LISTEN, below, sockets_of, tcp_rows};
use super::pty::{PATIENCE, Terminal, socklab, spawn_asking};
use super::support::{TempDir, dir_of_test};

/// The kernel chooses the port, so that tests do not meet.
pub const ANY_PORT: &str = "127.0.0.1:0";

/// Every chapter and the call it first stops at.
pub const CHAPTERS: [(&str, &str); 6] = [
    ("create", "socket(AF_INET, SOCK_STREAM, 0)"),
    ("bind", "setsockopt(3,"),
    ("listen", "listen(3, 1)"),
    ("accept", "accept(3,"),
    ("exchange", "recvfrom(4,"),
    ("close", "close(4)"),
];

/// Every chapter of the course as `socklab list` has it, with the options that
/// choose its track.
pub fn whole_course() -> Vec<(Vec<String>, String)> {
    let output = Command::new(env!("CARGO_BIN_EXE_socklab"))
        .args(["list", "--no-progress"])
        .output()
        .unwrap();
    let mut options: Vec<String> = Vec::new();
    let mut chapters = Vec::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let mut words = line.split_whitespace();
        match words.next().map(str::parse::<usize>) {
            Some(Ok(_)) => chapters.push((options.clone(), words.next().unwrap().to_string())),
            Some(Err(_)) => {
                let words = words.skip_while(|word| !word.starts_with("--"));
                options = words.map(str::to_string).collect();
            }
            None => {}
        }
    }
    assert!(chapters.len() > CHAPTERS.len());
    chapters
}

/// An address of that track that no other test has; a folder that is to live as
/// long if it is a path.
pub fn own_address(options: &[String]) -> (String, Option<TempDir>) {
    if !options.iter().any(|word| word == "unix") {
        return (ANY_PORT.into(), None);
    }
    let dir = dir_of_test();
    let path = dir.path().join("s").display().to_string();
    (path, Some(dir))
}

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
    wait_blocked(&mut terminal, "accept");
    (terminal, port)
}

/// Asleep in the first `recv`. Returns the port and the client.
pub fn in_recv() -> (Terminal, u16, TcpStream) {
    let mut terminal = socklab(&["step", "exchange", "--addr", ANY_PORT]);
    let port = listening_port(&mut terminal);
    let client = connect(port);
    terminal.wait_next("recvfrom(4,");
    terminal.send("\r");
    wait_blocked(&mut terminal, "recvfrom");
    (terminal, port, client)
}

/// The menu at the end of `bind`.
pub fn at_chapter_end() -> Terminal {
    let mut terminal = socklab(&["step", "bind", "--addr", ANY_PORT]);
    terminal.wait_next("setsockopt(3,");
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
    let mut terminal = spawn_asking(80, 24, &["step", "listen", "--addr", ANY_PORT], &[]);
    terminal.wait_menu(super::predict::GO);
    terminal
}

/// The same as a numbered list.
pub fn at_numbered_question() -> Terminal {
    let words = ["step", "listen", "--addr", ANY_PORT, "--plain"];
    let mut terminal = spawn_asking(80, 24, &words, &[]);
    terminal.wait("the hint", |view| view.has("Type a number from 1 to 4"));
    terminal
}

/// Waits for the line that says a call sleeps, where the cursor is.
pub fn wait_blocked(terminal: &mut Terminal, call: &str) {
    let start = format!("{call} sleeps");
    terminal.wait(&start, |view| {
        view.cursor_row().trim_start().starts_with(&start)
    });
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

/// A client.
pub fn connect(port: u16) -> TcpStream {
    let addr: SocketAddr = ([127, 0, 0, 1], port).into();
    TcpStream::connect_timeout(&addr, PATIENCE).unwrap()
}

/// A client that does not wait to be let in. Returns it and its port.
pub fn call(port: u16) -> (Socket, u16) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_nonblocking(true).unwrap();
    let addr: SocketAddr = ([127, 0, 0, 1], port).into();
    // EINPROGRESS: what comes of it is looked at elsewhere.
    let _ = socket.connect(&addr.into());
    let own = socket.local_addr().unwrap().as_socket().unwrap().port();
    (socket, own)
}

/// Waits until the server sleeps in `accept` where no line is rewritten: the hint
/// tells it once, and /proc says the same.
pub fn wait_blocked_in_lines(terminal: &mut Terminal) {
    let view = terminal.wait("the hint", |view| view.has("  asleep "));
    let server = view.server();
    terminal.wait_until("it sleeps", || super::proc::state(server) == Some('S'));
}
