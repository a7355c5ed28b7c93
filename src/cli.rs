use std::ffi::OsString;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Arg, ArgMatches, Args, Command as Clap, FromArgMatches, ValueEnum};

use crate::course::{Course, Wanted};
use crate::model::{Address, Domain, Kind, Side};
use crate::tty::Colour;

/// What the learner asked for.
#[derive(Debug)]
pub enum Command {
    /// Nothing in particular: where to begin.
    Guide,
    List,
    Read {
        chapter: String,
    },
    Step {
        chapter: String,
    },
    Walk,
    /// What was finished.
    Progress,
    /// Forget what was finished.
    ForgetProgress,
    /// Print the JSON Schema of the JSON lines.
    Schema,
    /// Lint the course in this folder, or the built-in one.
    Check {
        dir: Option<PathBuf>,
    },
}

impl Command {
    /// Is there something for `--json` to show, on stdout or in a file beside it?
    pub fn has_json(&self, in_file: bool) -> bool {
        match self {
            Command::Step { .. } | Command::Walk => true,
            Command::List | Command::Progress => !in_file,
            _ => false,
        }
    }
}

/// The options that every command takes.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The server's address, or its path in the unix domain; port 0 lets the kernel
    /// choose [default: 127.0.0.1:6789]
    #[arg(long, global = true, value_name = "HOST:PORT", value_parser = address)]
    pub addr: Option<Address>,
    /// Whose life is walked [default: server]
    #[arg(long, global = true, value_enum)]
    pub role: Option<RoleChoice>,
    /// The address family [default: that of --addr]
    #[arg(long, global = true, value_enum)]
    pub domain: Option<DomainChoice>,
    /// A stream of bytes, or single messages [default: stream]
    #[arg(long = "type", global = true, value_enum, value_name = "TYPE")]
    pub kind: Option<KindChoice>,
    /// Without keys: go on after SECONDS [default: 0]
    #[arg(long, global = true, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "0", value_parser = seconds)]
    pub auto: Option<Duration>,
    /// Who connects: you with nc, or a built-in client [default: nc; with --auto builtin]
    #[arg(long, global = true, value_enum)]
    pub peer: Option<PeerChoice>,
    /// One event a line on stdout, nothing else; of list and progress, what they show.
    /// With =FILE, into that file, beside the lesson
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = STDOUT)]
    pub json: Option<PathBuf>,
    /// Colours; auto also heeds NO_COLOR and CLICOLOR_FORCE
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub color: ColorChoice,
    /// Only ASCII characters
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Columns to use [default: the terminal's]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(30..=500))]
    pub width: Option<u16>,
    /// Take the course from this folder
    #[arg(long, global = true, value_name = "DIR")]
    pub chapters: Option<PathBuf>,
    /// Leave out the step that sets SO_REUSEADDR
    #[arg(long, global = true)]
    pub no_reuseaddr: bool,
    /// Ask no questions
    #[arg(long, global = true)]
    pub no_predict: bool,
    /// Nothing is rewritten, and menus are numbered lists; also by ACCESSIBLE=1
    #[arg(long, global = true)]
    pub plain: bool,
    /// Neither keep nor show which chapters were finished
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// Do what is otherwise asked about first: remove a socket file that an earlier
    /// run left, forget progress
    #[arg(long, global = true)]
    pub force: bool,
    /// How long a call may block when nobody is at the keys
    #[arg(long, global = true, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub patience: Duration,
}

/// The file that stands for stdout, as everywhere.
const STDOUT: &str = "-";

/// `--peer`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PeerChoice {
    Nc,
    Builtin,
}

/// `--role`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleChoice {
    Server,
    Client,
}

/// `--domain`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DomainChoice {
    Inet,
    Inet6,
    Unix,
}

/// `--type`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KindChoice {
    Stream,
    Dgram,
}

/// `--color`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

impl Options {
    /// The colour choice as the terminal part knows it.
    pub fn colour(&self) -> Colour {
        match self.color {
            ColorChoice::Auto => Colour::Auto,
            ColorChoice::Always => Colour::Always,
            ColorChoice::Never => Colour::Never,
        }
    }

