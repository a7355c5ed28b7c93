use super::pump::lost;
use super::walk::Session;
use crate::error::Error;
use crate::model::{EventKind, Moment, World};
use crate::observe;

impl Session<'_> {
    /// Looks at the kernel through the server's own fds and tells it. Only while
    /// the server is in no call.
    pub(super) fn look(&mut self, moment: Moment) -> Result<(), Error> {
        let views = self
            .server
            .look()
            .map_err(|error| lost(&mut self.server, error))?;
        if moment == Moment::Asked {
            // That it runs because it was asked is not worth telling.
            observe::until_asleep(self.server.pid());
        }
        let world = self.observer.look(self.server.pid(), views);
        self.saw(world, moment)
    }

    /// Looks from outside while the server sleeps in a call; tells it if it was
    /// asked for or if something is new.
    pub(super) fn look_outside(&mut self, moment: Moment) -> Result<(), Error> {
        let world = self.observer.look_outside(self.server.pid(), &self.world);
        if moment == Moment::Changed && same(&world, &self.world) {
            return Ok(());
        }
        self.saw(world, moment)
    }

    fn saw(&mut self, world: World, moment: Moment) -> Result<(), Error> {
        for (name, fd) in self.server.sockets() {
            if let Some(view) = world.socket(*fd) {
                self.last_seen.retain(|(known, _)| known != name);
                self.last_seen.push((name.clone(), view.clone()));
            }
        }
        self.world = world.clone();
        self.tell(EventKind::View {
            world: Box::new(world),
            moment,
        })
    }
}

/// Do two looks show a learner the same? Running timers and processor time
/// differ always.
fn same(one: &World, other: &World) -> bool {
    let sockets = |world: &World| {
        let facts = world.sockets.iter().map(|socket| {
            (
                socket.fd,
                socket.state.value().copied(),
                socket.recv_q.value().copied(),
                socket.send_q.value().copied(),
                socket.accept_queue.value().copied(),
            )
        });
        facts.collect::<Vec<_>>()
    };
    let rows = |world: &World| {
        let facts = world.rows().iter().map(|row| {
            (
                row.cookie,
                row.relation,
                row.state,
                row.inode,
                row.recv_q,
                row.send_q,
            )
        });
        let mut facts: Vec<_> = facts.collect();
        facts.sort_by_key(|fact| fact.0);
        facts
    };
    sockets(one) == sockets(other) && rows(one) == rows(other)
}
