//! The loop of a shell: a line, what it asks for, and the next.

use std::collections::HashMap;
use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use super::line::{self, Line};
use super::state::{Plan, State};
use crate::course::Track;
use crate::error::Error;
use crate::model::{Ended, Moment, RunEvent, ShellEvent, Side};
use crate::run::{Ask, Lines, Prompt, Run, Typed, Wake};
use crate::words::say;

/// How often it is looked at what changes while somebody types.
const TICK: Duration = Duration::from_millis(200);

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
            predicted: None,
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
            let line = match self.predicted {
                Some(_) => Ok((None, Line::Said(text.clone()))),
                None => line::parse(&text, &other),
            };
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
            Line::Predict(text) => self.predict(who, &text),
            Line::Said(text) => self.said(&text),
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
            prompt: &match self.predicted {
                Some(_) => say!("shell-you-say"),
                None => format!("{}> ", self.whose),
            },
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

    pub(super) fn pause(&mut self, time: Duration) -> Result<(), Error> {
        let woken = self.run.wake(&Prompt::Busy, None, time)?;
        match woken {
            Wake::Interrupted(signal) => Err(Error::interrupted(signal)),
            _ => Ok(()),
        }
    }
}
