//! Which processes of a traced program are told of.

use std::collections::{HashMap, HashSet};

use crate::render::doc::Block;

/// The processes of a program. What a shell does on its way to it is not the story: those
/// are told of that have to do with sockets.
#[derive(Default)]
pub(super) struct Processes {
    /// The program's first process.
    root: Option<u32>,
    /// They have called, were made by one that had, or there is something to know of them.
    concerned: HashSet<u32>,
    /// What the others run: told once they have to do with sockets.
    unsaid: HashMap<u32, Block>,
}

impl Processes {
    /// The program's first.
    pub(super) fn begin(&mut self, pid: u32) {
        self.root = Some(pid);
    }

    /// One was made by another.
    pub(super) fn born(&mut self, pid: u32, by: Option<u32>) {
        if by.is_some_and(|by| self.has_called(by)) {
            self.concerned.insert(pid);
        }
    }

    /// It has to do with sockets, or is worth telling of: what it runs, if that was not said.
    pub(super) fn concern(&mut self, pid: u32) -> Option<Block> {
        self.concerned.insert(pid);
        self.unsaid.remove(&pid)
    }

    /// What it runs is not told now.
    pub(super) fn keep(&mut self, pid: u32, runs: Block) {
        self.unsaid.insert(pid, runs);
    }

    /// Has it to do with sockets?
    pub(super) fn has_called(&self, pid: u32) -> bool {
        self.concerned.contains(&pid)
    }

    /// Is it told of, even where it has nothing to do with them?
    pub(super) fn are_told(&self, pid: u32) -> bool {
        Some(pid) == self.root || self.has_called(pid)
    }
}
