//! Reads the command line.

use std::ffi::OsString;

use clap::FromArgMatches;
use clap::error::{Error, ErrorKind};

use super::command::{Command, command};
use super::heeded::unheeded;
use super::options::Options;
use super::words::words_for;
use crate::course::Course;

/// Reads the command line. The error is clap's: help and version are among them.
pub(crate) fn parse<'c>(
    argv: &[OsString],
    course: &'c Course,
) -> Result<(Command<'c>, Options), Error> {
    let usage = |message: String| Error::raw(ErrorKind::ValueValidation, message);
    let given = |word: &str| argv.iter().any(|it| it == word);
    let mut matches = words_for(course, &given).try_get_matches_from(argv)?;
    if let Some(("help", rest)) = matches.subcommand() {
        let about = rest.get_many::<String>("words").into_iter().flatten();
        let asked = about.map(String::as_str).chain(["--help"]);
        let asked = ["socklab"].into_iter().chain(asked);
        matches = words_for(course, &given).try_get_matches_from(asked)?;
    }
    let options = Options::from_arg_matches(&matches)?;
    let command = command(&matches, &options, course).map_err(usage)?;
    if options.json.is_some() && !command.has_json(options.json_file().is_some()) {
        let message = "--json is for walk, step, shell, play, trace, check, doctor, inspect, \
            list and progress; --json=FILE for those that make calls";
        return Err(usage(message.into()));
    }
    if let Some(word) = options.to_program_in(course)
        && !matches!(command, Command::Read(..))
    {
        return Err(usage(no_language(word, course)));
    }
    match unheeded(&command, &matches) {
        Some(message) => Err(usage(message)),
        None => Ok((command, options)),
    }
}

/// What is wrong with a word of `--lang`.
fn no_language(word: &str, course: &Course) -> String {
    let all = course.spoken().join(", ");
    format!(
        "--lang {word}: the course speaks {all}; a language to program in is for `socklab read`"
    )
}
