//! What is known of the machine: the last look at every process.

use super::{Change, Task, World, changes};

/// The last thing known of every task. Whoever shows, expects or explains something
/// reads it here.
#[derive(Debug, Default)]
pub struct Scene {
    known: Vec<(Task, World)>,
}

impl Scene {
    /// Takes in a look, and says what differs from the one before. Of a task that was
    /// not looked at before everything is new, and no change.
    pub fn apply(&mut self, task: &Task, seen: &World) -> Vec<Change> {
        match self
            .known
            .iter_mut()
            .find(|(known, _)| known.tid == task.tid)
        {
            Some((_, known)) => {
                let found = changes(known, seen);
                known.clone_from(seen);
                found
            }
            None => {
                self.known.push((task.clone(), seen.clone()));
                Vec::new()
            }
        }
    }

    /// Forgets a task that is gone.
    pub fn forget(&mut self, pid: u32) {
        self.known.retain(|(known, _)| known.pid != pid);
    }

    /// The last look at a task.
    pub fn of(&self, task: &Task) -> Option<&World> {
        let mut known = self.known.iter();
        let (_, seen) = known.find(|(known, _)| known.tid == task.tid)?;
        Some(seen)
    }

    /// Every task that was looked at and is not gone, oldest first.
    pub fn tasks(&self) -> impl Iterator<Item = (&Task, &World)> {
        self.known.iter().map(|(task, seen)| (task, seen))
    }
}
