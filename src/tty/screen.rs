//! Where the lesson is printed, and where the learner is asked.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::rc::Rc;

use console::Term;

use super::output::Output;
use super::paint::{Colour, paint, paint_blocks};
use crate::render::{Block, Line, Page, Room, Span, layout};
use crate::sys::Signals;

/// The screen, shared by the output that prints the lesson and the keys that prompt.
pub(crate) type Shared = Rc<RefCell<Screen>>;

/// Where the lesson is printed: lines that scroll, and below them what is rewritten (a
/// prompt, a menu, or what a blocked call does).
pub(crate) struct Screen {
    out: Output,
    term: Term,
    colour: bool,
    ascii: bool,
    plain: bool,
    /// The width that the learner asked for; `None` is the terminal's own.
    width: Option<usize>,
    /// A line can be rewritten: not in a file, and not on a dumb terminal.
    rewrites: bool,
    /// The lines below everything else.
    below: Vec<String>,
    /// The rows and columns that they were written for.
    written_for: (usize, usize),
    /// To be printed when the learner has read what stands there.
    more: Vec<Block>,
}

/// The width in columns where no terminal gives one.
const WIDTH: usize = 80;
/// The layout needs at least so many columns.
const NARROWEST: usize = 30;

impl Screen {
    /// The standard output. During a run it heeds the signals that the run watches.
    pub(crate) fn stdout(looks: Looks, signals: Option<Rc<Signals>>) -> io::Result<Screen> {
        let out = Output::new(io::stdout().as_fd(), signals)?;
        Ok(Screen::new(out, Term::stdout(), looks))
    }

    /// The standard error.
    pub(crate) fn stderr(looks: Looks, signals: Option<Rc<Signals>>) -> io::Result<Screen> {
        let out = Output::new(io::stderr().as_fd(), signals)?;
        Ok(Screen::new(out, Term::stderr(), looks))
    }

    /// A file, or another terminal than ours.
    pub(crate) fn file(
        file: &File,
        looks: Looks,
        signals: Option<Rc<Signals>>,
    ) -> io::Result<Screen> {
        let out = Output::new(file.as_fd(), signals)?;
        let term = Term::read_write_pair(file.try_clone()?, file.try_clone()?);
        Ok(Screen::new(out, term, looks))
    }

    fn new(out: Output, term: Term, looks: Looks) -> Screen {
        let is_dumb = std::env::var("TERM").as_deref() == Ok("dumb");
        Screen {
            out,
            colour: looks.colour.decide(term.is_term()),
            ascii: looks.ascii,
            plain: looks.plain,
            width: looks.width,
            rewrites: term.is_term() && !is_dumb && !looks.plain,
            below: Vec::new(),
            written_for: (0, 0),
            more: Vec::new(),
            term,
        }
    }

