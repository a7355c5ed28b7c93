//! A menu as a numbered list, for screen readers and terminals without a cursor.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use super::input::read_typed;
use super::poller::{Poller, Woken};
use crate::render::{Block, Role, Span};
use crate::run::Wake;
use crate::sys::{self, Modes};

/// Lets the learner pick one of `labels` by a line with its number. `None` is an
/// empty line, `q`, or the end of the input. The terminal must be in its usual modes,
/// in which it delivers whole lines. `q` says what the answer `q` does.
pub fn select(
    poller: &Poller,
    tty: &mut File,
    question: &str,
    labels: &[&str],
    q: &str,
    print: impl Fn(&[Block]) -> io::Result<()>,
) -> io::Result<Wake<Option<usize>>> {
    let line = |role, text: String| Block::Paragraph(vec![Span { role, text }]);
    let mut blocks = vec![line(Role::Strong, question.into())];
    let numbered = labels.iter().enumerate();
    blocks.extend(numbered.map(|(at, label)| line(Role::Plain, format!("{}. {label}", at + 1))));
    print(&blocks)?;
    let hint = format!("Type a number from 1 to {} and Enter; q {q}.", labels.len());
    let hint = [line(Role::Muted, hint)];
    print(&hint)?;
    loop {
        match poller.wait(&[tty.as_raw_fd()], None)? {
            Woken::Interrupted(signal) => return Ok(Wake::Interrupted(signal)),
            Woken::Stop => {
                sys::stop_self();
                continue;
            }
            Woken::Ready(ready) if ready != [true] => continue,
            Woken::Ready(_) => {}
        }
        let typed = read_typed(tty)?;
        // A terminal that has hung up has no modes.
        if typed.is_empty() && Modes::of(tty.as_raw_fd()).is_err() {
            return Ok(Wake::Interrupted(libc::SIGHUP));
        }
        let answer = String::from_utf8_lossy(&typed);
        let answer = answer.trim();
        if answer.is_empty() || answer == "q" {
            return Ok(Wake::Key(None));
        }
        match answer.parse::<usize>() {
            Ok(number) if (1..=labels.len()).contains(&number) => {
                return Ok(Wake::Key(Some(number - 1)));
            }
            _ => print(&hint)?,
        }
    }
}
