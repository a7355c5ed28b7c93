//! Goes through the goals: each with the program started anew.

use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::log::Log;
use super::play::{Outcomes, Play, prepare};
use super::stage::{Stage, Trouble};
use super::tester::Tester;
use crate::course::{Faults, Goal, Played};
use crate::model::{Address, Ended, Found, Judged, Remark, RunEvent, RunInfo, Side};
use crate::observe::Observer;
use crate::review::Asked;
use crate::run::Teller;
use crate::script::Vars;
use crate::source::trace::Refusal;
use crate::sys::{Mask, Signals};
use crate::words::say;

/// What is checked, and how.
pub(crate) struct Check<'a> {
    pub info: RunInfo,
    /// What is said of faults.
    pub faults: &'a Faults,
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
pub(crate) struct Checked {
    pub goals: Vec<Judged>,
    pub faults: Vec<Remark>,
    pub ended: Ended,
}

/// Checks a program.
pub(crate) struct Director<'a> {
    check: Check<'a>,
    signals: Rc<Signals>,
    /// The signals as they were before any was watched.
    mask: Mask,
    observer: Observer,
    log: Log,
    /// What was found so far.
    goals: Vec<Judged>,
    faults: Vec<Found>,
}

/// The port of every example.
const PORT: u16 = 6789;

impl<'a> Director<'a> {
    /// Nothing has been told yet. `mask`: the signals as they were.
    pub(crate) fn new(
        check: Check<'a>,
        signals: Rc<Signals>,
        mask: Mask,
        teller: Teller<'static>,
    ) -> Director<'a> {
        Director {
            observer: Observer::new(&check.info.kernel),
            check,
            signals,
            mask,
            log: Log::new(teller),
            goals: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Checks the goals one after the other, and tells each as soon as it is judged.
    pub(crate) fn run(mut self, goals: &[&Goal]) -> Result<Checked, Trouble> {
        let info = self.check.info.clone();
        self.log.say(RunEvent::Begin(info))?;
        for goal in goals {
            let judged = self.judged(goal)?;
            self.log.say(RunEvent::Judged(Box::new(judged.clone())))?;
            self.goals.push(judged);
        }
        let faults = self.check.faults.explain(&self.faults);
        for fault in &faults {
            self.log.say(RunEvent::Fault(Box::new(fault.clone())))?;
        }
        let ended = if self.goals.iter().all(|goal| goal.met) {
            Ended::Done
        } else {
            Ended::Failed
        };
        self.log.say(RunEvent::End(ended))?;
        Ok(Checked {
            goals: self.goals,
            faults,
            ended,
        })
    }

    fn judged(&mut self, goal: &Goal) -> Result<Judged, Trouble> {
        let began = Instant::now();
        let is_missed = |need: &&String| {
            let mut earlier = self.goals.iter();
            earlier.any(|it| it.side == goal.side && it.id == **need && !it.met)
        };
        let outcomes = match goal.needs.iter().find(is_missed) {
            Some(need) => Outcomes {
                evidence: Vec::new(),
                instead: Some(vec![say!("check-not-tried", need = need)]),
            },
            None => self.play(goal)?,
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
    fn play(&mut self, goal: &Goal) -> Result<Outcomes, Trouble> {
        self.log.forget_ports()?;
        let until = Instant::now() + self.check.limit;
        let mut tester = Tester::enter(goal.side.other().word(), &mut self.log)?;
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
                let by = (&mut tester, &mut self.log);
                prepare(by, line, &play.vars, until, play.trusts)?;
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
            (&mut self.observer, &mut self.log),
            Asked {
                address: play.vars.addr,
                is_given: self.check.addr.is_some() && goal.side == Side::Server,
            },
        );
        let played = stage.and_then(|mut stage| {
            let outcomes = play.run(&mut stage, from);
            let found = stage.finish()?;
            stage.end()?;
            for found in found {
                if self.faults.iter().all(|known| known.id != found.id) {
                    self.faults.push(found);
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
