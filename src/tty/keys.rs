use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::rc::Rc;
use std::time::Duration;

use super::screen::Shared;
use super::waiter::{Waiter, Woken};
use super::{menu, numbered};
use crate::render::{Block, Line, Role, Span};
use crate::session::{Choice, Menu, Next, Pace, Prompt, Wake};
use crate::sys::{self, Keeper, Modes};

/// A person at the keys of the terminal that is our stdin. Keys come one by one
/// and are not echoed for as long as this lives; then the terminal is as it was,
/// and if this process is killed the keeper sees to that.
pub struct Keys<'a> {
    waiter: Waiter,
    tty: File,
    original: Modes,
    keeper: &'a Keeper,
    screen: Shared,
    /// Menus are numbered lists.
    plain: bool,
    /// Typed and not used yet.
    typed: VecDeque<u8>,
}

/// What Ctrl-D sends while keys come one by one: EOT.
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
            waiter: Waiter::new()?,
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

    /// Ctrl-Z: the shell gets its terminal as it left it.
    fn stop(&mut self) -> io::Result<()> {
        self.screen.borrow_mut().clear_below()?;
        self.give_back()?;
        self.keeper.release_terminal()?;
        sys::stop_self();
        self.keeper.keep_terminal(self.original)?;
        self.take_over()
    }

    /// The next key that means something here.
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

    /// The same by a numbered list. The line is typed as everywhere else, with
    /// echo and Backspace.
    fn choose_by_number(
        &mut self,
        question: &str,
        labels: &[&str],
        q: &str,
    ) -> io::Result<Wake<Option<usize>>> {
        self.give_back()?;
        let screen = Rc::clone(&self.screen);
        let print = |blocks: &[Block]| screen.borrow_mut().print(blocks);
        let picked = numbered::choose(&self.waiter, &mut self.tty, question, labels, q, print);
        match self.take_over() {
            // The terminal is gone.
            Err(error) if error.raw_os_error() == Some(libc::EIO) => {
                Ok(Wake::Interrupted(libc::SIGHUP))
            }
            taken => taken.and(picked),
        }
    }

    /// Reads what was typed. `false` when the terminal is gone.
    fn read(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 256];
        let count = match self.tty.read(&mut buffer) {
            // A terminal that hung up: EIO.
            Err(error) if error.raw_os_error() == Some(libc::EIO) => 0,
            answer => answer?,
        };
        self.typed.extend(&buffer[..count]);
        Ok(count > 0)
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
        match self.waiter.wait(&all, timeout)? {
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
        // What was typed before the question was asked does not answer it.
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
        let picked = match self.plain || !io::stderr().is_terminal() {
            true => self.choose_by_number(&question, &labels, q)?,
            false => menu::choose(&self.waiter, &question, &labels)?,
        };
        Ok(match picked {
            Wake::Key(Some(at)) => match menu.choices.get(at) {
                Some((choice, _)) => Wake::Key(*choice),
                None => Wake::Key(menu.otherwise),
            },
            Wake::Key(None) => Wake::Key(menu.otherwise),
            Wake::Look => Wake::Look,
            Wake::Interrupted(signal) => Wake::Interrupted(signal),
        })
    }
}

impl Drop for Keys<'_> {
    fn drop(&mut self) {
        // The terminal may be gone; then there is nothing to give back.
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
