//! The pace of a run that a person attends: keys and menus.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::rc::Rc;

use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};

use super::input::{CTRL_D, Key, cbreak, is_hang_up, is_pasted, read_keys, read_typed};
use super::poller::{Poller, Woken};
use super::screen::Shared;
use super::{list, menu, port};
use crate::model::Ask;
use crate::render::{Block, Line, paragraph, pause_line, plain, prompt_line, replay_line};
use crate::run::{Choice, Menu, Next, Pace, Prompt, Until, Wake};
use crate::sys::{self, Keeper, Signals};
use crate::words::say;

/// A person at the terminal that is our stdin. While this lives, keys come one by one
/// and are not echoed. Its drop gives the terminal its modes back; if this process is
/// killed, the keeper does.
pub(crate) struct Keys<'a> {
    poller: Poller,
    tty: File,
    original: Termios,
    keeper: &'a Keeper,
    /// Where the learner is asked.
    screen: Shared,
    /// The terminal has its usual modes, so that a line is typed with echo and
    /// Backspace: for menus where nothing can be rewritten.
    in_lines: bool,
    /// Keys that were pressed and not used yet.
    pressed: VecDeque<Key>,
}

impl<'a> Keys<'a> {
    /// Takes the terminal over; the learner is asked on `screen`.
    pub(crate) fn new(
        keeper: &'a Keeper,
        signals: Rc<Signals>,
        screen: Shared,
    ) -> io::Result<Keys<'a>> {
        let stdin = io::stdin();
        let original = tcgetattr(&stdin)?;
        keeper.keep_terminal(original.clone())?;
        let tty = File::from(stdin.as_fd().try_clone_to_owned()?);
        let keys = Keys {
            poller: Poller::new(signals),
            tty,
            original,
            keeper,
            screen,
            in_lines: false,
            pressed: VecDeque::new(),
        };
        keys.take_over()?;
        Ok(keys)
    }

    fn take_over(&self) -> io::Result<()> {
        if self.in_lines {
            return self.give_back();
        }
        self.set_modes(&cbreak(&self.original))
    }

    fn give_back(&self) -> io::Result<()> {
        self.set_modes(&self.original)
    }

    /// At once: to wait for what was written (TCSADRAIN) could take for ever, and none of
    /// these modes is one of output.
    fn set_modes(&self, modes: &Termios) -> io::Result<()> {
        Ok(tcsetattr(&self.tty, OptionalActions::Now, modes)?)
    }

    /// Ctrl-Z: the shell gets its terminal back with the modes that it had.
    fn stop(&mut self) -> io::Result<()> {
        self.screen.borrow_mut().clear_below()?;
        self.give_back()?;
        self.keeper.release_terminal()?;
        sys::stop_self();
        self.keeper.keep_terminal(self.original.clone())?;
        self.take_over()
    }

    /// Waits, `with_keys` also for what is typed.
    fn listen(&mut self, until: Until, with_keys: bool) -> io::Result<Wake<()>> {
        let tty = with_keys.then(|| self.tty.as_raw_fd());
        let all: Vec<RawFd> = until.fd.into_iter().chain(tty).collect();
        match self.poller.wait(&all, until.timeout)? {
            Woken::Ready(ready) if with_keys && ready.last() == Some(&true) => Ok(Wake::Key(())),
            Woken::Ready(_) => Ok(Wake::Look),
            Woken::Stop => {
                self.stop()?;
                Ok(Wake::Back)
            }
            Woken::Interrupted(signal) => {
                if signal != libc::SIGHUP {
                    self.screen.borrow_mut().clear_below()?;
                }
                Ok(Wake::Interrupted(signal))
            }
        }
    }

    /// Reads the keys that were pressed, and lets `use_them`. What was pasted is no
    /// command.
    fn press<T>(
        &mut self,
        use_them: impl FnOnce(&mut Self) -> io::Result<Wake<T>>,
    ) -> io::Result<Wake<T>> {
        let keys = read_keys(&mut self.tty)?;
        if keys.is_empty() {
            return Ok(Wake::Interrupted(libc::SIGHUP));
        }
        if is_pasted(&keys) {
            let text = say!("pasted");
            self.screen.borrow_mut().print(&[paragraph(plain(text))])?;
            return Ok(Wake::Look);
        }
        self.pressed.extend(keys);
        use_them(self)
    }

    /// Waits for a key that means something here, or something to look at.
    fn wait_for_key(&mut self, prompt: &Prompt, until: Until) -> io::Result<Wake> {
        let with_keys = *prompt != Prompt::Busy;
        if with_keys && let Some(next) = self.next_key(prompt) {
            return Ok(Wake::Key(next));
        }
        self.listen(until, with_keys)?
            .wanted(|()| self.press(|it| Ok(it.next_key(prompt).map_or(Wake::Look, Wake::Key))))
    }

    /// Waits for Enter before the rest is printed: what stands there is to be read.
    fn rest_before_more(&mut self, until: Until) -> io::Result<Wake> {
        self.screen
            .borrow_mut()
            .prompt(&prompt_line(&[("Enter", say!("key-go-on"))]))?;
        let wake = self.wait_for_key(&Prompt::Call, until)?;
        // A new look stands below what was seen before.
        if let Wake::Key(Next::Run | Next::Ask(Ask::Inspect)) = wake {
            self.screen.borrow_mut().print_more()?;
        }
        if wake == Wake::Key(Next::Run) {
            return Ok(Wake::Look);
        }
        Ok(wake)
    }

    /// What the next key asks for, of those that mean something here.
    fn next_key(&mut self, prompt: &Prompt) -> Option<Next> {
        while let Some(key) = self.pressed.pop_front() {
            let next = match key {
                Key::Enter => Next::Run,
                Key::Char('c') if is_pause(prompt) => Next::RunOn,
                Key::Char('a') if *prompt == (Prompt::Pause { again: true }) => Next::Again,
                Key::Char('i') => Next::Ask(Ask::Inspect),
                Key::Char('w') => Next::Ask(Ask::Why),
                Key::Char('l') => Next::Ask(Ask::Languages),
                Key::Char('h') => Next::Ask(Ask::Hints),
                Key::Char('m') => Next::Ask(Ask::States),
                Key::Char('t') => Next::Ask(Ask::Ladder),
                Key::Char('b') => Next::Ask(Ask::Back),
                Key::Char('q') | CTRL_D => Next::Quit,
                _ => continue,
            };
            return Some(next);
        }
        None
    }

    /// A menu that is rewritten, answered by keys.
    fn choose_by_keys(&mut self, menu: &mut Menu, until: Until) -> io::Result<Wake<Choice>> {
        if !self.screen.borrow().has_below() {
            self.show(menu)?;
        }
        self.listen(until, true)?.wanted(|()| {
            self.press(|it| {
                while let Some(key) = it.pressed.pop_front() {
                    if let Some(choice) = menu::press(menu, key) {
                        it.screen.borrow_mut().clear_below()?;
                        return Ok(Wake::Key(choice));
                    }
                }
                it.show(menu)?;
                Ok(Wake::Look)
            })
        })
    }

    fn show(&self, menu: &Menu) -> io::Result<()> {
        let mut screen = self.screen.borrow_mut();
        let (page, rows) = screen.page_below();
        screen.below(&menu::lines(menu, page, rows))
    }

    /// From now on lines are typed, or keys again.
    fn type_lines(&mut self, in_lines: bool) -> io::Result<()> {
        self.in_lines = in_lines;
        match self.take_over() {
            // The terminal is gone: the next read says so.
            Err(error) if is_hang_up(&error) => Ok(()),
            taken => taken,
        }
    }

    /// Waits for a line that means something; after another one `hint` is repeated.
    fn line<T>(
        &mut self,
        until: Until,
        hint: &Block,
        meant: impl FnOnce(&str) -> Option<T>,
    ) -> io::Result<Wake<T>> {
        self.listen(until, true)?.wanted(|()| {
            let typed = read_typed(&mut self.tty)?;
            if typed.is_empty() && self.is_gone() {
                return Ok(Wake::Interrupted(libc::SIGHUP));
            }
            let typed = if typed.is_empty() {
                // Ctrl-D.
                "q".into()
            } else {
                String::from_utf8_lossy(&typed)
            };
            match meant(&typed) {
                Some(answer) => {
                    self.type_lines(false)?;
                    Ok(Wake::Key(answer))
                }
                None => {
                    self.screen.borrow_mut().print(std::slice::from_ref(hint))?;
                    Ok(Wake::Look)
                }
            }
        })
    }

    fn port_in_lines(&mut self) -> io::Result<Wake<Option<u16>>> {
        let hint = paragraph(plain(say!("port-hint")));
        self.type_lines(true)?;
        self.screen
            .borrow_mut()
            .print(std::slice::from_ref(&hint))?;
        loop {
            match self.line(Until::default(), &hint, port::meant)? {
                Wake::Look | Wake::Back => {}
                other => return Ok(other),
            }
        }
    }

    /// A terminal that has hung up has no modes.
    fn is_gone(&self) -> bool {
        tcgetattr(&self.tty).is_err()
    }
}

