use super::walk::Session;
use crate::error::Error;
use crate::model::{EventKind, Moment, World};
use crate::observe;

impl Session<'_> {
    /// Looks at the kernel through the acting process's own fds and tells it.
    /// Only while it is in no call.
    pub(super) fn look(&mut self, moment: Moment) -> Result<(), Error> {
        let player = self.cast.get_mut(&self.acting)?;
        let views = player.views()?;
        if moment == Moment::Asked {
            // That it runs because it was asked is not worth telling.
            observe::until_asleep(player.actor.pid());
        }
        let world = player.observer.look(player.actor.pid(), views);
        self.saw(world, moment)
    }

    /// Looks from outside while the acting process sleeps in a call; tells it if
    /// it was asked for or if something is new.
    pub(super) fn look_outside(&mut self, moment: Moment) -> Result<(), Error> {
        let player = self.cast.get_mut(&self.acting)?;
        let world = player.look_outside();
        if moment == Moment::Changed && same(&world, &player.world) {
            return Ok(());
        }
        self.saw(world, moment)
    }

    /// Looks at the rest of the acting process's family, whose fd tables are told
    /// beside its own: whom a fork has made, and who made it.
    pub(super) fn look_around(&mut self) -> Result<(), Error> {
        let peer = self.plan.info.lead.other().word();
        if self.acting == peer {
            return Ok(());
        }
        for name in self.cast.names() {
            if name == peer || name == self.acting {
                continue;
            }
            let player = self.cast.get_mut(&name)?;
            player.refresh()?;
            let pid = player.actor.pid();
            let kind = EventKind::View {
                world: Box::new(player.world.clone()),
                moment: Moment::Before,
            };
            self.tell_of(name, pid, kind)?;
        }
        Ok(())
    }

    fn saw(&mut self, world: World, moment: Moment) -> Result<(), Error> {
        self.cast.get_mut(&self.acting)?.saw(&world);
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
    sockets(one) == sockets(other) && rows(one) == rows(other) && one.paths == other.paths
}
