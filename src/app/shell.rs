//! Sets a shell up, or a script, and plays it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use super::info::info;
use super::page::Page;
use super::play::address;
use super::print::screen;
use super::private;
use super::sinks::{Files, JsonLines, Told, Unmet};
use super::terminal::{shared, watched};
use crate::cli::Options;
use crate::course::Track;
use crate::error::Error;
use crate::model::{ChapterMode, Ended, RunKind, Scope, WalkInfo};
use crate::progress::Store;
use crate::run::{Actors, Lines, Run, Sink, Teller};
use crate::shell::{Plan, Shell};
use crate::sys::{Keeper, Signals};
use crate::tty::{Clock, Editor, Piped, Shared};

/// A script to play.
pub(super) struct Script<'a> {
    pub file: &'a Path,
    pub keeps_going: bool,
}

/// Plays lines that are typed, or those of a script.
pub(super) fn shell(
    track: &Track,
    options: &Options,
    script: Option<Script<'_>>,
    argv: &[OsString],
    page: Option<Page>,
) -> Result<Ended, Error> {
    let from = script
        .as_ref()
        .map(|script| opened(script.file))
        .transpose()?;
    let files = Files::create(options, Some(address(track, options)?), page)?;
    let lead = Actors::start(track.role.word())?;
    let signals = watched()?;
    let screen = shared(screen(options, Some(signals.clone()))?);
    let is_typed = script.is_none() && io::stdin().is_terminal();
    let mut sinks: Vec<Box<dyn Sink + '_>> = vec![if options.json_only() {
        Box::new(JsonLines::to(&io::stdout(), &signals, None)?)
    } else {
        Box::new(Told::at_once(screen.clone(), track, options))
    }];
    sinks.extend(files.sinks(&signals)?);
    if !is_typed {
        let name = script
            .as_ref()
            .map_or("-".into(), |it| it.file.display().to_string());
        sinks.push(Box::new(Unmet { name, number: 0 }));
    }
    let walk = WalkInfo {
        addr: address(track, options)?,
        lead: track.role,
        builtin_peer: false,
    };
    let kind = RunKind::Shell {
        track: track.id.clone(),
    };
    let info = info(argv, kind, Some(walk));
    let scope = scope(track, options, lead.pid())?;
    let keeper = Keeper::default();
    let lines = lines(options, from, &keeper, &signals, screen)?;
    let mut pace = Clock::new(Duration::ZERO, signals);
    let kernel = info.kernel.clone();
    let patience = options.patience;
    let teller = Teller::new(sinks, private::wire(options, None));
    let run = Run::new(lead, &kernel, scope, patience, &keeper, &mut pace, teller);
    let plan = Plan {
        info,
        lead: track.role,
        stops: script.is_some_and(|script| !script.keeps_going),
    };
    Shell::new(track, plan, run, lines).play()
}

/// The file of a script; `-` is the standard input.
fn opened(file: &Path) -> Result<File, Error> {
    let opened = if file == Path::new("-") {
        io::stdin().as_fd().try_clone_to_owned().map(File::from)
    } else {
        File::open(file)
    };
    opened.map_err(Error::system(format!("opening {}", file.display())))
}

/// Where the lines come from.
fn lines<'k>(
    options: &Options,
    script: Option<File>,
    keeper: &'k Keeper,
    signals: &Rc<Signals>,
    screen: Shared,
) -> Result<Box<dyn Lines + 'k>, Error> {
    let signals = signals.clone();
    if let Some(script) = script {
        return Ok(Box::new(Piped::new(script, signals, None)));
    }
    let taking = || Error::output("taking over the terminal");
    if !io::stdin().is_terminal() || !screen.borrow().rewrites() || options.json_only() {
        let stdin = io::stdin().as_fd().try_clone_to_owned();
        let stdin = File::from(stdin.map_err(taking())?);
        let prompted = stdin.is_terminal().then_some(screen);
        return Ok(Box::new(Piped::new(stdin, signals, prompted)));
    }
    let history = options.keeps_progress().then(Store::of_user);
    let history = history.and_then(Result::ok);
    let history = history.map(|store| store.path().with_file_name("shell_history"));
    let editor = Editor::new(keeper, signals, screen, history);
    Ok(Box::new(editor.map_err(taking())?))
}

/// What the events of a shell have in common.
fn scope(track: &Track, options: &Options, server: u32) -> Result<Scope, Error> {
    Ok(Scope {
        step: None,
        mode: ChapterMode::Taught,
        lead: track.role,
        builtin_peer: false,
        first_time: true,
        own: false,
        aside: false,
        addr: address(track, options)?,
        server: Some(server),
    })
}