impl Pace for Keys<'_> {
    fn attended(&self) -> bool {
        true
    }

    fn rests(&self) -> bool {
        true
    }

    fn wait(&mut self, prompt: &Prompt, until: Until) -> io::Result<Wake> {
        if self.screen.borrow().has_more() && *prompt != Prompt::Busy {
            return self.rest_before_more(until);
        }
        let line = match prompt {
            Prompt::Pause { again } => Some(pause_line(*again)),
            Prompt::Replay => Some(replay_line()),
            Prompt::Call | Prompt::Busy => None,
        };
        if let Some(line) = line {
            self.screen.borrow_mut().prompt(&line)?;
        }
        self.wait_for_key(prompt, until)
    }

    fn choose(&mut self, menu: &mut Menu, until: Until) -> io::Result<Wake<Choice>> {
        if self.screen.borrow().has_more() {
            let wake = self.rest_before_more(until)?;
            return wake.wanted(|next| {
                let leaves = (next == Next::Quit).then_some(Wake::Key(Choice::Quit));
                Ok(leaves.unwrap_or(Wake::Look))
            });
        }
        let rewrites = self.screen.borrow().rewrites();
        if !std::mem::replace(&mut menu.asked, true) {
            // Keys that were typed before the question was asked do not answer it.
            self.pressed.clear();
            tcflush(&self.tty, QueueSelector::IFlush)?;
            let mut blocks = vec![Block::Blank];
            if !rewrites {
                blocks.extend(list::blocks(menu));
                self.type_lines(true)?;
            }
            self.screen.borrow_mut().print(&blocks)?;
        }
        if rewrites {
            return self.choose_by_keys(menu, until);
        }
        let hint = list::hint(menu);
        let wake = self.line(until, &hint, |typed| list::meant(menu, typed))?;
        // The list has gone with what the shell wrote.
        menu.asked &= wake != Wake::Back;
        Ok(wake)
    }

    fn ask_port(&mut self) -> io::Result<Wake<Option<u16>>> {
        let term = self.screen.borrow().terminal_of(port::WIDTH);
        let Some(term) = term else {
            return self.port_in_lines();
        };
        // The library writes on a line that is ours to erase.
        self.screen.borrow_mut().below(&[Line::new()])?;
        let asked = port::ask(&self.poller, &term)?;
        // It may have been ended with the modes that it sets for a key.
        self.type_lines(false)?;
        match asked {
            Wake::Back => self.stop()?,
            Wake::Interrupted(libc::SIGHUP) => {}
            _ => self.screen.borrow_mut().clear_below()?,
        }
        Ok(asked)
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
    matches!(prompt, Prompt::Pause { .. } | Prompt::Replay)
}

/// Asks outside of a run. The answer is a key or an interruption.
pub(crate) fn pick(
    mut menu: Menu,
    signals: Rc<Signals>,
    screen: Shared,
) -> io::Result<Wake<Choice>> {
    let keeper = Keeper::default();
    let mut keys = Keys::new(&keeper, signals, screen)?;
    loop {
        match keys.choose(&mut menu, Until::default())? {
            Wake::Look | Wake::Back => {}
            picked => return Ok(picked),
        }
    }
}
