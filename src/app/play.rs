//! Sets a lesson up and plays it.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::rc::Rc;

use rustix::process::geteuid;

use super::early::Early;
use super::info::info;
use super::print::{complain, listed, looks, screen};
use super::private;
use super::progress;
use super::sinks::{Files, JsonLines, LastFailure, Progressing, Told};
use super::terminal::{asking, shared, watched};
use crate::cli::Options;
use crate::course::{self, Track};
use crate::error::Error;
use crate::lesson::{Lesson, Plan};
use crate::model::{Address, ChapterMode, Domain, Ended, Part, RunKind, Scope, WalkInfo};
use crate::progress::{Journal, Store};
use crate::render::report;
use crate::run::{Actors, Pace, Run, Sink, Teller};
use crate::source::Actor;
use crate::sys::{Keeper, Signals};
use crate::tty::{Clock, Keys, Shared, print_to_stderr};
use crate::words::say;

/// Is somebody at the keys?
pub(super) fn attended(options: &Options) -> bool {
    options.auto.is_none() && io::stdin().is_terminal()
}

/// The port of every example.
const PORT: u16 = 6789;

/// The address of a track: what was asked for, or its own.
pub(super) fn address(track: &Track, options: &Options) -> Result<Address, Error> {
    // A track for IPv4 is played with IPv6 where that is asked for.
    let domain = options.wanted(None).domain.unwrap_or(track.domain);
    let example = match domain {
        Domain::Unix => default_path()?,
        Domain::Inet6 => Address::Inet((Ipv6Addr::LOCALHOST, PORT).into()),
        _ => Address::Inet((Ipv4Addr::LOCALHOST, PORT).into()),
    };
    match options.addr {
        None => Ok(example),
        Some(addr) if addr.domain() == domain => Ok(addr),
        Some(addr) => Err(Error::Usage(format!(
            "--addr {addr} is no address of the domain {}: write one such as {example}",
            domain.word()
        ))),
    }
}

/// Where a socket of the unix domain is named if nobody says: in the folder that is
/// the user's own as long as he is logged in (XDG_RUNTIME_DIR), or else, or where that is
/// no text or too long, in /tmp by a name of his own.
fn default_path() -> Result<Address, Error> {
    let own = std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|dir| dir.is_absolute() && dir.is_dir());
    let own = own.and_then(|dir| dir.join("socklab.sock").to_str()?.parse().ok());
    let in_tmp = || format!("/tmp/socklab-{}.sock", geteuid()).parse();
    own.map_or_else(in_tmp, Ok).map_err(Error::Usage)
}

/// Sets a run up and plays it.
pub(super) fn play(
    track: &Track,
    options: &Options,
    parts: Vec<Part>,
    argv: &[OsString],
    early: Early,
) -> Result<Ended, Error> {
    must_be_trusted(track, &parts, options)?;
    let lead = lead(track.role.word(), early.server)?;
    let attended = attended(options);
    let plan = plan(track, options, parts, argv, attended)?;
    let files = Files::create(options, Some(plan.walk.addr), early.page)?;
    let signals = watched()?;
    let screen = shared(screen(options, Some(signals.clone()))?);
    let asking = asking(&screen, options, &signals)?;
    let keeps = attended && options.keeps_progress();
    let journal = Rc::new(RefCell::new(Journal::new(keeps.then(Store::of_user))));
    let failure = Rc::new(RefCell::new(None));
    let mut sinks: Vec<Box<dyn Sink + '_>> = vec![if options.json_only() {
        let asking = Some(asking.clone());
        Box::new(JsonLines::to(&io::stdout(), &signals, asking)?)
    } else {
        Box::new(Told::on(screen.clone(), track, options))
    }];
    sinks.extend(files.sinks(&signals)?);
    sinks.push(Box::new(LastFailure(failure.clone())));
    sinks.push(Box::new(Progressing {
        track: track.id.clone(),
        journal: journal.clone(),
    }));
    let keeper = Keeper::default();
    let mut pace = pace(options, &keeper, signals, asking)?;
    let scope = scope(&plan, lead.pid());
    let addr = Some(plan.walk.addr);
    let mut run = Run::new(
        lead,
        &plan.info.kernel,
        scope,
        options.patience,
        &keeper,
        pace.as_mut(),
        Teller::new(sinks, private::wire(options, addr)),
    );
    run.confined = options.untrusted().is_some();
    let ended = Lesson::new(track, plan, run).play();
    drop(pace);
    // Due after an error, too.
    if let Some(journal) = Rc::into_inner(journal) {
        progress::say(&journal.into_inner().finish());
    }
    let ended = ended?;
    let shown = !options.json_only() && screen.borrow().is_terminal();
    if let (Some(failure), false) = (&*failure.borrow(), shown) {
        print_to_stderr(&report(failure), looks(options));
    }
    Ok(ended)
}

/// The process whose life is walked; the one that was started early may be of the wrong
/// end.
fn lead(name: &str, early: Option<Actor>) -> Result<Actor, Error> {
    let early = early.filter(|actor| actor.name() == name);
    early.map_or_else(|| Actors::start(name), Ok)
}

/// Who says when to go on. Where nobody can, and that was not asked for, it is said.
pub(super) fn pace<'k>(
    options: &Options,
    keeper: &'k Keeper,
    signals: Rc<Signals>,
    asking: Shared,
) -> Result<Box<dyn Pace + 'k>, Error> {
    if attended(options) {
        let keys = Keys::new(keeper, signals, asking);
        let keys = keys.map_err(Error::output("taking over the terminal"))?;
        return Ok(Box::new(keys));
    }
    if options.auto.is_none() {
        complain(say!("no-keys"));
    }
    let delay = options.auto.unwrap_or_default();
    Ok(Box::new(Clock::new(delay, signals)))
}

/// What the events of a run have in common when it begins.
fn scope(plan: &Plan, server: u32) -> Scope {
    Scope {
        step: None,
        mode: ChapterMode::Taught,
        lead: plan.walk.lead,
        builtin_peer: plan.walk.builtin_peer,
        first_time: true,
        own: false,
        aside: false,
        addr: plan.walk.addr,
        server: Some(server),
    }
}

/// A course of somebody else's keeps to the walk's own, unless the learner allows more.
fn must_be_trusted(track: &Track, parts: &[Part], options: &Options) -> Result<(), Error> {
    let Some(dir) = options.untrusted() else {
        return Ok(());
    };
    let chapters = parts.iter().filter_map(|part| track.chapter(&part.chapter));
    let found = course::reaches(chapters.map(|chapter| (track, chapter)), dir);
    if found.is_empty() {
        return Ok(());
    }
    Err(Error::Course(format!(
        "{}\nThis course is played only with --trust-course.",
        listed(&found)
    )))
}

/// What the options ask of a lesson.
fn plan(
    track: &Track,
    options: &Options,
    parts: Vec<Part>,
    argv: &[OsString],
    attended: bool,
) -> Result<Plan, Error> {
    let builtin_peer = options.builtin_peer.unwrap_or(!attended || options.private);
    let walk = WalkInfo {
        addr: address(track, options)?,
        lead: track.role,
        builtin_peer,
    };
    let kind = RunKind::Lesson {
        track: track.id.clone(),
    };
    let without = options.no_reuseaddr.then(|| "no-reuseaddr".to_string());
    Ok(Plan {
        info: info(argv, kind, Some(walk)),
        walk,
        parts,
        force: options.force,
        predict: attended && !options.json_only() && !options.no_predict,
        without: without.into_iter().collect(),
    })
}
