//! Who does something: a thread of a process.

use std::rc::Rc;

/// A thread of a process: one of ours, or of a program that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Task {
    pub pid: u32,
    /// The thread; of a process with one thread its process id.
    pub tid: u32,
    /// What it is called: an actor's name in the script, or the program's.
    pub name: Rc<str>,
}

impl Task {
    /// A process that has one thread.
    pub(crate) fn process(pid: u32, name: &str) -> Task {
        Task {
            pid,
            tid: pid,
            name: name.into(),
        }
    }
}
