//! A line that is typed and edited at a terminal, while calls go on.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use tui_input::{Input, InputRequest};

use super::history::History;
use super::input::{Key, cbreak, read_keys};
use super::poller::{Poller, Woken};
use super::screen::Shared;
use crate::render::{Line, label, muted, plain};
use crate::run::{Ask, Lines, Typed};
use crate::sys::{self, Keeper, Signals};

/// A person who types at the terminal that is our stdin. Its drop gives the terminal its
/// modes back; if this process is killed, the keeper does.
pub(crate) struct Editor<'a> {
    poller: Poller,
    tty: File,
    original: Termios,
    keeper: &'a Keeper,
    screen: Shared,
    input: Input,
    history: History,
    /// Keys that were pressed and not used yet: several lines may be pasted.
    pressed: VecDeque<Key>,
}

/// What a key has done.
enum Done {
    Line(String),
    End,
    Nothing,
}

impl<'a> Editor<'a> {
    /// Takes the terminal over. What was typed before is in the file `history`.
    pub(crate) fn new(
        keeper: &'a Keeper,
        signals: Rc<Signals>,
        screen: Shared,
        history: Option<PathBuf>,
    ) -> io::Result<Editor<'a>> {
        let stdin = io::stdin();
        let original = tcgetattr(&stdin)?;
        keeper.keep_terminal(original.clone())?;
        let editor = Editor {
            poller: Poller::new(signals),
            tty: File::from(stdin.as_fd().try_clone_to_owned()?),
            original,
            keeper,
            screen,
            input: Input::default(),
            history: History::load(history),
            pressed: VecDeque::new(),
        };
        editor.set_modes(&cbreak(&editor.original))?;
        Ok(editor)
    }

    fn set_modes(&self, modes: &Termios) -> io::Result<()> {
        Ok(tcsetattr(&self.tty, OptionalActions::Now, modes)?)
    }

    /// Ctrl-Z: whoever started us gets the terminal back as it was.
    fn stop(&mut self) -> io::Result<()> {
        self.screen.borrow_mut().clear_below()?;
        self.set_modes(&self.original)?;
        self.keeper.release_terminal()?;
        sys::stop_self();
        self.keeper.keep_terminal(self.original.clone())?;
        self.set_modes(&cbreak(&self.original))
    }

    /// The line as it stands, and above it what the calls that sleep do.
    fn show(&self, ask: &Ask<'_>) -> io::Result<()> {
        let mut screen = self.screen.borrow_mut();
        let (page, _) = screen.page_below();
        let mut lines: Vec<Line> = ask
            .jobs
            .iter()
            .map(|job| vec![muted(job.as_str())])
            .collect();
        let room = page.width.saturating_sub(ask.prompt.len() + 1).max(1);
        let scroll = self.input.visual_scroll(room);
        let mut line = vec![label(ask.prompt), plain(behind(self.input.value(), scroll))];
        let missing = (ask.missing)(self.input.value());
        let is_at_end = self.input.cursor() == self.input.value().chars().count();
        if is_at_end && !missing.is_empty() {
            let apart = if self.input.value().ends_with(' ') {
                ""
            } else {
                " "
            };
            line.push(muted(format!("{apart}{missing}")));
        }
        lines.push(line);
        let column = ask.prompt.len() + self.input.visual_cursor().saturating_sub(scroll);
        screen.edit(&lines, column)
    }

    /// Uses the keys that were pressed, up to a whole line.
    fn use_keys(&mut self, ask: &Ask<'_>) -> io::Result<Done> {
        while let Some(key) = self.pressed.pop_front() {
            match key {
                Key::Enter => {
                    let line = self.input.value_and_reset();
                    self.history.keep(&line);
                    self.screen.borrow_mut().clear_below()?;
                    return Ok(Done::Line(line));
                }
                Key::Char('\u{4}') if self.input.value().is_empty() => {
                    self.screen.borrow_mut().clear_below()?;
                    return Ok(Done::End);
                }
                Key::Char('\t') => self.complete(ask)?,
                Key::Up => {
                    let found = self.history.older(self.input.value());
                    self.replace(found);
                }
                Key::Down => {
                    let found = self.history.newer(self.input.value());
                    self.replace(found);
                }
                // Clears the screen, as everywhere.
                Key::Char('\u{c}') => self.screen.borrow_mut().clear_all()?,
                key => {
                    if let Some(request) = request(key) {
                        self.input.handle(request);
                    }
                }
            }
        }
        Ok(Done::Nothing)
    }

    fn replace(&mut self, line: Option<String>) {
        if let Some(line) = line {
            self.input = Input::new(line);
        }
    }

    /// Puts in what all words that fit have in common; where that is nothing more, shows
    /// them.
    fn complete(&mut self, ask: &Ask<'_>) -> io::Result<()> {
        let before: String = self
            .input
            .value()
            .chars()
            .take(self.input.cursor())
            .collect();
        let words = (ask.words)(&before);
        let begun = before.rsplit(char::is_whitespace).next().unwrap_or("");
        let common = common(&words);
        let more = common.strip_prefix(begun).unwrap_or("").to_string();
        for c in more.chars() {
            self.input.handle(InputRequest::InsertChar(c));
        }
        match words.as_slice() {
            [only] if !only.ends_with(['=', ':']) || only.ends_with("r:") => {
                self.input.handle(InputRequest::InsertChar(' '));
            }
            [_, _, ..] if more.is_empty() => {
                let words = vec![muted(words.join("  "))];
                self.screen
                    .borrow_mut()
                    .print(&[crate::render::Block::Row(words)])?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// What a key does to the line.
fn request(key: Key) -> Option<InputRequest> {
    Some(match key {
        Key::Left | Key::Char('\u{2}') => InputRequest::GoToPrevChar,
        Key::Right | Key::Char('\u{6}') => InputRequest::GoToNextChar,
        Key::WordLeft => InputRequest::GoToPrevWord,
        Key::WordRight => InputRequest::GoToNextWord,
        Key::Home | Key::Char('\u{1}') => InputRequest::GoToStart,
        Key::End | Key::Char('\u{5}') => InputRequest::GoToEnd,
        Key::Char('\u{7f}' | '\u{8}') => InputRequest::DeletePrevChar,
        Key::Delete | Key::Char('\u{4}') => InputRequest::DeleteNextChar,
        Key::Char('\u{17}') => InputRequest::DeletePrevWord,
        Key::Char('\u{15}') => InputRequest::DeleteFromStart,
        Key::Char('\u{b}') => InputRequest::DeleteTillEnd,
        Key::Char('\u{19}') => InputRequest::Yank,
        Key::Char(c) if !c.is_control() => InputRequest::InsertChar(c),
        _ => return None,
    })
}

/// What all of them begin with.
fn common(words: &[String]) -> String {
    let Some((first, rest)) = words.split_first() else {
        return String::new();
    };
    let is_common = |at: usize, c: char| rest.iter().all(|word| word.chars().nth(at) == Some(c));
    let chars = first.chars().enumerate();
    chars
        .take_while(|(at, c)| is_common(*at, *c))
        .map(|(_, c)| c)
        .collect()
}

/// What stands behind so many columns.
fn behind(text: &str, columns: usize) -> String {
    let mut left = columns;
    let hidden = |c: &char| {
        let width = console::measure_text_width(c.encode_utf8(&mut [0; 4]));
        let is_hidden = left > 0;
        left = left.saturating_sub(width);
        is_hidden
    };
    text.chars().skip_while(hidden).collect()
}

impl Lines for Editor<'_> {
    fn is_attended(&self) -> bool {
        true
    }

    fn echoes(&self) -> bool {
        false
    }

    fn next(
        &mut self,
        ask: &Ask<'_>,
        fds: &[RawFd],
        timeout: Option<Duration>,
    ) -> io::Result<Typed> {
        loop {
            match self.use_keys(ask)? {
                Done::Line(line) => return Ok(Typed::Line(line)),
                Done::End => return Ok(Typed::End),
                Done::Nothing => self.show(ask)?,
            }
            let mut all = vec![self.tty.as_raw_fd()];
            all.extend(fds);
            match self.poller.wait(&all, timeout)? {
                Woken::Interrupted(libc::SIGINT) => {
                    self.input.reset();
                    return Ok(Typed::Interrupt);
                }
                Woken::Interrupted(signal) => {
                    if signal != libc::SIGHUP {
                        self.screen.borrow_mut().clear_below()?;
                    }
                    return Ok(Typed::Signal(signal));
                }
                Woken::Stop => self.stop()?,
                Woken::Ready(ready) if ready[0] => {
                    let keys = read_keys(&mut self.tty)?;
                    if keys.is_empty() {
                        return Ok(Typed::Signal(libc::SIGHUP));
                    }
                    self.pressed.extend(keys);
                }
                Woken::Ready(_) => return Ok(Typed::Look),
            }
        }
    }
}

impl Drop for Editor<'_> {
    fn drop(&mut self) {
        // An error means that the terminal is gone, and has no modes to restore.
        let _ = self.screen.borrow_mut().clear_below();
        let _ = self.set_modes(&self.original);
        let _ = self.keeper.release_terminal();
    }
}
