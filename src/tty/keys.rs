//! The pace of a run that a person attends: keys and menus.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::rc::Rc;
use std::time::Duration;

use super::input::{is_hang_up, read_typed};
use super::poller::{Poller, Woken};
use super::screen::Shared;
use super::{menu, numbered_list};
use crate::render::{Block, Line, Role, Span};
use crate::run::{Choice, Menu, Next, Pace, Prompt, Wake};
use crate::sys::{self, Keeper, Modes};

/// A person at the terminal that is our stdin. While this lives, keys come one by one
/// and are not echoed. Its drop gives the terminal its modes back; if this process is
/// killed, the keeper does.
pub struct Keys<'a> {
    poller: Poller,
    tty: File,
    original: Modes,
    keeper: &'a Keeper,
    screen: Shared,
    /// True where menus are numbered lists.
    plain: bool,
    /// What was typed and not used yet.
    typed: VecDeque<u8>,
}

/// The byte of Ctrl-D while keys come one by one: EOT.
const CTRL_D: u8 = 4;
const ESCAPE: u8 = 0x1b;

impl<'a> Keys<'a> {
    /// Takes the terminal over.
    pub fn new(keeper: &'a Keeper, screen: Shared, plain: bool) -> io::Result<Keys<'a>> {
        let stdin = io::stdin();
        let original = Modes::of(stdin.as_raw_fd())?;
        keeper.keep_terminal(original)?;
        let tty = File::from(stdin.as_fd().try_clone_to_owned()?);
        let keys = Keys {
            poller: Poller::new()?,
            tty,
            original,
            keeper,
            screen,
            plain,
            typed: VecDeque::new(),
        };
        keys.take_over()?;
        Ok(keys)
    }

    fn take_over(&self) -> io::Result<()> {
        self.original.cbreak().apply(self.tty.as_raw_fd())
    }

    fn give_back(&self) -> io::Result<()> {
        self.original.apply(self.tty.as_raw_fd())
    }

    /// Ctrl-Z: the shell gets its terminal back with the modes that it had.
    fn stop(&mut self) -> io::Result<()> {
        self.screen.borrow_mut().clear_below()?;
        self.give_back()?;
        self.keeper.release_terminal()?;
        sys::stop_self();
        self.keeper.keep_terminal(self.original)?;
        self.take_over()
    }

    /// What the next key asks for, of those that mean something here.
    fn next_key(&mut self, prompt: &Prompt) -> Option<Next> {
        while let Some(byte) = self.typed.pop_front() {
            let next = match byte {
                b'\r' | b'\n' => Some(Next::Run),
                b'c' if is_pause(prompt) => Some(Next::RunOn),
                b'a' if *prompt == (Prompt::Pause { again: true }) => Some(Next::Again),
                b'i' => Some(Next::Inspect),
                b'w' => Some(Next::Why),
                b'q' | CTRL_D => Some(Next::Quit),
                ESCAPE => {
                    self.skip_sequence();
                    None
                }
                _ => None,
            };
            if next.is_some() {
                return next;
            }
        }
        None
    }

    /// Drops the rest of an arrow or function key: CSI, parameters and a final
    /// byte, or SS3 and one byte.
    fn skip_sequence(&mut self) {
        match self.typed.front() {
            Some(b'[') => {
                self.typed.pop_front();
                let is_final = |byte: &u8| (0x40..=0x7e).contains(byte);
                let rest = self.typed.iter().position(is_final);
                self.typed
                    .drain(..rest.map_or(self.typed.len(), |at| at + 1));
            }
            Some(b'O') => {
                self.typed.drain(..self.typed.len().min(2));
            }
            _ => {}
        }
    }

    /// Asks by a numbered list. The terminal has its usual modes meanwhile, so that a
    /// line is typed with echo and Backspace.
    fn select_by_number(
        &mut self,
        question: &str,
        labels: &[&str],
        q: &str,
    ) -> io::Result<Wake<Option<usize>>> {
        self.give_back()?;
        let screen = Rc::clone(&self.screen);
        let print = |blocks: &[Block]| screen.borrow_mut().print(blocks);
        let picked = numbered_list::select(&self.poller, &mut self.tty, question, labels, q, print);
        match self.take_over() {
            // The terminal is gone.
            Err(error) if is_hang_up(&error) => Ok(Wake::Interrupted(libc::SIGHUP)),
            taken => taken.and(picked),
        }
    }

    /// Reads what was typed. `false` when the terminal is gone.
    fn read(&mut self) -> io::Result<bool> {
        let typed = read_typed(&mut self.tty)?;
        self.typed.extend(&typed);
        Ok(!typed.is_empty())
    }
}

impl Pace for Keys<'_> {
    fn attended(&self) -> bool {
        true
    }

