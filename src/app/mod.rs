//! The commands, each wired from the rest.

mod check;
mod doctor;
mod early;
mod info;
mod inspect;
mod lint;
mod page;
mod pick;
mod play;
mod print;
mod private;
mod progress;
mod replay;
mod report;
mod saved;
mod shell;
mod sinks;
mod terminal;
mod trace;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use clap::error::ErrorKind;
use rustix::process::{Resource, getrlimit};

use self::early::Early;
use self::pick::pick;
use self::play::{address, attended, play};
pub(crate) use self::print::say_error;
use self::print::{listed, print, print_json, print_lines, screen};
use crate::cli::{self, Command, Options};
use crate::course::{self, Course, Track};
use crate::error::{Error, exit_code};
use crate::model::{Ended, Part};
use crate::progress::Progress;
use crate::render::{
    NO_BREAK, chapter_text, greeting, guide, json_schema, track_lines, track_list,
};
use crate::script::Vars;
use crate::source::{ACTOR_COMMAND, run_actor};
use crate::sys;
use crate::words::{say, speak};

/// From the arguments to the exit status.
pub(crate) fn run(argv: &[OsString]) -> Result<ExitCode, Error> {
    if let [_, command, _, parent] = argv
        && command == ACTOR_COMMAND
    {
        private::be_ordinary(true);
        return act(parent);
    }
    prepare()?;
    // What is behind that is another program's.
    let own = argv.split(|word| word == "--").next().unwrap_or(argv);
    let mut early = Early::start(own, || {
        let course = loaded(own).map_err(|error| io::Error::other(error.to_string()))?;
        speak_as(&course);
        Ok(())
    })?;
    let course = loaded(own)?;
    speak_as(&course);
    let (command, mut options) = match cli::parse(argv, &course) {
        Ok(parsed) => parsed,
        Err(error) => return said_by_clap(&error),
    };
    options.refused = early.refused.take();
    obey(command, &course, &options, argv, early)
}

/// Does what was asked for.
fn obey(
    command: Command<'_>,
    course: &Course,
    options: &Options,
    argv: &[OsString],
    early: Early,
) -> Result<ExitCode, Error> {
    match command {
        Command::Guide(track) => return bare(course, track, options, argv, early),
        Command::List(tracks) => {
            let progress = progress::kept(options);
            if options.json_only() {
                print_json(&track_lines(&tracks, progress.as_ref()))?;
            } else {
                print(options, &track_list(&tracks, progress.as_ref()))?;
            }
        }
        Command::Read(track, chapter, lang) => {
            let addr = address(track, options)?;
            let vars = Vars { addr, pid: None };
            let text = chapter_text(track, chapter, vars, lang.as_deref());
            let unknown = |what| {
                let spoken = course.spoken().join(", ");
                Error::Usage(format!("{what}; the course speaks {spoken}"))
            };
            print(options, &text.map_err(unknown)?)?;
        }
        Command::Progress => return progress::show(course, options),
        Command::ForgetProgress => return progress::forget(options),
        Command::Report(run, to) => report::report(&run, to.as_deref())?,
        Command::Completions(shell) => print_lines(&cli::completions(course, &shell))?,
        Command::Manual => print_lines(&cli::manual(course))?,
        Command::Schema => print_lines(&json_schema())?,
        Command::Lint(dir) => return lint::lint(dir.as_deref()),
        Command::Trace(asked) => return trace::trace(course, options, asked, argv, early.page),
        Command::Check(asked) => return check::check(course, options, asked, argv, early.page),
        runs => return run_of(course, runs, options, argv, early).map(exit_code),
    }
    Ok(ExitCode::SUCCESS)
}

/// What ends as a run does.
fn run_of(
    course: &Course,
    command: Command<'_>,
    options: &Options,
    argv: &[OsString],
    early: Early,
) -> Result<Ended, Error> {
    match command {
        Command::Play(track, parts) => play(track, options, parts, argv, early),
        Command::Shell(track) => shell::shell(track, options, None, argv, early.page),
        Command::Script(track, file, keeps_going) => {
            let script = shell::Script {
                file: &file,
                keeps_going,
            };
            shell::shell(track, options, Some(script), argv, early.page)
        }
        Command::Inspect(target, watch) => inspect::inspect(course, target, watch, options),
        Command::Doctor => doctor::doctor(course, options),
        Command::Replay(file) => replay::replay(course, options, &file),
        _ => Ok(Ended::Done),
    }
}

