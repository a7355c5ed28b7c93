//! The number of a port, typed.

use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;

use console::Term;
use dialoguer::Input;
use rustix::termios::tcgetattr;

use super::poller::{Poller, Woken};
use crate::run::Wake;
use crate::sys::{self, Helper};
use crate::words::say;

/// So many columns the question and its answer need.
pub(super) const WIDTH: usize = 60;

/// What was meant: a port, or to go back.
pub(super) fn meant(typed: &str) -> Option<Option<u16>> {
    match typed.trim() {
        "" | "q" => Some(None),
        number => number.parse().ok().filter(|port| *port > 0).map(Some),
    }
}

/// Asks on this terminal, which is stdin, too. The library waits by itself and heeds no
/// signal, so it does so in a process of its own, which is ended when a signal comes.
pub(super) fn ask(poller: &Poller, term: &Term) -> io::Result<Wake<Option<u16>>> {
    let (mut answer, answers) = io::pipe()?;
    let mut answers = Some(answers);
    let parent = std::process::id();
    let _helper = Helper::start(|| {
        let alone = sys::die_with_parent(parent);
        // Nothing is written after Ctrl-C, or when the terminal is gone.
        if let (Ok(true), Ok(typed), Some(answers)) = (alone, type_port(term), &mut answers) {
            let _ = writeln!(answers, "{typed}");
        }
        0
    })?;
    drop(answers);
    loop {
        match poller.wait(&[answer.as_raw_fd()], None)? {
            Woken::Ready(ready) if ready == [true] => break,
            Woken::Ready(_) => {}
            Woken::Stop => return Ok(Wake::Back),
            Woken::Interrupted(signal) => return Ok(Wake::Interrupted(signal)),
        }
    }
    let mut typed = String::new();
    answer.read_to_string(&mut typed)?;
    if !typed.is_empty() {
        return Ok(Wake::Key(meant(&typed).flatten()));
    }
    let is_gone = tcgetattr(io::stdin()).is_err();
    Ok(Wake::Interrupted(if is_gone {
        libc::SIGHUP
    } else {
        libc::SIGINT
    }))
}

fn type_port(term: &Term) -> dialoguer::Result<String> {
    let check = |typed: &String| meant(typed).map(drop).ok_or_else(|| say!("port-none"));
    Input::new()
        .with_prompt(say!("port-question"))
        .allow_empty(true)
        .validate_with(check)
        .report(false)
        .interact_text_on(term)
}
