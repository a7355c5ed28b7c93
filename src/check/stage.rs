//! A program under the tracer, and what is known of it so far.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::fd::{AsRawFd, RawFd};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::log::Log;
use super::output::Output;
use super::tester::Tester;
use crate::error::Error;
use crate::model::{
    Address, Call, Focus, Found, Look, MachineEvent, Moment, Outcome, Scene, Status, Task, What,
    World,
};
use crate::observe::{self, Observer};
use crate::review::{Asked, Review};
use crate::script::Traced;
use crate::source::trace::{Command, Next, Refusal, Told, Tracer};
use crate::sys::{self, Mask, Process, Signals};

/// So many calls are kept for the goals.
const MOST_CALLS: usize = 20_000;

/// How long a program is watched when it has met a goal or the tester leaves: until nothing
/// has happened for a moment, or for so long.
const QUIET: Duration = Duration::from_millis(20);
const REACTION: Duration = Duration::from_millis(300);

/// How long a program may take to end when it is asked to, and when it is killed.
const GRACE: Duration = Duration::from_millis(300);
const END: Duration = Duration::from_secs(5);

/// A call of the program, and the socket that it was about.
pub(super) struct Noted {
    pub made: Traced,
    pub socket: Option<usize>,
}

/// A run of the program.
pub(super) struct Stage<'d> {
    tracer: Tracer,
    pub tester: Tester,
    pub output: Output,
    signals: Rc<Signals>,
    pub observer: &'d mut Observer,
    pub log: &'d mut Log,
    pub scene: Scene,
    pub review: Review,
    /// Where the program is to serve, or to call.
    pub asked: Address,
    pub calls: Vec<Noted>,
    /// The call that each thread is in, and since when.
    pub inside: HashMap<u32, (Task, Call, Instant)>,
    /// The processes, each held by a descriptor, and what they are called.
    pub processes: HashMap<u32, (Task, Process)>,
    /// The first process, and how it has ended.
    pub root: u32,
    pub ended: Option<Status>,
    /// No process of the program is left.
    pub is_over: bool,
    /// Files that it has made by binding to them.
    paths: Vec<(PathBuf, u64)>,
    /// How many events were taken in.
    taken: u64,
}

/// Why a program could not be run to the end of a goal.
pub(crate) enum Trouble {
    /// It could not be started, or not be traced.
    Refused(Refusal),
    Error(Error),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Trouble {
        Trouble::Refused(refusal)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::Error(error)
    }
}

