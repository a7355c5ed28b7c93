//! Why a call did not do what it should: what a look shows, and what the course says
//! of that.

use super::lesson::Lesson;
use crate::course::Topic;
use crate::error::Error;
use crate::model::{Call, Errno, Failure, Finding};

impl Lesson<'_> {
    /// Why a call of `who` failed: looks at the kernel for the cause while it is fresh.
    pub(super) fn diagnose(
        &mut self,
        who: &str,
        call: &Call,
        errno: Errno,
    ) -> Result<Failure, Error> {
        let watched = self.run.actors.get(who)?;
        let world = self.run.scene.of(&watched.task);
        let socket = world
            .zip(call.fd())
            .and_then(|(world, fd)| world.socket(fd));
        let ours = self.run.actors.pids();
        let found = self.run.observer.cause(call, errno, socket, &ours);
        Ok(self.explain(who, Some(call), Some(errno), &found))
    }

    /// What the course says of a call of `who`, and of what was found.
    pub(super) fn explain(
        &self,
        who: &str,
        call: Option<&Call>,
        errno: Option<Errno>,
        found: &[Finding],
    ) -> Failure {
        let world = self.run.seen_of(who).ok();
        let fd = call.and_then(Call::fd);
        let scope = &self.run.scope;
        let topic = Topic {
            call,
            errno,
            socket: world.zip(fd).and_then(|(world, fd)| world.socket(fd)),
            server: scope.addr,
            by: scope.lead.of(who),
            is_traced: false,
            found: None,
        };
        self.track.explain.failure(&topic, found)
    }
}
