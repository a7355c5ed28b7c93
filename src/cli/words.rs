//! The words of the command line, and the help of each.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, ArgAction, Args, Command as Clap, value_parser};

use super::options::{Options, seconds};
use super::version::VERSION;
use crate::course::Course;
use crate::model::Target;

const EXAMPLES: &str = "\
Examples:
  socklab bind                   one chapter, with nc in a second terminal
  socklab step 2                 the same by its number in socklab list
  socklab help bind              what that chapter is about
  socklab walk --auto=2          the whole walk by itself, 2 s a step
  socklab walk --auto --json     the same as JSON lines
  socklab walk --packets         with every packet between the calls that sent it
  socklab trace -- ./server      a program of yours, told the same way
  socklab check server -- CMD    does your own server meet the goals?
  socklab inspect :8000          what the sockets of a running program are doing

Every chapter of socklab list is a command.

Exit status: 0 done, 1 a call or an expectation failed, 2 usage, 130 interrupted";

/// Is that word given? clap gives every command all general options, so that to build what
/// nobody has named takes longer than to read the line.
type Given<'g> = &'g dyn Fn(&str) -> bool;

/// All there is. The chapters of the course are commands, too, where their ids are not
/// others already. Their numbers are left out: who types one is not helped to it.
pub(super) fn words(course: &Course) -> Clap {
    words_for(course, &|word| word.parse::<u32>().is_err())
}

/// The same, but of the chapters only what a line with the words that are `given` can mean;
/// all of them where it names no command.
pub(super) fn words_for(course: &Course, given: Given<'_>) -> Clap {
    let mut all = Clap::new("socklab")
        .version(VERSION.as_str())
        .disable_help_subcommand(true)
        .after_help(EXAMPLES)
        .subcommand(command("list", "The chapters, a line each", "list"))
        .subcommand(by_chapter(
            course,
            given,
            "read",
            "The text of a chapter alone",
        ))
        .subcommand(by_chapter(
            course,
            given,
            "step",
            "One chapter; the earlier ones are run for you",
        ))
        .subcommand(command(
            "walk",
            "Every chapter in order",
            "walk --addr 127.0.0.1:6789",
        ))
        .subcommand(command(
            "shell",
            "Any call, typed: bind s 127.0.0.1:6789",
            "shell, and then: socket inet stream as s",
        ))
        .subcommand(script())
        .subcommand(trace())
        .subcommand(check())
        .subcommand(inspect())
        .subcommand(doctor())
        .subcommand(progress())
        .subcommand(replay())
        .subcommand(report())
        .subcommand(chapters())
        .subcommand(completions())
        .subcommand(command(
            "man",
            "The manual page, to be installed or read",
            "man | man -l -",
        ))
        .subcommand(help());
    let is_named = |it: &Clap| it.get_name() != "help" && given(it.get_name());
    let names_command = all.get_subcommands().any(is_named);
    for chapter in chapter_words(course, "") {
        let id = chapter.get_name();
        let can_be_meant = !names_command || given(id);
        if can_be_meant && all.find_subcommand(id).is_none() {
            all = all.subcommand(chapter.hide(true));
        }
    }
    // With the options comes what is said of them in the code; it is no description.
    Options::augment_args(all).about("Walk the life of a socket, one real system call at a time")
}

fn command(name: &'static str, about: &'static str, example: &str) -> Clap {
    Clap::new(name)
        .about(about)
        .after_help(format!("Example: socklab {example}"))
        .disable_help_subcommand(true)
}

