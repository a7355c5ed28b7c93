//! What the learner asked for, found in the course.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::ArgMatches;

use super::options::Options;
use crate::course::{Chapter, Course, Track, Wanted};
use crate::model::{Detail, Part, Syscall, Target};

/// What the learner asked for.
#[derive(Debug)]
pub(crate) enum Command<'c> {
    /// Nothing in particular: where to begin.
    Guide(&'c Track),
    List(Vec<&'c Track>),
    /// The text of a chapter; its code in one language only.
    Read(&'c Track, &'c Chapter, Option<String>),
    /// These chapters of the track.
    Play(&'c Track, Vec<Part>),
    /// Hold a program against goals.
    Check(CheckAsked),
    /// Lines that are typed, or read from the standard input.
    Shell(&'c Track),
    /// The lines of a file; `true` goes on after what is not as expected.
    Script(&'c Track, PathBuf, bool),
    /// Tell what a program does.
    Trace(Trace),
    /// What was finished.
    Progress,
    /// Forget what was finished.
    ForgetProgress,
    /// What the sockets of a running program are doing; again after so long.
    Inspect(Target, Option<Duration>),
    /// What this machine lets a lesson see.
    Doctor,
    /// Print what that shell completes.
    Completions(String),
    /// Print the manual page.
    Manual,
    /// Tell the saved run of that file again.
    Replay(PathBuf),
    /// The page of the saved run of that file, into that one or on stdout.
    Report(PathBuf, Option<PathBuf>),
    /// Print the JSON Schema of the JSON lines.
    Schema,
    /// Lint the course in this folder, or the built-in one.
    Lint(Option<PathBuf>),
}

/// What program is held against which goals.
#[derive(Debug)]
pub(crate) struct CheckAsked {
    /// Ids of goals, names of groups.
    pub goals: Vec<String>,
    pub words: Vec<OsString>,
    /// How long it may take for a goal.
    pub limit: Duration,
    pub gradescope: Option<PathBuf>,
    pub junit: Option<PathBuf>,
}

/// What program is traced, and what is told of it.
#[derive(Debug)]
pub(crate) struct Trace {
    pub program: Program,
    pub detail: Detail,
    /// Stop before each call?
    pub pause: bool,
    /// Where it is told in place of stderr.
    pub output: Option<PathBuf>,
    /// The calls that are told; empty: all of them.
    pub only: Vec<&'static str>,
}

/// The program of a trace.
#[derive(Debug)]
pub(crate) enum Program {
    /// One to start, with its arguments.
    Words(Vec<OsString>),
    /// One that runs.
    Pid(u32),
}

/// The command that was asked for. The error says what is wrong.
pub(super) fn command<'c>(
    matches: &ArgMatches,
    options: &Options,
    course: &'c Course,
) -> Result<Command<'c>, String> {
    let below = |rest: &ArgMatches| rest.subcommand_name().unwrap_or_default().to_string();
    let Some((word, rest)) = matches.subcommand() else {
        return Ok(Command::Guide(track(course, options)?));
    };
    Ok(match word {
        "list" if options.wanted(None) == Wanted::default() => {
            Command::List(course.tracks.iter().collect())
        }
        "list" => Command::List(vec![track(course, options)?]),
        "read" => {
            let (track, chapter) = chapter(course, options, &below(rest))?;
            Command::Read(track, chapter, options.to_program_in(course).cloned())
        }
        "walk" => {
            let track = track(course, options)?;
            Command::Play(track, track.whole_walk())
        }
        "shell" => Command::Shell(track(course, options)?),
        "play" => {
            let keeps_going = rest.get_flag("keep-going");
            Command::Script(track(course, options)?, file(rest), keeps_going)
        }
        "trace" => Command::Trace(trace(rest)?),
        "check" => Command::Check(check_asked(rest)),
        "progress" if rest.subcommand().is_some() => Command::ForgetProgress,
        "progress" => Command::Progress,
        "inspect" => {
            let target = rest.get_one::<Target>("target").cloned();
            let target = target.ok_or("say which: PID, :PORT or PROGRAM")?;
            Command::Inspect(target, rest.get_one::<Duration>("watch").copied())
        }
        "doctor" => Command::Doctor,
        "completions" => Command::Completions(shell(rest)),
        "man" => Command::Manual,
        "replay" => Command::Replay(file(rest)),
        "report" if rest.get_flag("schema") => Command::Schema,
        "report" => Command::Report(file(rest), rest.get_one("output").cloned()),
        "chapters" => {
            let check = rest.subcommand().map(|(_, check)| check);
            Command::Lint(check.and_then(|check| check.get_one::<PathBuf>("dir").cloned()))
        }
        word => {
            let named = if word == "step" {
                below(rest)
            } else {
                word.into()
            };
            let (track, chapter) = chapter(course, options, &named)?;
            Command::Play(track, track.one_chapter(&chapter.id))
        }
    })
}

fn shell(asked: &ArgMatches) -> String {
    let shell = asked.get_one::<String>("shell");
    shell.cloned().unwrap_or_default()
}

/// The file that a command reads.
fn file(asked: &ArgMatches) -> PathBuf {
    let file = asked.get_one::<PathBuf>("file").cloned();
    file.unwrap_or_default()
}

fn check_asked(asked: &ArgMatches) -> CheckAsked {
    let file = |name: &str| asked.get_one::<PathBuf>(name).cloned();
    let goals = asked.get_many::<String>("goals").into_iter().flatten();
    let words = asked.get_many::<OsString>("command").into_iter().flatten();
    let limit = asked.get_one::<Duration>("limit");
    CheckAsked {
        goals: goals.cloned().collect(),
        words: words.cloned().collect(),
        limit: limit.copied().unwrap_or_default(),
        gradescope: file("gradescope"),
        junit: file("junit"),
    }
}

fn trace(asked: &ArgMatches) -> Result<Trace, String> {
    let only = asked.get_many::<String>("only").into_iter().flatten();
    let only = only.map(|name| match Syscall::named(name) {
        Some(call) => Ok(call.name),
        None => Err(format!("--only {name}: no such call is watched")),
    });
    Ok(Trace {
        program: match asked.get_one("pid") {
            Some(pid) => Program::Pid(*pid),
            None => {
                let words = asked.get_many::<OsString>("command");
                Program::Words(words.into_iter().flatten().cloned().collect())
            }
        },
        detail: match (asked.get_flag("brief"), asked.get_flag("full")) {
            (true, _) => Detail::Brief,
            (_, true) => Detail::Full,
            _ => Detail::FirstTime,
        },
        pause: asked.get_flag("pause"),
        output: asked.get_one::<PathBuf>("output").cloned(),
        only: only.collect::<Result<_, _>>()?,
    })
}

/// The track that was asked for.
fn track<'c>(course: &'c Course, options: &Options) -> Result<&'c Track, String> {
    let found = course.choose(options.wanted(None));
    found.ok_or("there is no track with these options; socklab list shows them all".into())
}