/// From now on what is said is said in the language of the course.
fn speak_as(course: &Course) {
    // The built-in words stand first, and are known.
    let words = course.words.iter().skip(1);
    speak(words.map(|file| file.text.clone()).collect());
}

/// The course that was asked for.
fn loaded(argv: &[OsString]) -> Result<Course, Error> {
    let dir = cli::chapters_dir(argv).filter(|_| !is_lint(argv));
    let language = cli::language(argv, &course::translations(dir.as_deref()));
    let language = language.as_deref();
    let loaded = match dir {
        Some(dir) => course::from_dir(&dir, language),
        None => course::embedded(language),
    };
    loaded.map_err(|problems| Error::Course(listed(&problems)))
}

/// The least that the stack must be allowed, in bytes.
const STACK: u64 = 512 << 10;

/// Sees to what whoever started this process may have set otherwise.
fn prepare() -> Result<(), Error> {
    private::be_ordinary(false);
    // A file that may not grow (ulimit -f) refuses the write, as a full disk does.
    sys::ignore(&[libc::SIGXFSZ]);
    // Where it is ignored the kernel takes the status of children, and nobody can wait
    // for one.
    sys::not_ignored(&[libc::SIGCHLD]);
    // None is no limit.
    if let Some(stack) = getrlimit(Resource::Stack).current
        && stack < STACK
    {
        return Err(Error::Usage(format!(
            "the stack may have only {} KB here and must be allowed {}: ulimit -s 8192",
            stack >> 10,
            STACK >> 10
        )));
    }
    Ok(())
}

/// The life of an actor process.
fn act(parent: &OsString) -> Result<ExitCode, Error> {
    let parent = parent
        .to_str()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Error::Usage("that command is socklab's own".into()))?;
    run_actor(parent).map_err(Error::system("performing"))?;
    Ok(ExitCode::SUCCESS)
}

/// Clap's help and version go to stdout, its complaints to stderr.
fn said_by_clap(error: &clap::Error) -> Result<ExitCode, Error> {
    let text = error.to_string();
    let text = text.trim_end();
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        // Help that stands in for a complaint is help all the same.
        return Err(Error::Help(text.into()));
    }
    if error.use_stderr() {
        return Err(Error::Usage(text.trim_start_matches("error: ").into()));
    }
    print_lines(text)?;
    Ok(ExitCode::SUCCESS)
}

/// `socklab chapters check --chapters X` checks X rather than loading it first.
fn is_lint(argv: &[OsString]) -> bool {
    argv.get(1).is_some_and(|word| word == "chapters")
}

/// `socklab` alone: where to begin; at a terminal also a menu.
fn bare(
    course: &Course,
    track: &Track,
    options: &Options,
    argv: &[OsString],
    early: Early,
) -> Result<ExitCode, Error> {
    let menu = attended(options) && screen(options, None)?.is_terminal();
    let progress = progress::kept(options);
    // The menu lists the chapters itself.
    let shown = if menu {
        vec![greeting()]
    } else {
        guide(track, progress.as_ref())
    };
    print(options, &shown)?;
    if !menu {
        return Ok(ExitCode::SUCCESS);
    }
    let choices = beginnings(course, track, progress.as_ref());
    let labels = choices.iter().map(|(label, _, _)| label.clone());
    let at = pick(options, &say!("begin-where"), labels)?;
    match at.and_then(|at| choices.into_iter().nth(at)) {
        Some((_, track, parts)) => play(track, options, parts, argv, early).map(exit_code),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// What the menu offers: the walk, its chapters, and the walks of other tracks.
fn beginnings<'c>(
    course: &'c Course,
    track: &'c Track,
    progress: Option<&Progress>,
) -> Vec<(String, &'c Track, Vec<Part>)> {
    let label = |name: &str, what: &str| {
        // In columns: no line is broken, and no blank lost, in the first.
        let name = format!("{name:<10} ").replace(' ', NO_BREAK);
        format!("{name}{what}")
    };
    let walk = label("walk", &say!("guide-walk"));
    let chapters = track.chapters.iter().map(|chapter| {
        let finished = progress.is_some_and(|kept| kept.is_finished(&track.id, &chapter.id));
        let tick = if finished {
            say!("finished")
        } else {
            String::new()
        };
        let label = label(&chapter.id, &format!("{}{tick}", chapter.title));
        (label, track, track.one_chapter(&chapter.id))
    });
    let others = course.tracks.iter().filter(|other| other.id != track.id);
    let others = others.map(|other| (label("walk", &other.title), other, other.whole_walk()));
    let first = (walk, track, track.whole_walk());
    [first].into_iter().chain(chapters).chain(others).collect()
}