    /// The track that was asked for, as far as options say; `chapter` must be in it.
    pub fn wanted<'a>(&self, chapter: Option<&'a str>) -> Wanted<'a> {
        let of_addr = self.addr.map(Address::domain);
        // An IPv4 address is every inet track's.
        let of_addr = of_addr.filter(|domain| *domain != Domain::Inet);
        Wanted {
            role: self.role.map(|role| match role {
                RoleChoice::Server => Side::Server,
                RoleChoice::Client => Side::Client,
            }),
            domain: match self.domain {
                Some(DomainChoice::Inet) => Some(Domain::Inet),
                Some(DomainChoice::Inet6) => Some(Domain::Inet6),
                Some(DomainChoice::Unix) => Some(Domain::Unix),
                None => of_addr,
            },
            kind: self.kind.map(|kind| match kind {
                KindChoice::Stream => Kind::Stream,
                KindChoice::Dgram => Kind::Dgram,
            }),
            chapter,
        }
    }

    /// Is stdout for JSON lines alone?
    pub fn json_only(&self) -> bool {
        self.json.as_deref() == Some(Path::new(STDOUT))
    }

    /// The file that JSON lines go to, beside the lesson.
    pub fn json_file(&self) -> Option<&Path> {
        self.json.as_deref().filter(|_| !self.json_only())
    }

    /// Lines only, as a screen reader wants them.
    pub fn wants_plain(&self) -> bool {
        self.plain || std::env::var("ACCESSIBLE").is_ok_and(|value| value == "1")
    }

    /// Does this run have to do with progress? That of a teacher's course would
    /// stand for the built-in one.
    pub fn keeps_progress(&self) -> bool {
        !self.no_progress && self.chapters.is_none()
    }

    /// The columns that were asked for.
    pub fn columns(&self) -> Option<usize> {
        self.width.map(usize::from)
    }

    /// ASCII was asked for, or the locale names another character set than UTF-8.
    pub fn wants_ascii(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        let other = locale.is_some_and(|name| {
            let name = name.to_ascii_lowercase();
            !name.contains("utf-8") && !name.contains("utf8")
        });
        self.ascii || other
    }
}

/// The folder of `--chapters`, looked for before the rest: which chapters there
/// are decides which subcommands there are.
pub fn chapters_dir(argv: &[OsString]) -> Option<PathBuf> {
    let mut words = argv.iter().skip(1);
    while let Some(word) = words.next() {
        if word == "--chapters" {
            return words.next().map(PathBuf::from);
        }
        if let Some(dir) = word
            .to_str()
            .and_then(|word| word.strip_prefix("--chapters="))
        {
            return Some(dir.into());
        }
    }
    None
}

/// Reads the command line. The error is clap's: help and version are among them.
pub fn parse(argv: &[OsString], course: &Course) -> Result<(Command, Options), clap::Error> {
    let matches = command(course).try_get_matches_from(argv)?;
    let options = Options::from_arg_matches(&matches)?;
    Ok((chosen(&matches), options))
}

fn chosen(matches: &ArgMatches) -> Command {
    let chapter = |matches: &ArgMatches| match matches.subcommand() {
        Some((chapter, _)) => chapter.to_string(),
        None => String::new(),
    };
    match matches.subcommand() {
        Some(("list", _)) => Command::List,
        Some(("read", rest)) => Command::Read {
            chapter: chapter(rest),
        },
        Some(("step", rest)) => Command::Step {
            chapter: chapter(rest),
        },
        Some(("walk", _)) => Command::Walk,
        Some(("progress", rest)) => match rest.subcommand() {
            Some(_) => Command::ForgetProgress,
            None => Command::Progress,
        },
        Some(("report", _)) => Command::Schema,
        Some(("chapters", rest)) => Command::Check {
            dir: rest
                .subcommand()
                .and_then(|(_, check)| check.get_one::<PathBuf>("dir").cloned()),
        },
        _ => Command::Guide,
    }
}

