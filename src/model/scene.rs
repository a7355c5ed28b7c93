//! What is known of the machine: the last thing seen of every task, socket, row and path.

use super::{Change, Task, World, changes};

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
            known.take_over(seen);
            return found;
        }
        let mut world = World::of(task.pid);
        world.take_over(seen);
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
