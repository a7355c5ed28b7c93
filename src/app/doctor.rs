//! `socklab doctor`: what this machine lets a lesson see.

use std::time::Instant;

use super::print::{print, print_json, screen};
use crate::cli::{Options, locale};
use crate::course::Course;
use crate::doctor;
use crate::error::Error;
use crate::model::{Advised, Ended, Event, Examined, RunEvent, Scope, Standing, Task};
use crate::render::{Block, advised, json_line, sum};
use crate::tty::Screen;
use crate::words::say;

/// The rows and columns that lessons are laid out for.
const LAID_OUT_FOR: (u16, u16) = (20, 60);

/// Asks the machine and tells what it answers: done is where a lesson can be held.
pub(super) fn doctor(course: &Course, options: &Options) -> Result<Ended, Error> {
    // Before signals are watched: what is tried has those of the shell.
    let mut found = doctor::examine();
    found.extend(terminal(&screen(options, None)?));
    found.push(characters(options));
    let found = course.advice.explain(found);
    if options.json_only() {
        tell(&found)?;
    } else {
        let blocks: Vec<Block> = found.iter().flat_map(advised).collect();
        print(options, &[blocks, sum(&found)].concat())?;
    }
    let is_missing = |it: &Advised| it.examined.standing() == Standing::Missing;
    Ok(if found.iter().any(is_missing) {
        Ended::Failed
    } else {
        Ended::Done
    })
}

/// Tells each as a line of JSON.
fn tell(found: &[Advised]) -> Result<(), Error> {
    let started = Instant::now();
    let lines = (0..).zip(found).map(|(seq, it)| {
        let event = Event {
            seq,
            at: started.elapsed(),
            who: Task::process(std::process::id(), "socklab"),
            scope: Scope::of_program(),
            what: RunEvent::Examined(Box::new(it.clone())).into(),
        };
        let mut line = Vec::new();
        json_line(&event, &mut line);
        String::from_utf8_lossy(&line).into_owned()
    });
    print_json(&lines.collect::<Vec<String>>())
}

/// The size of the terminal, and its colours.
fn terminal(screen: &Screen) -> [Examined; 2] {
    let term = std::env::var("TERM").unwrap_or_default();
    let size = match screen.terminal_size() {
        None => Examined::new("terminal", "none", say!("seen-no-terminal")),
        Some((rows, columns)) => {
            let fits = rows >= LAID_OUT_FOR.0 && columns >= LAID_OUT_FOR.1;
            let answer = if fits { "wide" } else { "narrow" };
            let seen = say!("seen-size", columns = columns, rows = rows, term = term);
            Examined::new("terminal", answer, seen)
        }
    };
    let colour = if screen.has_colour() {
        Examined::new("colour", "on", say!("seen-colours"))
    } else {
        Examined::new("colour", "off", say!("seen-no-colours"))
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
        None => say!("seen-no-locale"),
    };
    Examined::new("locale", answer, seen)
}