    fn wait(
        &mut self,
        prompt: &Prompt,
        fds: &[RawFd],
        timeout: Option<Duration>,
    ) -> io::Result<Wake> {
        if let Prompt::Pause { again } = prompt {
            self.screen.borrow_mut().prompt(&pause_line(*again))?;
        }
        let mut all = fds.to_vec();
        if *prompt != Prompt::Busy {
            if let Some(next) = self.next_key(prompt) {
                return Ok(Wake::Key(next));
            }
            all.push(self.tty.as_raw_fd());
        }
        match self.poller.wait(&all, timeout)? {
            Woken::Interrupted(libc::SIGHUP) => Ok(Wake::Interrupted(libc::SIGHUP)),
            Woken::Interrupted(signal) => {
                self.screen.borrow_mut().clear_below()?;
                Ok(Wake::Interrupted(signal))
            }
            Woken::Stop => {
                self.stop()?;
                Ok(Wake::Look)
            }
            Woken::Ready(ready) => {
                if *prompt != Prompt::Busy && ready.last() == Some(&true) {
                    if !self.read()? {
                        return Ok(Wake::Interrupted(libc::SIGHUP));
                    }
                    if let Some(next) = self.next_key(prompt) {
                        return Ok(Wake::Key(next));
                    }
                }
                Ok(Wake::Look)
            }
        }
    }

    fn choose(&mut self, menu: &Menu) -> io::Result<Wake<Choice>> {
        self.screen.borrow_mut().print(&[Block::Blank])?;
        // Keys that were typed before the question was asked do not answer it.
        self.typed.clear();
        sys::discard_typed(self.tty.as_raw_fd())?;
        let shown = |text: &String| self.screen.borrow().shown(text);
        let question = shown(&menu.question);
        let labels = menu.choices.iter().map(|(_, label)| shown(label));
        let labels: Vec<String> = labels.collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let q = match menu.otherwise {
            Choice::Skip => "skips it",
            _ => "leaves",
        };
        let picked = if self.plain || !io::stderr().is_terminal() {
            self.select_by_number(&question, &labels, q)?
        } else {
            menu::select(&self.poller, &question, &labels)?
        };
        Ok(match picked {
            Wake::Key(at) => {
                let picked = at.and_then(|at| menu.choices.get(at));
                Wake::Key(picked.map_or(menu.otherwise, |(choice, _)| *choice))
            }
            Wake::Look => Wake::Look,
            Wake::Interrupted(signal) => Wake::Interrupted(signal),
        })
    }
}

impl Drop for Keys<'_> {
    fn drop(&mut self) {
        // An error means that the terminal is gone, and has no modes to restore.
        let _ = self.screen.borrow_mut().clear_below();
        let _ = self.give_back();
        let _ = self.keeper.release_terminal();
    }
}

fn is_pause(prompt: &Prompt) -> bool {
    matches!(prompt, Prompt::Pause { .. })
}

/// The prompt of a pause.
fn pause_line(again: bool) -> Line {
    let piece = |role, text: &str| Span {
        role,
        text: text.into(),
    };
    let mut line = vec![piece(Role::Label, "▸ ")];
    let mut keys = vec![
        ("Enter", "run it"),
        ("i", "inspect"),
        ("w", "why"),
        ("c", "run on"),
        ("q", "quit"),
    ];
    if again {
        keys.insert(1, ("a", "again"));
    }
    for (at, (key, what)) in keys.into_iter().enumerate() {
        if at > 0 {
            line.push(piece(Role::Muted, " · "));
        }
        line.push(piece(Role::Strong, key));
        line.push(piece(Role::Plain, &format!(" {what}")));
    }
    line
}
