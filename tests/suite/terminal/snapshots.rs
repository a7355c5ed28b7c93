//! Pictures of every screen: tests/snapshots/*.svg. A change of a screen shows as
//! a change of its picture. `SNAPSHOTS=overwrite cargo test terminal`
//! takes them anew.

use std::path::Path;
use std::sync::Once;

use snapbox::{Assert, Data, data::DataFormat};

use super::cells::{self, Line, text};
use super::drive::{CHAPTERS, listening_port};
use super::pty::Terminal;
use super::redact::Redactor;
use crate::support::{FIN_WAIT_2, Socklab, bound, connect, free_port_of, has_row, reset};

/// A run whose pictures are taken.
pub struct Sitter {
    pub terminal: Terminal,
    port: u16,
    cols: u16,
    took: &'static str,
}

/// A free port of four digits: the pictures depend on their number.
pub fn free_port() -> u16 {
    free_port_of(2000..9900)
}

/// On the pictures the client is called `nc`: the process of the tests, whose own
/// name ends in another hash after every change.
fn be_nc() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| std::fs::write("/proc/self/comm", "nc").unwrap());
}

fn sit_with(cols: u16, port: u16, args: &[&str]) -> Sitter {
    be_nc();
    let addr = format!("127.0.0.1:{port}");
    let mut words = args.to_vec();
    words.extend(["--addr", &addr, "--color", "always", "--no-predict"]);
    Sitter {
        terminal: Socklab::new(words).in_terminal(cols),
        port,
        cols,
        took: if args.contains(&"--ascii") {
            "12 us"
        } else {
            "12 µs"
        },
    }
}

fn sit(args: &[&str]) -> Sitter {
    sit_with(80, free_port(), args)
}

/// A run at the first pause of a chapter, with the built-in client.
fn at_chapter(chapter: &str) -> Sitter {
    let mut sitter = sit(&["step", chapter, "--peer", "builtin"]);
    let (_, call) = CHAPTERS.iter().find(|(id, _)| *id == chapter).unwrap();
    sitter.terminal.wait_next(call);
    sitter
}

impl Sitter {
    /// A run of somebody else's, with colours.
    pub fn of(terminal: Terminal, port: u16, cols: u16) -> Sitter {
        be_nc();
        Sitter {
            terminal,
            port,
            cols,
            took: "12 µs",
        }
    }

    fn lines(&self) -> Vec<Line> {
        cells::lines(self.terminal.screen())
    }

    /// Takes the picture of the lines from the last that begins so.
    pub fn from(&self, start: &str, name: &str) {
        let lines = self.lines();
        let from = lines
            .iter()
            .rposition(|line| text(line).starts_with(start))
            .unwrap_or_else(|| panic!("no {start:?}:\n{}", self.terminal.view().show()));
        self.take(&lines[from..], name);
    }

    /// Takes the picture of what is told of the last call, without what comes next.
    pub fn last_call(&self, name: &str) {
        let told = |line: &Line| text(line).starts_with("  did ");
        let mut lines = self.lines();
        lines.drain(..lines.iter().rposition(told).unwrap());
        let end = lines.iter().position(Vec::is_empty);
        lines.truncate(end.unwrap_or(lines.len()));
        self.take(&lines, name);
    }

    /// Takes the same with the menu below.
    pub fn last_call_and_menu(&self, name: &str) {
        self.from("  did ", name);
    }

    /// Takes the picture of what stands above the last line that begins so.
    pub fn until(&self, start: &str, name: &str) {
        let mut lines = self.lines();
        let told = |line: &Line| text(line).starts_with(start);
        lines.truncate(lines.iter().rposition(told).unwrap());
        self.take(&lines, name);
    }

    /// Takes the picture of everything.
    pub fn all(&self, name: &str) {
        self.take(&self.lines(), name);
    }

    fn take(&self, lines: &[Line], name: &str) {
        let mut redactor = Redactor::new(self.port, self.cols, self.took);
        // What has been on the screen before keeps its replacement: a socket has
        // one number on all pictures of a run.
        redactor.lines(&self.lines());
        let mut lines = redactor.lines(lines);
        while lines.last().is_some_and(Vec::is_empty) {
            lines.pop();
        }
        picture(&lines, name);
    }
}

/// Compares with the picture of that name, or takes it.
fn picture(lines: &[Line], name: &str) {
    let svg = Data::text(cells::ansi(lines))
        .coerce_to(DataFormat::TermSvg)
        .render()
        .unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.svg"));
    let expected = Data::read_from(&path, Some(DataFormat::Text)).raw();
    Assert::new()
        .action_env("SNAPSHOTS")
        .eq(Data::text(softer(&svg)).raw(), expected);
}

/// The colours of a terminal of today: those of 1987 are hard to read.
fn softer(svg: &str) -> String {
    [
        ("#000000", "#16181d"),
        ("#AAAAAA", "#d5d8de"),
        ("#AA0000", "#f2777a"),
        ("#00AA00", "#98c379"),
        ("#AA5500", "#d8a657"),
        ("#AA00AA", "#c792ea"),
        ("#00AAAA", "#5cc0d6"),
        // A tspan has no opacity in most viewers.
        ("opacity: 0.4", "fill-opacity: 0.6"),
    ]
    .iter()
    .fold(svg.to_string(), |svg, (old, new)| svg.replace(old, new))
}

