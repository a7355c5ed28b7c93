//! The loop of a shell: a line, what it asks for, and the next.

use std::collections::HashMap;
use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use super::line::{self, Line};
use super::state::{Plan, State};
use crate::course::Track;
use crate::error::Error;
use crate::model::{Ended, LessonEvent, Moment, RunEvent, ShellEvent, Side};
use crate::run::{Ask, Lines, Prompt, Run, Typed, Wake};
use crate::script::{Predicate, Verdict};

/// How often it is looked at what changes while somebody types.
const TICK: Duration = Duration::from_millis(200);
/// How long a call that an expectation is about may still take.
const SETTLE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(5);

/// A shell.
pub(crate) struct Shell<'a>(State<'a>);

impl<'a> Shell<'a> {
    /// No line has been taken yet.
    pub(crate) fn new(
        track: &'a Track,
        plan: Plan,
        run: Run<'a>,
        lines: Box<dyn Lines + 'a>,
    ) -> Shell<'a> {
        let whose = run.acting.clone();
        Shell(State {
            run,
            lines,
            track,
            plan,
            acted: whose.clone(),
            whose,
            jobs: Vec::new(),
            made: HashMap::new(),
            saved: Vec::new(),
            number: 0,
            failed: false,
        })
    }

    /// Takes lines until there are no more.
    pub(crate) fn play(mut self) -> Result<Ended, Error> {
        let state = &mut self.0;
        state.run.tell(RunEvent::Begin(state.plan.info.clone()))?;
        let ended = match state.take_lines() {
            Ok(()) if state.failed && !state.lines.is_attended() => Ok(Ended::Failed),
            Ok(()) => Ok(Ended::Done),
            Err(Error::Ended(ended)) => Ok(ended),
            Err(error) => Err(error),
        };
        state.run.acting.clone_from(&state.whose);
        match ended {
            Ok(ended) => state.run.finish(ended),
            // Whoever reads along is told the end also where socklab itself fails.
            Err(error) => state.run.finish(Ended::Failed).and(Err(error)),
        }
    }
}