fn command(course: &Course) -> Clap {
    let by_chapter = |name: &'static str, about: &'static str, verb: &str| {
        let mut command = Clap::new(name)
            .about(about)
            .subcommand_required(true)
            .arg_required_else_help(true)
            .disable_help_subcommand(true)
            .subcommand_value_name("CHAPTER")
            .subcommand_help_heading("Chapters")
            .after_help(format!("Example: socklab {name} bind"));
        for chapter in course.chapters() {
            command = command.subcommand(
                Clap::new(chapter.id.clone())
                    .about(chapter.summary.clone())
                    .long_about(format!(
                        "{}\n\n{verb} chapter '{}': {}.",
                        chapter.summary, chapter.id, chapter.title
                    ))
                    .after_help(format!("Example: socklab {name} {}", chapter.id)),
            );
        }
        command
    };
    let command = Clap::new("socklab")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .after_help(
            "Examples:\n  socklab step bind              one chapter, with nc in a second terminal\n  \
             socklab walk --auto=2          the whole walk by itself, 2 s a step\n  \
             socklab walk --auto --json     the same as JSON lines\n\n\
             Exit status: 0 done, 1 a call or an expectation failed, 2 usage, 130 interrupted",
        )
        .subcommand(
            Clap::new("list")
                .about("The chapters, a line each")
                .after_help("Example: socklab list"),
        )
        .subcommand(by_chapter("read", "The text of a chapter alone", "Reads"))
        .subcommand(by_chapter(
            "step",
            "One chapter; the earlier ones are run for you",
            "Plays",
        ))
        .subcommand(
            Clap::new("walk")
                .about("Every chapter in order")
                .after_help("Example: socklab walk --addr 127.0.0.1:6789"),
        )
        .subcommand(
            Clap::new("progress")
                .about("Which chapters are finished, and which beliefs were put right")
                .after_help("Example: socklab progress")
                .disable_help_subcommand(true)
                .subcommand(
                    Clap::new("reset")
                        .about("Forget all of it; asks first")
                        .after_help("Example: socklab progress reset --force"),
                ),
        )
        .subcommand(
            Clap::new("report")
                .about("What the JSON lines of a run are")
                .after_help("Example: socklab report --schema")
                .arg_required_else_help(true)
                .arg(
                    Arg::new("schema")
                        .long("schema")
                        .action(clap::ArgAction::SetTrue)
                        .required(true)
                        .help("The JSON Schema of a line"),
                ),
        )
        .subcommand(
            Clap::new("chapters")
                .about("For teachers: check a course of your own")
                .after_help("Example: socklab chapters check my-course")
                .subcommand_required(true)
                .arg_required_else_help(true)
                .disable_help_subcommand(true)
                .subcommand(
                    Clap::new("check")
                        .about("Lint the course in DIR (default: the built-in one)")
                        .after_help("Example: socklab chapters check my-course")
                        .arg(
                            Arg::new("dir")
                                .value_name("DIR")
                                .value_parser(clap::value_parser!(PathBuf)),
                        ),
                ),
        );
    // With the options comes what is said of them in the code; it is no description.
    Options::augment_args(command)
        .about("Walk the life of a socket, one real system call at a time")
}

/// A path, or `HOST:PORT` as an address. A name is resolved; IPv4 is preferred, for that is
/// what `nc HOST PORT` tries in the end on every machine.
fn address(text: &str) -> Result<Address, String> {
    if text.contains('/') {
        return text.parse();
    }
    if let Ok(addr) = text.parse() {
        return Ok(Address::Inet(addr));
    }
    let wanted = "write HOST:PORT, such as 127.0.0.1:6789, [::1]:6789 or localhost:6789; ports are 0 to 65535; or a path with a /";
    let (host, port) = text.rsplit_once(':').ok_or(wanted)?;
    let port: u16 = port.parse().map_err(|_| wanted)?;
    if host.is_empty() || host.contains(':') {
        return Err(wanted.into());
    }
    let found: Vec<SocketAddr> = (host, port)
        .to_socket_addrs()
        .map_err(|error| format!("the name '{host}' has no address: {error}"))?
        .collect();
    found
        .iter()
        .find(|addr| addr.is_ipv4())
        .or(found.first())
        .map(|addr| Address::Inet(*addr))
        .ok_or_else(|| format!("the name '{host}' has no address"))
}

/// Seconds, with a fraction if need be.
fn seconds(text: &str) -> Result<Duration, String> {
    let value: f64 = text
        .parse()
        .map_err(|_| "write a number of seconds, such as 2 or 0.5".to_string())?;
    // A day is longer than any lesson.
    if (0.0..=86_400.0).contains(&value) {
        Ok(Duration::from_secs_f64(value))
    } else {
        Err("it must be from 0 to 86400 seconds".into())
    }
}
