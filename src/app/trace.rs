//! Sets the trace of a program up.
//!
//! The tracer is a process of its own: where somebody wants to trace no longer, this one
//! ends, and the tracer stays to pass the program's calls, which its filter stops.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;

use rustix::stdio::dup2_stdin;

use super::info::info;
use super::page::Page;
use super::print::{complain, looks};
use super::private;
use super::sinks::{Files, JsonLines, Printing, create};
use super::terminal::{shared, watched};
use crate::cli::{self, Options};
use crate::course::Course;
use crate::error::Error;
use crate::model::{Event, RunKind, Scene, Status};
use crate::render::ProgramNarrator;
use crate::run::{Pace, Sink, Teller};
use crate::source::trace::{self, Refusal, Tracer};
use crate::sys::{self, Keeper, Process, Signals};
use crate::trace::{Director, Ending, Plan, Refused};
use crate::tty::{Keys, Screen, Shared};
use crate::words::say;

/// So wide is a file: its lines are as long as they are.
const UNBROKEN: usize = 500;

/// Traces a program, and ends as it does.
pub(super) fn trace(
    course: &Course,
    options: &Options,
    asked: cli::Trace,
    argv: &[OsString],
    page: Option<Page>,
) -> Result<ExitCode, Error> {
    let (front, report) = io::pipe().map_err(Error::system("making a pipe"))?;
    match sys::fork().map_err(Error::system("starting the tracer"))? {
        Some(tracer) => {
            drop(report);
            // The tracer has it.
            if let Some(page) = page {
                page.leave();
            }
            wait_for(tracer.as_raw_pid().cast_unsigned(), front)
        }
        None => {
            drop(front);
            let files = Files::create(options, None, page)?;
            in_tracer(course, options, asked, argv, files, report)
        }
    }
}

/// Waits until the tracer has ended, or says that it is to be waited for no longer.
fn wait_for(tracer: u32, mut front: PipeReader) -> Result<ExitCode, Error> {
    let waiting = || Error::system("waiting for the tracer");
    let signals = watched()?;
    let process = Process::of(tracer);
    loop {
        let ready = sys::wait(&[front.as_raw_fd(), signals.as_raw_fd()], None);
        if ready.map_err(waiting())?[0] {
            let mut code = [0];
            if front.read(&mut code).map_err(waiting())? == 1 {
                return Ok(ExitCode::from(code[0]));
            }
            let status = sys::wait_for(tracer).map_err(waiting())?;
            return Ok(ended(Status(status)));
        }
        match signals.take() {
            Some(libc::SIGTSTP) => sys::stop_self(),
            // The keys send theirs to the tracer and the program as well.
            Some(signal @ (libc::SIGTERM | libc::SIGHUP)) => {
                process.signal(signal).map_err(waiting())?;
            }
            _ => {}
        }
    }
}

/// The life of the tracer.
fn in_tracer(
    course: &Course,
    options: &Options,
    asked: cli::Trace,
    argv: &[OsString],
    files: Files,
    report: PipeWriter,
) -> Result<ExitCode, Error> {
    let output = asked.output.as_deref().map(told_to).transpose()?;
    let keys = asked.pause.then(controlling_terminal).transpose()?;
    let tracer = match start(asked.program, keys.is_some()) {
        Ok(tracer) => tracer,
        Err(refusal) => return Ok(refused(&refusal)),
    };
    // Only now: the program has the signals as they were.
    let signals = watched()?;
    let screen = shared(screen_on(output.as_ref(), options, &signals)?);
    let info = info(argv, RunKind::Trace(asked.detail), None);
    let mut sinks: Vec<Box<dyn Sink + '_>> = vec![if options.json_only() {
        Box::new(lines(output.as_ref(), &signals)?)
    } else {
        let stops = keys.is_some();
        let mut narrator = ProgramNarrator::new(course, asked.detail, info.began, stops);
        let tell = move |event: &Event, scene: &Scene| narrator.tell(event, scene).blocks;
        let screen = screen.clone();
        Box::new(Printing { tell, screen })
    }];
    sinks.extend(files.in_bulk(&signals)?);
    let keeper = Keeper::default();
    let pace = keys.map(|()| keys_on(&keeper, &signals, &screen));
    let plan = Plan {
        info,
        only: asked.only,
        explain: course.tracks[0].explain.clone(),
        faults: &course.faults,
        pace: pace.transpose()?,
        front: Some(report.as_raw_fd()),
    };
    let director = Director::new(
        tracer,
        plan,
        signals,
        Teller::new(sinks, private::wire(options, None)),
    );
    Ok(directed(director, report))
}

