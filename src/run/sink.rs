//! Where events go: the terminal, JSON lines, what a learner has finished.

use std::io;

use crate::model::{Event, Scene};

/// Is told everything that happens, in order.
pub(crate) trait Sink {
    /// Takes one event. The scene is as it is after the event. An error means that
    /// nobody listens any more.
    fn emit(&mut self, event: &Event, scene: &Scene) -> io::Result<()>;

    /// Nothing happens for a while: what it has kept back is written.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
