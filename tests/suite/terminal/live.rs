//! What the screen shows while a call sleeps or clients wait, and whether the
//! kernel says the same.

use std::net::TcpListener;
use std::os::unix::net::UnixStream;

use super::places::{before_accept, in_accept, in_recv};
use super::pty::socklab;
use super::view::View;
use crate::support::{
    ANY_PORT, ESTABLISHED, SYN_SENT, address, connect, has_row, start_connecting, state, tcp_rows,
    track, wchan,
};

/// Does some line name the client with this relation and state?
fn shows(view: &View, relation: &str, port: u16, state: &str) -> bool {
    let client = format!("127.0.0.1:{port}");
    view.lines()
        .any(|line| line.contains(relation) && line.contains(&client) && line.contains(state))
}

#[test]
fn a_blocked_accept_shows_the_sleeping_process_and_its_queue() {
    let (mut terminal, _) = in_accept();
    let server = terminal.view().server();
    assert_eq!(state(server), Some('S'));
    // Where /proc hides it, the screen cannot show it.
    if let Some(place) = wchan(server) {
        assert_eq!(place, "inet_csk_accept");
        terminal.wait("the place where it sleeps", |view| {
            view.cursor_row().contains("in inet_csk_accept")
        });
    }
    terminal.wait("its state and the queue", |view| {
        let row = view.cursor_row();
        row.contains("accept sleeps") && row.contains(" S ") && row.contains("queue 0/1")
    });
}

/// What it tells to type works: the path is in it, and nothing of an IP.
#[test]
fn a_unix_listener_is_reached_as_the_hint_says() {
    let (path, _dir) = track("unix").own_address();
    let mut terminal = socklab(&["step", "accept", "--addr", &path]);
    terminal.wait_next("accept(3,");
    terminal.send("\r");
    terminal.wait_blocked("accept");
    let view = terminal.view();
    let hint = format!("nc -U {path}");
    assert_eq!(view.count(&hint), 2, "{}", view.show());
    let _client = UnixStream::connect(&path).unwrap();
    terminal.wait_next("getsockopt(4,");
}

/// Who can end the wait is the other end, and of datagrams only a message does.
#[test]
fn the_hint_of_a_sleeping_recv_names_who_can_end_it() {
    let mut server = socklab(&["step", "exchange", "--type", "dgram", "--addr", ANY_PORT]);
    server.wait_next("recvfrom(3,");
    server.send("\r");
    server.wait_blocked("recvfrom");
    let view = server.view();
    let hint = "type a line in the client and press Enter";
    assert!(view.has(hint) && !view.has("or end"), "{}", view.show());

    let listener = TcpListener::bind(ANY_PORT).unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    let mut client = socklab(&["step", "exchange", "--role", "client", "--addr", &addr]);
    client.wait_next("sendto(3,");
    client.send("\r");
    client.wait_next("recvfrom(3,");
    client.send("\r");
    client.wait_blocked("recvfrom");
    let view = client.view();
    assert!(view.has("type a line in the server"), "{}", view.show());
}

#[test]
fn the_live_line_is_rewritten_in_place() {
    let (mut terminal, _) = in_accept();
    let first = terminal.view();
    let view = terminal.wait("a second more", |view| {
        view.cursor_row().contains("queue 0/1")
            && view.number("accept sleeps ") > first.number("accept sleeps ")
    });
    assert_eq!(view.count("accept sleeps"), 1, "{}", view.show());
    assert_eq!(view.cursor.0, first.cursor.0);
    assert!(terminal.written().matches("accept sleeps").count() >= 2);
    // Time goes on, and the processor's time with it does not.
    assert!(
        view.has("CPU 0 ms") || view.has("CPU 10 ms"),
        "{}",
        view.show()
    );
}

#[test]
fn the_live_line_goes_when_the_call_returns() {
    let (mut terminal, port) = in_accept();
    let _client = connect(port);
    let view = terminal.wait_menu("next chapter");
    assert!(!view.has("accept sleeps"), "{}", view.show());
    assert!(view.has("did     accept(3, {sa_family=AF_INET, sin_port=htons("));
}