/// The chapter that was asked for by its id, or by its number in the track.
fn chapter<'c>(
    course: &'c Course,
    options: &Options,
    word: &str,
) -> Result<(&'c Track, &'c Chapter), String> {
    let by_id = course.choose(options.wanted(Some(word)));
    if let Some((track, chapter)) = by_id.and_then(|track| Some((track, track.chapter(word)?))) {
        return Ok((track, chapter));
    }
    let Ok(number) = word.parse::<usize>() else {
        return Err(format!(
            "no track with these options has a chapter '{word}'; socklab list shows them all"
        ));
    };
    let track = track(course, options)?;
    match number.checked_sub(1).and_then(|at| track.chapters.get(at)) {
        Some(chapter) => Ok((track, chapter)),
        None => Err(format!(
            "that track has the chapters 1 to {}; socklab list shows them all",
            track.chapters.len()
        )),
    }
}

impl Command<'_> {
    /// Does it make calls, or have them made?
    fn is_run(&self) -> bool {
        matches!(
            self,
            Command::Play(..)
                | Command::Trace(_)
                | Command::Check(_)
                | Command::Shell(_)
                | Command::Script(..)
        )
    }

    /// Is there something for `--json` to show, on stdout or in a file beside it?
    pub(super) fn has_json(&self, in_file: bool) -> bool {
        match self {
            command if command.is_run() => true,
            Command::List(_) | Command::Progress | Command::Inspect(..) | Command::Doctor => {
                !in_file
            }
            _ => false,
        }
    }
}