/// A command of which a chapter is said, by its id or its number.
fn by_chapter(course: &Course, given: Given<'_>, name: &'static str, about: &'static str) -> Clap {
    let most = course.tracks.iter().map(|track| track.chapters.len()).max();
    let mut command = command(name, about, &format!("{name} bind"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_value_name("CHAPTER")
        .subcommand_help_heading("Chapters");
    if !given(name) {
        return command;
    }
    command = command.subcommands(chapter_words(course, name));
    for number in (1..=most.unwrap_or(0)).map(|number| number.to_string()) {
        if given(&number) && command.find_subcommand(&number).is_none() {
            let about = format!("The chapter that has the number {number} in socklab list");
            command = command.subcommand(Clap::new(number).about(about).hide(true));
        }
    }
    command
}

/// The chapters as words behind a command, or as commands themselves.
fn chapter_words(course: &Course, behind: &str) -> impl Iterator<Item = Clap> {
    let does = if behind == "read" { "Reads" } else { "Plays" };
    let space = if behind.is_empty() { "" } else { " " };
    let start = format!("socklab {behind}{space}");
    course.chapters().into_iter().map(move |chapter| {
        let (id, title, summary) = (&chapter.id, &chapter.title, &chapter.summary);
        Clap::new(id.clone())
            .about(summary.clone())
            .long_about(format!("{summary}\n\n{does} chapter '{id}': {title}."))
            .after_help(format!("Example: {start}{id}"))
    })
}

fn progress() -> Clap {
    let about = "Which chapters are finished, and which beliefs were put right";
    command("progress", about, "progress").subcommand(command(
        "reset",
        "Forget all of it; asks first",
        "progress reset --force",
    ))
}

fn check() -> Clap {
    const ABOUT: &str = "Does your own program meet the course's goals?";
    const LONG: &str = "Does your own program meet the course's goals? socklab starts it for \
        each goal, plays the other side for real, and says which calls show that the goal is \
        met, or what came instead; then what a reviewer would say.\n\n\
        The program runs as your own command would: with your rights, your files, your network. \
        There is no sandbox around it.";
    const EXAMPLES: &str = "\
Example: socklab check server -- python3 server.py
         socklab check accept answer -- ./server 6789
         socklab check client -- ./client {host} {port}
         socklab check all --gradescope results.json -- ./server

In CMD, {addr}, {host} and {port} stand for the address: --addr, or 127.0.0.1:6789, and
for a client a free port. A server may listen where it likes: socklab finds it.

Exit status: 0 every goal is met, 1 one is missed, 2 usage";
    let goals = Arg::new("goals").value_name("GOAL").required(true);
    let limit = Arg::new("limit").long("limit").value_name("SECONDS");
    let gradescope = "Write the results.json that Gradescope reads";
    let junit = "Write the XML of JUnit that other graders read";
    command("check", ABOUT, "")
        .long_about(LONG)
        .after_help(EXAMPLES)
        .arg_required_else_help(true)
        .arg(
            goals
                .num_args(1..)
                .help("Goals by id; server or client: all of these; all: those of --role (server)"),
        )
        .arg(
            limit
                .default_value("5")
                .value_parser(seconds)
                .help("How long the program may take for a goal"),
        )
        .arg(results("gradescope", gradescope))
        .arg(results("junit", junit))
        .arg(program().required(true))
}

/// A file for results.
fn results(name: &'static str, help: &'static str) -> Arg {
    let file = Arg::new(name).long(name).value_name("FILE");
    file.value_parser(value_parser!(PathBuf)).help(help)
}

/// A program of the learner's, behind `--`.
fn program() -> Arg {
    Arg::new("command")
        .value_name("CMD")
        .value_parser(value_parser!(OsString))
        .num_args(1..)
        .last(true)
        .help("The program and its arguments")
}

fn doctor() -> Clap {
    const LONG: &str = "What this machine lets a lesson see: the kernel and its tables, other \
        processes, a network of one's own, the netcats and how each is told to close, the \
        terminal. Each is found out by trying it; nothing of that is left. For each: what it \
        means for a lesson, and what to change.";
    const EXAMPLES: &str = "\
Example: socklab doctor
         socklab doctor --json

Exit status: 0 a lesson can be held, 1 something is missing without which it cannot, 2 usage";
    command("doctor", "What this machine lets a lesson see", "")
        .long_about(LONG)
        .after_help(EXAMPLES)
}

fn inspect() -> Clap {
    let about = "What the sockets of a running program are doing, and what looks wrong";
    let target = Arg::new("target")
        .value_name("PID|:PORT|PROGRAM")
        .required(true)
        .value_parser(str::parse::<Target>)
        .help("A process id, a port of this host, or a name: all that run under it are shown");
    let watch = Arg::new("watch")
        .long("watch")
        .value_name("SECONDS")
        .num_args(0..=1)
        .require_equals(true)
        .default_missing_value("1")
        .value_parser(interval)
        .help("Look again each second, or after so many, and tell what has changed");
    command("inspect", about, "inspect :8000")
        .arg_required_else_help(true)
        .arg(target)
        .arg(watch)
}

/// The time between two looks: none at all would be a busy loop.
fn interval(text: &str) -> Result<Duration, String> {
    let least = Duration::from_millis(100);
    seconds(text).and_then(|it| {
        if it >= least {
            Ok(it)
        } else {
            Err("it must be 0.1 seconds or more".into())
        }
    })
}

fn script() -> Clap {
    let about = "A script of calls and expectations";
    let file = Arg::new("file")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .required(true)
        .help("The lines of `socklab shell`; - is the standard input");
    let keep_going = Arg::new("keep-going")
        .long("keep-going")
        .action(ArgAction::SetTrue)
        .help("Go on after what is not as expected");
    command("play", about, "play chapters/scripts/backlog.socklab")
        .arg_required_else_help(true)
        .arg(file)
        .arg(keep_going)
}

fn replay() -> Clap {
    const LONG: &str = "Tells a run again that --json=RUN.jsonl has saved: as it was told, at \
        your own pace; with --auto by itself. No call is made, and nothing is looked at: what \
        stands there was seen then.";
    const EXAMPLES: &str = "\
Example: socklab walk --json=run.jsonl
         socklab replay run.jsonl
         socklab replay --auto=2 run.jsonl";
    command("replay", "A saved run, told again", "")
        .long_about(LONG)
        .after_help(EXAMPLES)
        .arg_required_else_help(true)
        .arg(run_file().required(true))
}

/// The file of a saved run.
fn run_file() -> Arg {
    Arg::new("file")
        .value_name("RUN.jsonl")
        .value_parser(value_parser!(PathBuf))
        .help("The lines that --json=RUN.jsonl has written; - is the standard input")
}

fn trace() -> Clap {
    let about = "Your own program: its socket calls, told as they are made";
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .action(ArgAction::SetTrue)
            .help(help)
    };
    command("trace", about, "trace -- python3 server.py")
        .arg_required_else_help(true)
        .arg(switch("brief", "One line a call, always").conflicts_with("full"))
        .arg(switch("full", "Say everything, also what was said before"))
        .arg(switch("pause", "Stop before each call, as the walk does"))
        .arg(
            Arg::new("output")
                .short('o')
                .long("output")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("Tell it there in place of stderr: a file, or another terminal"),
        )
        .arg(
            Arg::new("only")
                .long("only")
                .value_name("CALLS")
                .value_delimiter(',')
                .help("Tell these calls only: bind,listen"),
        )
        .arg(
            Arg::new("pid")
                .long("pid")
                .value_name("PID")
                .value_parser(value_parser!(u32).range(1..))
                .conflicts_with("command")
                .help("Trace a process of yours that runs; it goes on afterwards"),
        )
        .arg(program().required_unless_present("pid"))
}

fn report() -> Clap {
    const LONG: &str = "Makes an HTML page of a run that --json=RUN.jsonl has saved: every call, \
        what it changed, the states of both ends, the ladder, questions and answers, findings. \
        The page is one file that loads nothing and runs nothing; it prints. --report FILE.html \
        writes the same page of a run at once.";
    const EXAMPLES: &str = "\
Example: socklab report run.jsonl -o run.html
         socklab walk --report walk.html
         socklab check server --report grade.html -- ./server
         socklab report --schema";
    let schema = Arg::new("schema")
        .long("schema")
        .action(ArgAction::SetTrue)
        .help("The JSON Schema of a line, in place of a report");
    let output = Arg::new("output")
        .short('o')
        .long("output")
        .value_name("FILE.html");
    command("report", "A saved run as an HTML page", "")
        .long_about(LONG)
        .after_help(EXAMPLES)
        .arg_required_else_help(true)
        .arg(run_file().required_unless_present("schema"))
        .arg(
            output
                .value_parser(value_parser!(PathBuf))
                .help("Where the page goes [default: stdout]"),
        )
        .arg(schema)
}

fn completions() -> Clap {
    const EXAMPLES: &str = "\
Example: socklab completions bash > ~/.local/share/bash-completion/completions/socklab
         socklab completions zsh > ~/.zfunc/_socklab        (a folder of $fpath)
         socklab completions fish > ~/.config/fish/completions/socklab.fish

The chapters are those of the course: with --chapters DIR, of that one.";
    let shell = Arg::new("shell").value_name("SHELL").required(true);
    command("completions", "What a shell completes of socklab", "")
        .after_help(EXAMPLES)
        .arg_required_else_help(true)
        .arg(shell.value_parser(["bash", "zsh", "fish"]))
}

/// Clap's own would suggest nothing.
fn help() -> Clap {
    let words = Arg::new("words").value_name("COMMAND").num_args(0..);
    command("help", "What a command or a chapter is about", "help bind").arg(words)
}

fn chapters() -> Clap {
    const EXAMPLE: &str = "chapters check my-course";
    let about = "For teachers: check a course of your own";
    let dir = Arg::new("dir")
        .value_name("DIR")
        .value_parser(value_parser!(PathBuf));
    let about_check = "Lint the course in DIR (default: the built-in one)";
    command("chapters", about, EXAMPLE)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(command("check", about_check, EXAMPLE).arg(dir))
}
