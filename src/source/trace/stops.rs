//! What each stop of a thread means.

use std::time::Duration;

use super::command::Refusal;
use super::decode::{Memory, Raw, clone_flags};
use super::threads::Inside;
use super::tracer::{Resume, Tracer};
use crate::model::{Call, Errno, MachineEvent, Outcome, Status, Syscall, Task};
use crate::observe::executable;
use crate::sys::ptrace::{self, Stop};

/// Errors from here on never reach a program: the call is made again.
const AGAIN: i32 = 512;
/// The call is taken up again by restart_syscall(2).
const RESTARTBLOCK: i32 = 516;

impl Tracer {
    /// A thread has stopped or ended: tells what that means, or lets it go on.
    pub(super) fn handle(&mut self, tid: u32, stop: Stop) -> Result<(), Refusal> {
        if !self.threads.has(tid) {
            // Nobody has said yet who has made it, or it is none of ours.
            self.unborn.insert(tid, stop);
            return Ok(());
        }
        match stop {
            Stop::Seccomp => self.begins(tid),
            Stop::Syscall => match ptrace::inside(tid) {
                Ok(ptrace::Inside::Ends { value, is_error }) => self.ends(tid, value, is_error),
                _ => self.begins(tid),
            },
            Stop::Made(child) => self.made(tid, child)?,
            Stop::Exec(former) => self.exec(tid, former),
            Stop::Signal(signal) => self.signal(tid, signal),
            Stop::Group(_) => self.resume(tid, Resume::Stay),
            Stop::Trap => self.resume(tid, Resume::On(0)),
            Stop::Gone(status) => return self.gone(tid, status),
        }
        Ok(())
    }

    /// A call begins. What concerns neither sockets nor processes goes on at once.
    fn begins(&mut self, tid: u32) {
        let Some((who, inside)) = self.begun(tid) else {
            return self.resume(tid, Resume::On(0));
        };
        let call = inside.call.clone();
        if call.name() == "exit_group" {
            return self.exits(tid, &who, call);
        }
        if let Some(thread) = self.threads.get(tid) {
            thread.inside = Some(inside);
        }
        self.tell(&who, MachineEvent::Enter(call));
        self.held = Some((tid, Resume::ToCallEnd));
    }

    /// The call that never returns.
    fn exits(&mut self, tid: u32, who: &Task, call: Call) {
        self.tell(who, MachineEvent::Enter(call.clone()));
        let exit = MachineEvent::Exit {
            call,
            outcome: Outcome::Never,
            took: Duration::ZERO,
        };
        self.tell(who, exit);
        self.held = Some((tid, Resume::On(0)));
    }

    fn begun(&mut self, tid: u32) -> Option<(Task, Inside)> {
        if self.is_quiet() {
            return None;
        }
        let Ok(ptrace::Inside::Begins { number, args }) = ptrace::inside(tid) else {
            return None;
        };
        let syscall = Syscall::numbered(number)?;
        let memory = Memory { tid };
        let raw = Raw {
            syscall,
            args,
            memory,
        };
        let starting = self.is_starting(tid);
        let thread = self.threads.get(tid)?;
        if !thread.sockets.concern(&raw) || starting && syscall.name != "execve" {
            return None;
        }
        let mut call = raw.begins();
        if syscall.name == "restart_syscall" {
            let name = thread.interrupted.take()?;
            call.args = vec![crate::model::Arg::Shown(format!(
                "<... resuming interrupted {name} ...>"
            ))];
        }
        thread.sockets.begins(&call);
        let began = None;
        Some((thread.task.clone(), Inside { raw, call, began }))
    }

    /// It is not the program yet, but what socklab has forked.
    pub(crate) fn is_starting(&self, tid: u32) -> bool {
        self.launched
            .as_ref()
            .is_some_and(|launched| launched.pid == tid)
    }

    /// A call has returned.
    fn ends(&mut self, tid: u32, value: i64, is_error: bool) {
        let Some(thread) = self.threads.get(tid) else {
            return;
        };
        let task = thread.task.clone();
        let Some(Inside {
            raw,
            mut call,
            began,
        }) = thread.inside.take()
        else {
            return self.resume(tid, Resume::On(0));
        };
        let outcome = match i32::try_from(-value) {
            Ok(errno) if is_error && errno >= AGAIN => Outcome::Again(errno),
            Ok(errno) if is_error => Outcome::Failed(Errno(errno)),
            _ => Outcome::Value(value),
        };
        // A program that was just begun has other memory than the one that asked for it.
        if !raw.syscall.name.starts_with("exec") {
            raw.ends(&mut call, outcome);
        }
        if outcome == Outcome::Again(RESTARTBLOCK) {
            thread.interrupted = Some(call.name());
        }
        thread.sockets.ended(&call, outcome, task.pid);
        let took = began.map_or(Duration::ZERO, |began| began.elapsed());
        self.tell(
            &task,
            MachineEvent::Exit {
                call,
                outcome,
                took,
            },
        );
        self.held = Some((tid, Resume::On(0)));
    }

    /// A thread was made.
    fn made(&mut self, tid: u32, child: u32) -> Result<(), Refusal> {
        let maker = self.threads.get(tid);
        let inside = maker.as_ref().and_then(|maker| maker.inside.as_ref());
        let flags = inside
            .map(|inside| clone_flags(&inside.raw))
            .unwrap_or_default();
        let by = maker.map(|maker| maker.task.pid);
        let is_told = !self.is_quiet();
        if let Some(task) = self.threads.made(child, tid, flags)
            && is_told
        {
            self.tell(&task, MachineEvent::Born { by });
        }
        self.held = Some((tid, self.on(tid)));
        match self.unborn.remove(&child) {
            Some(stop) => self.handle(child, stop),
            None => Ok(()),
        }
    }

    /// How a thread goes on that may be in the middle of a call that is told.
    fn on(&mut self, tid: u32) -> Resume {
        match self.threads.get(tid) {
            Some(thread) if thread.inside.is_some() => Resume::ToCallEnd,
            _ => Resume::On(0),
        }
    }

    /// A process runs another program now.
    fn exec(&mut self, tid: u32, former: u32) {
        self.launched.take_if(|launched| launched.pid == tid);
        if let Some(thread) = self.threads.exec(tid, former) {
            let task = thread.task.clone();
            let (program, notes) = executable(tid);
            if !self.is_quiet() {
                self.tell(&task, MachineEvent::Exec { program, notes });
            }
        }
        self.held = Some((tid, self.on(tid)));
    }

    /// A signal comes; the program gets it as it would without us.
    fn signal(&mut self, tid: u32, signal: i32) {
        let task = self.threads.get(tid).map(|thread| thread.task.clone());
        match task {
            Some(task) if !self.is_quiet() => {
                self.tell(&task, MachineEvent::Signal(signal));
                self.held = Some((tid, Resume::On(signal)));
            }
            _ => self.resume(tid, Resume::On(signal)),
        }
    }

    /// A thread is gone.
    fn gone(&mut self, tid: u32, status: i32) -> Result<(), Refusal> {
        if let Some(refusal) = self.refused(tid) {
            return Err(refusal);
        }
        if tid == self.root {
            self.status = Some(status);
        }
        if let Some(thread) = self.threads.remove(tid)
            && !self.is_quiet()
        {
            self.tell(&thread.task, MachineEvent::Gone(Some(Status(status))));
        }
        Ok(())
    }
}
