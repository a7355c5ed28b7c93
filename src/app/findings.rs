//! Where a command tells what it finds that plays no lesson.

use std::ffi::OsString;
use std::io;
use std::rc::Rc;
use std::time::Instant;

use rustix::system::uname;

use super::output::JsonLines;
use super::play::create;
use super::print::screen;
use crate::cli::Options;
use crate::error::Error;
use crate::model::{Event, RunEvent, RunInfo, Scene, Scope, Task};
use crate::render::Block;
use crate::run::Sink;
use crate::sys::Signals;
use crate::tty::Screen;

/// Where what a command finds is told: as lines of JSON, in words, or both.
pub(super) struct Findings {
    screen: Option<Screen>,
    json: Option<JsonLines>,
    started: Instant,
    seq: u64,
}

impl Findings {
    /// Where the options want it.
    pub(super) fn new(options: &Options, signals: &Rc<Signals>) -> Result<Findings, Error> {
        let screen = || screen(options, Some(signals.clone()));
        let json = match options.json_file() {
            Some(path) => Some(JsonLines::to(&create(path)?, signals, None)?),
            None if options.json_only() => Some(JsonLines::to(&io::stdout(), signals, None)?),
            None => None,
        };
        Ok(Findings {
            screen: (!options.json_only()).then(screen).transpose()?,
            json,
            started: Instant::now(),
            seq: 0,
        })
    }

    /// Tells the first event.
    pub(super) fn begin(&mut self, argv: &[OsString]) -> Result<(), Error> {
        let words = argv.iter().map(|word| word.to_string_lossy().into_owned());
        let info = RunInfo {
            version: env!("CARGO_PKG_VERSION"),
            kernel: uname().release().to_string_lossy().into_owned(),
            argv: words.collect(),
            walk: None,
        };
        self.say(RunEvent::Begin(info), &[])
    }

    /// Tells an event: as a line of JSON, and in words.
    pub(super) fn say(&mut self, what: RunEvent, blocks: &[Block]) -> Result<(), Error> {
        let event = Event {
            seq: self.seq,
            at: self.started.elapsed(),
            who: Task::process(std::process::id(), "socklab"),
            scope: Scope::of_program(),
            what: what.into(),
        };
        self.seq += 1;
        if let Some(json) = &mut self.json {
            let told = json.emit(&event, &Scene::default());
            told.map_err(Error::output("writing to the output"))?;
        }
        self.print(blocks)
    }

    /// Tells it in words alone.
    pub(super) fn print(&mut self, blocks: &[Block]) -> Result<(), Error> {
        match &mut self.screen {
            Some(screen) if !blocks.is_empty() => screen.print(blocks),
            _ => Ok(()),
        }
        .map_err(Error::output("writing to the output"))
    }
}
