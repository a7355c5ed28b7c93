//! Goes through what a traced program does.

use std::collections::{HashMap, HashSet};
use std::os::fd::{AsRawFd, RawFd};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::course::{Explanations, Faults};
use crate::error::Error;
use crate::model::{
    Call, Ended, Errno, MachineEvent, Moment, Outcome, RunEvent, RunInfo, Scene, Scope, Task,
    Traced, What, World,
};
use crate::observe::{self, Observer};
use crate::review::Review;
use crate::run::{Pace, Teller};
use crate::source::trace::{Next, Refusal, Told, Tracer};
use crate::sys::{Process, Signals};

/// How long a call may last before it is told that it sleeps.
pub(super) const ASLEEP: Duration = Duration::from_millis(200);

/// What was told is written when so long nothing else has happened.
const SOON: Duration = Duration::from_millis(10);

/// What is told, and how.
pub(crate) struct Plan<'a> {
    pub info: RunInfo,
    /// The calls that are told; empty: all of them.
    pub only: Vec<&'static str>,
    /// What errnos mean.
    pub explain: Rc<Explanations>,
    /// What is said of faults.
    pub faults: &'a Faults,
    /// Who says when to go on, before each call.
    pub pace: Option<Box<dyn Pace + 'a>>,
    /// Whoever waits for us is gone when this descriptor has hung up.
    pub front: Option<RawFd>,
}

/// A traced program, and who is told what it does.
pub(crate) struct Director<'a> {
    pub(super) tracer: Tracer,
    pub(super) plan: Plan<'a>,
    teller: Teller<'a>,
    /// The sinks have kept nothing back.
    is_flushed: bool,
    signals: Rc<Signals>,
    pub(super) observer: Observer,
    /// What is known of every process.
    pub(super) scene: Scene,
    /// The processes, each held by a descriptor.
    pub(super) processes: HashMap<u32, Process>,
    /// Calls that may sleep, by thread: since when, and whether that was told.
    pub(super) entered: HashMap<u32, (Task, Call, Instant)>,
    /// The failures that were explained.
    pub(super) explained: HashSet<(&'static str, i32)>,
    /// What was known last of processes that are gone.
    pub(super) gone: Vec<World>,
    pub(super) traced: Traced,
    /// Recognises faults.
    pub(super) review: Review,
    /// Children that were zombies when their parents ended.
    zombies: Vec<u32>,
    /// How many signals have asked to end.
    asked: u32,
    scope: Scope,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The program has: the status of wait(2).
    Ended(i32),
    /// Nobody wants to know more, and the program goes on: because of that signal, or
    /// because who had asked is gone.
    Left { signal: Option<i32> },
}

/// What ends a trace before the program does.
pub(crate) enum Refused {
    Trace(Refusal),
    /// It cannot be told any more.
    Told(Error),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Refused {
        Refused::Trace(refusal)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        Refused::Told(error)
    }
}

