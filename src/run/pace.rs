//! Who says when to go on: a person at the keys, or a clock.

use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

use crate::model::Ask;
use crate::words::say;

/// Says when to go on: a person at the keys, or a clock.
pub(crate) trait Pace {
    /// Is there somebody to ask?
    fn attended(&self) -> bool;

    /// Does the screen rest at a pause, so that it can be read?
    fn rests(&self) -> bool;

    /// Waits until the learner does something, and no longer than that.
    fn wait(&mut self, prompt: &Prompt, until: Until) -> io::Result<Wake>;

    /// Asks to choose, and waits as [`Pace::wait`] does. A menu that is asked again
    /// goes on where it was. Only if [`Pace::attended`].
    fn choose(&mut self, menu: &mut Menu, until: Until) -> io::Result<Wake<Choice>>;

    /// Asks for the number of a port; `None` means to go back. Only if
    /// [`Pace::attended`].
    fn ask_port(&mut self) -> io::Result<Wake<Option<u16>>>;
}

/// What ends a wait besides the learner.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Until {
    /// This descriptor is readable.
    pub fd: Option<RawFd>,
    /// So much time is over.
    pub timeout: Option<Duration>,
}

/// What the run is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// A pause before a call; `again` where the learner may go round again.
    Pause { again: bool },
    /// A saved run is told again, and was read as far as this.
    Replay,
    /// An actor sleeps in a call.
    Call,
    /// Something that takes a moment only: what is typed meanwhile is for later.
    Busy,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake<T = Next> {
    /// The learner wants this.
    Key(T),
    /// A descriptor is readable, or the time is over.
    Look,
    /// The learner was elsewhere and is back: Ctrl-Z and `fg`.
    Back,
    /// A signal asks to end; SIGHUP also when the terminal is gone.
    Interrupted(i32),
}

impl<T> Wake<T> {
    /// Goes on with what the learner wants; what else has ended the wait is handed on.
    pub(crate) fn wanted<U, E>(
        self,
        then: impl FnOnce(T) -> Result<Wake<U>, E>,
    ) -> Result<Wake<U>, E> {
        match self {
            Wake::Key(key) => then(key),
            Wake::Look => Ok(Wake::Look),
            Wake::Back => Ok(Wake::Back),
            Wake::Interrupted(signal) => Ok(Wake::Interrupted(signal)),
        }
    }
}

/// What a learner can want at a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Make the call.
    Run,
    /// Make it, and the rest of the chapter's without stopping.
    RunOn,
    /// Be told something.
    Ask(Ask),
    /// Serve another client: back to an earlier chapter.
    Again,
    /// Leave.
    Quit,
}

/// A question with its choices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Menu {
    pub question: String,
    pub choices: Vec<(Choice, String)>,
    /// The place of the choice that Enter takes.
    pub chosen: usize,
    /// The letters that choose at once, and what they do.
    pub letters: Vec<(&'static str, Choice, String)>,
    /// It was asked before.
    pub asked: bool,
}

impl Menu {
    /// Enter takes the first choice; where there is none to make, it skips: who only
    /// presses Enter has said nothing.
    pub(crate) fn new(question: impl Into<String>, choices: Vec<(Choice, String)>) -> Menu {
        let is_skip = |(choice, _): &(Choice, String)| *choice == Choice::Skip;
        let skips = choices.iter().position(is_skip);
        let skip = skips.map(|_| ("s", Choice::Skip, say!("key-skips")));
        let leave = ("q", Choice::Quit, say!("key-leaves"));
        Menu {
            question: question.into(),
            choices,
            chosen: skips.unwrap_or(0),
            letters: skip.into_iter().chain([leave]).collect(),
            asked: false,
        }
    }

    /// What a letter chooses.
    pub(crate) fn letter(&self, typed: &str) -> Option<Choice> {
        let mut letters = self.letters.iter();
        letters.find_map(|(letter, choice, _)| (*letter == typed).then_some(*choice))
    }
}

/// What can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    NextChapter,
    Ask(Ask),
    Retry,
    /// A port that the kernel chooses.
    AnyPort,
    /// A port that the learner types.
    TypedPort,
    /// Remove the file in the way, and try again.
    Remove,
    /// The nth answer to a question, from 0.
    Answer(usize),
    /// No answer.
    Skip,
    Quit,
}
