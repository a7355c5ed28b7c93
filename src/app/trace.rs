//! Sets the trace of a program up.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::process::ExitCode;
use std::rc::Rc;

use rustix::system::uname;

use super::output::JsonLines;
use super::play::create;
use super::print::complain;
use super::terminal::watched;
use crate::cli::{Options, Program, Trace};
use crate::error::Error;
use crate::model::{RunInfo, Status};
use crate::run::Sink;
use crate::source::trace::{self, Tracer};
use crate::sys::{self, Signals};
use crate::trace::{Director, Ending, Refused};
use crate::tty::Output;

/// Traces a program, and ends as it does.
pub(super) fn trace(options: &Options, asked: Trace, argv: &[OsString]) -> Result<ExitCode, Error> {
    let file = options.json_file().map(create).transpose()?;
    let output = asked.output.as_deref().map(create).transpose()?;
    let tracer = match asked.program {
        Program::Words(words) => Tracer::spawn(trace::Command {
            words,
            ..Default::default()
        }),
        Program::Pid(pid) => Tracer::attach(pid),
    };
    let tracer = match tracer {
        Ok(tracer) => tracer,
        Err(refusal) => return refused(Refused::Trace(refusal)),
    };
    // Only now: the program has the signals as they were.
    let signals = watched()?;
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    if options.json_only() {
        sinks.push(Box::new(lines(told_to(output.as_ref()).as_fd(), &signals)?));
    }
    if let Some(file) = &file {
        sinks.push(Box::new(lines(file.as_fd(), &signals)?));
    }
    let kernel = uname().release().to_string_lossy().into_owned();
    let words = argv.iter().map(|word| word.to_string_lossy().into_owned());
    let info = RunInfo {
        version: env!("CARGO_PKG_VERSION"),
        kernel: kernel.clone(),
        argv: words.collect(),
        walk: None,
    };
    let only = asked.only.iter().map(|name| name.to_string()).collect();
    match Director::new(tracer, &kernel, signals, only, sinks).run(info) {
        Ok(Ending::Ended(status)) => Ok(ended(Status(status))),
        Ok(Ending::Left { signal }) => Ok(ExitCode::from(128 + signal as u8)),
        Err(why) => refused(why),
    }
}

/// Where it is told.
fn told_to(output: Option<&File>) -> BorrowedFd<'_> {
    static STDERR: std::sync::OnceLock<io::Stderr> = std::sync::OnceLock::new();
    match output {
        Some(file) => file.as_fd(),
        None => STDERR.get_or_init(io::stderr).as_fd(),
    }
}

fn lines(fd: BorrowedFd<'_>, signals: &Rc<Signals>) -> Result<JsonLines, Error> {
    let out = Output::new(fd, Some(signals.clone()));
    let out = out.map_err(Error::output("writing to the output"))?;
    Ok(JsonLines { out, asking: None })
}

fn refused(why: Refused) -> Result<ExitCode, Error> {
    match why {
        Refused::Run(error) => Err(error),
        Refused::Trace(refusal) => {
            complain(&refusal);
            Ok(ExitCode::from(refusal.exit_code()))
        }
    }
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