/// Tells all that the program does, and ends as it does.
fn directed(mut director: Director<'_>, mut report: PipeWriter) -> ExitCode {
    let status = match director.run() {
        Ok(Ending::Ended(status)) => return ended(Status(status)),
        Err(Refused::Trace(refusal)) => return refused(&refusal),
        Ok(Ending::Left { signal }) => {
            if director.stays() {
                complain(say!("trace-behind"));
            }
            // Nobody waits any more.
            let code = signal.map_or(0, |signal| 128 + signal as u8);
            let _ = report.write_all(&[code]);
            drop(report);
            director.let_go()
        }
        Err(Refused::Told(error)) => {
            if !matches!(error, Error::Closed) {
                complain(say!("trace-untold", error = error));
            }
            director.let_go()
        }
    };
    match status {
        Ok(status) => ended(Status(status)),
        Err(refusal) => refused(&refusal),
    }
}

/// Where it is told.
fn screen_on(
    output: Option<&File>,
    options: &Options,
    signals: &Rc<Signals>,
) -> Result<Screen, Error> {
    let is_terminal = output.map_or(io::stderr().is_terminal(), File::is_terminal);
    let mut looks = looks(options);
    if !is_terminal {
        looks.width = looks.width.or(Some(UNBROKEN));
    }
    let screen = match output {
        Some(file) => Screen::file(file, looks, Some(signals.clone())),
        None => Screen::stderr(looks, Some(signals.clone())),
    };
    screen.map_err(Error::output("writing to the output"))
}

/// The program that is asked for.
fn start(program: cli::Program, with_keys: bool) -> Result<Tracer, Refusal> {
    let words = match program {
        cli::Program::Pid(pid) => return Tracer::attach(pid),
        cli::Program::Words(words) => words,
    };
    let mut stdio = [None, None, None];
    if with_keys && io::stdin().is_terminal() {
        complain(say!("trace-keys"));
        stdio[0] = Some(File::open("/dev/null")?);
    }
    let mask = None;
    Tracer::spawn(trace::Command { words, stdio, mask })
}

/// A terminal is not created, nor emptied.
fn told_to(path: &Path) -> Result<File, Error> {
    let is_there = std::fs::metadata(path).is_ok_and(|file| !file.is_file());
    if !is_there {
        return create(path);
    }
    let file = File::options().write(true).open(path);
    file.map_err(Error::system(format!("writing to {}", path.display())))
}

/// Is there a terminal that has keys?
fn controlling_terminal() -> Result<(), Error> {
    let terminal = File::open("/dev/tty");
    terminal
        .map(drop)
        .map_err(Error::system("opening the terminal, to wait for keys"))
}

/// Who presses them. They are read from our standard input, which is the terminal's from
/// here on: the program has its own already.
fn keys_on<'k>(
    keeper: &'k Keeper,
    signals: &Rc<Signals>,
    screen: &Shared,
) -> Result<Box<dyn Pace + 'k>, Error> {
    let taking = || Error::output("taking over the terminal");
    let terminal = File::open("/dev/tty").map_err(taking())?;
    dup2_stdin(&terminal)
        .map_err(io::Error::from)
        .map_err(taking())?;
    let keys = Keys::new(keeper, signals.clone(), screen.clone()).map_err(taking())?;
    Ok(Box::new(keys))
}

/// JSON lines, in that file or on stderr.
fn lines(file: Option<&File>, signals: &Rc<Signals>) -> Result<JsonLines, Error> {
    match file {
        Some(file) => JsonLines::in_bulk(file, signals),
        None => JsonLines::in_bulk(&io::stderr(), signals),
    }
}

fn refused(refusal: &Refusal) -> ExitCode {
    complain(refusal);
    ExitCode::from(refusal.exit_code())
}

/// Ends as the program has: with its code, or by the same signal.
fn ended(status: Status) -> ExitCode {
    match (status.code(), status.signal()) {
        (Some(code), _) => ExitCode::from(code as u8),
        (None, Some(signal)) => {
            sys::end_by(signal);
            ExitCode::from(128 + signal as u8)
        }
        (None, None) => ExitCode::SUCCESS,
    }
}
