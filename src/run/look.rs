//! Looks at the kernel, and tells what was seen.

use super::run::Run;
use crate::error::Error;
use crate::model::{Focus, Look, MachineEvent, Moment, Task, World, changes};
use crate::observe;

impl Run<'_> {
    /// Looks at the kernel through the acting process's own fds and tells it.
    /// Only while it is in no call.
    pub(crate) fn look(&mut self, moment: Moment) -> Result<(), Error> {
        let name = self.acting.clone();
        let seen = self.seen_by(&name, moment)?;
        self.saw(&name, seen, moment)
    }

    /// Looks from outside while the acting process sleeps in a call, or waits for its
    /// next; tells it if it was asked for or if something is new. What is known is
    /// looked at first, and only if that is not as it was, everything around it.
    pub(crate) fn look_outside(&mut self, moment: Moment) -> Result<(), Error> {
        let name = self.acting.clone();
        let watched = self.actors.get(&name)?;
        let Some(last) = self.scene.of(&watched.task) else {
            return Ok(());
        };
        self.observer.sees_half_open = self.sees_half_open || moment == Moment::Asked;
        let fds = watched.actor.sockets().iter().map(|(_, fd)| *fd);
        let views = self.observer.views(watched.actor.process(), last, fds);
        if moment != Moment::Changed {
            let seen = self.observer.look(views, last, None);
            return self.saw(&name, seen, moment);
        }
        let focus = Focus::known(last);
        let mut seen = self.observer.look(views, last, Some(focus));
        if last.calls_for_all(&seen) {
            seen = self.observer.look(seen.sockets, last, None);
        }
        if changes(last, &seen).is_empty() {
            self.scene.count(&watched.task, &seen);
            return Ok(());
        }
        self.saw(&name, seen, moment)
    }

    /// Looks at an actor whose step it is not, and tells it: whose fd table is told
    /// beside the acting one's, or about whom something is expected.
    pub(crate) fn look_at(&mut self, name: &str, moment: Moment) -> Result<(), Error> {
        let seen = self.seen_by(name, moment)?;
        self.saw(name, seen, moment)
    }

    /// The same by whatever way is open: from outside while it is in a call, or stopped.
    pub(crate) fn look_now(&mut self, name: &str, moment: Moment) -> Result<(), Error> {
        let actor = &self.actors.get(name)?.actor;
        let process = observe::process(actor.pid());
        let is_stopped = process.value().is_some_and(|it| it.state == 'T');
        if !actor.is_in_call() && !is_stopped {
            return self.look_at(name, moment);
        }
        let acting = std::mem::replace(&mut self.acting, name.into());
        let looked = self.look_outside(moment);
        self.acting = acting;
        looked
    }

    /// The last look at the acting process.
    pub(crate) fn seen(&self) -> Result<&World, Error> {
        self.seen_of(&self.acting)
    }

    /// The last look at an actor; of one that was not looked at, nothing.
    pub(crate) fn seen_of(&self, name: &str) -> Result<&World, Error> {
        let task = &self.actors.get(name)?.task;
        let unseen = || Error::Course(format!("the {name} was not looked at"));
        self.scene.of(task).ok_or_else(unseen)
    }

    fn seen_by(&mut self, name: &str, moment: Moment) -> Result<World, Error> {
        let watched = self.actors.get_mut(name)?;
        let views = watched.views()?;
        if moment == Moment::Asked {
            // That it runs because it was asked is not worth telling.
            observe::until_asleep(watched.task.pid);
        }
        self.observer.sees_half_open = self.sees_half_open || moment == Moment::Asked;
        let unseen = World::of(watched.task.pid);
        let last = self.scene.of(&watched.task).unwrap_or(&unseen);
        Ok(self.observer.look(views, last, None))
    }

    fn saw(&mut self, name: &str, mut seen: World, moment: Moment) -> Result<(), Error> {
        self.observer.name_owners(&mut seen, &self.actors.pids());
        let watched = self.actors.get_mut(name)?;
        watched.saw(&seen);
        let task: Task = watched.task.clone();
        let changes = self.scene.apply(&task, &seen);
        let look = Look {
            seen,
            moment,
            changes,
        };
        self.tell_of(&task, MachineEvent::Look(Box::new(look)))
    }
}
