//! Where the events of a lesson go.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::rc::Rc;

use super::page::Page;
use super::print::complain;
use super::progress::judged;
use crate::cli::Options;
use crate::course::Track;
use crate::error::Error;
use crate::model::{Address, Event, Failure, LessonEvent, RunEvent, Scene, ShellEvent, What};
use crate::progress::Journal;
use crate::render::{Block, Fit, Narrator, Pcapng, Printed, Report, clean_json, json_line};
use crate::run::Sink;
use crate::sys::Signals;
use crate::tty::{Output, Shared};

/// JSON lines.
pub(super) struct JsonLines {
    out: Box<dyn Write>,
    /// The one that is written: to make room for each would take long.
    line: Vec<u8>,
    /// Where the learner is asked, if that may be the same terminal.
    asking: Option<Shared>,
}

impl JsonLines {
    /// Writes each there at once.
    pub(super) fn to(
        to: &impl AsFd,
        signals: &Rc<Signals>,
        asking: Option<Shared>,
    ) -> Result<JsonLines, Error> {
        let out = Box::new(output(to, signals)?);
        Ok(JsonLines::writing(out, asking))
    }

    /// Writes them there many at a time.
    pub(super) fn in_bulk(to: &impl AsFd, signals: &Rc<Signals>) -> Result<JsonLines, Error> {
        let out = Box::new(BufWriter::with_capacity(BULK, output(to, signals)?));
        Ok(JsonLines::writing(out, None))
    }

    fn writing(out: Box<dyn Write>, asking: Option<Shared>) -> JsonLines {
        let line = Vec::new();
        JsonLines { out, line, asking }
    }
}

/// So many bytes of lines are kept back at the most.
const BULK: usize = 64 * 1024;

fn output(to: &impl AsFd, signals: &Rc<Signals>) -> Result<Output, Error> {
    let out = Output::new(to.as_fd(), Some(signals.clone()));
    out.map_err(Error::output("writing to the output"))
}

impl Sink for JsonLines {
    fn emit(&mut self, event: &Event, _: &Scene) -> io::Result<()> {
        if let Some(asking) = &self.asking {
            asking.borrow_mut().clear_below()?;
        }
        self.line.clear();
        json_line(event, &mut self.line);
        let line = str::from_utf8(&self.line).unwrap_or_default();
        if let Cow::Owned(cleaned) = clean_json(line) {
            self.line = cleaned.into_bytes();
        }
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A file of packets.
struct Packets {
    file: File,
    pcapng: Pcapng,
}

impl Packets {
    /// In a file that is there already.
    fn in_file(file: &File) -> Result<Packets, Error> {
        let file = file.try_clone();
        let mut file = file.map_err(Error::output("writing packets"))?;
        let mut pcapng = Pcapng::default();
        let begun = file.write_all(&pcapng.head());
        begun.map_err(Error::output("writing packets"))?;
        Ok(Packets { file, pcapng })
    }
}

impl Sink for Packets {
    fn emit(&mut self, event: &Event, _: &Scene) -> io::Result<()> {
        self.file.write_all(&self.pcapng.take(event))
    }
}

/// The screen.
pub(super) struct Told<'a> {
    narrator: Narrator<'a>,
    /// `None` where the screen does not rest: all is printed at once.
    fit: Option<Fit>,
    screen: Shared,
}

impl Told<'_> {
    /// What the course says of it is told, too.
    pub(super) fn on<'t>(screen: Shared, track: &'t Track, options: &Options) -> Told<'t> {
        Told {
            narrator: if options.states {
                Narrator::drawing_states(track)
            } else {
                Narrator::new(track)
            },
            fit: Some(Fit::default()),
            screen,
        }
    }

    /// The same where the screen never rests, and lines are typed below.
    pub(super) fn at_once<'t>(screen: Shared, track: &'t Track, options: &Options) -> Told<'t> {
        Told {
            fit: None,
            ..Told::on(screen, track, options)
        }
    }
}

impl Sink for Told<'_> {
    fn emit(&mut self, event: &Event, scene: &Scene) -> io::Result<()> {
        let mut told = self.narrator.tell(event, scene);
        let live = told.live.take();
        let mut screen = self.screen.borrow_mut();
        let Some(fit) = &mut self.fit else {
            return screen.print(&Fit::default().take(told, None).now);
        };
        let Printed { now, later } = fit.take(told, screen.room());
        screen.print(&now)?;
        screen.print_later(later);
        match live {
            Some(line) => screen.live(&line),
            None => Ok(()),
        }
    }
}