impl<'a> Director<'a> {
    /// Nothing has been told yet.
    pub(crate) fn new(
        tracer: Tracer,
        plan: Plan<'a>,
        signals: Rc<Signals>,
        teller: Teller<'a>,
    ) -> Director<'a> {
        Director {
            tracer,
            teller,
            is_flushed: true,
            signals,
            observer: Observer::new(&plan.info.kernel),
            plan,
            scene: Scene::default(),
            processes: HashMap::new(),
            entered: HashMap::new(),
            explained: HashSet::new(),
            gone: Vec::new(),
            traced: Traced::default(),
            review: Review::new(None),
            zombies: Vec::new(),
            asked: 0,
            scope: Scope::of_program(),
        }
    }

    /// Tells everything until the program has ended, or nobody wants to know more.
    pub(crate) fn run(&mut self) -> Result<Ending, Refused> {
        let root = Task::process(self.tracer.root(), "socklab");
        let info = self.plan.info.clone();
        self.tell(&root, RunEvent::Begin(info))?;
        let first = Task::process(root.pid, &self.tracer.name());
        self.meet(&first);
        if let Some(seen) = self.scene.of(&first) {
            self.review.tables.inherit(seen);
        }
        if !self.tracer.is_filtered() {
            self.look_at_all(&first, &first, Moment::Before)?;
        }
        let ending = self.follow()?;
        self.plan.pace = None;
        let traced = self.recap();
        self.tell(&root, RunEvent::Traced(traced))?;
        let found = self.review.found(&self.zombies);
        for fault in self.plan.faults.explain(&found) {
            self.tell(&root, RunEvent::Fault(Box::new(fault)))?;
        }
        let ended = match ending {
            Ending::Ended(_) => Ended::Done,
            Ending::Left { .. } => Ended::Quit,
        };
        self.tell(&root, RunEvent::End(ended))?;
        self.flush()?;
        Ok(ending)
    }

    fn follow(&mut self) -> Result<Ending, Refused> {
        let mut fds = vec![self.signals.as_raw_fd()];
        fds.extend(self.plan.front);
        loop {
            let timeout = if !self.is_flushed {
                Some(SOON)
            } else {
                (!self.entered.is_empty()).then_some(ASLEEP)
            };
            match self.tracer.next(&fds, timeout)? {
                Next::Told(told) => {
                    if let Some(ending) = self.take(told)? {
                        return Ok(ending);
                    }
                }
                Next::Idle => {
                    if let Some(ending) = self.heed() {
                        return Ok(ending);
                    }
                    self.tell_sleepers()?;
                    self.flush()?;
                }
                Next::Ended => return Ok(Ending::Ended(self.tracer.status().unwrap_or(0))),
            }
        }
    }

    /// Does the program need us as long as it runs?
    pub(crate) fn stays(&self) -> bool {
        self.tracer.is_filtered()
    }

    /// Lets the program go: one that was started needs somebody to pass its calls until
    /// it ends, for its filter stays; one that was attached to runs on by itself.
    pub(crate) fn let_go(self) -> Result<i32, Refusal> {
        // Nobody is told any more.
        drop(self.teller);
        let mut tracer = self.tracer;
        if !tracer.is_filtered() {
            tracer.detach();
            return Ok(0);
        }
        tracer.pass_everything()?;
        Ok(tracer.status().unwrap_or(0))
    }

    /// The keys of a terminal send their signals to the program, too, and it decides what
    /// to do about the first; others send them to us alone.
    pub(super) fn heed(&mut self) -> Option<Ending> {
        if self.plan.front.is_some_and(crate::sys::reader_is_gone) {
            return Some(Ending::Left { signal: None });
        }
        while let Some(signal) = self.signals.take() {
            if let Some(ending) = self.asked(signal) {
                return Some(ending);
            }
        }
        None
    }

    /// A signal has come.
    pub(super) fn asked(&mut self, signal: i32) -> Option<Ending> {
        let is_ours_alone = !self.tracer.is_filtered();
        match signal {
            // Who was attached to is none of our process group: it gets no keys.
            libc::SIGINT | libc::SIGQUIT | libc::SIGTERM | libc::SIGHUP if is_ours_alone => {
                self.asked += 1;
            }
            libc::SIGINT | libc::SIGQUIT => {}
            libc::SIGTERM | libc::SIGHUP => {
                if let Some(root) = self.processes.get(&self.tracer.root()) {
                    // An error means that it is gone already.
                    let _ = root.signal(signal);
                }
            }
            _ => return None,
        }
        self.asked += 1;
        (self.asked > 1).then_some(Ending::Left {
            signal: Some(signal),
        })
    }

    /// Tells an event of the tracer, and what it has changed.
    fn take(&mut self, told: Told) -> Result<Option<Ending>, Error> {
        let Told { who, what } = told;
        let process = Task::process(who.pid, &who.name);
        match &what {
            MachineEvent::Enter(call) | MachineEvent::Exit { call, .. } if !self.is_told(call) => {
                let event = self.teller.event(&who, &self.scope, what);
                self.review.take(&event);
                return Ok(None);
            }
            MachineEvent::Born { .. } | MachineEvent::Exec { .. } => {
                if matches!(what, MachineEvent::Exec { .. }) || who.pid == who.tid {
                    self.meet(&process);
                }
                self.tell(&who, what)?;
            }
            MachineEvent::Enter(call) => {
                let call = call.clone();
                if call.name() == "exit_group" {
                    self.keep_zombies();
                }
                if let Some(last) = self.scene.of(&process) {
                    self.observer.expect_connect(&call, last);
                }
                // What starts the program is not yet a call of its own.
                if self.plan.pace.is_some()
                    && !self.tracer.is_starting(who.tid)
                    && let Some(ending) = self.pause(&who, &process, &call)?
                {
                    return Ok(Some(ending));
                }
                self.tell(&who, what)?;
                if call.syscall.blocks {
                    let entered = (who.clone(), call, Instant::now());
                    self.entered.insert(who.tid, entered);
                }
            }
            MachineEvent::Exit { call, outcome, .. } => {
                let (call, outcome) = (call.clone(), *outcome);
                self.entered.remove(&who.tid);
                self.tell(&who, what)?;
                self.returned(&who, &process, &call, outcome)?;
            }
            MachineEvent::Gone(status) => {
                let status = *status;
                self.entered.remove(&who.tid);
                self.tell(&who, what)?;
                if who.pid == who.tid {
                    self.ended(&process, status);
                }
            }
            _ => self.tell(&who, what)?,
        }
        Ok(None)
    }

    /// A call has returned: what that has changed, and why it failed.
    fn returned(
        &mut self,
        who: &Task,
        process: &Task,
        call: &Call,
        outcome: Outcome,
    ) -> Result<(), Error> {
        // That it runs and ends is told as that.
        let begins_or_ends = matches!(call.syscall.name, "execve" | "execveat" | "exit_group");
        if !begins_or_ends || outcome.errno().is_some() {
            self.traced.calls += 1;
        }
        self.traced.sockets += made(call, outcome);
        let fds = call.touched(outcome);
        if !fds.is_empty() {
            self.look(who, process, fds)?;
        }
        match outcome {
            Outcome::Failed(errno) => self.explain(who, process, call, errno),
            // Whether the program gets that, its handler decides.
            Outcome::Again(_) => self.explain(who, process, call, Errno(libc::EINTR)),
            _ => match call.waiting_error() {
                Some(errno) => self.explain(who, process, call, errno),
                None => Ok(()),
            },
        }
    }

    /// When a parent ends, who can tell whether it would have waited?
    fn keep_zombies(&mut self) {
        let children = self.review.unwaited().into_iter();
        let zombies = children.filter(|pid| observe::zombie(*pid).is_some());
        self.zombies.extend(zombies);
    }

    fn is_told(&self, call: &Call) -> bool {
        self.plan.only.is_empty() || self.plan.only.contains(&call.name())
    }

    /// Tells an event. Every sink is told, and the first that fails counts.
    pub(super) fn tell(&mut self, who: &Task, what: impl Into<What>) -> Result<(), Error> {
        let event = self.teller.event(who, &self.scope, what);
        self.review.take(&event);
        self.is_flushed = false;
        // A program is one end, whatever its processes are called.
        let told = self.teller.tell(event, &self.scene, true);
        told.map_err(Error::output("writing what happened"))
    }

    /// Writes what was told.
    pub(super) fn flush(&mut self) -> Result<(), Error> {
        self.is_flushed = true;
        let flushed = self.teller.flush();
        flushed.map_err(Error::output("writing what happened"))
    }
}

/// How many sockets the call has made.
fn made(call: &Call, outcome: Outcome) -> usize {
    match (call.name(), outcome) {
        ("socket" | "accept" | "accept4", Outcome::Value(_)) => 1,
        ("socketpair", Outcome::Value(_)) => 2,
        _ => 0,
    }
}