    /// True for a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.term.is_term()
    }

    /// Rows and columns of the terminal, where it is one.
    pub(crate) fn terminal_size(&self) -> Option<(u16, u16)> {
        self.term.size_checked().filter(|_| self.is_terminal())
    }

    /// Is what is printed in colours?
    pub(crate) fn has_colour(&self) -> bool {
        self.colour
    }

    /// Can what stands below everything else be rewritten?
    pub(crate) fn rewrites(&self) -> bool {
        self.rewrites
    }

    /// The terminal, for a library that writes on it by itself: if lines can be
    /// rewritten, and it is so many columns wide.
    pub(crate) fn terminal_of(&self, columns: usize) -> Option<Term> {
        let is_fit = self.rewrites && self.size().1 >= columns;
        is_fit.then(|| self.term.clone())
    }

    /// Prints a document below what is there.
    pub(crate) fn print(&mut self, blocks: &[Block]) -> io::Result<()> {
        if blocks.is_empty() {
            return Ok(());
        }
        let mut text = self.erase_below();
        text.push_str(&paint_blocks(blocks, self.page(), self.colour));
        self.write(&text)
    }

    /// Prints when the learner goes on.
    pub(crate) fn print_later(&mut self, blocks: Vec<Block>) {
        self.more.extend(blocks);
    }

    /// Does something wait until the learner goes on?
    pub(crate) fn has_more(&self) -> bool {
        !self.more.is_empty()
    }

    /// Prints what has waited.
    pub(crate) fn print_more(&mut self) -> io::Result<()> {
        let more = std::mem::take(&mut self.more);
        self.print(&more)
    }

    /// How much of it a person can read at once; `None` off a terminal.
    pub(crate) fn room(&self) -> Option<Room> {
        let (rows, _) = self.term.size_checked()?;
        Some(Room {
            page: self.page(),
            rows: rows.into(),
        })
    }

    /// Shows a prompt below everything else, if none stands there yet.
    pub(crate) fn prompt(&mut self, line: &Line) -> io::Result<()> {
        if self.has_below() || !self.is_terminal() {
            return Ok(());
        }
        self.below(&self.broken(line))
    }

    /// Shows what a blocked call does now, where lines can be rewritten. Its last piece
    /// is left out if it would need one more line.
    pub(crate) fn live(&mut self, line: &Line) -> io::Result<()> {
        let Some((_, rest)) = line.split_last().filter(|_| self.rewrites) else {
            return Ok(());
        };
        let (all, most) = (self.broken(line), self.broken(rest));
        self.below(if all.len() > most.len() { &most } else { &all })
    }

    /// A line as lines that fit below everything else.
    fn broken(&self, line: &[Span]) -> Vec<Line> {
        layout(&[Block::Paragraph(line.to_vec())], self.page_below().0)
    }

    /// Does something stand below everything else, as the terminal's size now wants it?
    pub(crate) fn has_below(&self) -> bool {
        !self.below.is_empty() && (self.written_for == self.size() || !self.rewrites)
    }

    /// The page for what stands below everything else, and how many lines fit.
    pub(crate) fn page_below(&self) -> (Page, usize) {
        let (rows, cols) = self.size();
        let page = Page {
            width: self.page().width.min(cols),
            ..self.page()
        };
        // A line that fills the last column would leave the cursor in the next one.
        let width = page.width.saturating_sub(1).max(1);
        (Page { width, ..page }, rows)
    }

    /// Writes these lines below everything else in place of those that stand there,
    /// until something is printed. They are cut to the terminal: what wraps or scrolls
    /// away could not be erased.
    pub(crate) fn below(&mut self, lines: &[Line]) -> io::Result<()> {
        let (page, rows) = self.page_below();
        let lines = lines.iter().take(rows);
        let lines = lines.map(|line| paint(line, self.colour));
        let lines: Vec<String> = lines
            .map(|line| console::truncate_str(&line, page.width, "").into_owned())
            .collect();
        if self.has_below() && self.below == lines {
            return Ok(());
        }
        let text = self.erase_below() + &lines.join("\n");
        self.below = lines;
        self.written_for = self.size();
        self.write(&text)
    }

    /// The same, with the cursor in that column of the last line.
    pub(crate) fn edit(&mut self, lines: &[Line], column: usize) -> io::Result<()> {
        self.below(lines)?;
        self.write(&match column {
            0 => "\r".into(),
            columns => format!("\r\x1b[{columns}C"),
        })
    }

    /// Clears the screen: CSI H and CSI 2 J.
    pub(crate) fn clear_all(&mut self) -> io::Result<()> {
        self.below.clear();
        self.write("\x1b[H\x1b[2J")
    }

    /// Erases what stands below everything else.
    pub(crate) fn clear_below(&mut self) -> io::Result<()> {
        let text = self.erase_below();
        self.write(&text)
    }

    /// What erases the lines below everything else: up to the first of them, to its
    /// first column, and CSI J (erase to the end of the screen). Lines that cannot be
    /// erased are ended. A terminal that became narrower has broken them.
    fn erase_below(&mut self) -> String {
        let below = std::mem::take(&mut self.below);
        if below.is_empty() {
            return String::new();
        }
        if !self.rewrites {
            return "\n".into();
        }
        let (_, cols) = self.size();
        let widths = below.iter().map(|line| console::measure_text_width(line));
        let rows: usize = widths.map(|width| width.div_ceil(cols).max(1)).sum();
        match rows - 1 {
            0 => "\r\x1b[J".into(),
            up => format!("\r\x1b[{up}A\x1b[J"),
        }
    }

    /// Rows and columns.
    fn size(&self) -> (usize, usize) {
        let (rows, cols) = self.term.size();
        (usize::from(rows), usize::from(cols))
    }

    fn page(&self) -> Page {
        let own = || self.term.size_checked().map(|(_, cols)| usize::from(cols));
        let width = self.width.or_else(own).unwrap_or(WIDTH);
        Page {
            width: width.max(NARROWEST),
            ascii: self.ascii,
            plain: self.plain,
        }
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }
}

/// How a screen is to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looks {
    pub colour: Colour,
    /// Only ASCII characters.
    pub ascii: bool,
    /// In columns; `None` is the terminal's own.
    pub width: Option<usize>,
    /// No line is rewritten: for screen readers.
    pub plain: bool,
}

/// Prints a document to the standard error output.
pub(crate) fn print_to_stderr(blocks: &[Block], looks: Looks) {
    // An error on stderr cannot be reported anywhere.
    let _ = Screen::stderr(looks, None).and_then(|mut screen| screen.print(blocks));
}
