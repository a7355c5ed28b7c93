//! Goes through what a traced program does.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Instant;

use crate::error::Error;
use crate::model::{
    Arg, Call, Event, Focus, Look, MachineEvent, Makes, Moment, Outcome, Param, RunEvent, RunInfo,
    Scene, Scope, Task, What, World,
};
use crate::observe::Observer;
use crate::run::Sink;
use crate::source::trace::{Next, Refusal, Told, Tracer};
use crate::sys::{Process, Signals};

/// A traced program, and who is told what it does.
pub struct Director<'a> {
    tracer: Tracer,
    sinks: Vec<Box<dyn Sink + 'a>>,
    signals: Rc<Signals>,
    observer: Observer,
    /// What is known of every process.
    scene: Scene,
    /// The processes, each held by a descriptor.
    processes: HashMap<u32, Process>,
    /// The calls that are told; empty: all of them.
    only: Vec<String>,
    scope: Scope,
    started: Instant,
    seq: u64,
}

/// How it ended.
pub enum Ending {
    /// The program has: the status of wait(2).
    Ended(i32),
    /// Somebody wants to trace no longer, and the program goes on.
    Left { signal: i32 },
}

impl<'a> Director<'a> {
    /// Nothing has been told yet. `kernel` is the release uname(2) gives.
    pub fn new(
        tracer: Tracer,
        kernel: &str,
        signals: Rc<Signals>,
        only: Vec<String>,
        sinks: Vec<Box<dyn Sink + 'a>>,
    ) -> Director<'a> {
        Director {
            tracer,
            sinks,
            signals,
            observer: Observer::new(kernel),
            scene: Scene::default(),
            processes: HashMap::new(),
            only,
            scope: Scope::of_program(),
            started: Instant::now(),
            seq: 0,
        }
    }

    /// Tells everything until the program has ended, or nobody wants to know more.
    pub fn run(&mut self, info: RunInfo) -> Result<Ending, Refused> {
        let root = self.tracer.root();
        let task = Task::process(root, "socklab");
        self.tell(&task, RunEvent::Begin(info))?;
        self.meet(&Task::process(root, ""));
        loop {
            match self.tracer.next(&[], None)? {
                Next::Told(told) => self.take(told)?,
                Next::Idle => {}
                Next::Ended => break,
            }
        }
        Ok(Ending::Ended(self.tracer.status().unwrap_or(0)))
    }

    /// Tells an event of the tracer, and what it has changed.
    fn take(&mut self, told: Told) -> Result<(), Error> {
        let Told { who, what, .. } = told;
        let process = Task::process(who.pid, &who.name);
        match &what {
            MachineEvent::Born { .. } | MachineEvent::Exec { .. } => self.meet(&process),
            MachineEvent::Enter(call) if self.is_told(call) => self.expect_connect(&process, call),
            MachineEvent::Exit { call, outcome, .. } if self.is_told(call) => {
                let (fds, is_over) = (touched(call, *outcome), *outcome == Outcome::Never);
                self.tell(&who, what)?;
                if !is_over && !fds.is_empty() {
                    self.look(&who, &process, fds)?;
                }
                return Ok(());
            }
            MachineEvent::Enter(_) | MachineEvent::Exit { .. } => return Ok(()),
            MachineEvent::Gone(_) if who.pid == who.tid => {
                self.tell(&who, what)?;
                self.scene.forget(who.pid);
                self.processes.remove(&who.pid);
                return Ok(());
            }
            _ => {}
        }
        self.tell(&who, what)
    }

    fn is_told(&self, call: &Call) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == call.name())
    }

    /// A process that has sockets from before is known by them.
    fn meet(&mut self, process: &Task) {
        let pid = process.pid;
        let held = self
            .processes
            .entry(pid)
            .or_insert_with(|| Process::of(pid));
        let unseen = World {
            pid,
            ..World::default()
        };
        let seen = self.observer.look_into(held, &unseen, None);
        self.scene.apply(process, &seen);
    }

    fn expect_connect(&mut self, process: &Task, call: &Call) {
        if call.name() == "connect"
            && let Some(remote) = call.address().and_then(|address| address.inet())
            && let Some(world) = self.scene.of(process)
            && let Some(view) = call.fd().and_then(|fd| world.socket(fd))
            && let Some(&cookie) = view.cookie.value()
        {
            self.observer.expect_connect(cookie, remote);
        }
    }

    /// Looks at the sockets of a call that has returned, and tells what was seen. The
    /// duplicates by which they are looked at are gone when this returns.
    fn look(&mut self, who: &Task, process: &Task, fds: Vec<i32>) -> Result<(), Error> {
        let (Some(last), Some(held)) = (self.scene.of(process), self.processes.get(&process.pid))
        else {
            return Ok(());
        };
        let focus = Focus::on(fds, last);
        let seen = self.observer.look_into(held, last, Some(focus));
        let changes = self.scene.apply(process, &seen);
        let look = Look {
            seen,
            moment: Moment::After,
            changes,
        };
        self.tell(who, MachineEvent::Look(Box::new(look)))
    }

    fn tell(&mut self, who: &Task, what: impl Into<What>) -> Result<(), Error> {
        let event = Event {
            seq: self.seq,
            at: self.started.elapsed(),
            who: who.clone(),
            scope: self.scope.clone(),
            what: what.into(),
        };
        self.seq += 1;
        let mut told = Ok(());
        for sink in &mut self.sinks {
            told = told.and(sink.emit(&event, &self.scene));
        }
        told.map_err(Error::output("writing what happened"))
    }
}

/// What ends a trace before the program does.
pub enum Refused {
    Trace(Refusal),
    Run(Error),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Refused {
        Refused::Trace(refusal)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        Refused::Run(error)
    }
}

/// The descriptors that a call has made or worked on.
fn touched(call: &Call, outcome: Outcome) -> Vec<i32> {
    let mut fds: Vec<i32> = call
        .args
        .iter()
        .filter_map(|arg| match arg {
            Arg::Fd(fd) => Some(*fd),
            _ => None,
        })
        .collect();
    if let Some(Arg::Pair(one, other)) = call.arg(Param::Pair) {
        fds.extend([*one, *other]);
    }
    if let (Outcome::Value(value), Makes::Descriptor) = (outcome, call.syscall.makes) {
        fds.extend(i32::try_from(value));
    }
    fds
}
