//! Where the lesson is printed.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsRawFd;
use std::rc::Rc;

use super::paint::{Colour, paint, paint_blocks};
use crate::render::{Block, Line, Page, ascii, layout};
use crate::sys;

/// The screen, shared by the output that prints the lesson and the keys that prompt.
pub type Shared = Rc<RefCell<Screen>>;

/// Where the lesson is printed: lines that scroll, and below them at most one
/// line that is rewritten (a prompt, or what a blocked call does).
pub struct Screen {
    out: io::Stdout,
    colour: bool,
    ascii: bool,
    /// The width that the learner asked for; `None` is the terminal's own.
    width: Option<usize>,
    is_terminal: bool,
    /// A line can be rewritten: not in a file, and not on a dumb terminal.
    rewrites: bool,
    /// Prompts are shown.
    prompts: bool,
    /// A prompt or a live line stands below everything else.
    below: bool,
}

/// The width in columns where no terminal gives one.
const WIDTH: usize = 80;
/// The layout needs at least so many columns.
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

    /// The same without prompts and live lines: for an output that a program reads,
    /// even if it is a terminal.
    pub fn without_prompts(self) -> Screen {
        Screen {
            is_terminal: false,
            rewrites: false,
            prompts: false,
            ..self
        }
    }

    /// The same, but no line is rewritten: for screen readers.
    pub fn plain(self) -> Screen {
        Screen {
            rewrites: false,
            ..self
        }
    }

    /// A text in the characters of this screen, for callers that print it themselves.
    pub fn shown(&self, text: &str) -> String {
        if self.ascii { ascii(text) } else { text.into() }
    }

    /// True for a terminal.
    pub fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Prints a document below what is there.
    pub fn print(&mut self, blocks: &[Block]) -> io::Result<()> {
        if blocks.is_empty() {
            return Ok(());
        }
        let mut text = self.erase_below().to_string();
        text.push_str(&paint_blocks(blocks, self.page(), self.colour));
        self.write(&text)
    }

    /// Shows a prompt below everything else, if no line stands there yet.
    pub fn prompt(&mut self, line: &Line) -> io::Result<()> {
        if self.below || !self.prompts {
            return Ok(());
        }
        self.write_below(line)
    }

    /// Shows what a blocked call does now, where lines can be rewritten.
    pub fn live(&mut self, line: &Line) -> io::Result<()> {
        if !self.rewrites {
            return Ok(());
        }
        self.write_below(line)
    }

    /// Writes the line below everything else, which the next output replaces. The line
    /// is cut to the width: one that wraps could not be erased.
    fn write_below(&mut self, line: &Line) -> io::Result<()> {
        let mut text = self.erase_below().to_string();
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

    /// Erases the line below everything else.
    pub fn clear_below(&mut self) -> io::Result<()> {
        let text = self.erase_below();
        self.write(text)
    }

    /// The bytes that erase the line below everything else: back to the first column,
    /// and CSI K (erase to the end of the line). A line that cannot be erased is ended.
    fn erase_below(&mut self) -> &'static str {
        if !std::mem::take(&mut self.below) {
            ""
        } else if self.rewrites {
            "\r\x1b[K"
        } else {
            "\n"
        }
    }

    fn page(&self) -> Page {
        let terminal = self.is_terminal.then(|| self.out.as_raw_fd());
        let own = || terminal.and_then(sys::terminal_width);
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
    let text = paint_blocks(blocks, page, colour);
    // An error on stderr cannot be reported anywhere.
    let _ = err.lock().write_all(text.as_bytes());
}