#[test]
fn a_client_before_enter_is_seen_in_the_queue() {
    let (mut terminal, port) = before_accept();
    let client = connect(port);
    let own = client.local_addr().unwrap().port();
    let view = terminal.wait("the client in the queue", |view| {
        shows(view, "queued", own, "ESTABLISHED") && view.at_pause()
    });
    assert!(view.has("accept queue 1/1"), "{}", view.show());
    // The server's side has no owner: it is no process's yet.
    let rows = tcp_rows();
    assert!(
        rows.iter()
            .any(|row| row.local_port == port && row.state == ESTABLISHED && row.inode == 0)
    );
    terminal.send("\r");
    let view = terminal.wait_menu("next chapter");
    assert!(
        !terminal.written().contains("accept sleeps"),
        "{}",
        view.show()
    );
    assert!(view.has(&format!("sin_port=htons({own})")));
    let server = view.server();
    assert!(std::fs::read_link(format!("/proc/{server}/fd/4")).is_ok());
}

/// At the end of a chapter, too: what changes is told above the menu, which stays.
#[test]
fn a_client_is_seen_while_the_menu_of_a_chapter_is_open() {
    let mut terminal = socklab(&["step", "listen", "--addr", ANY_PORT]);
    terminal.wait_next("listen(3, 1)");
    terminal.send("\r");
    let port = terminal.wait_menu("next chapter").port();
    terminal.send("2");
    terminal.wait_menu("look again");
    let client = connect(port);
    let own = client.local_addr().unwrap().port();
    let view = terminal.wait("the client", |view| {
        shows(view, "queued", own, "ESTABLISHED") && view.chosen() == Some("look again")
    });
    assert_eq!(view.count("listen is done"), 1, "{}", view.show());
    terminal.leave();
}

#[test]
fn four_clients_show_what_the_backlog_does() {
    let (mut terminal, port) = before_accept();
    let mut clients = Vec::new();
    for nth in 1..=4 {
        let client = start_connecting(port);
        let own = address(&client).port();
        clients.push(client);
        let (relation, state, kernels) = if nth <= 2 {
            ("queued", "ESTABLISHED", ESTABLISHED)
        } else {
            ("outside", "SYN-SENT", SYN_SENT)
        };
        let view = terminal.wait(&format!("client {nth}"), |view| {
            shows(view, relation, own, state) && view.at_pause()
        });
        let queue = format!("accept queue {}/1", nth.min(2));
        assert!(view.has(&queue), "{queue}:\n{}", view.show());
        assert!(has_row(own, kernels), "client {nth}");
    }
    // With i all four are told together.
    let view = terminal.inspect();
    assert_eq!(
        view.rows
            .iter()
            .filter(|row| row.starts_with("  queued "))
            .count(),
        2
    );
    assert_eq!(
        view.rows
            .iter()
            .filter(|row| row.starts_with("  outside "))
            .count(),
        2
    );
}

#[test]
fn the_live_line_counts_clients_that_come_meanwhile() {
    let (mut terminal, port, _client) = in_recv();
    let server = terminal.view().server();
    assert_eq!(state(server), Some('S'));
    let _second = connect(port);
    let view = terminal.wait("the second client", |view| {
        view.cursor_row().contains("recvfrom sleeps") && view.cursor_row().contains("queue 1/1")
    });
    assert!(view.has("queued"));
}

#[test]
fn a_line_of_the_client_wakes_the_server() {
    use std::io::Write;
    let (mut terminal, _, mut client) = in_recv();
    client.write_all(b"hello\n").unwrap();
    let view = terminal.wait_next("sendto(4,");
    assert!(view.has("6 bytes received"), "{}", view.show());
    assert!(!view.has("recvfrom sleeps"));
    terminal.send("\r");
    terminal.wait("the second round", |view| {
        view.has("round 2") && view.at_pause()
    });
    let mut answer = [0; 6];
    std::io::Read::read_exact(&mut client, &mut answer).unwrap();
    assert_eq!(&answer, b"hello\n");
}