impl State<'_> {
    fn take_lines(&mut self) -> Result<(), Error> {
        while let Some(text) = self.next_line()? {
            self.number += 1;
            let (number, shown) = (self.number, self.lines.echoes());
            let other = self.other();
            let line = line::parse(&text, &other);
            if line != Ok((None, Line::Nothing)) {
                let text = text.clone();
                self.tell(ShellEvent::Line {
                    number,
                    text,
                    shown,
                })?;
            }
            match line {
                Ok((_, Line::Quit)) => return Ok(()),
                Ok((who, line)) => self.done(&who.unwrap_or(self.whose.clone()), line)?,
                Err(why) => self.wrong(&text, why)?,
            }
            if self.failed && self.plan.stops {
                return Ok(());
            }
        }
        self.collect()?;
        if !self.jobs.is_empty() {
            self.tell_jobs()?;
        }
        Ok(())
    }

    /// Whom `peer` means.
    fn other(&self) -> String {
        match self.whose.as_str() {
            "client" => Side::Server.word().into(),
            _ => Side::Client.word().into(),
        }
    }

    /// Does what a line asks for.
    fn done(&mut self, who: &str, line: Line) -> Result<(), Error> {
        match line {
            Line::Nothing | Line::Quit => Ok(()),
            Line::Whose => {
                self.run.enter(who)?;
                self.whose = who.into();
                Ok(())
            }
            Line::Act(text) => self.act(who, &text),
            Line::Expect(text) => self.expect(who, &text),
            Line::Jobs => self.tell_jobs(),
            Line::Status => self.status(),
            Line::What => self.what(who),
            Line::Help(about) => self.help(about.as_deref()),
            Line::Undo => self.undo(),
            Line::Save(file) => self.save(&file),
            Line::Sleep(time) => self.sleep(time),
        }
    }

    /// The next line; `None` when there are no more. Meanwhile calls return.
    fn next_line(&mut self) -> Result<Option<String>, Error> {
        loop {
            self.collect()?;
            match self.wait_for_line()? {
                Typed::Line(text) => return Ok(Some(text)),
                Typed::End => return Ok(None),
                Typed::Interrupt => self.interrupt()?,
                Typed::Signal(signal) => return Err(Error::interrupted(signal)),
                Typed::Look => self.look_around()?,
            }
        }
    }

    fn wait_for_line(&mut self) -> Result<Typed, Error> {
        let sleeping = self.jobs.iter().map(|job| {
            let (who, call) = (job.who(), job.call().textbook());
            format!("{who}: {call} sleeps {} s", job.waited().as_secs())
        });
        let jobs: Vec<String> = sleeping.collect();
        let fds = self.jobs.iter().map(|job| self.run.answers(job));
        let fds: Vec<RawFd> = fds.collect::<Result<_, _>>()?;
        let watched = self.run.actors.find(&self.whose);
        let names = watched.map_or(&[][..], |watched| watched.actor.sockets());
        let sockets: Vec<String> = names.iter().map(|(name, _)| name.clone()).collect();
        let actors = self.run.actors.names();
        let ask = Ask {
            prompt: &format!("{}> ", self.whose),
            jobs: &jobs,
            words: &|before| super::ask::words(before, &sockets, &actors),
            missing: &super::ask::missing,
        };
        let timeout = self.lines.is_attended().then_some(TICK);
        let typed = self.lines.next(&ask, &fds, timeout);
        typed.map_err(Error::output("reading lines"))
    }

    /// Tells what has changed while nothing was typed.
    fn look_around(&mut self) -> Result<(), Error> {
        for job in &mut self.jobs {
            self.run.watch(job)?;
        }
        for name in self.run.actors.names() {
            let is_known = self.run.seen_of(&name).is_ok();
            if self.lines.is_attended() && is_known && self.job(&name).is_none() {
                self.run.acting = name;
                self.run.look_outside(Moment::Changed)?;
            }
        }
        Ok(())
    }

    /// Holds the kernel against an expectation.
    fn expect(&mut self, who: &str, text: &str) -> Result<(), Error> {
        let predicate = match Predicate::parse(text) {
            // A script of somebody else's is played without a look at it.
            Ok(Predicate::Makes { .. }) => {
                return self.wrong(text, "a script starts no programs");
            }
            Ok(predicate) => predicate,
            Err(why) => return self.wrong(text, why),
        };
        self.run.enter(who)?;
        self.wait_for_what(who, &predicate)?;
        self.run.acting = who.into();
        self.run.look_now(who, Moment::Checked)?;
        let made = self.made.get(who).cloned();
        let lead = self.plan.lead.word();
        // A script does not say how long the other end may take.
        let is_made = is_about_made(&predicate);
        let verdict = self.run.settled(|run| {
            let verdict = run.judge(&predicate, made.as_ref(), lead)?;
            let is_final = is_made || !matches!(verdict, Verdict::Not(_));
            Ok((verdict, is_final))
        });
        let (held, found) = match verdict {
            Ok(Verdict::Held) => (true, String::new()),
            Ok(Verdict::Not(found)) => (false, found),
            Ok(Verdict::Hidden) => (false, "it cannot be seen here".into()),
            Err(Error::Course(why)) => return self.wrong(text, why),
            Err(error) => return Err(error),
        };
        self.failed |= !held;
        let line = self.run.vars().fill(text);
        self.run.acting = who.into();
        self.run.tell(LessonEvent::Expect { line, held, found })
    }

    /// Gives a call that an expectation is about a moment to return.
    fn wait_for_what(&mut self, who: &str, predicate: &Predicate) -> Result<(), Error> {
        let began = Instant::now();
        while began.elapsed() < SETTLE && self.is_awaited(who, predicate) {
            self.pause(POLL)?;
            self.collect()?;
        }
        Ok(())
    }

    fn is_awaited(&self, who: &str, predicate: &Predicate) -> bool {
        let whose = match predicate.socket() {
            Some((actor, name)) => {
                let whose = actor.unwrap_or(who);
                let watched = self.run.actors.find(whose);
                if watched.is_some_and(|watched| watched.actor.fd(name).is_some()) {
                    return false;
                }
                whose
            }
            None if is_about_made(predicate) => who,
            None => return false,
        };
        self.job(whose).is_some()
    }

    /// Waits, and tells what changes.
    fn sleep(&mut self, time: Duration) -> Result<(), Error> {
        let began = Instant::now();
        loop {
            let left = time.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            self.pause(left.min(TICK))?;
            self.collect()?;
            self.look_around()?;
        }
    }

    fn pause(&mut self, time: Duration) -> Result<(), Error> {
        let woken = self.run.wake(&Prompt::Busy, None, time)?;
        match woken {
            Wake::Interrupted(signal) => Err(Error::interrupted(signal)),
            _ => Ok(()),
        }
    }
}

/// Is it about the last call?
fn is_about_made(predicate: &Predicate) -> bool {
    use Predicate::{Burned, Failed, Returned, Slept};
    matches!(predicate, Returned(_) | Failed(_) | Slept | Burned)
}