/// The first pause of a chapter, and what is told of its first call.
fn chapter(id: &str, next: Option<&str>) {
    let mut sitter = at_chapter(id);
    sitter.from("── ", &format!("{id}-pause"));
    sitter.terminal.send("\r");
    match next {
        Some(call) => sitter.terminal.wait_next(call),
        None => sitter.terminal.wait_menu("next chapter"),
    };
    sitter.last_call(&format!("{id}-did"));
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
    let mut sitter = sit(&["step", "exchange"]);
    listening_port(&mut sitter.terminal);
    let client = connect(sitter.port);
    client.shutdown(std::net::Shutdown::Write).unwrap();
    sitter.terminal.wait_next("recvfrom(4,");
    sitter.terminal.send("\r");
    sitter.terminal.wait_menu("next chapter: close");
    // The server's kernel takes its time to acknowledge the FIN.
    let own = client.local_addr().unwrap().port();
    sitter
        .terminal
        .wait_until("the FIN is acknowledged", || has_row(own, FIN_WAIT_2));
    sitter.terminal.send("\r");
    sitter.terminal.wait_next("close(4)");
    sitter.from("── ", "close-pause");
    sitter.terminal.send("\r");
    sitter.terminal.wait_next("close(3)");
    sitter.last_call("close-did");
    sitter.terminal.send("\r");
    sitter.terminal.wait_menu("next chapter: serve");
    sitter.last_call("close-listener-did");
}

#[test]
fn send() {
    let mut sitter = at_chapter("exchange");
    sitter.terminal.send("\r");
    sitter.terminal.wait_next("sendto(4,");
    sitter.terminal.send("\r");
    sitter
        .terminal
        .wait("round 2", |view| view.at_pause() && view.has("round 2"));
    sitter.last_call("exchange-send-did");
}

/// The picture in the README.
#[test]
fn step_bind() {
    let mut sitter = sit(&["step", "bind"]);
    sitter.terminal.wait_next("setsockopt(3,");
    sitter.terminal.send("\r");
    sitter.terminal.wait_next("bind(3,");
    sitter.terminal.send("\r");
    sitter.terminal.wait_menu("next chapter");
    let mut lines = sitter.lines();
    lines.insert(0, cells::plain("$ socklab step bind"));
    sitter.take(&lines, "step-bind");
}

#[test]
fn inspect() {
    let mut sitter = at_chapter("bind");
    sitter.terminal.inspect();
    sitter.from("  look ", "inspect");
}

#[test]
fn why() {
    let mut sitter = at_chapter("bind");
    sitter.terminal.send("w");
    sitter.terminal.wait("why", |view| {
        view.at_pause() && view.count("with --no-reuseaddr") == 1
    });
    sitter.from("  kernel", "why");
}

#[test]
fn blocked_accept() {
    let mut sitter = sit(&["step", "accept"]);
    sitter.terminal.wait_next("accept(3,");
    sitter.terminal.send("\r");
    sitter.terminal.wait_blocked("accept");
    sitter.from("  now ", "accept-blocked");
}

#[test]
fn waiting_client() {
    let mut sitter = sit(&["step", "accept"]);
    sitter.terminal.wait_next("accept(3,");
    let _client = connect(sitter.port);
    sitter.terminal.wait("the client", |view| {
        view.has("accept queue 1/1") && view.at_pause()
    });
    sitter.from("  next ", "accept-queued");
}

#[test]
fn port_taken() {
    be_nc();
    let port = free_port();
    let holder = bound(port);
    holder.listen(1).unwrap();
    let mut sitter = sit_with(80, port, &["step", "bind"]);
    sitter.terminal.wait_next("setsockopt(3,");
    sitter.terminal.send("\r");
    sitter.terminal.wait_next("bind(3,");
    sitter.terminal.send("\r");
    sitter.terminal.wait_menu("again");
    sitter.last_call("bind-taken");
}

#[test]
fn connection_reset() {
    // The look of every 200 ms may tell of it before the call returns; then less is
    // left to tell after it.
    let sitter = (0..20)
        .map(|_| after_a_reset())
        .find(|sitter| !sitter.terminal.written().contains("  look    "));
    sitter.unwrap().last_call("exchange-reset");
}

/// A client has reset the connection while the server slept in `recv`.
fn after_a_reset() -> Sitter {
    let mut sitter = sit(&["step", "exchange"]);
    listening_port(&mut sitter.terminal);
    let client = connect(sitter.port);
    sitter.terminal.wait_next("recvfrom(4,");
    sitter.terminal.send("\r");
    sitter.terminal.wait_blocked("recvfrom");
    reset(client);
    sitter.terminal.wait_menu("next chapter");
    sitter
}

#[test]
fn list() {
    let mut sitter = sit(&["list", "--no-progress"]);
    assert_eq!(sitter.terminal.wait_exit(), 0);
    sitter.all("list");
}

#[test]
fn bare() {
    let mut sitter = sit(&["--no-progress"]);
    sitter.terminal.wait_menu("walk");
    sitter.all("bare");
}

#[test]
fn narrow_bind() {
    let mut sitter = sit_with(60, free_port(), &["step", "bind"]);
    through_bind(&mut sitter.terminal);
    sitter.from("── ", "bind-60-columns");
}

#[test]
fn ascii_bind() {
    let mut sitter = sit(&["step", "bind", "--ascii"]);
    through_bind(&mut sitter.terminal);
    sitter.from("-- ", "bind-ascii");
}

fn through_bind(terminal: &mut Terminal) {
    terminal.wait_next("setsockopt(3,");
    terminal.send("\r");
    terminal.wait_next("bind(3,");
    terminal.send("\r");
    terminal.wait_menu("next chapter");
}
