//! Sets the check of a program up.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::process::ExitCode;
use std::rc::Rc;

use super::info::info;
use super::page::Page;
use super::print::{complain, listed, screen};
use super::private;
use super::sinks::{Files, JsonLines, Printing, create};
use super::terminal::{shared, watched};
use crate::check::{Check, Checked, Director, Trouble};
use crate::cli::{CheckAsked, Options};
use crate::course::{Course, Goal, Goals};
use crate::error::{Error, exit_code};
use crate::model::{Event, RunKind, Scene, Side};
use crate::render::{CheckNarrator, gradescope, junit};
use crate::run::{Sink, Teller};
use crate::sys::{Mask, Signals};

/// Holds a program against goals. The status is 0 when all of them are met.
pub(super) fn check(
    course: &Course,
    options: &Options,
    asked: CheckAsked,
    argv: &[OsString],
    page: Option<Page>,
) -> Result<ExitCode, Error> {
    let read = course
        .goals()
        .map_err(|problems| Error::Course(listed(&problems)))?;
    let goals = chosen(&read, &asked.goals, options.role)?;
    // Now, so that nothing is run in vain.
    let gradescope_file = asked.gradescope.as_deref().map(create).transpose()?;
    let junit_file = asked.junit.as_deref().map(create).transpose()?;
    let files = Files::create(options, options.addr, page)?;
    let mask = Mask::now().map_err(Error::system("asking which signals are blocked"))?;
    let signals = watched()?;
    let sinks = sinks(options, files, &signals)?;
    let check = Check {
        info: info(argv, RunKind::Check, None),
        faults: &course.faults,
        words: asked.words,
        addr: options.addr,
        limit: asked.limit,
        trusts: options.untrusted().is_none(),
    };
    let teller = Teller::new(sinks, private::wire(options, options.addr));
    let director = Director::new(check, signals, mask, teller);
    let Checked {
        goals,
        faults,
        ended,
    } = match director.run(&goals) {
        Ok(checked) => checked,
        Err(Trouble::Error(error)) => return Err(error),
        Err(Trouble::Refused(refusal)) => {
            complain(&refusal);
            return Ok(ExitCode::from(1));
        }
    };
    let write = |file: Option<File>, text: String| match file {
        Some(mut file) => file.write_all(text.as_bytes()),
        None => Ok(()),
    };
    write(gradescope_file, gradescope(&goals, &faults))
        .and_then(|()| write(junit_file, junit(&goals, &faults)))
        .map_err(Error::system("writing the results"))?;
    Ok(exit_code(ended))
}

/// The goals that were asked for, in the order of the course: by their ids, by the name
/// of a group, or all.
fn chosen<'g>(
    groups: &'g [Goals],
    words: &[String],
    role: Option<Side>,
) -> Result<Vec<&'g Goal>, Error> {
    let has = |side: Side, word: &str| {
        let mut goals = groups
            .iter()
            .filter(|it| it.side == side)
            .flat_map(|it| &it.goals);
        goals.any(|goal| goal.id == word)
    };
    let is_group = |word: &str| word == "all" || groups.iter().any(|it| it.group == word);
    for word in words {
        if !is_group(word) && !Side::BOTH.iter().any(|side| has(*side, word)) {
            let ids = groups.iter().map(|it| {
                let ids: Vec<&str> = it.goals.iter().map(|goal| goal.id.as_str()).collect();
                format!("  {} ({}): {}", it.group, it.title, ids.join(", "))
            });
            let ids: Vec<String> = ids.collect();
            return Err(Error::Usage(format!(
                "no goal '{word}'; there are\n{}\n  all",
                ids.join("\n")
            )));
        }
    }
    // `answer` is a goal of both ends: of that which has all of the others, too.
    let ids = || words.iter().filter(|word| !is_group(word));
    let fits = |side: &&Side| ids().all(|word| has(**side, word));
    let group = || {
        words
            .iter()
            .find_map(|word| groups.iter().find(|it| it.group == **word))
    };
    let side = role
        .or_else(|| group().map(|it| it.side))
        .or_else(|| Side::BOTH.iter().find(fits).copied())
        .unwrap_or(Side::Server);
    let is_asked = |group: &Goals, goal: &Goal| {
        let of_side = group.side == side;
        let asks =
            |word: &String| *word == group.group || of_side && (word == "all" || *word == goal.id);
        words.iter().any(asks)
    };
    let all = groups.iter().flat_map(|group| {
        let goals = group.goals.iter();
        goals.filter(move |goal| is_asked(group, goal))
    });
    let all: Vec<&Goal> = all.collect();
    if all.is_empty() {
        let message = "no end has all of these goals: ask for those of one end";
        return Err(Error::Usage(message.into()));
    }
    Ok(all)
}

/// Where it is told.
fn sinks(
    options: &Options,
    files: Files,
    signals: &Rc<Signals>,
) -> Result<Vec<Box<dyn Sink>>, Error> {
    let mut sinks: Vec<Box<dyn Sink>> = vec![if options.json_only() {
        Box::new(JsonLines::to(&io::stdout(), signals, None)?)
    } else {
        let screen = shared(screen(options, Some(signals.clone()))?);
        let mut narrator = CheckNarrator::default();
        let tell = move |event: &Event, _: &Scene| narrator.tell(event);
        Box::new(Printing { tell, screen })
    }];
    sinks.extend(files.sinks(signals)?);
    Ok(sinks)
}
