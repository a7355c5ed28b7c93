//! Who says when to go on: a person at the keys, or a clock.

use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

/// Says when to go on: a person at the keys, or a clock.
pub trait Pace {
    /// Is there somebody to ask?
    fn attended(&self) -> bool;

    /// Waits until the learner does something, one of `fds` is readable, or
    /// `timeout` is over.
    fn wait(
        &mut self,
        prompt: &Prompt,
        fds: &[RawFd],
        timeout: Option<Duration>,
    ) -> io::Result<Wake>;

    /// Asks to choose. Only if [`Pace::attended`].
    fn choose(&mut self, menu: &Menu) -> io::Result<Wake<Choice>>;
}

/// What the run is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// A pause before a call; `again` where the learner may go round again.
    Pause { again: bool },
    /// An actor sleeps in a call.
    Call,
    /// Something that takes a moment only: what is typed meanwhile is for later.
    Busy,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake<T = Next> {
    /// The learner wants this.
    Key(T),
    /// A descriptor is readable, or the time is over.
    Look,
    /// A signal asks to end; SIGHUP also when the terminal is gone.
    Interrupted(i32),
}

/// What a learner can want at a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Make the call.
    Run,
    /// Make it, and the rest of the chapter's without stopping.
    RunOn,
    /// Look at the kernel now.
    Inspect,
    /// Say why.
    Why,
    /// Serve another client: back to an earlier chapter.
    Again,
    /// Leave.
    Quit,
}

/// A question with its choices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    pub question: String,
    pub choices: Vec<(Choice, String)>,
    /// What it means to leave the menu without choosing.
    pub otherwise: Choice,
}

/// What can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    NextChapter,
    Inspect,
    Retry,
    AnotherPort,
    /// Remove the file in the way, and try again.
    Remove,
    /// The nth answer to a question, from 0.
    Answer(usize),
    /// No answer.
    Skip,
    Quit,
}
