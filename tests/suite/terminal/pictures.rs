//! Pictures of screens: tests/snapshots/*.svg. A change of a screen shows as a change
//! of its picture. `SNAPSHOTS=overwrite cargo test terminal` takes them anew.

use std::path::Path;
use std::sync::Once;

use snapbox::{Assert, Data, data::DataFormat};

use super::cells::{self, Line, text};
use super::pty::Terminal;
use super::redact::Redactor;
use crate::support::free_port_of;

/// A run whose pictures are taken.
pub struct PicturedRun {
    pub terminal: Terminal,
    pub port: u16,
    cols: u16,
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

impl PicturedRun {
    /// A run with colours at that port.
    pub fn of(terminal: Terminal, port: u16, cols: u16) -> PicturedRun {
        be_nc();
        PicturedRun {
            terminal,
            port,
            cols,
        }
    }

    pub fn lines(&self) -> Vec<Line> {
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

    /// Takes the picture of the lines from the last that begins so to before the last that
    /// begins so.
    pub fn between(&self, start: &str, end: &str, name: &str) {
        let lines = self.lines();
        let at = |start: &str| lines.iter().rposition(|line| text(line).starts_with(start));
        self.take(&lines[at(start).unwrap()..at(end).unwrap()], name);
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

    /// Takes the picture of these lines.
    pub fn take(&self, lines: &[Line], name: &str) {
        let is_ascii = self.terminal.raw().is_ascii();
        let took = if is_ascii { "12 us" } else { "12 µs" };
        let mut redactor = Redactor::new(self.port, self.cols, took);
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
