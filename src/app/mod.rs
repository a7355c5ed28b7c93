mod output;
mod pick;
mod play;
mod print;
mod progress;
mod terminal;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;

use self::pick::pick;
use self::play::{address, attended, play};
pub use self::print::report;
use self::print::{print, print_json, print_lines, screen};
use crate::cli::{self, Command, Options};
use crate::course::{self, Course, Problem, Track, Wanted};
use crate::error::{Error, exit_code};
use crate::model::{Part, Side};
use crate::progress::Progress;
use crate::render::{chapter_text, clean, greeting, guide, json_schema, track_lines, track_list};
use crate::script::Vars;
use crate::source::{ACTOR_COMMAND, Actor, run_actor};
use crate::sys;

/// From the arguments to the exit status.
pub fn run(argv: &[OsString]) -> Result<ExitCode, Error> {
    if let [_, command, _, parent] = argv
        && command == ACTOR_COMMAND
    {
        return act(parent);
    }
    // A file that may not grow (ulimit -f) refuses the write, as a full disk does.
    sys::ignore(&[libc::SIGXFSZ]);
    // First, so that it starts while the course and the arguments are read. A
    // word in vain (`socklab --help walk`) costs a process that ends at once.
    let early = argv
        .iter()
        .any(|word| word == "walk" || word == "step")
        .then(|| Actor::spawn(Side::Server.word()));
    let course = match cli::chapters_dir(argv) {
        Some(dir) if !is_check(argv) => course::from_dir(&dir),
        _ => course::embedded(),
    }
    .map_err(|problems| Error::Course(listed(&problems)))?;
    let (command, options) = match cli::parse(argv, &course) {
        Ok(parsed) => parsed,
        Err(error) => return said_by_clap(&error),
    };
    if options.json.is_some() && !command.has_json(options.json_file().is_some()) {
        return Err(Error::Usage(
            "--json is for walk, step, list and progress; --json=FILE for walk and step".into(),
        ));
    }
    match command {
        Command::Guide => bare(&course, &options, argv),
        Command::List => {
            let all = options.wanted(None) == Wanted::default();
            let tracks = match all {
                true => course.tracks.iter().collect(),
                false => vec![chosen(&course, &options, None)?],
            };
            let progress = progress::kept(&options);
            match options.json_only() {
                true => print_json(&track_lines(&tracks, progress.as_ref()))?,
                false => print(&options, &track_list(&tracks, progress.as_ref()))?,
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Read { chapter } => {
            let track = chosen(&course, &options, Some(&chapter))?;
            let vars = Vars {
                addr: address(track, &options)?,
                pid: None,
            };
            if let Some(chapter) = track.chapter(&chapter) {
                print(&options, &chapter_text(track, chapter, vars))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Step { chapter } => {
            let track = chosen(&course, &options, Some(&chapter))?;
            let parts = track.one_chapter(&chapter);
            play(track, &options, parts, argv, early).map(exit_code)
        }
        Command::Walk => {
            let track = chosen(&course, &options, None)?;
            play(track, &options, track.whole_walk(), argv, early).map(exit_code)
        }
        Command::Progress => progress::show(&course, &options),
        Command::ForgetProgress => progress::forget(&options),
        Command::Schema => print_lines(&json_schema()).map(|()| ExitCode::SUCCESS),
        Command::Check { dir } => check(dir.as_deref(), course),
    }
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
fn is_check(argv: &[OsString]) -> bool {
    argv.get(1).is_some_and(|word| word == "chapters")
}

fn check(dir: Option<&std::path::Path>, embedded: Course) -> Result<ExitCode, Error> {
    let checked = match dir {
        Some(dir) => course::from_dir(dir),
        None => match course::check(&embedded) {
            problems if problems.is_empty() => Ok(embedded),
            problems => Err(problems),
        },
    };
    let (text, code) = match checked {
        Ok(course) => {
            let count = course.every_chapter().len();
            (format!("{count} chapters, no problems"), ExitCode::SUCCESS)
        }
        Err(problems) => (listed(&problems), ExitCode::from(1)),
    };
    print_lines(&text)?;
    Ok(code)
}

fn listed(problems: &[Problem]) -> String {
    let lines = problems.iter().map(|problem| clean(&problem.to_string()));
    lines.collect::<Vec<_>>().join("\n")
}

/// The track that was asked for.
fn chosen<'c>(
    course: &'c Course,
    options: &Options,
    chapter: Option<&str>,
) -> Result<&'c Track, Error> {
    course.choose(options.wanted(chapter)).ok_or_else(|| {
        Error::Usage(match chapter {
            Some(chapter) => format!(
                "no track with these options has a chapter '{chapter}'; socklab list shows them all"
            ),
            None => "there is no track with these options; socklab list shows them all".into(),
        })
    })
}

/// `socklab` alone: where to begin; at a terminal also a menu.
fn bare(course: &Course, options: &Options, argv: &[OsString]) -> Result<ExitCode, Error> {
    let track = chosen(course, options, None)?;
    let menu = attended(options) && screen(options, None)?.is_terminal();
    let progress = progress::kept(options);
    // The menu lists the chapters itself.
    let shown = match menu {
        true => vec![greeting()],
        false => guide(track, progress.as_ref()),
    };
    print(options, &shown)?;
    if !menu {
        return Ok(ExitCode::SUCCESS);
    }
    let choices = beginnings(course, track, progress.as_ref());
    let labels = choices.iter().map(|(label, _, _)| label.clone());
    let at = pick(options, "Where to begin", labels)?;
    match at.and_then(|at| choices.into_iter().nth(at)) {
        Some((_, track, parts)) => play(track, options, parts, argv, None).map(exit_code),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// What the menu offers: the walk, its chapters, and the walks of other tracks.
fn beginnings<'c>(
    course: &'c Course,
    track: &'c Track,
    progress: Option<&Progress>,
) -> Vec<(String, &'c Track, Vec<Part>)> {
    let walk = "walk       every chapter in order".to_string();
    let chapters = track.chapters.iter().map(|chapter| {
        let finished = progress.is_some_and(|kept| kept.is_finished(&track.id, &chapter.id));
        let tick = if finished { ", finished" } else { "" };
        let label = format!("{:<10} {}{tick}", chapter.id, chapter.title);
        (label, track, track.one_chapter(&chapter.id))
    });
    let others = course.tracks.iter().filter(|other| other.id != track.id);
    let others = others.map(|other| {
        let label = format!("{:<10} {}", "walk", other.title);
        (label, other, other.whole_walk())
    });
    let first = (walk, track, track.whole_walk());
    [first].into_iter().chain(chapters).chain(others).collect()
}
