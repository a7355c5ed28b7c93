//! Pictures of every screen of the server's chapters.

use super::cells;
use super::pictures::{PicturedRun, free_port};
use super::places::{CHAPTERS, listening_port};
use super::pty::Terminal;
use crate::support::{FIN_WAIT_2, Socklab, bound, connect, has_row, reset};

fn start_at(cols: u16, port: u16, args: &[&str]) -> PicturedRun {
    let addr = format!("127.0.0.1:{port}");
    let mut words = args.to_vec();
    words.extend(["--addr", &addr, "--color", "always", "--no-predict"]);
    PicturedRun::of(Socklab::new(words).in_terminal(cols), port, cols)
}

fn start(args: &[&str]) -> PicturedRun {
    start_at(80, free_port(), args)
}

/// A run at the first pause of a chapter, with the built-in client.
fn at_chapter(chapter: &str) -> PicturedRun {
    let mut pictured = start(&["step", chapter, "--peer", "builtin"]);
    let (_, call) = CHAPTERS.iter().find(|(id, _)| *id == chapter).unwrap();
    pictured.terminal.wait_next(call);
    pictured
}

/// The first pause of a chapter, and what is told of its first call.
fn chapter(id: &str, next: Option<&str>) {
    let mut pictured = at_chapter(id);
    pictured.from("── ", &format!("{id}-pause"));
    pictured.terminal.send("\r");
    match next {
        Some(call) => pictured.terminal.wait_next(call),
        None => pictured.terminal.wait_menu("next chapter"),
    };
    pictured.last_call(&format!("{id}-did"));
}

#[test]
fn create() {
    chapter("create", None);
}

#[test]
fn bind() {
    chapter("bind", Some("bind(3,"));
}

#[test]
fn listen() {
    chapter("listen", None);
}

#[test]
fn accept() {
    chapter("accept", None);
}

#[test]
fn exchange() {
    chapter("exchange", Some("sendto(4,"));
}

/// The chapter `close` after a client that has ended its side.
#[test]
fn close() {
    let mut pictured = start(&["step", "exchange"]);
    listening_port(&mut pictured.terminal);
    let client = connect(pictured.port);
    client.shutdown(std::net::Shutdown::Write).unwrap();
    pictured.terminal.wait_next("recvfrom(4,");
    pictured.terminal.send("\r");
    pictured.terminal.wait_menu("next chapter: close");
    // The server's kernel takes its time to acknowledge the FIN.
    let own = client.local_addr().unwrap().port();
    pictured
        .terminal
        .wait_until("the FIN is acknowledged", || has_row(own, FIN_WAIT_2));
    pictured.terminal.send("\r");
    pictured.terminal.wait_next("close(4)");
    pictured.from("── ", "close-pause");
    pictured.terminal.send("\r");
    pictured.terminal.wait_next("close(3)");
    pictured.last_call("close-did");
    pictured.terminal.send("\r");
    pictured.terminal.wait_menu("next chapter: yours");
    pictured.last_call("close-listener-did");
}

#[test]
fn send() {
    let mut pictured = at_chapter("exchange");
    pictured.terminal.send("\r");
    pictured.terminal.wait_next("sendto(4,");
    pictured.terminal.send("\r");
    pictured
        .terminal
        .wait("round 2", |view| view.at_pause() && view.has("round 2"));
    pictured.last_call("exchange-send-did");
}

/// The picture in the README.
#[test]
fn step_bind() {
    let mut pictured = start(&["step", "bind"]);
    pictured.terminal.wait_setsockopt();
    pictured.terminal.send("\r");
    pictured.terminal.wait_next("bind(3,");
    pictured.terminal.send("\r");
    pictured.terminal.wait_menu("next chapter");
    let mut lines = pictured.lines();
    lines.insert(0, cells::plain("$ socklab step bind"));
    pictured.take(&lines, "step-bind");
}

#[test]
fn inspect() {
    let mut pictured = at_chapter("bind");
    pictured.terminal.inspect();
    pictured.from("  look ", "inspect");
}

#[test]
fn why() {
    let mut pictured = at_chapter("bind");
    pictured.terminal.send("w");
    pictured.terminal.wait("why", |view| {
        view.at_pause() && view.count("with --no-reuseaddr") == 1
    });
    pictured.from("  kernel", "why");
}

#[test]
fn languages() {
    let mut sitter = at_chapter("bind");
    sitter.terminal.send("l");
    sitter
        .terminal
        .wait("languages", |view| view.at_pause() && view.has("Winsock"));
    sitter.from("  kernel", "languages");
}

#[test]
fn blocked_accept() {
    let mut pictured = start(&["step", "accept"]);
    pictured.terminal.wait_next("accept(3,");
    pictured.terminal.send("\r");
    pictured.terminal.wait_blocked("accept");
    pictured.from("  now ", "accept-blocked");
}

#[test]
fn waiting_client() {
    let mut pictured = start(&["step", "accept"]);
    pictured.terminal.wait_next("accept(3,");
    let _client = connect(pictured.port);
    pictured.terminal.wait("the client", |view| {
        view.has("accept queue 1/1") && view.at_pause()
    });
    pictured.from("  next ", "accept-queued");
}

#[test]
fn port_taken() {
    let port = free_port();
    let holder = bound(port);
    holder.listen(1).unwrap();
    let mut pictured = start_at(80, port, &["step", "bind"]);
    pictured.terminal.wait_setsockopt();
    pictured.terminal.send("\r");
    pictured.terminal.wait_next("bind(3,");
    pictured.terminal.send("\r");
    pictured.terminal.wait_menu("again");
    pictured.last_call("bind-taken");
}

#[test]
fn connection_reset() {
    // The look of every 200 ms may tell of it before the call returns; then less is
    // left to tell after it.
    let pictured = (0..20)
        .map(|_| after_a_reset())
        .find(|pictured| !pictured.terminal.written().contains("  look    "));
    pictured.unwrap().last_call("exchange-reset");
}

/// A client has reset the connection while the server slept in `recv`.
fn after_a_reset() -> PicturedRun {
    let mut pictured = start(&["step", "exchange"]);
    listening_port(&mut pictured.terminal);
    let client = connect(pictured.port);
    pictured.terminal.wait_next("recvfrom(4,");
    pictured.terminal.send("\r");
    pictured.terminal.wait_blocked("recvfrom");
    reset(client);
    pictured.terminal.wait_menu("next chapter");
    pictured
}

#[test]
fn list() {
    let mut pictured = start(&["list", "--no-progress"]);
    assert_eq!(pictured.terminal.wait_exit(), 0);
    pictured.all("list");
}

#[test]
fn bare() {
    let mut pictured = start(&["--no-progress"]);
    pictured.terminal.wait_menu("walk");
    pictured.all("bare");
}

#[test]
fn narrow_bind() {
    let mut pictured = start_at(60, free_port(), &["step", "bind"]);
    through_bind(&mut pictured.terminal);
    pictured.from("── ", "bind-60-columns");
}

#[test]
fn ascii_bind() {
    // So wide that no length of a pid and of an inode breaks lines elsewhere.
    let mut pictured = start_at(76, free_port(), &["step", "bind", "--ascii"]);
    through_bind(&mut pictured.terminal);
    pictured.from("-- ", "bind-ascii");
}

fn through_bind(terminal: &mut Terminal) {
    terminal.wait_setsockopt();
    terminal.send("\r");
    terminal.wait_next("bind(3,");
    terminal.send("\r");
    terminal.wait_menu("next chapter");
}
