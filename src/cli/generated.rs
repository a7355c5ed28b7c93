//! What is made from the command line: what shells complete, and the manual page.

use clap::{Arg, Command as Clap};
use clap_complete::{Shell, generate};
use roff::{Inline, Roff, bold, roman};

use super::version::DATE;
use super::words::words;
use crate::course::Course;

/// The script that a shell completes by; nothing for another shell.
pub(crate) fn completions(course: &Course, shell: &str) -> String {
    let mut out = Vec::new();
    // A chapter that is a command by itself is completed as one.
    let mut all = words(course).mut_subcommands(|it| it.hide(false));
    if let Ok(shell) = shell.parse::<Shell>() {
        generate(shell, &mut all, "socklab", &mut out);
    }
    String::from_utf8_lossy(&out).trim_end().into()
}

/// The manual page of every command, on one page: roff(7).
pub(crate) fn manual(course: &Course) -> String {
    let mut all = words(course);
    // So that each knows its whole name.
    all.build();
    let about = all.get_about().map(ToString::to_string).unwrap_or_default();
    let version = concat!("socklab ", env!("CARGO_PKG_VERSION"));
    let mut roff = Roff::default();
    roff.control("TH", ["SOCKLAB", "1", DATE, version]);
    roff.control("SH", ["NAME"]);
    roff.text([roman(format!("socklab - {about}"))]);
    roff.control("SH", ["SYNOPSIS"]);
    roff.text([bold("socklab"), roman(" [OPTIONS] [COMMAND]")]);
    roff.control("SH", ["COMMANDS"]);
    for command in all.get_subcommands().filter(|it| !it.is_hide_set()) {
        section(&mut roff, command);
    }
    roff.control("SH", ["OPTIONS"]);
    entries(&mut roff, all.get_arguments());
    roff.control("SH", ["EXAMPLES"]);
    verbatim(&mut roff, all.get_after_help());
    roff.to_roff().trim_end().into()
}

/// One command, with what it alone takes.
fn section(roff: &mut Roff, command: &Clap) {
    let usage = command.clone().render_usage().to_string();
    let usage = usage
        .trim_start_matches("Usage: ")
        .replace(" [OPTIONS]", "");
    roff.control("SS", [usage.as_str()]);
    let about = command.get_long_about().or(command.get_about());
    let about = about.map(ToString::to_string).unwrap_or_default();
    for (at, paragraph) in about
        .split(
            "

",
        )
        .enumerate()
    {
        if at > 0 {
            roff.control("PP", []);
        }
        roff.text([roman(paragraph)]);
    }
    let own = command.get_arguments().filter(|it| !it.is_global_set());
    entries(roff, own.filter(|it| it.get_id() != "help"));
    for below in command.get_subcommands().filter(|it| !it.is_hide_set()) {
        let about = below
            .get_about()
            .map(ToString::to_string)
            .unwrap_or_default();
        entry(roff, below.get_name(), &about);
    }
    roff.control("PP", []);
    verbatim(roff, command.get_after_help());
}

fn entries<'a>(roff: &mut Roff, args: impl Iterator<Item = &'a Arg>) {
    for arg in args {
        let mut about = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let values = arg.get_possible_values();
        let values: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
        if arg.get_action().takes_values() && !values.is_empty() {
            about.push_str(&format!(" [{}]", values.join(", ")));
        }
        entry(roff, &arg.to_string(), &about);
    }
}

fn entry(roff: &mut Roff, name: &str, about: &str) {
    roff.control("TP", []);
    roff.text([bold(name)]).text([roman(about)]);
}

/// Lines that are not filled.
fn verbatim(roff: &mut Roff, text: Option<&clap::builder::StyledStr>) {
    let Some(text) = text else { return };
    roff.control("nf", []);
    for line in text.to_string().lines() {
        roff.text([Inline::from(line)]);
    }
    roff.control("fi", []);
}
