use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsRawFd;
use std::rc::Rc;

use super::paint::{Colour, paint};
use crate::render::{Block, Line, Page, ascii, layout};
use crate::sys;

/// A screen shared by what tells and what asks.
pub type Shared = Rc<RefCell<Screen>>;

/// Where the lesson is printed: lines that scroll, and below them at most one
/// line that is rewritten (a prompt, or what a blocked call does).
pub struct Screen {
    out: io::Stdout,
    colour: bool,
    ascii: bool,
    /// Asked for by the learner; else the terminal's own.
    width: Option<usize>,
    is_terminal: bool,
    /// Can a line be rewritten? Not in a file, and not on a dumb terminal.
    rewrites: bool,
    /// Are prompts wanted?
    prompts: bool,
    /// Does a prompt or a live line stand below everything else?
    below: bool,
}

/// The width where there is no terminal to ask.
const WIDTH: usize = 80;
/// Narrower than this nothing can be told.
const NARROWEST: usize = 30;

impl Screen {
    /// The standard output.
    pub fn stdout(colour: Colour, ascii: bool, width: Option<usize>) -> Screen {
        let out = io::stdout();
        let is_terminal = out.is_terminal();
        Screen {
            colour: colour.decide(is_terminal),
            ascii,
            width,
            is_terminal,
            rewrites: is_terminal && std::env::var("TERM").as_deref() != Ok("dumb"),
            prompts: true,
            below: false,
            out,
        }
    }

    /// The same without prompts and live lines: for an output that a program
    /// reads, though it may be shown on a terminal.
    pub fn without_prompts(self) -> Screen {
        Screen {
            is_terminal: false,
            rewrites: false,
            prompts: false,
            ..self
        }
    }

    /// The same where nothing is rewritten: for screen readers.
    pub fn plain(self) -> Screen {
        Screen {
            rewrites: false,
            ..self
        }
    }

    /// A text in the characters of this screen, for those who print it themselves.
    pub fn shown(&self, text: &str) -> String {
        match self.ascii {
            true => ascii(text),
            false => text.into(),
        }
    }

    /// Is it a terminal?
    pub fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Prints a document below what is there.
    pub fn print(&mut self, blocks: &[Block]) -> io::Result<()> {
        if blocks.is_empty() {
            return Ok(());
        }
        let mut text = self.erased().to_string();
        for line in layout(blocks, self.page()) {
            text.push_str(&paint(&line, self.colour));
            text.push('\n');
        }
        self.write(&text)
    }

    /// Shows a prompt, once until something else is printed.
    pub fn prompt(&mut self, line: &Line) -> io::Result<()> {
        if self.below || !self.prompts {
            return Ok(());
        }
        self.lowest(line)
    }

    /// Shows what goes on just now; where lines cannot be rewritten, nothing.
    pub fn live(&mut self, line: &Line) -> io::Result<()> {
        if !self.rewrites {
            return Ok(());
        }
        self.lowest(line)
    }

    /// Writes the line below everything else, which the next output replaces. It
    /// is cut to the width, for a wrapped line could not be taken away.
    fn lowest(&mut self, line: &Line) -> io::Result<()> {
        let mut text = self.erased().to_string();
        let page = Page {
            width: usize::MAX,
            ascii: self.ascii,
        };
        let whole = layout(&[Block::Paragraph(line.clone())], page);
        let painted = whole.first().map(|line| paint(line, self.colour));
        let room = self.page().width.saturating_sub(1);
        text.push_str(&console::truncate_str(
            &painted.unwrap_or_default(),
            room,
            "",
        ));
        self.below = true;
        self.write(&text)
    }

    /// Takes that line away.
    pub fn clear_below(&mut self) -> io::Result<()> {
        let text = self.erased();
        self.write(text)
    }

    /// What takes that line away: back to the first column, and CSI K (erase to
    /// the end of the line). Where it cannot be taken away, it is ended.
    fn erased(&mut self) -> &'static str {
        match (std::mem::take(&mut self.below), self.rewrites) {
            (false, _) => "",
            (true, true) => "\r\x1b[K",
            (true, false) => "\n",
        }
    }

    fn page(&self) -> Page {
        let own = || {
            self.is_terminal
                .then(|| sys::terminal_width(self.out.as_raw_fd()))
                .flatten()
        };
        let width = self.width.or_else(own).unwrap_or(WIDTH);
        Page {
            width: width.max(NARROWEST),
            ascii: self.ascii,
        }
    }

    fn write(&self, text: &str) -> io::Result<()> {
        let mut out = self.out.lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

/// Prints a document to the standard error output.
pub fn print_to_stderr(blocks: &[Block], colour: Colour, ascii: bool) {
    let err = io::stderr();
    let colour = colour.decide(err.is_terminal());
    let page = Page {
        width: WIDTH,
        ascii,
    };
    let mut text = String::new();
    for line in layout(blocks, page) {
        text.push_str(&paint(&line, colour));
        text.push('\n');
    }
    // Nobody is left to tell that stderr is closed.
    let _ = err.lock().write_all(text.as_bytes());
}
