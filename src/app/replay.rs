//! `socklab replay`: tells a saved run again.

use std::path::Path;

use super::play::pace;
use super::print::screen;
use super::saved;
use super::sinks::{Printing, Told};
use super::terminal::{asking, shared, watched};
use crate::cli::Options;
use crate::course::{Course, Track};
use crate::error::Error;
use crate::model::{
    Ask, ChapterMode, Ended, Event, LessonEvent, MachineEvent, RunEvent, RunInfo, RunKind, Scene,
    ShellEvent, What,
};
use crate::render::{CheckNarrator, ProgramNarrator};
use crate::run::{Next, Pace, Prompt, Sink, Until, Wake};
use crate::sys::Keeper;
use crate::tty::Shared;

/// Tells the run of a file as it was told, at the pace of who reads it.
pub(super) fn replay(course: &Course, options: &Options, file: &Path) -> Result<Ended, Error> {
    let signals = watched()?;
    let screen = shared(screen(options, Some(signals.clone()))?);
    let asking = asking(&screen, options, &signals)?;
    let keeper = Keeper::default();
    let pace = pace(options, &keeper, signals, asking)?;
    let mut replay = Replay {
        course,
        options,
        screen,
        pace,
        sink: None,
        is_trace: false,
        runs_on: false,
        printed: false,
    };
    match saved::each(file, |event, scene| replay.take(event, scene)) {
        Err(Error::Ended(ended)) => Ok(ended),
        told => told.map(|()| Ended::Done),
    }
}

/// A run that is told again.
struct Replay<'a> {
    course: &'a Course,
    options: &'a Options,
    screen: Shared,
    pace: Box<dyn Pace + 'a>,
    /// Who tells it: that depends on what it is a run of.
    sink: Option<Box<dyn Sink + 'a>>,
    /// It is stopped at each look.
    is_trace: bool,
    /// Nobody wants to stop any more.
    runs_on: bool,
    /// Something was told since it stopped last.
    printed: bool,
}

impl<'a> Replay<'a> {
    fn take(&mut self, mut event: Event, scene: &Scene) -> Result<(), Error> {
        if let What::Run(RunEvent::Begin(info)) = &event.what {
            self.sink = Some(self.teller(info)?);
            self.is_trace = matches!(info.kind, RunKind::Trace(_));
        }
        if stops_before(&event.what) {
            self.stop(&event, scene)?;
        }
        let stops = self.stops_after(&event);
        let rests = stops && !self.runs_on && self.pace.rests();
        if let What::Lesson(LessonEvent::Pause { rests: told, .. }) = &mut event.what {
            *told = rests;
        }
        self.tell(&event, scene)?;
        if stops {
            self.stop(&event, scene)?;
        }
        Ok(())
    }

    /// Who told it.
    fn teller(&self, info: &RunInfo) -> Result<Box<dyn Sink + 'a>, Error> {
        let screen = self.screen.clone();
        Ok(match &info.kind {
            RunKind::Lesson { track } => {
                Box::new(Told::on(screen, self.track(track)?, self.options))
            }
            RunKind::Shell { track } => {
                Box::new(Told::at_once(screen, self.track(track)?, self.options))
            }
            RunKind::Trace(detail) => {
                let mut narrator = ProgramNarrator::new(self.course, *detail, info.began, true);
                let tell = move |event: &Event, scene: &Scene| narrator.tell(event, scene).blocks;
                Box::new(Printing { tell, screen })
            }
            RunKind::Check => {
                let mut narrator = CheckNarrator::default();
                let tell = move |event: &Event, _: &Scene| narrator.tell(event);
                Box::new(Printing { tell, screen })
            }
        })
    }

    /// Is it to be read before anything else is told?
    fn stops_after(&self, event: &Event) -> bool {
        match &event.what {
            What::Lesson(LessonEvent::Pause { .. }) => event.scope.mode == ChapterMode::Taught,
            What::Machine(MachineEvent::Look(_)) => self.is_trace,
            What::Run(RunEvent::Judged(_)) => true,
            _ => false,
        }
    }

    fn track(&self, id: &str) -> Result<&'a Track, Error> {
        let mut tracks = self.course.tracks.iter();
        let unknown = || {
            Error::NotThere(format!(
                "the run is of the track '{id}', which this course does not have: \
                 give the course it was made with by --chapters DIR"
            ))
        };
        tracks.find(|track| track.id == id).ok_or_else(unknown)
    }

    fn tell(&mut self, event: &Event, scene: &Scene) -> Result<(), Error> {
        self.printed = true;
        let told = match &mut self.sink {
            Some(sink) => sink.emit(event, scene),
            None => Ok(()),
        };
        told.map_err(Error::output("writing to the output"))
    }

    /// Waits for who reads it.
    fn stop(&mut self, event: &Event, scene: &Scene) -> Result<(), Error> {
        if self.runs_on || !std::mem::take(&mut self.printed) {
            return Ok(());
        }
        loop {
            let wake = self.pace.wait(&Prompt::Replay, Until::default());
            match wake.map_err(Error::output("waiting for a key"))? {
                Wake::Key(Next::Run) => return Ok(()),
                Wake::Key(Next::RunOn) => {
                    self.runs_on = true;
                    return Ok(());
                }
                Wake::Key(Next::Quit) => return Err(Error::Ended(Ended::Quit)),
                Wake::Key(Next::Ask(ask)) if ask != Ask::Inspect => {
                    let asked = Event {
                        what: LessonEvent::Asked(ask).into(),
                        ..event.clone()
                    };
                    self.tell(&asked, scene)?;
                }
                Wake::Interrupted(signal) => return Err(Error::interrupted(signal)),
                Wake::Key(_) | Wake::Look | Wake::Back => {}
            }
        }
    }
}

/// What was told before such an event is to be read first.
fn stops_before(what: &What) -> bool {
    matches!(
        what,
        What::Shell(ShellEvent::Line { .. }) | What::Run(RunEvent::Traced(_))
    )
}