impl<'d> Stage<'d> {
    /// Starts the program. `mask`: the signals that it has blocked.
    pub(super) fn start(
        words: &[OsString],
        tester: Tester,
        signals: Rc<Signals>,
        mask: Mask,
        (observer, log): (&'d mut Observer, &'d mut Log),
        asked: Asked,
    ) -> Result<Stage<'d>, Trouble> {
        let mut command = Command {
            words: words.to_vec(),
            mask: Some(mask),
            ..Command::default()
        };
        let output = Output::of(&mut command).map_err(Error::system("making a pipe"))?;
        let tracer = Tracer::spawn(command)?;
        let root = tracer.root();
        let mut stage = Stage {
            tracer,
            tester,
            output,
            signals,
            observer,
            log,
            scene: Scene::default(),
            review: Review::new(Some(asked)),
            asked: asked.address,
            calls: Vec::new(),
            inside: HashMap::new(),
            processes: HashMap::new(),
            root,
            ended: None,
            is_over: false,
            paths: Vec::new(),
            taken: 0,
        };
        let first = Task::process(root, &stage.tracer.name());
        stage.keep(&first, MachineEvent::Born { by: None })?;
        Ok(stage)
    }

    /// Waits for the next thing to happen and takes it in, at most up to `until`.
    pub(super) fn pulse(&mut self, until: Instant) -> Result<(), Trouble> {
        let timeout = until.saturating_duration_since(Instant::now());
        let mut fds: Vec<RawFd> = vec![self.signals.as_raw_fd()];
        fds.extend(self.output.fd());
        fds.extend(self.tester.fd());
        if self.is_over {
            let waited = sys::wait(&fds, Some(timeout));
            waited.map_err(Error::system("waiting"))?;
        } else {
            match self.tracer.next(&fds, Some(timeout))? {
                Next::Told(told) => self.take(told)?,
                Next::Idle => {}
                Next::Ended => self.is_over = true,
            }
        }
        self.output.take();
        match self.signals.take() {
            Some(libc::SIGCONT | libc::SIGTSTP) | None => Ok(()),
            Some(signal) => Err(Error::interrupted(signal).into()),
        }
    }

    /// Tells an event of the tracer, and what it has changed.
    fn take(&mut self, told: Told) -> Result<(), Error> {
        let Told { who, what, .. } = told;
        if matches!(what, MachineEvent::Born { .. } | MachineEvent::Exec { .. }) {
            let task = Task::process(who.pid, &who.name);
            let held = self.processes.remove(&who.pid);
            let held = held.map_or_else(|| Process::of(who.pid), |(_, held)| held);
            self.processes.insert(who.pid, (task, held));
        }
        if let MachineEvent::Enter(call) = &what {
            self.before(&who, call)?;
        }
        let looked_at = match &what {
            MachineEvent::Exit { call, outcome, .. } if !is_idle(*outcome) => {
                call.touched(*outcome)
            }
            _ => Vec::new(),
        };
        self.keep(&who, what)?;
        if looked_at.is_empty() {
            return Ok(());
        }
        self.look(&who, Some(looked_at), Moment::After)
    }

    /// What a call is about to end is looked at before it does.
    fn before(&mut self, who: &Task, call: &Call) -> Result<(), Error> {
        let fds = match (call.name(), call.fd()) {
            ("close", Some(fd)) => Some(vec![fd]),
            ("exit_group", _) => None,
            _ => return Ok(()),
        };
        self.look(who, fds, Moment::Before)
    }

    /// Looks at all that the living processes hold.
    pub(super) fn look_around(&mut self) -> Result<(), Error> {
        let pids = self.review.tables.processes().into_iter();
        let known = pids.filter_map(|pid| self.processes.get(&pid));
        let tasks: Vec<Task> = known.map(|(task, _)| task.clone()).collect();
        let mut tasks = tasks.iter();
        tasks.try_for_each(|task| self.look(task, None, Moment::Checked))
    }

    /// Looks at these sockets of a process, or at all that it has. The duplicates by
    /// which they are looked at are gone when this returns.
    fn look(&mut self, who: &Task, fds: Option<Vec<i32>>, moment: Moment) -> Result<(), Error> {
        let Some((task, held)) = self.processes.get(&who.pid) else {
            return Ok(());
        };
        let unseen = World::of(who.pid);
        let last = self.scene.of(task).unwrap_or(&unseen);
        let focus = fds.map(|fds| Focus::on(fds, last));
        let is_focused = focus.is_some();
        let seen = self.observer.look_into(held, last, focus);
        let changes = self.scene.apply(task, &seen);
        if !is_focused && changes.is_empty() && moment == Moment::Checked {
            // Its sockets are as they were, but for what is counted.
            self.review.tables.saw(&seen);
            return Ok(());
        }
        let look = Look {
            seen,
            moment,
            changes,
        };
        self.keep(who, MachineEvent::Look(Box::new(look)))
    }

    /// Takes in an event.
    fn keep(&mut self, who: &Task, what: MachineEvent) -> Result<(), Error> {
        let event = self.log.event(who, what);
        self.taken += 1;
        let step = self.review.take(&event);
        let (socket, made, does) = (step.socket, step.made, step.does);
        match &event.what {
            What::Machine(MachineEvent::Enter(call)) => {
                let entry = (who.clone(), call.clone(), Instant::now());
                self.inside.insert(who.tid, entry);
            }
            What::Machine(MachineEvent::Exit { call, outcome, .. }) => {
                self.inside.remove(&who.tid);
                if self.calls.len() >= MOST_CALLS {
                    self.calls.drain(..MOST_CALLS / 2);
                }
                if let ("bind", Outcome::Value(_)) = (call.name(), outcome) {
                    self.keep_path(who.pid, call.address());
                }
                self.calls.push(Noted {
                    made: Traced {
                        does,
                        call: call.clone(),
                        outcome: *outcome,
                    },
                    // A call that makes a socket is about that one, but accept.
                    socket: socket.or(made),
                });
            }
            What::Machine(MachineEvent::Gone(status)) => {
                self.inside.remove(&who.tid);
                if who.tid == self.root {
                    self.ended = *status;
                }
            }
            _ => {}
        }
        self.log.program(event, &self.scene)
    }

    /// Nothing stood there before: bind(2) takes no path that exists.
    fn keep_path(&mut self, pid: u32, address: Option<Address>) {
        use std::os::unix::fs::MetadataExt;
        let Some(path) = address.and_then(Address::path) else {
            return;
        };
        let folder = std::fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
        let path = folder.join(path.as_path());
        if let Ok(file) = std::fs::symlink_metadata(&path) {
            self.paths.push((path, file.ino()));
        }
    }

    /// Lets the program go on until nothing happens for a moment; where it sleeps in no
    /// call that is known, it may be about to end.
    pub(super) fn settle(&mut self) -> Result<(), Trouble> {
        let until = Instant::now() + REACTION;
        let mut quiet = Instant::now() + QUIET;
        while !self.is_over && Instant::now() < until {
            let taken = self.taken;
            self.pulse(quiet.min(until))?;
            if self.taken != taken || self.inside.is_empty() {
                quiet = Instant::now() + QUIET;
            } else if Instant::now() >= quiet {
                break;
            }
        }
        Ok(())
    }

    /// The faults that were seen. What the program has left is looked at once more.
    pub(super) fn finish(&mut self) -> Result<Vec<Found>, Error> {
        // What went wrong is said already where this fails.
        let _ = self.settle();
        let until = Instant::now() + GRACE;
        let is_zombie = |pid: &u32| observe::zombie(*pid).is_some();
        loop {
            self.look_around()?;
            let mut zombies = self.review.unwaited();
            zombies.retain(is_zombie);
            // A parent that waits may need a moment.
            if zombies.is_empty() || Instant::now() >= until || self.pulse(until).is_err() {
                return Ok(self.review.found(&zombies));
            }
        }
    }

    /// Ends the program: the tester leaves, every process is asked to end and then
    /// killed, and the files that it bound are removed.
    pub(super) fn end(mut self) -> Result<(), Trouble> {
        self.tracer.release();
        self.tester.leave(self.log)?;
        for (_, process) in self.processes.values() {
            let _ = process.signal(libc::SIGTERM);
        }
        if self.drain(GRACE)? {
            for (_, process) in self.processes.values() {
                let _ = process.kill();
            }
            self.drain(END)?;
        }
        for (path, inode) in &self.paths {
            use std::os::unix::fs::MetadataExt;
            if std::fs::symlink_metadata(path).is_ok_and(|file| file.ino() == *inode) {
                let _ = std::fs::remove_file(path);
            }
        }
        Ok(())
    }

    /// Lets the program run to its end, at most for so long. Is something of it left?
    fn drain(&mut self, limit: Duration) -> Result<bool, Trouble> {
        let until = Instant::now() + limit;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let fds: Vec<RawFd> = self.output.fd().into_iter().collect();
            match self.tracer.next(&fds, Some(left))? {
                Next::Ended => return Ok(false),
                Next::Told(told) => self.keep(&told.who, told.what)?,
                Next::Idle => {}
            }
            if left.is_zero() {
                return Ok(true);
            }
            self.output.take();
        }
    }
}

/// Where there was nothing to do, nothing has changed.
fn is_idle(outcome: Outcome) -> bool {
    outcome.errno().is_some_and(|errno| errno.0 == libc::EAGAIN)
}
