//! The threads that are traced, and the processes they are of.

use std::collections::HashMap;
use std::fs;
use std::rc::Rc;
use std::time::Instant;

use super::decode::{CloneFlags, Raw};
use super::placement::Rhythm;
use super::sockets::Sockets;
use crate::model::{Call, Task};

/// A thread that is traced.
pub(super) struct Thread {
    pub task: Task,
    pub sockets: Sockets,
    /// The call that it is inside of and that is told.
    pub inside: Option<Inside>,
    /// The call that a signal has interrupted, and that the kernel takes up again.
    pub interrupted: Option<&'static str>,
    /// How often it stops.
    pub rhythm: Rhythm,
}

/// A call under way.
pub(super) struct Inside {
    pub raw: Raw,
    pub call: Call,
    /// When the thread was let go on into the call: until then it stands before it, perhaps
    /// for as long as a learner reads.
    pub began: Option<Instant>,
}

/// Every thread that is traced, by its number.
#[derive(Default)]
pub(super) struct Threads(HashMap<u32, Thread>);

impl Threads {
    /// The first of a process that is traced from now on.
    pub(super) fn enter(&mut self, pid: u32, tid: u32, name: &str, sockets: Sockets) {
        let name = name.into();
        let task = Task { pid, tid, name };
        self.0.insert(tid, Thread::new(task, sockets));
    }

    /// A thread was made by another.
    pub(super) fn made(&mut self, tid: u32, by: u32, flags: CloneFlags) -> Option<Task> {
        let maker = self.0.get(&by)?;
        let pid = if flags.is_thread() {
            maker.task.pid
        } else {
            tid
        };
        let name = Rc::clone(&maker.task.name);
        let task = Task { pid, tid, name };
        let sockets = if flags.shares_files() {
            maker.sockets.clone()
        } else {
            maker.sockets.copy()
        };
        self.0.insert(tid, Thread::new(task.clone(), sockets));
        Some(task)
    }

    /// The thread `former` runs another program now, and has the number of its process;
    /// all others of that are gone.
    pub(super) fn exec(&mut self, tid: u32, former: u32) -> Option<&mut Thread> {
        let mut thread = self.0.remove(&former).or_else(|| self.0.remove(&tid))?;
        self.0.retain(|_, other| other.task.pid != tid);
        thread.task = Task::process(tid, &name_of(tid));
        thread.sockets = Sockets::of(tid);
        Some(self.0.entry(tid).insert_entry(thread).into_mut())
    }

    pub(super) fn get(&mut self, tid: u32) -> Option<&mut Thread> {
        self.0.get_mut(&tid)
    }

    pub(super) fn has(&self, tid: u32) -> bool {
        self.0.contains_key(&tid)
    }

    pub(super) fn remove(&mut self, tid: u32) -> Option<Thread> {
        self.0.remove(&tid)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn is_single(&self) -> bool {
        self.0.len() == 1
    }

    /// The numbers of all.
    pub(super) fn tids(&self) -> Vec<u32> {
        self.0.keys().copied().collect()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Thread {
    fn new(task: Task, sockets: Sockets) -> Thread {
        Thread {
            task,
            sockets,
            inside: None,
            interrupted: None,
            rhythm: Rhythm::default(),
        }
    }
}

/// /proc/PID/comm
pub(super) fn name_of(pid: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    name.trim_end_matches('\n').into()
}
