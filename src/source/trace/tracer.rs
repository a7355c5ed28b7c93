//! The loop of a tracer: waits for stops, tells events, and lets threads go on.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::time::{Duration, Instant};

use super::command::{Command, Refusal};
use super::placement::Placement;
use super::sockets::Sockets;
use super::threads::{Threads, name_of};
use crate::model::{MachineEvent, Task};
use crate::sys::ptrace::{self, Stop};
use crate::sys::{self, Arrivals, Launched, Refused, TRACES};

/// A program that is traced, with all the processes and threads that it makes.
///
/// ```ignore
/// let mut tracer = Tracer::spawn(Command { words, ..Command::default() })?;
/// loop {
///     match tracer.next(&[], None)? {
///         Next::Told(told) => …, // the thread stands still until the next `next`
///         Next::Idle => …,       // one of the descriptors is readable, or time is up
///         Next::Ended => break,
///     }
/// }
/// ```
pub(crate) struct Tracer {
    pub(super) threads: Threads,
    /// Only calls of interest stop the program.
    pub(super) is_filtered: bool,
    /// Stops that were reported and not looked at yet, the oldest first. Without them,
    /// threads that stop often would starve the others.
    stops: VecDeque<(u32, Stop)>,
    /// First stops of threads of which it was not said yet who has made them.
    pub(super) unborn: HashMap<u32, Stop>,
    /// What is to be told before the thread goes on.
    pub(super) told: VecDeque<Told>,
    /// The thread that stands still until what it did was told, and how it goes on.
    pub(super) held: Option<(u32, Resume)>,
    placement: Placement,
    arrivals: Arrivals,
    pub(super) launched: Option<Launched>,
    /// Nobody listens any more: the program only goes on.
    is_quiet: bool,
    pub(super) root: u32,
    pub(super) status: Option<i32>,
}

/// Something that happened, and to which thread.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub who: Task,
    pub what: MachineEvent,
}

/// What there is next.
pub(crate) enum Next {
    Told(Told),
    /// Nothing has happened, but a descriptor is readable or time is up.
    Idle,
    /// No thread is left.
    Ended,
}

/// How a thread goes on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Resume {
    /// With that signal or 0, to the next call of interest.
    On(i32),
    /// To the end of its call.
    ToCallEnd,
    /// It stays stopped, as its whole process is.
    Stay,
}

impl Tracer {
    /// Starts a program under a filter. This process must have one thread, and no other
    /// children that it waits for by itself. The first event is the program's execve.
    ///
    /// The program ends with this process, even if that is killed: with its filter it
    /// could not go on alone.
    pub(crate) fn spawn(command: Command) -> Result<Tracer, Refusal> {
        if !TRACES {
            return Err(Refusal::Architecture);
        }
        let name = command.words.first().map(std::path::Path::new);
        let name = name.and_then(|path| path.file_name()).unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        let launch = command.launch()?;
        let mut launched = launch.start()?;
        let pid = launched.pid;
        let arrivals = Arrivals::watch()?;
        if let Err(error) = ptrace::seize(pid, true) {
            let refused = Refusal::trace(pid, error);
            drop(launched);
            let _ = sys::wait_for(pid);
            return Err(refused);
        }
        let mut tracer = Tracer::new(pid, true, arrivals);
        tracer.threads.enter(pid, pid, &name, Sockets::of(pid));
        launched.go()?;
        tracer.launched = Some(launched);
        Ok(tracer)
    }

    /// Traces a process that runs, with all its threads, and without a filter: every
    /// call that it makes stops it twice.
    pub(crate) fn attach(pid: u32) -> Result<Tracer, Refusal> {
        if !TRACES {
            return Err(Refusal::Architecture);
        }
        let mut tracer = Tracer::new(pid, false, Arrivals::watch()?);
        let (name, sockets) = (name_of(pid), Sockets::of(pid));
        // A thread may make others meanwhile.
        loop {
            let found = sys::ptrace::threads_of(pid).map_err(|error| Refusal::trace(pid, error))?;
            let new: Vec<u32> = found
                .into_iter()
                .filter(|tid| !tracer.threads.has(*tid))
                .collect();
            if new.is_empty() {
                break;
            }
            for tid in new {
                match ptrace::seize(tid, false) {
                    Ok(()) => tracer.threads.enter(pid, tid, &name, sockets.clone()),
                    Err(error) if tid != pid && error.raw_os_error() == Some(libc::ESRCH) => {}
                    Err(error) => return Err(Refusal::trace(pid, error)),
                }
                let _ = ptrace::interrupt(tid);
            }
        }
        Ok(tracer)
    }

    fn new(root: u32, is_filtered: bool, arrivals: Arrivals) -> Tracer {
        Tracer {
            threads: Threads::default(),
            is_filtered,
            stops: VecDeque::new(),
            unborn: HashMap::new(),
            told: VecDeque::new(),
            held: None,
            placement: Placement::default(),
            arrivals,
            launched: None,
            is_quiet: false,
            root,
            status: None,
        }
    }

    /// The process that was started or attached to.
    pub(crate) fn root(&self) -> u32 {
        self.root
    }

