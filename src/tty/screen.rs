use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsRawFd;
use std::rc::Rc;

use super::paint::{Colour, paint};
use crate::render::{Block, Line, Page, layout};
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
    /// Is the rewritten line on the screen?
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
            below: false,
            out,
        }
    }

    /// The same without a line that is rewritten: for an output that a program
    /// reads, though it may be shown on a terminal.
    pub fn without_prompts(self) -> Screen {
        Screen {
            is_terminal: false,
            ..self
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
        let mut text = self.erased();
        for line in layout(blocks, self.page()) {
            text.push_str(&paint(&line, self.colour));
            text.push('\n');
        }
        self.write(&text)
    }

    /// Shows a line that the next output replaces. Without a terminal there is
    /// none. It is cut to the width, for a wrapped line could not be rewritten.
    pub fn below(&mut self, line: &Line) -> io::Result<()> {
        if !self.is_terminal {
            return Ok(());
        }
        let mut text = self.erased();
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

    /// Is there a line that the next output replaces?
    pub fn has_below(&self) -> bool {
        self.below
    }

    /// Takes that line away.
    pub fn clear_below(&mut self) -> io::Result<()> {
        let text = self.erased();
        self.write(&text)
    }

    /// What takes the rewritten line away: back to the first column, and CSI K
    /// (erase to the end of the line).
    fn erased(&mut self) -> String {
        if std::mem::take(&mut self.below) {
            "\r\x1b[K".into()
        } else {
            String::new()
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
