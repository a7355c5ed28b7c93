//! `socklab doctor`: what this machine lets a lesson see.

use std::ffi::OsString;
use std::process::ExitCode;

use super::findings::Findings;
use super::print::screen;
use super::terminal::watched;
use crate::cli::{Options, locale};
use crate::course::Course;
use crate::doctor;
use crate::error::{Error, exit_code};
use crate::model::{Ended, Examined, RunEvent, Standing};
use crate::render::{advised, sum};
use crate::tty::Screen;

/// The rows and columns that lessons are laid out for.
const LAID_OUT_FOR: (u16, u16) = (20, 60);

/// Asks the machine and tells what it answers. The status is 0 where a lesson can be held.
pub(super) fn doctor(
    course: &Course,
    options: &Options,
    argv: &[OsString],
) -> Result<ExitCode, Error> {
    // Before signals are watched: what is tried has those of the shell.
    let mut found = doctor::examine();
    found.extend(terminal(&screen(options, None)?));
    found.push(characters(options));
    let found = course.advice.explain(found);
    let mut told = Findings::new(options, &watched()?)?;
    told.begin(argv)?;
    for it in &found {
        told.say(RunEvent::Examined(Box::new(it.clone())), &advised(it))?;
    }
    let is_missing = |standing| standing == Standing::Missing;
    let ended = if found.iter().any(|it| is_missing(it.examined.standing())) {
        Ended::Failed
    } else {
        Ended::Done
    };
    told.say(RunEvent::End(ended), &sum(&found))?;
    Ok(exit_code(ended))
}

/// The size of the terminal, and its colours.
fn terminal(screen: &Screen) -> [Examined; 2] {
    let term = std::env::var("TERM").unwrap_or_default();
    let size = match screen.terminal_size() {
        None => Examined::new("terminal", "none", "the output is no terminal"),
        Some((rows, columns)) => {
            let fits = rows >= LAID_OUT_FOR.0 && columns >= LAID_OUT_FOR.1;
            let answer = if fits { "wide" } else { "narrow" };
            let seen = format!("{columns} columns, {rows} rows, TERM={term}");
            Examined::new("terminal", answer, seen)
        }
    };
    let colour = if screen.has_colour() {
        Examined::new("colour", "on", "colours are printed")
    } else {
        Examined::new("colour", "off", "no colours are printed")
    };
    [size, colour]
}

/// The characters that may be printed.
fn characters(options: &Options) -> Examined {
    let answer = if options.wants_ascii() {
        "other"
    } else {
        "utf-8"
    };
    let seen = match locale() {
        _ if options.ascii => "--ascii".into(),
        Some((name, value)) => format!("{name}={value}"),
        None => "no locale is set".into(),
    };
    Examined::new("locale", answer, seen)
}
