//! What is known of the machine: the last thing seen of every task, socket, row and path.

use std::collections::{HashMap, HashSet};

use super::{Change, Fact, KernelRow, Task, World, changes};

/// The last thing known of every task. Whoever shows, expects or explains something
/// reads it here.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    known: Vec<(Task, World)>,
}

impl Scene {
    /// Takes in a look, and says what differs from what was known. What the look did
    /// not look at stays as it was. Of a task that was not looked at before everything
    /// is new, and no change.
    pub(crate) fn apply(&mut self, task: &Task, seen: &World) -> Vec<Change> {
        let mut known = self.known.iter_mut();
        if let Some((_, known)) = known.find(|(known, _)| known.tid == task.tid) {
            let found = changes(known, seen);
            take_over(known, seen);
            return found;
        }
        let mut world = World::of(task.pid);
        take_over(&mut world, seen);
        self.known.push((task.clone(), world));
        Vec::new()
    }

    /// Takes in the counters of the sockets of a look that showed nothing to tell.
    pub(crate) fn count(&mut self, task: &Task, seen: &World) {
        let mut known = self.known.iter_mut();
        if let Some((_, known)) = known.find(|(known, _)| known.tid == task.tid) {
            known.sockets.clone_from(&seen.sockets);
        }
    }

    /// Forgets a task that is gone.
    pub(crate) fn forget(&mut self, pid: u32) {
        self.known.retain(|(known, _)| known.pid != pid);
    }

    /// What is known of a task that was looked at.
    pub(crate) fn of(&self, task: &Task) -> Option<&World> {
        let mut known = self.known.iter();
        let (_, seen) = known.find(|(known, _)| known.tid == task.tid)?;
        Some(seen)
    }

    /// Every task that was looked at and is not gone, oldest first.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = (&Task, &World)> {
        self.known.iter().map(|(task, seen)| (task, seen))
    }
}

/// Makes `known` what it is after the look `seen`.
fn take_over(known: &mut World, seen: &World) {
    let Some(focus) = &seen.focus else {
        known.clone_from(seen);
        return;
    };
    if focus.process {
        known.process = seen.process.clone();
    }
    known.paths.clone_from(&seen.paths);
    known.sockets.retain(|it| !seen.looked_at_fd(it.fd));
    known.sockets.extend(seen.sockets.iter().cloned());
    known.ends.retain(|it| !seen.looked_at(it.cookie));
    known.ends.extend(&seen.ends);
    known.others = match &seen.others {
        Fact::Seen(rows, via) => Fact::Seen(rows_after(known, seen, rows), *via),
        unknown => unknown.clone(),
    };
}

/// The rows of `known`, in their order, with `rows` in the places of those that were
/// looked at.
fn rows_after(known: &World, seen: &World, rows: &[KernelRow]) -> Vec<KernelRow> {
    let key = |row: &KernelRow| (row.relation, row.cookie);
    let mut new: HashMap<_, _> = rows.iter().map(|row| (key(row), row)).collect();
    let taken: HashSet<&u64> = seen
        .sockets
        .iter()
        .flat_map(|it| it.cookie.value())
        .collect();
    let mut all = Vec::with_capacity(known.rows().len());
    for old in known.rows() {
        match new.remove(&key(old)) {
            Some(now) => all.push(now.clone()),
            None if seen.looked_at(old.cookie) || taken.contains(&old.cookie) => {}
            None => all.push(old.clone()),
        }
    }
    let is_new = |row: &&KernelRow| new.contains_key(&key(row));
    all.extend(rows.iter().filter(is_new).cloned());
    all.sort_by_key(|row| row.relation);
    all
}
