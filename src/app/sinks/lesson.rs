//! What is made of a lesson beside its story: progress, and what went wrong.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use super::super::print::complain;
use super::super::progress::judged;
use crate::model::{Event, Failure, LessonEvent, Scene, ShellEvent, What};
use crate::progress::Journal;
use crate::run::Sink;

/// What a script expected and did not see, and its lines that were wrong: on stderr, by
/// their places.
pub(crate) struct Unmet {
    /// Of the file.
    pub name: String,
    /// The number of the last line.
    pub number: usize,
}

impl Sink for Unmet {
    fn emit(&mut self, event: &Event, _: &Scene) -> io::Result<()> {
        let why = match &event.what {
            What::Shell(ShellEvent::Line { number, .. }) => {
                self.number = *number;
                return Ok(());
            }
            What::Shell(ShellEvent::Wrong { why, .. }) => why.clone(),
            What::Lesson(LessonEvent::Expect { line, held, found }) if !held => {
                format!("expected {line}, seen: {found}")
            }
            _ => return Ok(()),
        };
        complain(format!("{}:{}: {why}", self.name, self.number));
        Ok(())
    }
}

/// What a learner has finished and answered.
pub(crate) struct Progressing {
    /// The track that is played.
    pub track: String,
    pub journal: Rc<RefCell<Journal>>,
}

impl Sink for Progressing {
    fn emit(&mut self, event: &Event, _: &Scene) -> io::Result<()> {
        let mut journal = self.journal.borrow_mut();
        match &event.what {
            What::Lesson(LessonEvent::ChapterEnd { id }) => {
                journal.chapter_finished(&self.track, id)
            }
            What::Lesson(LessonEvent::Answered(answer)) => {
                journal.answered(judged(answer));
            }
            _ => {}
        }
        Ok(())
    }
}

/// The last failure, to be repeated on stderr where stdout is not read by a person.
pub(crate) struct LastFailure(pub Rc<RefCell<Option<Failure>>>);

impl Sink for LastFailure {
    fn emit(&mut self, event: &Event, _: &Scene) -> io::Result<()> {
        if let What::Lesson(LessonEvent::Failed(failure)) = &event.what {
            *self.0.borrow_mut() = Some((**failure).clone());
        }
        Ok(())
    }
}
