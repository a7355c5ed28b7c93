//! What is printed beside a lesson, at the edge: nothing in it steers a terminal.

use std::fmt::Display;
use std::io::{self, Write};
use std::rc::Rc;

use crate::cli::Options;
use crate::course::Problem;
use crate::error::Error;
use crate::render::{Block, clean, clean_json, clean_lines};
use crate::sys::Signals;
use crate::tty::{Looks, Screen};

/// The standard output as the options want it. During a run it heeds `signals`.
pub(super) fn screen(options: &Options, signals: Option<Rc<Signals>>) -> Result<Screen, Error> {
    Screen::stdout(looks(options), signals).map_err(Error::output("writing to the output"))
}

/// How text looks.
pub(super) fn looks(options: &Options) -> Looks {
    Looks {
        colour: options.colour,
        ascii: options.wants_ascii(),
        width: options.columns(),
        plain: options.wants_plain(),
    }
}

/// Lays a document out and prints it.
pub(super) fn print(options: &Options, blocks: &[Block]) -> Result<(), Error> {
    screen(options, None)?
        .print(blocks)
        .map_err(Error::output("writing to the output"))
}

/// Prints lines of text.
pub(super) fn print_lines(text: &str) -> Result<(), Error> {
    write_line(&mut io::stdout(), &clean_lines(text))
        .map_err(Error::output("writing to the output"))
}

/// Problems of a course, a line each.
pub(super) fn listed(problems: &[Problem]) -> String {
    let lines = problems.iter().map(|problem| clean(&problem.to_string()));
    lines.collect::<Vec<_>>().join("\n")
}

/// Prints lines of JSON.
pub(super) fn print_json(lines: &[String]) -> Result<(), Error> {
    let mut lines = lines.iter();
    let written = lines.try_for_each(|line| {
        write_line(&mut io::stdout(), &clean_json(line))?;
        // So that whoever reads has it at once.
        io::stdout().flush()
    });
    written.map_err(Error::output("writing to the output"))
}

/// Says on the standard error output why a run ended.
pub(crate) fn say_error(error: &Error) {
    match error {
        Error::Closed | Error::Ended(_) => {}
        Error::Help(text) => say(text),
        other => complain(other),
    }
}

/// Says something there that is not asked for.
pub(super) fn complain(what: impl Display) {
    say(&format!("socklab: {what}"));
}

fn say(text: &str) {
    // Nobody is left to tell that stderr is closed.
    let _ = write_line(&mut io::stderr(), &clean_lines(text));
}

/// In one write, so that lines of several processes do not mix.
fn write_line(to: &mut impl Write, line: &str) -> io::Result<()> {
    to.write_all(format!("{line}\n").as_bytes())
}
