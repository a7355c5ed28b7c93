//! Which of the general options a command heeds: those that mean nothing to it are refused,
//! not passed over. What a person wants of every run, such as colours or no questions, may
//! always stand there.

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::command::Command;

/// The options that not every command heeds: as clap has them, and as they are written.
const OF_SOME: [(&str, &str); 16] = [
    ("addr", "--addr"),
    ("role", "--role"),
    ("domain", "--domain"),
    ("kind", "--type"),
    ("auto", "--auto"),
    ("builtin_peer", "--peer"),
    ("report", "--report"),
    ("page", "--page"),
    ("states", "--states"),
    ("trust_course", "--trust-course"),
    ("no_reuseaddr", "--no-reuseaddr"),
    ("force", "--force"),
    ("patience", "--patience"),
    ("packets", "--packets"),
    ("pcap", "--pcap"),
    ("private", "--private"),
];

/// What is wrong with the options that were given with this command, if anything is.
pub(super) fn unheeded(command: &Command<'_>, given: &ArgMatches) -> Option<String> {
    let is_given = |id: &str| given.value_source(id) == Some(ValueSource::CommandLine);
    let heeded = heeded(command)?;
    let (_, option) = OF_SOME
        .iter()
        .find(|(id, _)| is_given(id) && !heeded.contains(id))?;
    let word = given.subcommand_name().unwrap_or_default();
    Some(format!(
        "{option} means nothing to `socklab {word}`: leave it out"
    ))
}

/// Those that it heeds; `None`: all of them.
fn heeded(command: &Command<'_>) -> Option<&'static [&'static str]> {
    Some(match command {
        Command::Guide(_) | Command::Play(..) => return None,
        Command::List(_) | Command::Read(..) => &["addr", "role", "domain", "kind"],
        Command::Shell(_) | Command::Script(..) => &[
            "addr",
            "role",
            "domain",
            "kind",
            "patience",
            "report",
            "page",
            "trust_course",
            "packets",
            "pcap",
            "private",
        ],
        Command::Check(_) => &[
            "addr",
            "report",
            "page",
            "role",
            "trust_course",
            "packets",
            "pcap",
            "private",
        ],
        Command::Trace(_) => &["report", "page", "packets", "pcap", "private"],
        Command::Replay(_) => &["auto", "states"],
        Command::ForgetProgress => &["force"],
        Command::Progress
        | Command::Inspect(..)
        | Command::Report(..)
        | Command::Doctor
        | Command::Completions(_)
        | Command::Manual
        | Command::Schema
        | Command::Lint(_) => &[],
    })
}
