//! Goes through the goals: each with the program started anew.

use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::play::{Outcomes, Play, prepare};
use super::stage::{Stage, Trouble};
use super::tester::Tester;
use crate::course::{Goal, Played};
use crate::error::Error;
use crate::model::{Address, Found, Judged, Side};
use crate::observe::Observer;
use crate::script::Vars;
use crate::source::trace::Refusal;
use crate::sys::{Mask, Signals};
use crate::words::say;

/// What is checked, and how.
pub(crate) struct Check {
    /// The program and its arguments; `{addr}`, `{host}` and `{port}` are filled in.
    pub words: Vec<OsString>,
    /// Where the program is to serve, or to call.
    pub addr: Option<Address>,
    /// How long the program may take for a goal.
    pub limit: Duration,
    /// Goals may do what they like.
    pub trusts: bool,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Checked {
    pub goals: Vec<Judged>,
    pub faults: Vec<Found>,
}

/// Checks a program.
pub(crate) struct Director {
    check: Check,
    signals: Rc<Signals>,
    /// The signals as they were before any was watched.
    mask: Mask,
    observer: Observer,
}

/// The port of every example.
const PORT: u16 = 6789;

impl Director {
    /// `kernel` is the release uname(2) gives; `mask` the signals as they were.
    pub(crate) fn new(check: Check, kernel: &str, signals: Rc<Signals>, mask: Mask) -> Director {
        Director {
            check,
            signals,
            mask,
            observer: Observer::new(kernel),
        }
    }

    /// Checks the goals one after the other, and tells each as soon as it is judged.
    pub(crate) fn run(
        &mut self,
        goals: &[&Goal],
        mut tell: impl FnMut(&Judged) -> Result<(), Error>,
    ) -> Result<Checked, Trouble> {
        let mut checked = Checked::default();
        for goal in goals {
            let judged = self.judged(goal, &mut checked)?;
            tell(&judged)?;
            checked.goals.push(judged);
        }
        Ok(checked)
    }

    fn judged(&mut self, goal: &Goal, checked: &mut Checked) -> Result<Judged, Trouble> {
        let began = Instant::now();
        let is_missed = |need: &&String| {
            let mut earlier = checked.goals.iter();
            earlier.any(|it| it.side == goal.side && it.id == **need && !it.met)
        };
        let outcomes = match goal.needs.iter().find(is_missed) {
            Some(need) => Outcomes {
                evidence: Vec::new(),
                instead: Some(vec![say!("check-not-tried", need = need)]),
            },
            None => self.play(goal, &mut checked.faults)?,
        };
        let met = outcomes.instead.is_none();
        let where_missed = |text: &str| if met { String::new() } else { text.into() };
        Ok(Judged {
            id: goal.id.clone(),
            side: goal.side,
            title: goal.title.clone(),
            points: goal.points,
            met,
            evidence: outcomes.evidence,
            instead: outcomes.instead.unwrap_or_default(),
            about: where_missed(&goal.about),
            hint: where_missed(&goal.hint),
            read: goal.read.clone(),
            took_ms: began.elapsed().as_millis() as u64,
        })
    }

    /// Starts the program and plays a goal with it.
    fn play(&mut self, goal: &Goal, faults: &mut Vec<Found>) -> Result<Outcomes, Trouble> {
        let until = Instant::now() + self.check.limit;
        let mut tester = Tester::enter(goal.side.other().word())?;
        let addr = self
            .check
            .addr
            .unwrap_or_else(|| self.default_address(goal.side));
        let mut play = Play {
            goal,
            until,
            limit: self.check.limit,
            trusts: self.check.trusts,
            vars: Vars { addr, pid: None },
        };
        let mut from = 0;
        if goal.side == Side::Client {
            while let Some(Played::Done(line)) = goal.play.get(from) {
                prepare(&mut tester, line, &play.vars, until, play.trusts)?;
                from += 1;
            }
            if let Some(addr) = tester.address(Side::Server.word()) {
                play.vars.addr = addr;
            }
        }
        let words = self.words(&play.vars);
        let stage = Stage::start(
            &words,
            tester,
            self.signals.clone(),
            self.mask,
            &mut self.observer,
            self.check.addr.filter(|_| goal.side == Side::Server),
        );
        let played = stage.and_then(|mut stage| {
            let outcomes = play.run(&mut stage, from);
            let found = stage.finish();
            stage.end()?;
            for found in found {
                if faults.iter().all(|known| known.id != found.id) {
                    faults.push(found);
                }
            }
            outcomes
        });
        match played {
            // A program that cannot be run misses its goals.
            Err(Trouble::Refused(refusal @ Refusal::Exec { .. })) => Ok(Outcomes {
                evidence: Vec::new(),
                instead: Some(vec![refusal.to_string()]),
            }),
            played => played,
        }
    }

    /// A client that takes the address from its arguments is given any free port.
    fn default_address(&self, side: Side) -> Address {
        let is_told = |word: &OsString| word.as_bytes().contains(&b'{');
        let port = match side {
            Side::Client if self.check.words.iter().any(is_told) => 0,
            _ => PORT,
        };
        Address::Inet((Ipv4Addr::LOCALHOST, port).into())
    }

    /// The command, its placeholders filled in.
    fn words(&self, vars: &Vars) -> Vec<OsString> {
        let fill = |word: &OsString| match word.to_str() {
            Some(text) => OsString::from(vars.fill_word(text)),
            None => OsString::from_vec(word.as_bytes().to_vec()),
        };
        self.check.words.iter().map(fill).collect()
    }
}
