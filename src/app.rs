use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::rc::Rc;

use crate::cli::{self, Command, Options, PeerChoice};
use crate::course::{self, Course, Problem};
use crate::error::{Error, exit_code};
use crate::model::{ChapterMode, Ended, Event, EventKind, Failure, RunInfo, Side};
use crate::render::{Narrator, chapter_list, chapter_text, guide, json_line, report};
use crate::script::Vars;
use crate::session::{Pace, Plan, Session, Sink, Wake};
use crate::stage::{ACTOR_COMMAND, Actor, run_actor};
use crate::sys;
use crate::tty::{Clock, Keys, Screen, Shared, pick, print_to_stderr};

/// From the arguments to the exit status.
pub fn run(argv: &[OsString]) -> Result<ExitCode, Error> {
    if let [_, command, _, parent] = argv
        && command == ACTOR_COMMAND
    {
        return act(parent);
    }
    // First, so that it starts while the course and the arguments are read. A
    // word in vain (`socklab --help walk`) costs a process that ends at once.
    let server = argv
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
    let screen = || Screen::stdout(options.colour(), options.wants_ascii(), width(&options));
    let print = |blocks: &[_]| {
        screen()
            .print(blocks)
            .map_err(Error::output("writing to the output"))
    };
    match command {
        Command::Guide => bare(&course, &options, argv),
        Command::List => print(&chapter_list(&course)).map(|()| ExitCode::SUCCESS),
        Command::Read { chapter } => {
            let vars = Vars {
                addr: options.addr,
                pid: None,
            };
            match course.chapter(&chapter) {
                Some(chapter) => print(&chapter_text(&course, chapter, vars))?,
                None => return Err(no_chapter(&chapter)),
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Step { chapter } => {
            let chapters = one_chapter(&course, &chapter);
            play(&course, &options, chapters, argv, server).map(exit_code)
        }
        Command::Walk => {
            play(&course, &options, every_chapter(&course), argv, server).map(exit_code)
        }
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
    if error.use_stderr() {
        return Err(Error::Usage(
            error
                .to_string()
                .trim_start_matches("error: ")
                .trim_end()
                .into(),
        ));
    }
    io::stdout()
        .write_all(error.to_string().as_bytes())
        .map_err(Error::output("writing to the output"))?;
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
            let count = course.chapters.len();
            (format!("{count} chapters, no problems"), ExitCode::SUCCESS)
        }
        Err(problems) => (listed(&problems), ExitCode::from(1)),
    };
    writeln!(io::stdout(), "{text}").map_err(Error::output("writing to the output"))?;
    Ok(code)
}

fn listed(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}

fn no_chapter(id: &str) -> Error {
    Error::Usage(format!("there is no chapter '{id}'; see socklab list"))
}

fn width(options: &Options) -> Option<usize> {
    options.width.map(usize::from)
}

/// Is somebody at the keys?
fn attended(options: &Options) -> bool {
    options.auto.is_none() && io::stdin().is_terminal()
}

/// `socklab` alone: where to begin; at a terminal also a menu.
fn bare(course: &Course, options: &Options, argv: &[OsString]) -> Result<ExitCode, Error> {
    let mut screen = Screen::stdout(options.colour(), options.wants_ascii(), width(options));
    screen
        .print(&guide(course))
        .map_err(Error::output("writing to the output"))?;
    if !(attended(options) && screen.is_terminal() && io::stderr().is_terminal()) {
        return Ok(ExitCode::SUCCESS);
    }
    let labels: Vec<String> = course
        .chapters
        .iter()
        .map(|chapter| format!("{:<9} {}", chapter.id, chapter.title))
        .collect();
    let mut items = vec!["walk      every chapter in order"];
    items.extend(labels.iter().map(String::as_str));
    println!();
    let picked = pick("Where to begin (arrows and Enter; q leaves)", &items)
        .map_err(Error::output("asking at the terminal"))?;
    let chapters = match picked {
        Wake::Key(Some(0)) => every_chapter(course),
        Wake::Key(Some(at)) => match course.chapters.get(at - 1) {
            Some(chapter) => one_chapter(course, &chapter.id),
            None => return Ok(ExitCode::SUCCESS),
        },
        Wake::Key(None) | Wake::Look => return Ok(ExitCode::SUCCESS),
        Wake::Interrupted(signal) => return Ok(exit_code(Ended::Interrupted { signal })),
    };
    play(course, options, chapters, argv, None).map(exit_code)
}

/// What `walk` plays.
fn every_chapter(course: &Course) -> Vec<(String, ChapterMode)> {
    course
        .chapters
        .iter()
        .map(|chapter| (chapter.id.clone(), ChapterMode::Taught))
        .collect()
}

/// What `step` plays: that chapter, after those it needs.
fn one_chapter(course: &Course, id: &str) -> Vec<(String, ChapterMode)> {
    course
        .before(id)
        .iter()
        .map(|earlier| (earlier.id.clone(), ChapterMode::DoneForYou))
        .chain([(id.to_string(), ChapterMode::Taught)])
        .collect()
}

/// Sets a run up and plays it.
fn play(
    course: &Course,
    options: &Options,
    chapters: Vec<(String, ChapterMode)>,
    argv: &[OsString],
    server: Option<io::Result<Actor>>,
) -> Result<Ended, Error> {
    let server = server
        .unwrap_or_else(|| Actor::spawn(Side::Server.word()))
        .map_err(Error::system("starting the process that makes the calls"))?;
    let attended = attended(options);
    let builtin = match options.peer {
        Some(peer) => peer == PeerChoice::Builtin,
        None => !attended,
    };
    if !attended && options.auto.is_none() {
        eprintln!(
            "socklab: stdin is not a terminal, so there are no keys to wait for: going on as with --auto"
        );
    }
    let plan = Plan {
        info: RunInfo {
            version: env!("CARGO_PKG_VERSION"),
            kernel: sys::kernel_release(),
            argv: argv
                .iter()
                .map(|word| word.to_string_lossy().into_owned())
                .collect(),
            addr: options.addr,
            lead: Side::Server,
            builtin_peer: builtin,
        },
        chapters,
        without: if options.no_reuseaddr {
            vec!["no-reuseaddr".into()]
        } else {
            Vec::new()
        },
        patience: options.patience,
    };
    let screen = Screen::stdout(options.colour(), options.wants_ascii(), width(options));
    let screen: Shared = Rc::new(RefCell::new(if options.json {
        screen.without_prompts()
    } else {
        screen
    }));
    if options.json && attended {
        eprintln!("socklab: keys: Enter run it, i inspect, w why, c run on, q quit");
    }
    let mut sink = Output {
        form: if options.json {
            Form::Json
        } else {
            Form::Lesson {
                narrator: Box::new(Narrator::new(course)),
                screen: screen.clone(),
            }
        },
        failure: None,
    };
    let mut pace: Box<dyn Pace> = if attended {
        Box::new(Keys::new(screen.clone()).map_err(Error::output("taking over the terminal"))?)
    } else {
        let delay = options.auto.unwrap_or_default();
        Box::new(Clock::new(delay).map_err(Error::system("watching for signals"))?)
    };
    let session = Session::new(course, plan, server, &mut sink, pace.as_mut())?;
    let ended = session.run()?;
    drop(pace);
    let shown = screen.borrow().is_terminal();
    if let (Some(failure), false) = (&sink.failure, shown) {
        print_to_stderr(&report(failure), options.colour(), options.wants_ascii());
    }
    Ok(ended)
}

/// Where events go.
struct Output<'a> {
    form: Form<'a>,
    /// The last failure, to be repeated on stderr where stdout is not read by a
    /// person.
    failure: Option<Failure>,
}

enum Form<'a> {
    Json,
    Lesson {
        narrator: Box<Narrator<'a>>,
        screen: Shared,
    },
}

impl Sink for Output<'_> {
    fn emit(&mut self, event: &Event) -> io::Result<()> {
        if let EventKind::Failed(failure) = &event.kind {
            self.failure = Some((**failure).clone());
        }
        match &mut self.form {
            Form::Json => {
                let mut line = json_line(event);
                line.push('\n');
                let mut out = io::stdout().lock();
                out.write_all(line.as_bytes())?;
                out.flush()
            }
            Form::Lesson { narrator, screen } => {
                let told = narrator.tell(event);
                let mut screen = screen.borrow_mut();
                screen.print(&told.blocks)?;
                match told.live {
                    Some(line) => screen.live(&line),
                    None => Ok(()),
                }
            }
        }
    }
}