    /// What that is called.
    pub(crate) fn name(&mut self) -> String {
        let root = self.threads.get(self.root);
        root.map_or_else(String::new, |thread| thread.task.name.to_string())
    }

    /// Do only calls of interest stop the program?
    pub(crate) fn is_filtered(&self) -> bool {
        self.is_filtered
    }

    /// How that process has ended, once it has: the status of wait(2).
    pub(crate) fn status(&self) -> Option<i32> {
        self.status
    }

    /// What happens next. The thread that the last event was about goes on first.
    pub(crate) fn next(
        &mut self,
        fds: &[RawFd],
        timeout: Option<Duration>,
    ) -> Result<Next, Refusal> {
        loop {
            if let Some(told) = self.told.pop_front() {
                return Ok(Next::Told(told));
            }
            self.release();
            self.take_stops()?;
            if let Some((tid, stop)) = self.stops.pop_front() {
                self.handle(tid, stop)?;
                continue;
            }
            if self.threads.is_empty() {
                return Ok(Next::Ended);
            }
            let mut waited = vec![self.arrivals.as_raw_fd()];
            waited.extend(fds);
            let ready = sys::wait(&waited, timeout)?;
            if ready[0] {
                self.arrivals.take();
            } else if ready.contains(&true) || timeout.is_some() {
                return Ok(Next::Idle);
            }
        }
    }

    /// Lets the thread go on that the last event was about.
    pub(crate) fn release(&mut self) {
        if let Some((tid, how)) = self.held.take() {
            self.resume(tid, how);
        }
    }

    /// Lets a process go that was attached to: it runs on by itself.
    pub(crate) fn detach(mut self) {
        self.release();
        for tid in self.threads.tids() {
            let _ = ptrace::interrupt(tid);
        }
        let mut left = self.threads.tids().len();
        while left > 0 {
            if self.take_stops().is_err() || self.threads.is_empty() {
                return;
            }
            match self.stops.pop_front() {
                Some((_, Stop::Gone(_))) => left -= 1,
                Some((tid, stop)) => {
                    let signal = match stop {
                        Stop::Signal(signal) => signal,
                        _ => 0,
                    };
                    left -= usize::from(ptrace::detach(tid, signal).is_ok());
                }
                None => {
                    let _ = sys::wait(&[self.arrivals.as_raw_fd()], None);
                    self.arrivals.take();
                }
            }
        }
    }

    /// From now on nothing is told, and the program only goes on: its filter stays, so
    /// it needs somebody to pass its calls. Returns when the last thread is gone.
    pub(crate) fn pass_everything(&mut self) -> Result<(), Refusal> {
        self.is_quiet = true;
        self.told.clear();
        loop {
            match self.next(&[], None)? {
                Next::Told(_) => self.told.clear(),
                Next::Idle => {}
                Next::Ended => return Ok(()),
            }
        }
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    /// Takes every stop that is there; one thread has no more than one. ECHILD: there are no
    /// threads any more.
    fn take_stops(&mut self) -> io::Result<()> {
        loop {
            match ptrace::next_stop() {
                Ok(Some(stop)) => {
                    self.stops.push_back(stop);
                    if self.threads.is_single() {
                        return Ok(());
                    }
                }
                Ok(None) => return Ok(()),
                Err(error) if error.raw_os_error() == Some(libc::ECHILD) => {
                    if self.stops.is_empty() {
                        self.threads.clear();
                    }
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Lets a stopped thread go on. One that was killed meanwhile is told to be gone soon.
    pub(super) fn resume(&mut self, tid: u32, how: Resume) {
        let now = Instant::now();
        let is_often = match self.threads.get(tid) {
            Some(thread) => {
                if let (Resume::ToCallEnd, Some(inside)) = (how, &mut thread.inside) {
                    inside.began.get_or_insert(now);
                }
                thread.rhythm.beat(now)
            }
            None => false,
        };
        let filtered = self.is_filtered;
        let go = || match how {
            Resume::On(signal) => ptrace::resume(tid, !filtered, signal),
            Resume::ToCallEnd => ptrace::resume(tid, true, 0),
            Resume::Stay => ptrace::listen(tid),
        };
        let _ = match (is_often, how) {
            (true, Resume::On(_) | Resume::ToCallEnd) => self.placement.resume(tid, go),
            _ => go(),
        };
    }

    /// Tells something of a thread, which stands still until it was told.
    pub(super) fn tell(&mut self, who: &Task, what: MachineEvent) {
        self.told.push_back(Told {
            who: who.clone(),
            what,
        });
    }

    /// The process ended before it was the program: why.
    pub(super) fn refused(&mut self, pid: u32) -> Option<Refusal> {
        let mut launched = self.launched.take_if(|launched| launched.pid == pid)?;
        let refused = launched.refused()?;
        let program = self
            .threads
            .get(pid)
            .map(|thread| thread.task.name.to_string());
        Some(match refused {
            Refused::Filter(error) => Refusal::Filter(error),
            Refused::Exec(error) => Refusal::Exec {
                program: program.unwrap_or_default(),
                error,
            },
        })
    }
}
