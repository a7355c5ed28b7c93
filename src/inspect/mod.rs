//! Inspecting a running program: what its sockets are doing, without touching it.

mod faults;

use std::time::Duration;

use rustix::system::uname;

use self::faults::faults;
use crate::course::Explanations;
use crate::error::Error;
use crate::model::{
    Diagnosis, Holder, Inspected, Program, Scene, Sight, Target, Task, TcpState, World,
};
use crate::observe::{Observer, Standing, identity, named};
use crate::sys::Process;

/// Looks at the programs that were asked for, again and again if need be.
pub(crate) struct Inspection<'c> {
    target: Target,
    explain: &'c Explanations,
    observer: Observer,
    scene: Scene,
    /// Those that were met and have not ended.
    known: Vec<Known>,
    /// What was at the port that no process holds that can be seen.
    others: Vec<Holder>,
    has_looked: bool,
}

/// A program that was met.
struct Known {
    process: Process,
    program: Program,
    diagnoses: Vec<Diagnosis>,
}

impl<'c> Inspection<'c> {
    /// Of these programs; `explain` says in words what is seen.
    pub(crate) fn new(target: Target, explain: &'c Explanations) -> Inspection<'c> {
        Inspection {
            target,
            explain,
            observer: Observer::new(&uname().release().to_string_lossy()),
            scene: Scene::default(),
            known: Vec::new(),
            others: Vec::new(),
            has_looked: false,
        }
    }

    /// Looks. What was seen before is told with what has changed since.
    pub(crate) fn look(&mut self) -> Result<Vec<Sight>, Error> {
        let mut sights = Vec::new();
        let pids = self.pids(&mut sights)?;
        for known in std::mem::take(&mut self.known) {
            sights.push(self.look_again(known));
        }
        for pid in pids {
            let is_known = |known: &Known| known.process.pid() == pid;
            if !self.known.iter().any(is_known) {
                let process = Process::of(pid);
                let unseen = World {
                    pid,
                    ..World::default()
                };
                if let Some(program) = self.observer.program(&process, &unseen) {
                    sights.push(self.sight(process, program, None));
                }
            }
        }
        self.has_looked = true;
        Ok(sights)
    }

    /// Is nothing left to look at?
    pub(crate) fn is_over(&self) -> bool {
        self.known.is_empty()
    }

    /// Says that a look found nobody, if that was wanted.
    pub(crate) fn missing(&self) -> Option<Error> {
        if !self.is_over() || self.others.iter().any(is_bound) {
            return None;
        }
        Some(Error::NotThere(match &self.target {
            Target::Pid(pid) => format!("process {pid} has ended meanwhile"),
            Target::Port(port) => format!(
                "nobody listens on port {port} here, and no process has a socket on it \
                 (socklab looks at TCP and UDP of this network namespace)"
            ),
            Target::Name(name) => format!(
                "no program of the name {name} is running; `ps -e` lists those that are, \
                 and their process ids"
            ),
        }))
    }

    /// Which processes are meant now.
    fn pids(&mut self, sights: &mut Vec<Sight>) -> Result<Vec<u32>, Error> {
        match &self.target {
            // A number that is given again means another process.
            Target::Pid(_) if self.has_looked => Ok(Vec::new()),
            Target::Pid(pid) => Ok(vec![running(*pid)?]),
            Target::Name(name) => Ok(named(name)),
            Target::Port(port) => {
                let port = *port;
                let found = self.observer.at_port(port).map_err(|why| {
                    Error::NotThere(format!("who is at port {port} cannot be asked: {why}"))
                })?;
                let shown = |all: &[Holder]| -> Vec<_> {
                    all.iter().map(|it| (it.state, it.local)).collect()
                };
                if shown(&found.others) != shown(&self.others) {
                    let others = found.others.clone();
                    sights.push(Sight::Port { port, others });
                }
                self.others = found.others;
                Ok(found.pids)
            }
        }
    }

    fn look_again(&mut self, known: Known) -> Sight {
        let last = &known.program;
        // Without a descriptor of the process its number has to do.
        let has_ended = known.process.wait_end(Duration::ZERO).unwrap_or(false);
        let program = if has_ended {
            None
        } else {
            self.observer.program(&known.process, &last.seen)
        };
        match program {
            Some(program) => {
                let before = Some((known.program, known.diagnoses));
                self.sight(known.process, program, before)
            }
            None => {
                let pid = known.process.pid();
                self.scene.forget(pid);
                let name = known.program.name;
                Sight::Ended { pid, name }
            }
        }
    }

    /// What is told of a program, which is known from now on.
    fn sight(
        &mut self,
        process: Process,
        program: Program,
        before: Option<(Program, Vec<Diagnosis>)>,
    ) -> Sight {
        let task = Task::process(process.pid(), &program.name);
        let changes = self.scene.apply(&task, &program.seen);
        let (before, old) = before.unzip();
        let old = old.unwrap_or_default();
        let last = before.as_ref().map(|before| &before.seen);
        let diagnoses = faults(&program, last).into_iter().map(|fault| Diagnosis {
            is_known: old.iter().any(|old| old.fault == fault),
            ..self.explain.diagnosis(fault)
        });
        let diagnoses: Vec<Diagnosis> = diagnoses.collect();
        let word = |it: &Diagnosis| it.fault.finding.word;
        let is_over = |old: &Diagnosis| diagnoses.iter().all(|now| word(now) != word(old));
        let over = old.into_iter().filter(is_over).collect();
        self.known.push(Known {
            process,
            program: program.clone(),
            diagnoses: diagnoses.clone(),
        });
        Sight::Program(Box::new(Inspected {
            program,
            before,
            changes,
            diagnoses,
            over,
        }))
    }
}

/// Does it stand for a program, which may be somebody else's?
fn is_bound(holder: &Holder) -> bool {
    use TcpState::{Closed, Listen, Unconnected};
    matches!(holder.state, Listen | Closed | Unconnected)
}

/// The process of that number, if it runs a program.
fn running(number: u32) -> Result<u32, Error> {
    let Some(found) = identity(number) else {
        return Err(Error::NotThere(format!(
            "there is no process {number}; `ps -e` lists those there are"
        )));
    };
    let name = &found.name;
    match found.standing {
        Standing::Running => Ok(found.pid),
        Standing::Kernel => Err(Error::NotThere(format!(
            "process {number} ({name}) is a thread of the kernel: it has no program and no \
             descriptors"
        ))),
        Standing::Ended => Err(Error::NotThere(format!(
            "process {number} ({name}) has ended, and waits only for its parent to ask how: \
             its descriptors are closed"
        ))),
    }
}
