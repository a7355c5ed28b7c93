use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsRawFd;

use super::waiter::{Waiter, Woken};
use crate::render::{Block, Role, Span};
use crate::run::Wake;
use crate::sys::{self, Modes};

/// Asks by a numbered list: the answer is a line with a number. `None` is an empty
/// line, `q`, or the end of the input. The terminal must be in its usual modes,
/// where a line comes at once. `q` says what `q` does.
pub fn choose(
    waiter: &Waiter,
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
    print(&[line(Role::Muted, hint.clone())])?;
    loop {
        match waiter.wait(&[tty.as_raw_fd()], None)? {
            Woken::Interrupted(signal) => return Ok(Wake::Interrupted(signal)),
            Woken::Stop => {
                sys::stop_self();
                continue;
            }
            Woken::Ready(ready) if ready != [true] => continue,
            Woken::Ready(_) => {}
        }
        let mut buffer = [0; 256];
        let count = match tty.read(&mut buffer) {
            // A terminal that hung up: EIO.
            Err(error) if error.raw_os_error() == Some(libc::EIO) => {
                return Ok(Wake::Interrupted(libc::SIGHUP));
            }
            answer => answer?,
        };
        // Ctrl-D in an empty line, unless the terminal hung up: that has no modes.
        if count == 0 && Modes::of(tty.as_raw_fd()).is_err() {
            return Ok(Wake::Interrupted(libc::SIGHUP));
        }
        let typed = String::from_utf8_lossy(&buffer[..count]);
        match typed.trim() {
            "" | "q" => return Ok(Wake::Key(None)),
            number => match number.parse::<usize>() {
                Ok(number) if (1..=labels.len()).contains(&number) => {
                    return Ok(Wake::Key(Some(number - 1)));
                }
                _ => print(&[line(Role::Muted, hint.clone())])?,
            },
        }
    }
}
