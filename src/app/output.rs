use std::io::{self, Write};

use super::progress::judged;
use crate::model::{Event, EventKind, Failure};
use crate::progress::Journal;
use crate::render::{Narrator, json_line};
use crate::session::Sink;
use crate::tty::Shared;

/// Where events go.
pub(super) struct Output<'a> {
    pub form: Form<'a>,
    /// The last failure, to be repeated on stderr where stdout is not read by a
    /// person.
    pub failure: Option<Failure>,
    /// The track that is played.
    pub track: String,
    /// What is kept of it.
    pub journal: Journal,
}

pub(super) enum Form<'a> {
    Json,
    Lesson {
        narrator: Box<Narrator<'a>>,
        screen: Shared,
    },
}

impl Sink for Output<'_> {
    fn emit(&mut self, event: &Event) -> io::Result<()> {
        if let EventKind::Failed(failure) = &event.kind {
            self.failure = Some((**failure).clone());
        }
        self.show(event)?;
        self.keep(event);
        Ok(())
    }
}

impl Output<'_> {
    /// Keeps what counts as progress.
    fn keep(&mut self, event: &Event) {
        match &event.kind {
            EventKind::ChapterEnd { id } => self.journal.chapter_finished(&self.track, id),
            EventKind::Answered(answer) => {
                self.journal.answered(judged(answer));
            }
            _ => {}
        }
    }

    fn show(&mut self, event: &Event) -> io::Result<()> {
        match &mut self.form {
            Form::Json => {
                let mut line = json_line(event);
                line.push('\n');
                let mut out = io::stdout().lock();
                out.write_all(line.as_bytes())?;
                out.flush()
            }
            Form::Lesson { narrator, screen } => {
                let told = narrator.tell(event);
                let mut screen = screen.borrow_mut();
                screen.print(&told.blocks)?;
                match told.live {
                    Some(line) => screen.live(&line),
                    None => Ok(()),
                }
            }
        }
    }
}