/// The screen, where all that is told is printed at once.
pub(super) struct Printing<F> {
    /// What an event adds to it.
    pub tell: F,
    pub screen: Shared,
}

impl<F: FnMut(&Event, &Scene) -> Vec<Block>> Sink for Printing<F> {
    fn emit(&mut self, event: &Event, scene: &Scene) -> io::Result<()> {
        let blocks = (self.tell)(event, scene);
        self.screen.borrow_mut().print(&blocks)
    }
}

/// What is written beside what is shown: files, and the page for the class.
pub(super) struct Files {
    json: Option<File>,
    report: Option<File>,
    packets: Option<File>,
    page: Option<Page>,
}

impl Files {
    /// Creates them: before signals are watched, for to open a pipe that nobody reads
    /// takes for ever. `addr` is that of the run, if it has one.
    pub(super) fn create(
        options: &Options,
        addr: Option<Address>,
        page: Option<Page>,
    ) -> Result<Files, Error> {
        if let Some(page) = &page {
            page.announce(options, addr)?;
        }
        Ok(Files {
            json: options.json_file().map(create).transpose()?,
            report: options.report.as_deref().map(create).transpose()?,
            packets: options.pcap.as_deref().map(create).transpose()?,
            page,
        })
    }

    /// Who writes them, each event at once.
    pub(super) fn sinks(self, signals: &Rc<Signals>) -> Result<Vec<Box<dyn Sink>>, Error> {
        self.written(signals, |file| JsonLines::to(file, signals, None))
    }

    /// The same, many events at a time.
    pub(super) fn in_bulk(self, signals: &Rc<Signals>) -> Result<Vec<Box<dyn Sink>>, Error> {
        self.written(signals, |file| JsonLines::in_bulk(file, signals))
    }

    fn written(
        self,
        signals: &Rc<Signals>,
        lines: impl Fn(&File) -> Result<JsonLines, Error>,
    ) -> Result<Vec<Box<dyn Sink>>, Error> {
        let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
        if let Some(file) = &self.json {
            sinks.push(Box::new(lines(file)?));
        }
        if let Some(file) = &self.report {
            sinks.push(Box::new(ReportFile {
                report: Report::default(),
                out: Some(output(file, signals)?),
            }));
        }
        if let Some(file) = &self.packets {
            sinks.push(Box::new(Packets::in_file(file)?));
        }
        if let Some(page) = self.page {
            sinks.push(Box::new(JsonLines::writing(Box::new(page), None)));
        }
        Ok(sinks)
    }
}

/// The report, which is written when the run has ended.
struct ReportFile {
    report: Report,
    /// `None`: it is written.
    out: Option<Output>,
}

impl ReportFile {
    fn write(&mut self) -> io::Result<()> {
        match self.out.take() {
            Some(mut out) => out.write_all(self.report.page().as_bytes()),
            None => Ok(()),
        }
    }
}

impl Sink for ReportFile {
    fn emit(&mut self, event: &Event, scene: &Scene) -> io::Result<()> {
        self.report.take(event, scene);
        match &event.what {
            What::Run(RunEvent::End(_)) => self.write(),
            _ => Ok(()),
        }
    }
}

impl Drop for ReportFile {
    fn drop(&mut self) {
        // The run could not tell its end; nobody is left who would be told of an error.
        let _ = self.write();
    }
}

/// Creates a file, or empties it.
pub(super) fn create(path: &Path) -> Result<File, Error> {
    File::create(path).map_err(Error::system(format!("writing to {}", path.display())))
}

/// What a script expected and did not see, and its lines that were wrong: on stderr, by
/// their places.
pub(super) struct Unmet {
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
pub(super) struct Progressing {
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
pub(super) struct LastFailure(pub Rc<RefCell<Option<Failure>>>);

impl Sink for LastFailure {
    fn emit(&mut self, event: &Event, _: &Scene) -> io::Result<()> {
        if let What::Lesson(LessonEvent::Failed(failure)) = &event.what {
            *self.0.borrow_mut() = Some((**failure).clone());
        }
        Ok(())
    }
}
